"""SQL stores: one implementation of the store contract, and for each dialect a folder with what differs.

A dialect is a folder with an ``Expressions`` (what conditions need), a ``Changes``, a ``Keys`` and a ``Server``
(``expressions.py`` and ``server.py`` say what each must do), a way to read its catalogue, a case in ``open.py`` and
``explain.py``, its errors in ``problems.py``, and a bench in ``tests/conformance/conftest.py``.
"""

from troth.stores.sql.forms import sql_forms
from troth.stores.sql.open import open_store
from troth.stores.sql.server import Timeouts

__all__ = ["Timeouts", "open_store", "sql_forms"]
