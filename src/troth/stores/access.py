"""Who may do what in a store, and how a connection reaches it: asked of a live connection, in the words of no store.

A SQL server has roles and grants, a file has an owner and a mode, an object store has policies, a key store has access
lists. All of them come down to this: somebody may do something to a collection, or to all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Right: TypeAlias = Literal["read", "insert", "update", "delete", "truncate", "refresh", "define", "create"]
"""``refresh``: rebuild a collection that keeps a copy of others' rows. ``truncate``: empty a collection at once, past
what guards its rows. ``define``: alter or remove it, grant rights on it or hang something on it that runs by itself;
what its owner may do. ``create``: make collections that are not there yet."""

Power: TypeAlias = Literal["superuser", "all_rows", "grants_roles", "replication", "server_files"]
"""What no grant on a collection says: everything; rows that a policy of the store would hide; making and granting
roles; a stream of all that is written; files and programs of the server's machine."""

EVERYTHING: frozenset[Right] = frozenset(get_args(Right))

RECEIPTS = "troth_receipt"
"""Our own collection in a store; ``describe`` leaves it out, rights on it are told."""


@dataclass(frozen=True, slots=True)
class Transport:
    """The way from here to the store. ``file`` and ``socket`` stay on this machine; so does ``loopback``, but what a
    proxy or a tunnel does behind that address is not seen.

    ``verified``: whom the client made sure to talk to before it sent anything: the host by its name, anybody with a
    certificate of a known issuer, or nobody in particular. ``protocol`` and ``cipher`` are the store's own words.
    ``limits``: what this does not say, in words.
    """

    way: Literal["file", "socket", "loopback", "network"]
    encrypted: bool = False
    verified: Literal["host", "issuer", "nobody"] = "nobody"
    protocol: str = ""
    cipher: str = ""
    limits: tuple[str, ...] = ()

    @property
    def local(self) -> bool:
        return self.way != "network"


@dataclass(frozen=True, slots=True)
class Grant:
    """``role`` may do ``rights`` to ``collection``, or to every one of the store, those to come included (``None``);
    to ``fields`` alone where there are any."""

    role: str
    rights: frozenset[Right]
    collection: str | None = None
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Granting:
    """Grants to be made. A store words them for whoever may make them; it never makes them itself. ``physical``: a role
    that is to take physical steps, of the collections that it may change; what that needs is said beside the grants."""

    grants: tuple[Grant, ...]
    physical: str | None = None


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody that rights are given to. ``enters``: one can connect to this store as this role, as far as the store
    itself tells. ``within``: other roles that it can act as, through others too; their powers are among its own."""

    name: str
    enters: bool
    powers: frozenset[Power] = frozenset()
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may do what, as one connection sees it. ``by``: ``roles``: the store tells roles apart and every connection
    has one; ``file``: whoever may open the file may do all that its mode allows.

    ``own`` is what this connection's role may do as it is, however it came by that; ``grants`` is what was given to
    whom by name, also to the role that stands for everybody (the store's own word for it). Collections outside the
    declared part of the store are among them, and so is our own. ``limits``: rights that are not seen, in words.
    """

    by: Literal["roles", "file"]
    role: Role
    own: tuple[Grant, ...]
    roles: tuple[Role, ...]
    grants: tuple[Grant, ...]
    limits: tuple[str, ...] = ()

    def own_rights(self, collection: str | None) -> frozenset[Right]:
        """What this connection may do to the whole of ``collection``; ``None``: to every one there is or may come."""
        return rights_on(self.own, collection)


def rights_on(grants: Iterable[Grant], collection: str | None) -> frozenset[Right]:
    """What ``grants`` allow on the whole of ``collection``; rights on some of its fields are not among them."""
    found = (each.rights for each in grants if each.collection in (None, collection) and not each.fields)
    return frozenset[Right]().union(*found)
