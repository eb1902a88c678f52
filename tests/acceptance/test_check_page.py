"""``check --html``: what a privacy officer finds on the page, in both languages, and that its numbers are SQL's."""

from __future__ import annotations

import re
from contextlib import chdir
from dataclasses import dataclass, field
from datetime import date
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest
from tests.acceptance.sakila.club import Club, postgresql_club, rows, sqlite_club
from tests.acceptance.sakila.command import Project as Command
from tests.acceptance.test_bad_input_files import change, refused

from troth.publish.check_charts import chart
from troth.publish.check_rules import kept_for, purpose_words
from troth.publish.language import Language, tongue
from troth.register.load import read_register
from troth.services.checking import check
from troth.services.project import Project
from troth.testing.postgresql import PostgresqlServer

AT = "2026-06-01"
VOID = {"meta", "rect", "br"}
NASTY = "<script>alert('x')</script> & co"
EXAMPLE = Path(__file__).parents[2] / "examples/clever-cloud"

ACCEPTED = """\
accepted:
  - {promise: retention.visits, reason: a job runs <b>soon</b>, owner: "Ada & Grace", until: 2026-09-30}
"""


@dataclass
class Reader(HTMLParser):
    """Text, tags with their attributes, and whether every tag is closed in order."""

    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert tag in VOID or self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag == name]


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == []
    return reader


@pytest.fixture
def club(tmp_path: Path) -> Club:
    return club_with_all_verdicts(tmp_path)


def club_with_all_verdicts(tmp_path: Path) -> Club:
    made = sqlite_club(tmp_path, rows(60))
    change(
        made, "policy.yaml", ("  visits:\n", "  visits:\n    title: {en: Visits of the site, fr: Visites du site}\n")
    )
    change(made, "policy.yaml", ("data: {ip: {}}", 'data: {ip: {title: "Your address", form: first-half}}'))
    change(made, "policy.yaml", ("Orders are kept ten years", f"{NASTY} Orders are kept ten years"))
    file = made.project.folder / "policy.yaml"
    file.write_text(file.read_text() + ACCEPTED)
    with made.connect() as connection:
        connection.execute("alter table members add column shoe_size integer")
        connection.execute("create table wishes (id integer primary key, words text)")
    return made


def page(club: Club, lang: str = "en") -> Reader:
    file = club.project.folder / "page.html"
    said = club.project("check", "--at", AT, "--html", str(file), "--lang", lang)
    assert said.status == 1, said
    return read(file.read_text())


def test_it_stands_alone_and_is_well_made(club: Club) -> None:
    for lang in Language:
        found = page(club, lang)
        assert found.all("html") == [{"lang": lang}]
        assert not {"script", "link", "img", "iframe", "object"} & {tag for tag, _ in found.tags}
        assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
        targets = [each["href"] for each in found.all("a")]
        ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert {str(target).removeprefix("#") for target in targets} <= set(ids)
        assert all(str(target).startswith("#") for target in targets)
        assert all(each.get("scope") in ("col", "row") for each in found.all("th"))
        levels = [int(tag[1]) for tag, _ in found.tags if re.fullmatch(r"h\d", tag)]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(below <= above + 1 for above, below in pairwise(levels))


def test_it_loads_nothing(club: Club) -> None:
    page(club)
    text = (club.project.folder / "page.html").read_text()
    assert "url(" not in text
    assert "@import" not in text
    assert "http" not in text.replace('http-equiv="Content-Security-Policy"', "")


def test_the_words_of_the_files_are_text_and_nothing_else(club: Club) -> None:
    found = page(club)
    assert NASTY in found.words
    assert "a job runs <b>soon</b>" in found.words
    assert "<script" not in (club.project.folder / "page.html").read_text()


def test_in_english(club: Club) -> None:
    words = page(club).words
    with club.connect() as connection:
        (past,) = connection.execute("select count(*) from visits where seen_at < '2025-12-03'").fetchone()
        (total,) = connection.execute("select count(*) from visits").fetchone()
        (oldest,) = connection.execute("select min(date(seen_at)) from visits").fetchone()
    day = date.fromisoformat(oldest)
    assert "Privacy promises of Club As of 1 June 2026" in words
    assert "Visits of the site" in words
    assert "180 days from “seen”" in words
    assert "“Visits are kept for 180 days.”" in words
    assert f"{past} rows past their period and still there" in words
    assert f"{day.day} {day:%B %Y}" in words
    assert "Accepted by Ada & Grace until 30 September 2026" in words
    assert f"{total} values do not have the promised form, in the field ip" in words
    assert "column shoe_size: declared nowhere" in words
    assert "club.wishes table declared nowhere" in words
    assert "the first half of an IP address only" in words


def test_in_french(club: Club) -> None:
    words = page(club, "fr").words
    with club.connect() as connection:
        (past,) = connection.execute("select count(*) from visits where seen_at < '2025-12-03'").fetchone()
    assert "Promesses de confidentialité de Club État au 1er juin 2026" in words
    assert "Visites du site" in words
    assert "180 jours à compter de « seen »" in words
    assert f"{past} lignes ont dépassé leur durée et sont toujours là" in words
    assert "Accepté par Ada & Grace jusqu'au 30 septembre 2026" in words
    assert "colonne shoe_size : déclarée nulle part" in words
    assert "obligation légale, art. 6(1)(c) RGPD, C. com. L123-22" in words
    assert "10 ans à compter de la fin de l'année de « ordered »" in words
    for english in ("rows", "Broken", "Kept", "promises", "measured"):
        assert english not in words


