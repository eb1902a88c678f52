"""Troth makes a privacy policy run: it says it, checks it, keeps it and proves it."""

__version__ = "0.1.0"
