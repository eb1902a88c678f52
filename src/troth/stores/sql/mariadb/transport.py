"""How a connection reaches MariaDB: what the client did, beside what the server says of its own end."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from typing import Any, Literal

import sqlalchemy as sa

from troth.stores.access import Transport

_PROXY = "something stands between (a proxy): client and server do not agree on whether it is encrypted"


def read_transport(connection: sa.Connection) -> Transport:
    """Encrypted is what leaves this machine encrypted; where a proxy answers, its own way on is said as a limit."""
    driver: Any = connection.connection.driver_connection
    wire = driver._sock  # noqa: SLF001 — the driver tells nobody whether it has encrypted
    said = connection.exec_driver_sql("SHOW SESSION STATUS WHERE Variable_name = 'Ssl_cipher'").one()
    way = _way(wire)
    tls = isinstance(wire, ssl.SSLSocket)
    limits = (_PROXY,) if way != "socket" and tls != bool(said[1]) else ()
    if not isinstance(wire, ssl.SSLSocket):
        return Transport(way, limits=limits)
    cipher = wire.cipher()
    return Transport(way, True, _verified(wire.context), wire.version() or "TLS", cipher[0] if cipher else "", limits)


def _way(wire: socket.socket) -> Literal["socket", "loopback", "network"]:
    if wire.family == socket.AF_UNIX:
        return "socket"
    return "loopback" if ipaddress.ip_address(wire.getpeername()[0]).is_loopback else "network"


def _verified(context: ssl.SSLContext) -> Literal["host", "issuer", "nobody"]:
    if context.verify_mode != ssl.CERT_REQUIRED:
        return "nobody"
    return "host" if context.check_hostname else "issuer"
