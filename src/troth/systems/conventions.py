"""The house's conventions: column names that hold nothing personal by themselves, in any schema.

They are the farthest line: anything a file says about such a column replaces them, and ``fields:`` or ``items:`` can
name one that is personal after all. Dates of what a person did (``last_login_at``, ``born_on``) are not among them.
"""

from __future__ import annotations

from troth.systems.globs import matches

NOT_PERSONAL = (
    "id",
    "uuid",
    "*_id",
    "{created,updated,deleted,inserted,modified}_{at,on}",
    "{create,created,update,updated,delete,deleted}_date",
    "last_{update,updated,modified}",
    "*_count",
    "{status,state,kind,type,*_type}",
    "{amount,currency,quantity,price,total}",
    "{position,sort_order,rank,depth}",
    "{version,lock_version,revision}",
    "{active,enabled,archived,deleted}",
)

PERSONAL_IDS = (
    "*{national,tax,passport,device,session,visitor,cookie,advertising,tracking}*_id",
    "*{facebook,google,apple,twitter,github,linkedin,stripe,paypal}*_id",
)
"""Names that end like keys and single out a person elsewhere: not known without a line."""


def not_personal_by_name(column: str) -> bool:
    """Whether conventions alone say that the column holds nothing personal."""
    name = column.lower()
    return any(matches(each, name) for each in NOT_PERSONAL) and not any(matches(each, name) for each in PERSONAL_IDS)
