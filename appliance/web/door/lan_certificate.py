"""This file keeps the web room's key and certificate for HTTPS in the house's own network.

The key is made here and read by this room alone. The certificate names what the house is called by
now; when the router gives another address, or the end is near, another one is asked for.
"""

from __future__ import annotations

import ipaddress
import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from appliance import durable
from appliance.store.lan_files import AUTHORITY, CERTIFICATE, KEY, REQUEST, folder_of

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

log = logging.getLogger("hien.web")

RENEW_BEFORE = timedelta(days=60)
OWN_WIFI = "10.42.0.1"
MOST_ADDRESSES = 8
# For these the ward vouches, and for no other address.
NETWORKS = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"))
)


class LanCertificate:
    """`look` asks for what is missing; `pair` is what can be served, or None."""

    def __init__(self, data_dir: Path, house: str) -> None:
        self._folder, self._house = folder_of(data_dir), house

    @property
    def authority_file(self) -> Path:
        """What a telephone is given once."""
        return self._folder / AUTHORITY

    def pair(self) -> tuple[Path, Path] | None:
        """(certificate, key), when they belong together."""
        certificate, key = self._folder / CERTIFICATE, self._folder / KEY
        try:
            found = _certificate(certificate)
            ours = found is not None and found.public_key() == self._key().public_key()
        except (OSError, ValueError):
            return None
        return (certificate, key) if ours else None

    def look(self, now: datetime | None = None, addresses: list[str] | None = None) -> bool:
        """Ask the ward's room for a certificate, when one is wanted; whether it was. Writes only
        then. Raises OSError."""
        names = wanted_names(own_addresses() if addresses is None else addresses)
        found = _certificate(self._folder / CERTIFICATE) if self.pair() else None
        now = now or datetime.now(UTC)
        if found is not None and names <= _names(found) and (
            found.not_valid_after_utc - now > RENEW_BEFORE
        ):  # fmt: skip
            return False
        request = self._folder / REQUEST
        if request.exists() and names <= _names_asked(request.read_bytes()):
            return False
        durable.write(request, _request(self._house, self._key(), names), 0o660)
        log.info("a certificate for our own network is asked for")
        return True

    def _key(self) -> ec.EllipticCurvePrivateKey:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import ec

        path = self._folder / KEY
        if path.exists():
            found = serialization.load_pem_private_key(path.read_bytes(), None)
            if isinstance(found, ec.EllipticCurvePrivateKey):
                return found
        self._folder.mkdir(mode=0o2770, parents=True, exist_ok=True)
        self._folder.chmod(0o2770)  # whatever the process's own mask is: two rooms meet here
        key = ec.generate_private_key(ec.SECP256R1())
        pem = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        durable.write(path, pem, 0o600)
        return key


def wanted_names(addresses: list[str]) -> frozenset[str]:
    """hien.local, the house's own Wi-Fi, and the private addresses it has now."""
    own = sorted({text for text in addresses if _is_private(text)})[:MOST_ADDRESSES]
    return frozenset({"hien.local", OWN_WIFI, *own})


def own_addresses() -> list[str]:
    """IPv4 only: an IPv6 address is nothing anybody types, and changes by itself."""
    return [
        address.address
        for interface in psutil.net_if_addrs().values()
        for address in interface
        if address.family.name == "AF_INET"
    ]


def _is_private(text: str) -> bool:
    return any(ipaddress.ip_address(text) in network for network in NETWORKS)


def _request(house: str, key: ec.EllipticCurvePrivateKey, names: frozenset[str]) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.x509.oid import NameOID

    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, house)])
    general = [
        x509.DNSName(name) if name.endswith(".local")
        else x509.IPAddress(ipaddress.ip_address(name))
        for name in sorted(names)
    ]  # fmt: skip
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject)
    builder = builder.add_extension(x509.SubjectAlternativeName(general), critical=False)
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _names_asked(csr_pem: bytes) -> frozenset[str]:
    from cryptography import x509

    try:
        return _names(x509.load_pem_x509_csr(csr_pem))
    except ValueError:
        return frozenset()


def _names(of: object) -> frozenset[str]:
    from cryptography import x509

    assert isinstance(of, x509.Certificate | x509.CertificateSigningRequest)
    try:
        found = of.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return frozenset()
    return frozenset(str(name.value) for name in found)


def _certificate(path: Path):  # type: ignore[no-untyped-def]  # x509 is imported late
    from cryptography import x509

    return x509.load_pem_x509_certificate(path.read_bytes()) if path.exists() else None
