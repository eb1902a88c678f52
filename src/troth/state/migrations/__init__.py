"""Migrations: every form our own database has had, in order, forwards only. Shipped with the package.

To change the form: change ``tables.py``, add ``versions/vNNNN_what.py``, and add its number to ``REVISIONS``.
"""

REVISIONS = ("0001", "0002", "0003")
"""Every revision, the oldest first; the last is the form this Troth works with."""
