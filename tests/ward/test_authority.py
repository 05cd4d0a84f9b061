"""This file proves that the authority's certificates pass the strict check of the box's Python."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ward.enrol.authority import Authority


def context(folder: Path, name: str, purpose: ssl.Purpose) -> ssl.SSLContext:
    """One end of a line as Python 3.13 makes it: strict, and showing `name`'s certificate."""
    made = ssl.create_default_context(purpose, cafile=str(folder / "ca.crt"))
    made.verify_flags |= ssl.VERIFY_X509_STRICT
    made.verify_mode = ssl.CERT_REQUIRED
    made.load_cert_chain(folder / f"{name}.crt", folder / f"{name}.key")
    return made


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext) -> None:
    """Both ends in memory, until both are content. Raises ssl.SSLError."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(6):
        for end in list(ends):
            try:
                end.do_handshake()
                ends.remove(end)
            except ssl.SSLWantReadError:
                pass
    assert not ends


def test_both_ends_believe_each_other_strictly(tmp_path: Path) -> None:
    """Broker and house, as RFC 5280 has it; another authority of the same name is still refused."""
    now = datetime.now(UTC)
    folders = [tmp_path / "ward", tmp_path / "stranger"]
    for folder in folders:
        authority = Authority.create(folder, "Hiên", now)
        pairs = {
            "broker": authority.for_broker(["127.0.0.1"], now),
            "house": authority.for_client("khu-pho-3", now),
        }
        for name, (certificate, key) in pairs.items():
            (folder / f"{name}.crt").write_bytes(certificate)
            (folder / f"{name}.key").write_bytes(key)
    ward, stranger = folders
    server = context(ward, "broker", ssl.Purpose.CLIENT_AUTH)
    shake_hands(server, context(ward, "house", ssl.Purpose.SERVER_AUTH))
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, context(stranger, "house", ssl.Purpose.SERVER_AUTH))
