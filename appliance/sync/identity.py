"""This file keeps our certificate alive: a new key and a request in time, the swap in one step.

What was enrolled stays where it is. A renewed pair lies in the data folder, key and certificate in
one file, so that a power cut leaves the old pair or the new one, never half of each.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

from appliance import durable
from appliance.sync.door import Door
from appliance.sync.link.time_floor import latest

log = logging.getLogger("hien.sync.identity")

RENEW_BEFORE = timedelta(days=60)
NAME = "house.pem"


class Identity:
    """`files()` gives (authority, certificate, key) to use now; `renew_if_due` may change them."""

    def __init__(self, folder: Path, ca_file: str, cert_file: str, key_file: str) -> None:
        self._folder = folder
        self._enrolled = (ca_file, cert_file, key_file)

    def files(self) -> tuple[str, str, str]:
        """The renewed pair, unless the enrolled one lasts longer: the house was enrolled anew."""
        ca_file, cert_file, _ = self._enrolled
        renewed = self._folder / NAME
        ends, enrolled_ends = _ends(renewed), _ends(Path(cert_file)) if cert_file else None
        if ends is not None and (enrolled_ends is None or ends > enrolled_ends):
            return ca_file, str(renewed), str(renewed)
        return self._enrolled

    def ends_at(self) -> datetime | None:
        """When the certificate in use ends, UTC."""
        return _ends(Path(self.files()[1])) if self.files()[1] else None

    def renew_if_due(self, door: Door, floor: datetime | None) -> bool:
        """Ask for a new certificate when the present one ends soon. Raises OSError,
        HTTPException; the present one stays in use then."""
        ends = self.ends_at()
        now = latest(datetime.now(UTC), floor)
        if ends is None or now is None or ends - now > RENEW_BEFORE:
            return False
        key_pem, csr_pem = _request(door.house)
        certificate = door.renew(csr_pem)
        _write(self._folder / NAME, _checked(certificate, key_pem, door.house, ends) + key_pem)
        log.info("our certificate was renewed")
        return True


def _request(house: str) -> tuple[bytes, bytes]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, house)])
    csr = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, hashes.SHA256())
    return (
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
        csr.public_bytes(serialization.Encoding.PEM),
    )


def _checked(certificate_pem: bytes, key_pem: bytes, house: str, after: datetime) -> bytes:
    """The certificate, when it is for our key and name and lasts longer than the one we have."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from cryptography.x509.oid import NameOID

    try:
        found = x509.load_pem_x509_certificate(certificate_pem)
    except ValueError as e:
        raise OSError("what the ward gave is no certificate") from e
    names = [str(n.value) for n in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    mine = load_pem_private_key(key_pem, None).public_key()
    if found.public_key() != mine or names != [house] or found.not_valid_after_utc <= after:
        raise OSError("the certificate the ward gave is not for us, or does not last longer")
    return certificate_pem


def _ends(path: Path) -> datetime | None:
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError):
        return None


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    durable.write(path, data, 0o600)
