"""The wheel, installed alone with what it declares, is whole: it needs no extra to be imported, nor a checkout."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import troth

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("packaging"), pytest.mark.timeout(600)]

POLICY = """
troth: 1
controller: {name: Acme SAS, contact: privacy@acme.example, authority: cnil}
processings:
  account:
    title: {en: Your account, fr: Votre compte}
    subjects: [customer]
    purposes: {contract: {basis: 6.1.b, title: {en: keep your account, fr: tenir votre compte}}}
    data: {email: {}}
    retain: until account_closed + 30 days
    quote: We keep your account until 30 days after you close it.
"""

SYSTEMS = """
troth: 1
evidence: {origin: acme.example/troth}
systems:
  db:
    store: postgresql
    read: ${ACME_READ_URL}
    location: FR
    people: {users: {subject: customer, by: email, for: account, events: {account_closed: closed_at}}}
    items: {email: email}
"""

IMPORT_ALL = """
import importlib, pkgutil, sys, troth
# the test kit and the servers' own folders need their drivers; a migration is loaded by the migrator alone
sql = "troth.stores.sql."
needs_more = ("troth.testing", f"{sql}postgresql", f"{sql}mariadb.server", "troth.state.migrations.")
names = [module.name for module in pkgutil.walk_packages(troth.__path__, "troth.")]
names = [name for name in names if not name.startswith(needs_more) and not name.endswith("__main__")]
for name in names:
    importlib.import_module(name)
print(len(names), *sorted({"psycopg", "pymysql"} & set(sys.modules)))
"""


def run(*command: str | Path, cwd: Path | None = None) -> str:
    done = subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, cwd=ROOT)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``bin`` of an environment with the wheel and its declared dependencies, at their locked versions, alone."""
    folder = tmp_path_factory.mktemp("clean")
    versions = folder / "versions.txt"
    versions.write_text("\n".join(locked_versions()))
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv")
    pip = (sys.executable, "-m", "pip", "--python", folder / "venv" / "bin" / "python", "--disable-pip-version-check")
    run(
        *pip,
        "install",
        "--quiet",
        "--no-input",
        "--no-compile",
        "--only-binary",
        ":all:",
        "--constraint",
        versions,
        wheel,
    )
    return folder / "venv" / "bin"


def locked_versions() -> Iterator[str]:
    for line in (ROOT / "requirements" / "run.txt").read_text().splitlines():
        if found := re.match(r"([a-z0-9-]+==[^ ;\\]+)( ; [^\\]+)?", line):
            yield found[0].rstrip()


def test_the_wheel_holds_the_package_its_types_and_its_licence_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    info = f"troth-{troth.__version__}.dist-info"
    assert {name.split("/")[0] for name in names} == {"troth", info}
    assert {"troth/py.typed", f"{info}/licenses/LICENSE"} <= set(names)


def test_every_module_loads_without_any_extra(clean: Path) -> None:
    count, *drivers = run(clean / "python", "-W", "error", "-c", IMPORT_ALL, cwd=clean).split()
    assert int(count) > 0
    assert drivers == []


def test_the_command_says_its_version(clean: Path) -> None:
    assert run(clean / "troth", "--version") == f"troth {troth.__version__}\n"


@pytest.mark.parametrize("words", [["--no-such-option"], ["no-such-command"], ["check", "surplus"]])
def test_wrong_words_are_answered_in_words(clean: Path, words: list[str]) -> None:
    done = subprocess.run([clean / "troth", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert words[-1] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_postgresql_system_without_its_driver_says_how_to_install_it(clean: Path, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY)
    (tmp_path / "systems.yaml").write_text(SYSTEMS)
    done = subprocess.run(
        [clean / "troth", "-C", tmp_path, "check"],
        env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "ACME_READ_URL": "postgresql://acme@127.0.0.1:1/acme"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (2, 3)
    assert "pip install 'troth[postgresql]'" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_locks_name_a_hash_for_everything_and_no_address() -> None:
    for lock in (ROOT / "requirements").glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        for pinned in re.split(r"\n(?=[a-z])", text)[1:]:
            assert "--hash=sha256:" in pinned, pinned.splitlines()[0]


def test_the_locks_hold_what_is_declared() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = [
        *project["dependencies"],
        *(need for extra in project["optional-dependencies"].values() for need in extra),
    ]
    pinned = {line.split("==")[0] for line in locked_versions()}
    assert {re.split(r"[\[<>=~! ]", need)[0].replace(".", "-").lower() for need in declared} <= pinned
