"""SQL stores: one implementation of the store contract, and for each dialect a folder with what differs."""

from troth.stores.sql.forms import sql_forms
from troth.stores.sql.open import open_store
from troth.stores.sql.server import Timeouts

__all__ = ["Timeouts", "open_store", "sql_forms"]
