"""A small made-up database on either store that needs every kind of step: for tests of bad input, kills and residue.

Members refer to each other (detached), share teams (the last one takes the team), wrote messages (deleted) that mention
others (masked), ordered things (retained by law: the member is masked, not deleted) and visited (no foreign key).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from tests.acceptance.sakila.command import Project

from troth.testing.postgresql import Database, PostgresqlServer

POLICY = """\
troth: 1
controller: {name: Club, contact: privacy@club.example, authority: cnil}
processings:
  membership:
    subjects: [member]
    purposes: {contract: {basis: 6.1.b}}
    data: {name: {}, email: {}, phone: {}, team: {}, message: {}}
    retain: until left
    quote: We keep what you told us while you are a member.
  orders:
    subjects: [member]
    data: {order: {}}
    retain: 10 years from end of year of ordered
    law: C. com. L123-22
    quote: Orders are kept ten years, as the law demands.
  visits:
    subjects: [member]
    purposes: {traffic: {basis: 6.1.f, interest: count visits}}
    data: {ip: {}}
    retain: 180 days from seen
    quote: Visits are kept for 180 days.
"""

SYSTEMS = """\
troth: 1
evidence: {origin: club.example/troth}
systems:
  club:
    store: KIND
    read: ${CLUB_READ}
    write: ${CLUB_WRITE}
    people:
      members:
        subject: member
        for: membership
        by: email
        events: {left: left_at}
        fields: {email: email, "{first,last}_name": {item: name, blank: ""}, phone: phone}
    tables:
      teams: {for: membership, shared_through: {table: team_members, row: team_id}, fields: {name: team}}
      team_members: {for: membership, belongs_to: member_id, fields: {role: team}}
      messages: {for: membership, belongs_to: author_id, mentions: about_id, fields: {body: message}}
      orders: {for: orders, belongs_to: member_id, events: {ordered: ordered_at}, fields: {what: order}}
      visits: {for: visits, belongs_to: member_id, events: {seen: seen_at}, fields: {ip: ip}}
    not_personal: [prices, "messages.sent_at"]
"""

SCHEMA = """
create table members (id integer primary key, email varchar(80) not null unique, first_name varchar(40) not null,
    last_name varchar(40) not null, phone varchar(40), left_at timestamp, sponsor_id integer references members (id));
create table teams (id integer primary key, name varchar(40) not null);
create table team_members (team_id integer not null references teams (id),
    member_id integer not null references members (id), role varchar(20), primary key (team_id, member_id));
create table messages (id integer primary key, author_id integer not null references members (id),
    about_id integer references members (id), body varchar(200), sent_at timestamp not null);
create table orders (id integer primary key, member_id integer not null references members (id), what varchar(40),
    ordered_at timestamp not null);
create table visits (id integer primary key, member_id integer, ip varchar(40), seen_at timestamp not null);
create table prices (id integer primary key, amount integer);
create index members_sponsor on members (sponsor_id);
create index team_members_member on team_members (member_id);
create index messages_author on messages (author_id);
create index messages_about on messages (about_id);
create index orders_member on orders (member_id);
create index visits_seen on visits (seen_at);
create index visits_member on visits (member_id)
"""

TABLES = ("members", "teams", "team_members", "messages", "orders", "visits", "prices")
NOW = datetime(2026, 6, 1)

Rows = dict[str, list[tuple[Any, ...]]]


def rows(members: int = 120, seed: int = 7) -> Rows:
    """The same rows each time: a third of the members has left; one in five ordered lately, one in ten long ago."""
    draw = Random(seed)
    made: Rows = {table: [] for table in TABLES}
    for key in range(1, members + 1):
        left = NOW - timedelta(days=draw.randrange(1, 900)) if draw.random() < 1 / 3 else None
        sponsor = draw.randrange(1, key) if key > 1 and draw.random() < 0.5 else None
        names = (f"First{key}", f"Last{key}", f"+3312345{key:04}" if key % 4 else None)
        made["members"].append((key, f"m{key}@club.example", *names, left and str(left), sponsor))
        for order in range(draw.choice((0, 0, 0, 1, 2))):
            when = NOW - timedelta(days=draw.randrange(4500) + 1)
            made["orders"].append((len(made["orders"]) + 1, key, f"thing {order}", str(when)))
        for _ in range(draw.randrange(5)):
            about = draw.randrange(1, members + 1) if draw.random() < 0.3 else None
            when = NOW - timedelta(days=draw.randrange(700) + 1)
            made["messages"].append((len(made["messages"]) + 1, key, about, f"words of {key}", str(when)))
        for _ in range(draw.randrange(6)):
            when = NOW - timedelta(days=draw.randrange(400) + 1)
            made["visits"].append((len(made["visits"]) + 1, key, f"192.0.2.{key % 250}", str(when)))
    for team in range(1, members // 4 + 1):
        made["teams"].append((team, f"team {team}"))
        for member in draw.sample(range(1, members + 1), draw.randrange(1, 4)):
            made["team_members"].append((team, member, "player"))
    made["prices"] = [(key, key * 10) for key in range(1, 6)]
    return made


@dataclass(frozen=True, slots=True)
class Club:
    """A club on one store, and the project that knows it."""

    kind: str
    project: Project
    address: Path | Database

    @contextmanager
    def connect(self) -> Generator[Any]:
        """The store's own client."""
        if isinstance(self.address, Path):
            with closing(sqlite3.connect(self.address, isolation_level=None, timeout=30)) as connection:
                connection.execute("pragma foreign_keys = on")
                yield connection
        else:
            with self.address.connect() as connection:
                yield connection

    def fill(self, made: Rows) -> None:
        """Make the tables new, with these rows."""
        with self.connect() as connection:
            for table in (*reversed(TABLES), "troth_receipt"):
                connection.execute(f"drop table if exists {table}")
            for statement in SCHEMA.split(";"):
                connection.execute(statement)
            for table in TABLES:
                mark = "?" if self.kind == "sqlite" else "%s"
                cursor = connection.cursor()
                if made[table]:
                    marks = ", ".join([mark] * len(made[table][0]))
                    cursor.executemany(f"insert into {table} values ({marks})", made[table])

    def snapshot(self) -> Rows:
        """Every row of every table, sorted by its key; what Troth drew at random is told apart no more."""
        with self.connect() as connection:
            found = {table: connection.execute(f"select * from {table} order by 1, 2").fetchall() for table in TABLES}
        return {table: [tuple(map(_steady, row)) for row in content] for table, content in found.items()}


def _steady(value: object) -> object:
    return "erased" if isinstance(value, str) and value.startswith("erased-") else value


def systems(kind: str) -> str:
    return SYSTEMS.replace("KIND", kind)


def sqlite_club(folder: Path, made: Rows | None = None) -> Club:
    file = folder / "club.db"
    folder.mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{file}"
    project = Project.make(folder / "project", POLICY, systems("sqlite"), {"CLUB_READ": url, "CLUB_WRITE": url})
    club = Club("sqlite", project, file)
    club.fill(made or rows())
    return club


@contextmanager
def postgresql_club(server: PostgresqlServer, folder: Path, made: Rows | None = None) -> Generator[Club]:
    with server.database() as database:
        env = {"CLUB_READ": database.uri, "CLUB_WRITE": database.uri}
        project = Project.make(folder / "project", POLICY, systems("postgresql"), env)
        club = Club("postgresql", project, database)
        club.fill(made or rows())
        yield club
