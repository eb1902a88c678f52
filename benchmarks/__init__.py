"""How fast Troth is, always beside the floor in the same run: ``make bench`` (docs/explanation/speed.md)."""
