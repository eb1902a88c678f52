"""SQLite, by the driver in Python's standard library."""
