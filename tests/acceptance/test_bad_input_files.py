"""What is wrong in the two files or in the words of a command: one message that says what to do, and nothing done."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.acceptance.sakila.club import Club, rows, sqlite_club
from tests.acceptance.sakila.command import Said


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Club:
    return sqlite_club(tmp_path_factory.mktemp("club"), rows(12))


@pytest.fixture
def club(one: Club) -> Iterator[Club]:
    """The same for all tests, its two files as they were."""
    files = {file: file.read_bytes() for file in one.project.folder.glob("*.yaml")}
    yield one
    for file, content in files.items():
        file.write_bytes(content)


def refused(said: Said, *words: str, status: int = 2) -> None:
    assert said.status == status, said.out + said.err
    assert not said.out.strip()
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err, said.err


POLICY = [
    ("an open quote", "name: Club", 'name: "Club', ("policy.yaml:2", "Y006")),
    ("a tab", "  membership:", "\tmembership:", ("policy.yaml:4", "Y005")),
    ("a wrong key", "    retain: until left", "    retian: until left", ("policy.yaml:8", "retian", "retain")),
    ("no such period", "10 years from", "10 fortnights from", ("policy.yaml:13", "fortnights", "P202")),
    ("a period of centuries", "10 years from", "10000 years from", ("policy.yaml:13", "P202")),
    ("no period at all", "180 days from seen", "from seen", ("policy.yaml:20", "P201")),
    ("a negative period", "180 days from seen", "-180 days from seen", ("policy.yaml:20", "P202")),
    ("no authority", "authority: cnil", "authority: cnli", ("policy.yaml:2", "cnil")),
    ("no basis", "{basis: 6.1.b}", "{basis: 6.1.z}", ("policy.yaml:6", "6.1.z")),
    ("another format", "troth: 1", "troth: 7", ("policy.yaml:1", "P105")),
]

SYSTEMS = [
    ("no such processing", "for: visits", "for: visist", ("systems.yaml", "visist", "visits")),
    ("no such purpose", "for: visits", "for: visits.trafic", ("systems.yaml", "trafic", "traffic")),
    ("no such item", "fields: {ip: ip}", "fields: {ip: ipp}", ("systems.yaml", "ipp", "R103")),
    ("no such table", "belongs_to: author_id", "belongs_to: {author_id: membres}", ("systems.yaml", "members")),
    ("no such event key", "events: {seen: seen_at}", "evens: {seen: seen_at}", ("systems.yaml", "evens", "events")),
    ("a store of another kind", "store: sqlite", "store: sqlit", ("systems.yaml", "sqlit", "sqlite")),
    ("a store to come", "store: sqlite", "store: redis", ("systems.yaml", "redis", "by_hand")),
    ("a secret written out", "read: ${CLUB_READ}", "read: postgresql://a:hunter2@h/db", ("systems.yaml", "S203")),
    ("the same key twice", "    people:", "    store: sqlite\n    people:", ("systems.yaml", "Y007")),
]


@pytest.mark.parametrize("there, here, words", [case[1:] for case in POLICY], ids=[case[0] for case in POLICY])
def test_a_wrong_policy(club: Club, there: str, here: str, words: tuple[str, ...]) -> None:
    _wrong(club, "policy.yaml", there, here, words)


@pytest.mark.parametrize("there, here, words", [case[1:] for case in SYSTEMS], ids=[case[0] for case in SYSTEMS])
def test_wrong_systems(club: Club, there: str, here: str, words: tuple[str, ...]) -> None:
    _wrong(club, "systems.yaml", there, here, words)


def _wrong(club: Club, name: str, there: str, here: str, words: tuple[str, ...]) -> None:
    change(club, name, (there, here))
    said = club.project("validate")
    assert said.status == 2
    told = said.out + said.err
    assert "hunter2" not in told
    for word in words:
        assert word in told, told


def change(club: Club, name: str, *pairs: tuple[str, str]) -> None:
    file = club.project.folder / name
    text = file.read_text(encoding="utf-8")
    for there, here in pairs:
        assert there in text
        text = text.replace(there, here, 1)
    file.write_text(text, encoding="utf-8")


@pytest.mark.parametrize("command", [("check",), ("plan", "retention"), ("status",), ("check", "--sql", "evidence")])
def test_no_command_works_with_wrong_files(club: Club, command: tuple[str, ...]) -> None:
    change(club, "policy.yaml", ("180 days", "180 dayz"))
    before = {file: file.stat().st_mtime_ns for file in club.project.folder.rglob("*")}
    refused(club.project(*command), "policy.yaml:20", "180 dayz", "troth validate")
    assert {file: file.stat().st_mtime_ns for file in club.project.folder.rglob("*")} == before


def test_everything_wrong_is_said_at_once(club: Club) -> None:
    change(club, "policy.yaml", ("retain: until left", "retian: until left"), ("10 years from", "10 fortnights from"))
    change(club, "systems.yaml", ("for: visits", "for: visist"), ("by: email", "bye: email"))
    refused(club.project("check"), "retian", "fortnights", "visist", "bye")


@pytest.mark.parametrize(
    "content", [None, b"", b"\xff\xfe\x00", b"- a\n- b\n"], ids=["gone", "empty", "bytes", "a list"]
)
@pytest.mark.parametrize("name", ["policy.yaml", "systems.yaml"])
def test_a_file_that_is_none(club: Club, name: str, content: bytes | None) -> None:
    file = club.project.folder / name
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    refused(club.project("check"), name)


HOLD = ("hold", "place", "--review")

WORDS = [
    (("check", "--at", "2006-13-01"), ("2006-13-01", "2006-09-01")),
    (("check", "--at", "yesterday"), ("yesterday", "2006-09-01")),
    (("check", "--sql", "retention.visist"), ("retention.visist", "retention.visits")),
    (("check", "--sql", "evidence"), ("evidence", "troth check")),
    (("chekc",), ("chekc",)),
    (("check", "--stricct"), ("--stricct",)),
    (("apply",), ("PLAN",)),
    (("apply", "no-such-file.json"), ("no-such-file.json", "troth plan")),
    (("resume", "abcdef123456"), ("abcdef123456",)),
    (("resume", "abc"), ("6 or more", "troth status")),
    (("stop", "abcdef123456"), ("abcdef123456",)),
    (("task", "abcdef123456", "s01"), ("abcdef123456",)),
    (("hold", "lift", "abcdef"), ("abcdef",)),
    ((*HOLD, "2099-01-01", "--reason", "whim", "--collection", "club.visits"), ("whim", "litigation")),
    ((*HOLD, "soon", "--reason", "litigation", "--collection", "club.visits"), ("soon",)),
    ((*HOLD, "2099-01-01", "--reason", "litigation", "--collection", "club.vis"), ("club.vis",)),
    (("plan", "erase", "--people", "no-such-file"), ("no-such-file",)),
    (("systems", "show", "nothing"), ("nothing",)),
    (("check", "--junit", "/no/such/folder/junit.xml"), ("/no/such/folder/junit.xml", "No such file")),
    (("schema", "nothing"), ("nothing", "policy")),
    (("evidence", "verify", "no-such-file", "--key", "x"), ("the key", "copy the whole text")),
]


@pytest.mark.parametrize("command, words", WORDS, ids=[" ".join(words) for words, _ in WORDS])
def test_wrong_words(club: Club, command: tuple[str, ...], words: tuple[str, ...]) -> None:
    before = club.snapshot()
    refused(club.project(*command), *words)
    assert club.snapshot() == before


PEOPLE = [
    ([], "nobody"),
    (["", "   "], "nobody"),
    (["nobody@club.example"], "none of the names"),
    (["id:not-a-number"], "none of the names"),
]


@pytest.mark.parametrize("names, words", PEOPLE, ids=["no line", "empty lines", "unknown", "no key"])
def test_nobody_to_erase(club: Club, names: list[str], words: str) -> None:
    refused(club.project("plan", "erase", "--people", club.project.people(*names)), words)


def test_a_name_that_fits_several_rows_stops_for_a_human(club: Club) -> None:
    with club.connect() as connection:
        connection.execute("update members set email = 'M1@Club.example' where id = 2")  # letters differ: two rows
    file = club.project.people("m1@club.example")
    refused(club.project("plan", "erase", "--people", file), "several rows", "id:")
    assert club.project.plan("erase", "--people", file, "--every-match")["people"] == 1
