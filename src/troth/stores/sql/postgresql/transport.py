"""How a connection reaches PostgreSQL: what the client did, beside what the server says of its own end."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal, cast

import psycopg
import sqlalchemy as sa

from troth.stores.access import Transport

_SERVER = """
select coalesce(s.ssl, false) as tls, s.version, s.cipher, coalesce(g.encrypted, false) as gss
from (select pg_backend_pid() as pid) me
left join pg_stat_ssl s on s.pid = me.pid left join pg_stat_gssapi g on g.pid = me.pid"""

_PROXY = "something stands between (a pooler, a proxy): client and server do not agree on whether it is encrypted"


def read_transport(connection: sa.Connection) -> Transport:
    """Encrypted is what leaves this machine encrypted; where a pooler answers, its own way on is said as a limit."""
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    row = connection.exec_driver_sql(_SERVER).one()
    tls, gss = driver.pgconn.ssl_in_use, driver.pgconn.used_gssapi and row.gss
    way = _way(driver.info)
    limits = (_PROXY,) if way not in ("socket",) and bool(tls) != bool(row.tls) else ()
    if tls:
        return Transport(way, True, _verified(driver.info), row.version or "TLS", row.cipher or "", limits)
    if gss:
        return Transport(way, True, "host", "GSSAPI", "", limits)
    return Transport(way, limits=limits)


def _way(info: psycopg.ConnectionInfo) -> Literal["socket", "loopback", "network"]:
    if info.host.startswith(("/", "@")):
        return "socket"
    try:
        return "loopback" if ipaddress.ip_address(info.hostaddr).is_loopback else "network"
    except ValueError:
        return "network"


def _verified(info: psycopg.ConnectionInfo) -> Literal["host", "issuer", "nobody"]:
    """libpq checks the issuer in every mode as soon as the file of known issuers is there, the name in one mode alone.

    https://www.postgresql.org/docs/current/libpq-ssl.html
    """
    settings = info.get_parameters()
    issuers = settings.get("sslrootcert", "")
    if settings.get("sslmode") == "verify-full" or issuers == "system":
        return "host"
    known = Path(issuers) if issuers else Path("~/.postgresql/root.crt").expanduser()
    return "issuer" if known.is_file() else "nobody"
