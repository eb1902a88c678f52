"""How fast Troth is, always beside the floor in the same run: ``python -m benchmarks``."""
