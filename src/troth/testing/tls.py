"""Certificates to throw away: an issuer of our own, and a server's key and certificate for this machine's names."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from troth.testing.process import HOST, unprivileged_user


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where they are: ``issuer`` is what a client trusts; ``certificate`` and ``key`` are the server's own."""

    issuer: Path
    certificate: Path
    key: Path


def make_certificates(folder: Path) -> Certificates:
    """Write them to ``folder``, valid for a day, for ``localhost`` and 127.0.0.1. The key is for the server's user."""
    made = Certificates(folder / "issuer.crt", folder / "server.crt", folder / "server.key")
    issuer_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    issuer = _certificate("Test issuer", issuer_key.public_key(), "Test issuer", issuer_key, issues=True)
    server = _certificate("localhost", server_key.public_key(), "Test issuer", issuer_key, issues=False)
    made.issuer.write_bytes(issuer.public_bytes(serialization.Encoding.PEM))
    made.certificate.write_bytes(server.public_bytes(serialization.Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        server_key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    owner = unprivileged_user()
    if owner is not None:
        os.chown(made.key, owner.pw_uid, owner.pw_gid)
    return made


def _certificate(
    name: str, key: ec.EllipticCurvePublicKey, issuer: str, signer: ec.EllipticCurvePrivateKey, *, issues: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ip_address(HOST))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(_named(name))
        .issuer_name(_named(issuer))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issues, path_length=None), critical=True)
    )
    return (builder if issues else builder.add_extension(names, critical=False)).sign(signer, hashes.SHA256())


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
