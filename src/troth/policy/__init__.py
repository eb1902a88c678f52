"""policy.yaml: what the company promises — its model, how it is read, what is wrong with it."""
