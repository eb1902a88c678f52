"""The two files together: cross-references, promises, lint."""
