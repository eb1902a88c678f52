"""Pages and reports for people and for other programs: pure functions from values to text."""