def test_a_store_that_is_away_is_said_to_be(club: Club) -> None:
    assert isinstance(club.address, Path)
    club.address.rename(club.address.with_suffix(".gone"))
    file = club.project.folder / "page.html"
    said = club.project("check", "--at", AT, "--html", str(file))
    assert said.status == 3
    words = read(file.read_text()).words
    assert "No promise was found broken." in words
    assert "not reached" in words
    assert "not known" in words


def test_a_language_that_no_page_has(club: Club) -> None:
    refused(club.project("check", "--html", str(club.project.folder / "page.html"), "--lang", "de"), "'de'", "en, fr")
    assert not (club.project.folder / "page.html").exists()


def test_the_bars_are_what_plain_sql_counts(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(club.project.folder)
    checked = check(Project(Path(), dict(club.project.env)), date(2026, 6, 1), lambda _: None, ages=True)
    (ages,) = [each for each in checked.ages if each.collection == "club.visits"]
    assert ages.limit == date(2025, 12, 3)
    with club.connect() as connection:
        for each in ages.bins:
            query = "select count(*) from visits where seen_at >= ? and seen_at < ?"
            first, end = each.first or date(1, 1, 1), each.end or date(9999, 1, 1)
            assert (each.rows,) == connection.execute(query, (str(first), str(end))).fetchone()
        (oldest,) = connection.execute("select min(date(seen_at)) from visits").fetchone()
        (total,) = connection.execute("select count(*) from visits").fetchone()
    assert sum(each.rows for each in ages.bins) == total
    assert ages.since is not None
    assert (ages.since - date.fromisoformat(oldest)).days == 181
    drawn = chart(tongue(Language.ENGLISH, "check"), ages, date(2026, 6, 1), "age-1")
    assert drawn is not None
    labels = [bar.label for bar in (*drawn.inside, *drawn.beyond)]
    assert labels[:2] == ["up to 45 days", "45 to 90 days"]
    assert labels[-1] == "over 360 days"
    assert [bar.past for bar in (*drawn.inside, *drawn.beyond)] == [False] * 4 + [True] * 3
    assert max(bar.share for bar in (*drawn.inside, *drawn.beyond)) == 100


def test_a_moment_that_another_purpose_needs_is_not_drawn_as_past(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders count from the end of their year: what is drawn below the line is what the check counts."""
    monkeypatch.chdir(club.project.folder)
    checked = check(Project(Path(), dict(club.project.env)), date(2026, 6, 1), lambda _: None, ages=True)
    (ages,) = [each for each in checked.ages if each.collection == "club.orders"]
    assert ages.limit == date(2016, 1, 1)
    with club.connect() as connection:
        (past,) = connection.execute("select count(*) from orders where ordered_at < '2016-01-01'").fetchone()
    assert past == sum(each.rows for each in ages.bins if each.past)


def test_many_tables_that_nobody_declared_are_one_entry(club: Club) -> None:
    with club.connect() as connection:
        for number in range(40):
            connection.execute(f"create table module_{number} (id integer primary key)")
    words = page(club).words
    assert "41 tables declared nowhere" in words
    for number in range(40):
        assert f"club.module_{number} " in words


def test_the_bars_on_the_other_store(postgresql: PostgresqlServer, tmp_path: Path) -> None:
    with postgresql_club(postgresql, tmp_path, rows(60)) as club, chdir(club.project.folder):
        checked = check(Project(Path(), dict(club.project.env)), date(2026, 6, 1), lambda _: None, ages=True)
        (ages,) = [each for each in checked.ages if each.collection == "club.visits"]
        with club.connect() as connection:
            for each in ages.bins:
                query = "select count(*) from visits where seen_at >= %s and seen_at < %s"
                limits = (each.first or date(1, 1, 1), each.end or date(9999, 1, 1))
                assert connection.execute(query, limits).fetchone() == (each.rows,)
        assert sum(each.rows for each in ages.bins) > 50


@pytest.mark.parametrize("lang", Language)
def test_the_page_names_every_processing_item_and_period(tmp_path: Path, lang: Language) -> None:
    """The whole example: whatever the policy promises is on the page, in the reader's words, even with no store."""
    for name in ("policy.yaml", "systems.yaml"):
        (tmp_path / name).write_text((EXAMPLE / name).read_text())
    away: dict[str, str] = dict.fromkeys(
        ("PLATFORM_READ_URL", "PLATFORM_WRITE_URL"), f"sqlite:///{tmp_path / 'away.db'}"
    )
    policy, spoken = read_register(tmp_path).policy, tongue(lang, "check")
    assert Command(tmp_path, away)("check", "--html", str(tmp_path / "page.html"), "--lang", lang).status == 3
    words = read((tmp_path / "page.html").read_text()).words
    assert len(policy.processings) > 7
    for processing in policy.processings.values():
        assert spoken.pick(processing.title, processing.id).words in words
        for item in processing.items.values():
            assert not str(item.title) or spoken.pick(item.title).words in words
        for purpose in processing.purposes.values():
            assert " ".join(kept_for(spoken, purpose).split()) in words
            assert purpose_words(spoken, processing, purpose).words in words
    for measure in policy.measures.values():
        promised = measure.kind in ("place", "access", "transport", "storage")
        assert not promised or spoken.pick(measure.title).words in words


def test_without_a_page_nothing_more_is_asked(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(club.project.folder)
    assert check(Project(Path(), dict(club.project.env)), date(2026, 6, 1), lambda _: None).ages == ()
