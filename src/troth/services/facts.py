"""What promises about the surroundings need to know beside the rows: asked only where a promise needs it."""

from __future__ import annotations

from collections.abc import Iterator

from troth.core.errors import InputError, NotReached
from troth.evidence.log import verify_own
from troth.planning.facts import Facts, LogSeen, Reach
from troth.proofs.errors import NotVerified
from troth.register.promises import Kind
from troth.services.looking import Look
from troth.services.opening import open_store
from troth.services.project import Project
from troth.services.recording import Recorder
from troth.state.secrets import Secrets
from troth.stores.contract import ChangeRefused
from troth.systems.model import System


def gather(project: Project, seen: Look) -> Facts:
    """Connections are asked for transport and access, our own log is read again; nothing is changed, no state made."""
    kinds: set[Kind] = {promise.kind for promise in seen.register.promises}
    reaches = tuple(_reaches(project, seen, kinds)) if kinds & {"transport", "access"} else ()
    return Facts(reaches, _log(project, seen) if "evidence" in kinds else None)


def _reaches(project: Project, seen: Look, kinds: set[Kind]) -> Iterator[Reach]:
    secrets = project.secrets()
    for system in seen.register.data_map.systems.values():
        if system.by_hand is not None:
            continue
        if (why := seen.reached.unreached.get(system.id)) is not None:
            yield Reach(system.id, "read", why=why)
        else:
            access = seen.reached.stores[system.id].access() if "access" in kinds else None
            yield Reach(system.id, "read", seen.health[system.id].transport, access)
        if system.write is not None:
            yield _written(system, secrets)


def _written(system: System, secrets: Secrets) -> Reach:
    try:
        store = open_store(system, secrets, writable=True)
    except InputError as error:
        return Reach(system.id, "write", why=secrets.scrub(error.message), unset=True)
    except NotReached as error:
        return Reach(system.id, "write", why=secrets.scrub(error.message))
    try:
        return Reach(system.id, "write", store.check().transport, store.access())
    except (NotReached, ChangeRefused) as error:
        return Reach(system.id, "write", why=secrets.scrub(error.message))
    finally:
        store.close()


def _log(project: Project, seen: Look) -> LogSeen | None:
    """``None`` when nothing was ever recorded."""
    if not project.state_path(seen.register).exists():
        return None
    with project.state(seen.register) as state:
        try:
            verifier = Recorder(project, seen.register, state).signer.verifier
        except (InputError, NotReached) as error:
            return LogSeen(unread=project.secrets().scrub(error.message))
        try:
            with state.reading() as conn:
                own = verify_own(conn, verifier)
        except NotVerified as error:
            return LogSeen(fault=error.message)
    return LogSeen(own.entries, own.signed, own.checkpoints) if own.entries else None
