"""This file lets TLS work on a box whose clock is behind: certificates are checked by a floor.

A box without a battery may wake up in 1970, when no certificate is valid yet, and it would never
reach anybody who could tell it the time. Its own last report shows that it is later than that: so
while the clock is behind that floor, a certificate's dates are checked against the floor, and
everything else as always.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME; Python has no name for it


def context(ca_file: str, cert_file: str, key_file: str, floor: datetime | None) -> ssl.SSLContext:
    """A client's TLS context; `floor`: it is at least this late, whatever the clock says.

    Raises OSError (ssl.SSLError is one) when a file cannot be used.
    """
    made = ssl.create_default_context(cafile=ca_file or None)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if cert_file:
        made.load_cert_chain(cert_file, key_file or None)
    floor = latest(floor, valid_from(cert_file))
    if floor is not None and datetime.now(UTC) < floor:
        made.verify_flags |= NO_CHECK_TIME
        made.sslsocket_class = _checked_by(floor)
    return made


def valid_from(cert_file: str) -> datetime | None:
    """When our own certificate began to be valid: it is at least that late."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(Path(cert_file).read_bytes()).not_valid_before_utc
    except (OSError, ValueError):
        return None


def latest(*moments: datetime | None) -> datetime | None:
    known = [m for m in moments if m is not None]
    return max(known) if known else None


def _checked_by(floor: datetime) -> type[ssl.SSLSocket]:
    """A socket that looks at the other side's dates itself, before anything is said over it."""

    class FlooredSocket(ssl.SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            super().do_handshake(block)
            refuse_outside(self.getpeercert() or {}, floor)

    return FlooredSocket


def refuse_outside(certificate: dict[str, Any], at: datetime) -> None:
    """Raises SSLCertVerificationError when the certificate is not valid at `at`."""
    try:
        begins = ssl.cert_time_to_seconds(certificate["notBefore"])
        ends = ssl.cert_time_to_seconds(certificate["notAfter"])
    except (KeyError, ValueError) as e:
        raise ssl.SSLCertVerificationError("the certificate has no dates") from e
    if not begins <= at.timestamp() <= ends:
        raise ssl.SSLCertVerificationError(
            f"the certificate is not valid at {at:%Y-%m-%d} (the clock is behind that)"
        )
