"""Every diagnostic: two files that have it and nothing else, and the place it points at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from troth.core.diagnostics import Diagnostic, Severity
from troth.core.explained import diagnostics
from troth.register.load import load_register

MEANINGS = diagnostics()
TODAY = date(2026, 11, 23)
ROOT = Path(__file__).parents[2]

POLICY = """\
troth: 1
controller: {name: Acme, authority: cnil}
processings:
  account:
    subjects: [customer]
    basis: 6.1.b
    data: {email: {}, name: {}}
    retain: until account_closed
"""

SYSTEMS = """\
troth: 1
systems:
  db:
    store: sqlite
    read: ${READ_URL}
    people:
      users: {subject: customer, by: email, for: account, events: {account_closed: closed_at}}
    items: {email: email}
"""


@dataclass(frozen=True)
class Case:
    """A text of a sound file replaced by another: the diagnostic is at ``line`` of that file (0: see a test below)."""

    code: str
    old: str
    new: str
    line: int
    hint: str = ""

    def files(self) -> tuple[str | bytes, str | bytes]:
        assert (self.old in POLICY) != (self.old in SYSTEMS) or self.code[0] in "PS"
        if self.code[0] == "S" or (self.code[0] == "R" and self.old in SYSTEMS):
            assert self.old in SYSTEMS, self.old
            return POLICY, SYSTEMS.replace(self.old, self.new, 1)
        assert self.old in POLICY, self.old
        return POLICY.replace(self.old, self.new, 1), SYSTEMS


DATA, BASIS, RETAIN, SUBJECTS = "{email: {}, name: {}}", "basis: 6.1.b", "until account_closed", "[customer]"
END = "    retain: until account_closed\n"
USERS = "{subject: customer, by: email, for: account, events: {account_closed: closed_at}}"
READ, ITEMS = "read: ${READ_URL}", "items: {email: email}"

CASES = [
    Case("P101", "    basis", "    bassis: x\n    basis", 6, "did you mean 'basis'?"),
    Case("P101", DATA, "{email: {titel: E-mail}, name: {}}", 7, "did you mean 'title'?"),
    Case("P102", END, f"{END}accepted: [{{promise: retention.account, owner: Ada, until: 2027-01-01}}]\n", 9),
    Case("P103", SUBJECTS, "customer", 5, "[one, two]"),
    Case("P103", "    subjects", "    title: [a]\n    subjects", 5),
    Case("P104", BASIS, "basis: 6.1.g", 6, "6.1.f"),
    Case("P104", SUBJECTS, f"{SUBJECTS}\n    role: procesor", 6, "did you mean 'processor'?"),
    Case("P105", "troth: 1\n", "", 1, "troth: 1"),
    Case("P105", "troth: 1", "troth: 2", 1),
    Case("P106", "{email: {}", "{e.mail: {}, email: {}", 7),
    Case("P107", "troth: 1", "troth: 1\nlast_updated: yesterday", 2, "2026-12-31"),
    Case("P107", "troth: 1", "troth: 1\nlast_updated: 2026-02-30", 2),
    Case("P108", "authority: cnil", "timezone: Europe/Pariss", 2, "did you mean 'Europe/Paris'?"),
    Case("S215", READ, f"{READ}\n    backups: {{keep: a while}}", 6, "30 days"),
    Case("S215", READ, f"{READ}\n    physical: {{lock: 5, disk: 2 GiB}}", 6, "5 s or 2 min"),
    Case("S102", READ, f"{READ}\n    physical: {{lock: 5 s}}", 6, "add disk"),
    Case("P109", "{email: {}", "{email: {form: hashd}", 7, "did you mean 'hashed'?"),
    Case("P201", RETAIN, "as long as needed", 8, "180 days from recorded"),
    Case("P201", RETAIN, "180 days", 8, "180 days from recorded"),
    Case("P202", RETAIN, "90 moons from recorded", 8, "P1Y6M"),
    Case("P202", RETAIN, "99999 years from recorded", 8),
    Case("P203", RETAIN, "until Account-Closed", 8),
    Case("P204", RETAIN, "{text: until account_closed, period: 1 year}", 8),
    Case("P204", RETAIN, "{start: account_closed, until: account_closed}", 8),
    Case("P210", BASIS, "purposes: {manage: {basis: 6.1.b, data: [emial]}}", 6, "did you mean 'email'?"),
    Case("P211", BASIS, f"{BASIS}\n    recipients: [stripe]", 7, "recipients:"),
    Case("P212", END, f"{END}trackers: {{crisp: {{processing: acount}}}}\n", 9, "did you mean 'account'?"),
    Case("P213", "authority: cnil", "authority: cnll", 2, "did you mean 'cnil'?"),
    Case("P216", "authority: cnil", 'financial_year_end: "31-12"', 2, "12-31"),
    Case("P217", "{email: {}", "{email: {category: E-mail}", 7, "user.contact.email"),
    Case("P218", END, f"{END}recipients: {{stripe: {{country: France}}}}\n", 9, "FR"),
    Case("P301", RETAIN, "[at most 1 year from account_closed, at least 2 years from account_closed]", 8),
    Case(
        "P302",
        END,
        f"{END}accepted:\n  - {{promise: retention.account, reason: r, owner: Ada, until: 2026-11-22}}\n",
        10,
    ),
    Case(
        "P303",
        END,
        f"{END}accepted:\n  - {{promise: retention.account, reason: r, owner: Ada, until: 2028-01-01}}\n",
        10,
    ),
    Case("S101", READ, f"{READ}\n    peple: {{}}", 6, "did you mean 'people'?"),
    Case("S102", "    store: sqlite\n", "", 3, "store"),
    Case("S102", "by: email, ", "", 7, "by"),
    Case("S103", ITEMS, "items: [email]", 8),
    Case("S104", "by: email", "by: username", 7, "email, phone, login, id"),
    Case("S105", "troth: 1", "troth: one", 1),
    Case("S106", ITEMS, "items: {email: e mail}", 8),
    Case("S108", READ, f"{READ}\n    timezone: Mars/Olympus", 6, "Europe/Paris"),
    Case("S109", ITEMS, "items: {email: {item: email, form: secret}}", 8),
    Case("S110", "{account_closed: closed_at}", "{account_closed: closed_at, Closed: at}", 7),
    Case("S201", "for: account", "for: a.b.c", 7),
    Case("S202", "store: sqlite", "store: sqlit", 4, "did you mean 'sqlite'?"),
    Case("S202", "store: sqlite", "store: redis", 4, "by_hand"),
    Case("S203", READ, "read: sqlite://ada:hunter2@localhost/x", 5, "${NAME}"),
    Case("S206", "closed_at}", "{column: a, when: {b: 1}}}", 7),
    Case("S206", "closed_at}", "{when: {b: 1}, unit: epoch_s}}", 7),
    Case("S206", "closed_at}", "{latest: a}}", 7),
    Case("S207", "closed_at}", "{when: {b: 1.5}}}", 7),
    Case("S208", READ, f"{READ}\n    roles: {{support: [delete users]}}", 6, "read, change, all"),
    Case("S301", READ, f"{READ}\n    how: by telephone", 6),
    Case("S302", ITEMS, f"{ITEMS}\n  mail: {{store: by_hand, for: account}}", 9),
    Case("S303", READ, f"{READ}\n    url: ${{URL}}", 6),
    Case("S303", f"    {READ}\n", "", 3),
    Case("S304", ITEMS, f"{ITEMS}\n    tables: {{users: account}}", 9),
    Case("S305", ITEMS, f"{ITEMS}\n    tables: {{notes: {{belongs_to: user_id}}}}", 9),
    Case("S306", ITEMS, f'{ITEMS}\n    tables: {{"old_*": {{table: users, for: account, belongs_to: id}}}}', 9),
    Case(
        "S307",
        ITEMS,
        f"{ITEMS}\n    events: {{x: {{through: a, of: other.t}}}}\n"
        "  other: {store: sqlite, url: '${URL}', tables: {t: {for: account, events: {account_closed: c}}}}",
        9,
    ),
    Case("S308", ITEMS, "", 0),
    Case(
        "S309",
        ITEMS,
        f"{ITEMS}\n    tables: {{n: {{for: account, belongs_to: {{user_id: user}}, events: {{account_closed: c}}}}}}",
        9,
        "did you mean 'users'?",
    ),
    Case(
        "S310",
        ITEMS,
        f'{ITEMS}\n    tables: {{"n_*": {{for: account, shared_through: users}}}}',
        9,
    ),
    Case("S311", READ, "read: postgresql://u@h/d", 5, "sqlite:"),
    Case("R101", "for: account", "for: acount", 7, "did you mean 'account'?"),
    Case("R102", "for: account", "for: account.manage", 7),
    Case("R103", ITEMS, "items: {email: emial}", 8, "did you mean 'email'?"),
    Case("R104", ITEMS, "", 0),
    Case("R105", ITEMS, "", 0),
    Case("R106", "subject: customer", "subject: custumer", 7, "did you mean 'customer'?"),
    Case(
        "R107",
        ITEMS,
        f"{ITEMS}\n    tables:\n      orgs: {{for: account, shared_through: {{table: seats, row: o}}, "
        "events: {account_closed: c}}\n      seats: {for: account, events: {account_closed: c}}",
        10,
    ),
    Case("R108", ITEMS, f"{ITEMS}\n  mail: {{store: by_hand, for: account, how: call, key_from: db.user.email}}", 9),
    Case("R108", ITEMS, f"{ITEMS}\n  mail: {{store: by_hand, for: account, how: call, key_from: bd.users.email}}", 9),
    Case("R108", ITEMS, f"{ITEMS}\n  mail: {{store: by_hand, for: account, how: call, key_from: email}}", 9),
    Case(
        "R109",
        END,
        f"{END}accepted: [{{promise: retention.acount, reason: r, owner: Ada, until: 2027-01-01}}]\n",
        9,
        "did you mean 'retention.account'?",
    ),
    Case(
        "R110",
        END,
        f"{END}accepted: [{{promise: retention.account, collection: bd.u, reason: r, owner: A, until: 2027-01-01}}]\n",
        9,
    ),
    Case("R201", RETAIN, "until acount_closed", 8, "did you mean 'account_closed'?"),
    Case("R202", END, f"{END}  news:\n    data: [email]\n", 9),
    Case("R203", ITEMS, f"{ITEMS}\n    tables: {{notes: {{for: account}}}}", 9),
]

# Cases that need more than one replacement.
TWO_PEOPLE = SYSTEMS.replace(ITEMS, f"{ITEMS}\n    tables: {{notes: {{for: account, belongs_to: user_id}}}}").replace(
    "      users:", f"      staff: {USERS}\n      users:"
)
LOGS = POLICY + "  logs: {data: [ip], retain: 1 year from account_closed}\n"

YAML_CASES: list[tuple[str, bytes | None, int, int]] = [
    ("Y001", None, 1, 1),
    ("Y003", b"troth: 1\ntitle: caf\xe9\n", 2, 11),
    ("Y004", b"", 1, 1),
    ("Y004", b"# nothing yet\n", 1, 1),
    ("Y005", b"troth: 1\ncontroller:\n\tname: Acme\n", 3, 1),
    ("Y006", b"troth: 1\ntitle: {en: x\n", 3, 1),
    ("Y006", b'troth: 1\ntitle: "x\n', 3, 1),
    ("Y006", b"troth: 1\ntitle: a: b\n", 2, 9),
    ("Y006", b"troth: 1\nprocessings: {*email: x}\n", 2, 15),
    ("Y006", b"troth: 1\ncontroller:\n    name: a\n  contact: b\n", 4, 3),
    ("Y006", b"troth: 1\ntitle: @x\n", 2, 8),
    ("Y006", b"troth: 1\ntitle: {en: ${NAME}}\n", 2, 14),
    ("Y006", b"troth: 1\ntitle: \x01\n", 2, 8),
    ("Y007", b"troth: 1\ntitle: a\ntroth: 1\n", 3, 1),
    ("Y008", b"troth: 1\ntitle: " + b"[" * 1500 + b"]" * 1500, 1, 1),
    ("Y008", b"troth: 1\ntitle: " + b"[" * 60 + b"]" * 60, 2, 48),
    (
        "Y008",
        b"a: &a [x,x,x,x,x,x,x,x,x,x]\n"
        + b"".join(b"%c: &%c [%s]\n" % (c, c, b",".join([b"*%c" % (c - 1)] * 10)) for c in b"bcdefg"),
        5,
        1,
    ),
    ("Y008", b"troth: 1\ntitle: &t {en: *t}\n", 2, 8),
    ("Y008", b"#" * 4_000_001, 1, 1),
    ("Y009", b"- troth: 1\n", 1, 1),
    ("Y009", b"troth: 1\n---\ntroth: 1\n", 2, 1),
    ("Y009", b"just words\n", 1, 1),
    ("Y010", b"troth: 1\ntitle: !python/object:os.system x\n", 2, 8),
    ("Y011", b"troth: 1\nprocessings: {{a,b}: c}\n", 2, 15),
]


def diagnose(folder: Path, policy: str | bytes | None, systems: str | bytes | None) -> list[Diagnostic]:
    for name, content in (("policy.yaml", policy), ("systems.yaml", systems)):
        if content is not None:
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return load_register(folder, today=TODAY)[1].sorted()


def test_the_two_sound_files_have_no_diagnostic(tmp_path: Path) -> None:
    assert diagnose(tmp_path, POLICY, SYSTEMS) == []


SINGLE = [case for case in CASES if case.line]


@pytest.mark.parametrize("case", SINGLE, ids=[f"{case.code}-{number}" for number, case in enumerate(SINGLE)])
def test_a_diagnostic_alone_with_its_place(tmp_path: Path, case: Case) -> None:
    found = diagnose(tmp_path, *case.files())
    assert [each.code for each in found] == [case.code], "\n".join(map(str, found))
    (each,) = found
    name = "systems.yaml" if case.files()[1] != SYSTEMS else "policy.yaml"
    assert (each.mark.file, each.mark.line) == (str(tmp_path / name), case.line)
    assert each.hint
    assert case.hint in each.hint
    assert (each.severity is Severity.WARNING) == MEANINGS[case.code].startswith("Warning")


def test_a_link_must_say_to_which_people(tmp_path: Path) -> None:
    (each,) = diagnose(tmp_path, POLICY, TWO_PEOPLE)
    assert (each.code, each.mark.line) == ("S308", 10)
    assert "staff, users" in each.hint


def test_an_item_of_another_processing(tmp_path: Path) -> None:
    line = f"{ITEMS}\n    tables: {{logs: {{for: logs, fields: {{mail: email}}, belongs_to: user_id}}}}"
    (each,) = diagnose(tmp_path, LOGS, SYSTEMS.replace(ITEMS, line))
    assert (each.code, each.mark.line) == ("R104", 9)
    assert "'email' is data of 'account', and this line serves 'logs'" in each.message


def test_forms_that_disagree(tmp_path: Path) -> None:
    policy = POLICY.replace("{email: {}", "{email: {form: first-half}")
    (each,) = diagnose(tmp_path, policy, SYSTEMS.replace(ITEMS, "items: {email: {item: email, form: hashed}}"))
    assert each.code == "R105"


@pytest.mark.parametrize(
    "code, content, line, column",
    YAML_CASES,
    ids=[f"{code}-{number}" for number, (code, *_) in enumerate(YAML_CASES)],
)
@pytest.mark.parametrize("name", ["policy.yaml", "systems.yaml"])
def test_what_is_wrong_with_the_yaml(
    tmp_path: Path, name: str, code: str, content: bytes | None, line: int, column: int
) -> None:
    files = {"policy.yaml": POLICY, "systems.yaml": SYSTEMS, name: content}
    found = [each for each in diagnose(tmp_path, files["policy.yaml"], files["systems.yaml"]) if each.code[0] == "Y"]
    assert [each.code for each in found] == [code], "\n".join(map(str, found))
    assert (found[0].mark.file, found[0].mark.line, found[0].mark.column) == (str(tmp_path / name), line, column)
    assert found[0].hint


def test_a_directory_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").mkdir()
    found = diagnose(tmp_path, None, SYSTEMS)
    assert [each.code for each in found] == ["Y002"]


LIVE = {"R301", "R302"}
"""Only said when the tables are there: see test_register.py."""
PARTS = {"S312", "S313", "S314"}
"""Have a part of systems.yaml: ``test_systems_parts.py``."""


def test_every_code_has_a_test() -> None:
    tested = {case.code for case in CASES} | {code for code, *_ in YAML_CASES} | {"Y002", *LIVE, *PARTS}
    assert tested == set(MEANINGS)
