"""systems.yaml: where the data is — its model, how it is read, which line gave each value."""
