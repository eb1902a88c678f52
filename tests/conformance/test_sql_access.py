"""Rights and the way to the store, held against what the servers let each role do."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from tests.conformance.conftest import QUICK, Bench, PostgresqlBench, SqliteBench
from tests.conformance.test_sql_connections import role, users

from troth.stores.access import EVERYTHING, Access, Grant, Transport, rights_on
from troth.stores.sql import open_store
from troth.testing.postgresql import PostgresqlServer


def given(access: Access, name: str) -> dict[str | None, frozenset[str]]:
    grants = [grant for grant in access.grants if grant.role == name]
    return {grant.collection: rights_on(grants, grant.collection) for grant in grants}


def test_this_connection_may_do_what_it_is_asked_to_do(bench: Bench) -> None:
    users(bench)
    access = bench.store().access()
    assert access.own_rights("users") == EVERYTHING
    assert access.role.enters


def test_own_rights_are_those_that_the_server_grants(pg: PostgresqlBench) -> None:
    users(pg)
    pg.run("create table notes (id bigint primary key, body text)")
    with role(pg, "grant select, delete on users to {0}", "grant update (name, day) on users to {0}") as store:
        access = store.access()
        assert access.role.enters
        assert access.role.powers == frozenset()
        assert access.own_rights("users") == {"read", "delete"}
        assert access.own_rights("notes") == access.own_rights(None) == frozenset()
        assert [(grant.rights, grant.fields) for grant in access.own if grant.fields] == [
            (frozenset({"update"}), ("day", "name"))
        ]


def test_an_owner_defines_and_whoever_may_create_can_make_more(pg: PostgresqlBench) -> None:
    users(pg)
    with role(pg, "alter table users owner to {0}", "grant create on schema public to {0}") as store:
        access = store.access()
        assert access.own_rights("users") == EVERYTHING
        assert access.own_rights(None) == {"create"}
        pg.run("alter table users owner to postgres")


@pytest.mark.parametrize(
    "options, power", [("superuser", "superuser"), ("bypassrls", "all_rows"), ("createrole", "grants_roles")]
)
def test_powers_are_named_also_when_another_role_lends_them(pg: PostgresqlBench, options: str, power: str) -> None:
    users(pg)
    with role(pg, options=options, writable=False) as store:
        assert power in store.access().role.powers
        strong = store.access().role.name
        with role(pg, f"grant {strong} to {{0}}") as other:
            assert power in other.access().role.powers
            assert other.access().role.within == (strong,)


def test_predefined_roles_read_every_table(pg: PostgresqlBench) -> None:
    users(pg)
    with role(pg, "grant pg_read_all_data to {0}") as store:
        access = store.access()
        assert access.own_rights("users") == {"read"}
        assert "pg_read_all_data" in access.role.within
        assert given(access, "pg_read_all_data") == {None: {"read"}}


def test_grants_to_others_are_seen_by_anybody(pg: PostgresqlBench) -> None:
    users(pg)
    pg.run("create view names as select name from users", "create schema hidden", "create table hidden.t (a int)")
    with (
        role(pg, "grant select on users to {0}", "grant select (a) on hidden.t to {0}") as support,
        role(pg, "grant select on names to {0}") as reader,
    ):
        name, me = support.access().role.name, reader.access()
        pg.run("grant select on users to public")
        assert given(reader.access(), name) == {"users": {"read"}}, "hidden.t is in a schema that it may not use"
        assert given(me, me.role.name) == {"names": {"read"}}
        assert given(reader.access(), "PUBLIC") == {"users": {"read"}}
        assert reader.access().own_rights("users") == {"read"}
        pg.run(f"grant usage on schema hidden to {name}")
        assert Grant(name, frozenset({"read"}), "hidden.t", ("a",)) in reader.access().grants


def test_functions_with_their_owners_rights_are_a_limit(pg: PostgresqlBench) -> None:
    assert not any("SECURITY DEFINER" in limit for limit in pg.store().access().limits)
    pg.run("create function peek() returns int language sql security definer as 'select 1'")
    assert any("SECURITY DEFINER" in limit for limit in pg.store().access().limits)


def test_a_files_mode_says_who_may_do_what(sqlite: SqliteBench) -> None:
    users(sqlite)
    for folder in sqlite.path.parents:
        if folder.stat().st_uid == os.geteuid() and folder.name.startswith(("test_", "pytest-", "popen-")):
            folder.chmod(0o755)
    sqlite.path.chmod(0o600)
    access = sqlite.store().access()
    assert access.by == "file"
    assert [grant.role.split()[0] for grant in access.grants] == ["owner"]
    sqlite.path.chmod(0o644)
    others = given(sqlite.store().access(), "others")
    assert others == {None: {"read"}}
    sqlite.path.parent.chmod(0o700)
    assert given(sqlite.store().access(), "others") == {}, "they may not pass the folder"


def test_a_file_is_reached_without_a_network(sqlite: SqliteBench) -> None:
    assert sqlite.store().check().transport == Transport("file")


@pytest.fixture(scope="module")
def encrypted(postgresql: PostgresqlServer) -> Iterator[PostgresqlServer]:
    """Beside the server of all tests, whose programs are known to be there, one that speaks TLS."""
    with PostgresqlServer(durable=False, tls=True) as server:
        yield server


@pytest.mark.parametrize(
    "query, verified",
    [({"sslmode": "require"}, "nobody"), ({"sslmode": "verify-ca"}, "issuer"), ({"sslmode": "verify-full"}, "host")],
)
def test_an_encrypted_way_says_whom_it_made_sure_of(
    encrypted: PostgresqlServer, query: dict[str, str], verified: str
) -> None:
    if verified != "nobody":
        query = {**query, "sslrootcert": str(encrypted.issuer)}
    found = way(encrypted, query)
    assert (found.way, found.encrypted, found.verified) == ("loopback", True, verified)
    assert found.protocol.startswith("TLSv1.")
    assert found.cipher
    assert found.limits == ()


def test_a_plain_way_is_plain_and_local_only_where_it_is(encrypted: PostgresqlServer) -> None:
    assert way(encrypted, {"sslmode": "disable"}) == Transport("loopback")
    socket = way(encrypted, {"host": str(encrypted.folder)}, host=None)
    assert (socket.way, socket.local) == ("socket", True)
    network = way(encrypted, {"sslmode": "disable"}, host="0.0.0.0")  # leads here, and no client can tell
    assert (network.way, network.local, network.encrypted) == ("network", False, False)


def way(server: PostgresqlServer, query: dict[str, str], host: str | None = "127.0.0.1") -> Transport:
    url = sa.make_url(server.admin.url).set(host=host).update_query_dict(query)
    store = open_store("postgresql", url.render_as_string(), writable=False, timeouts=QUICK)
    try:
        return store.check().transport
    finally:
        store.close()
