"""This file vouches for houses towards telephones and tablets in their own network (HTTPS).

An authority of its own, with its own key: who puts it on a telephone lets it vouch for names ending
in .local and for private addresses, and for nothing else in the world (RFC 5280, 4.2.1.10). The
ward's other authority, which lets houses in, never goes on a telephone.
"""

from __future__ import annotations

import ipaddress
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from ward.enrol.authority import TrustError, builder_for, key_pem, named, usage, write

FOLDER = "lan"
AUTHORITY_FOR = timedelta(days=10 * 365)
# Telephones refuse server certificates that are valid for more than 825 days.
HOUSE_FOR = timedelta(days=800)
# A telephone may be a little behind the ward.
BEFORE = timedelta(days=2)
MOST_NAMES = 12
_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7")


class LanAuthority:
    """Below the ward's tls folder, made when it is first asked for."""

    def __init__(self, tls_folder: Path, now: datetime) -> None:
        self._folder = tls_folder / FOLDER
        self.certificate_file = self._folder / "ca.crt"
        if not (self._folder / "ca.key").exists() or not self.certificate_file.exists():
            self._create(now)
        self._certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
        key = serialization.load_pem_private_key((self._folder / "ca.key").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    def for_request(self, house: str, csr_pem: bytes, now: datetime) -> bytes:
        """A server certificate (PEM) for the names in the request. Raises TrustError when it asks
        for a name or an address that is not of a house's own network."""
        try:
            request = x509.load_pem_x509_csr(csr_pem)
            if not request.is_signature_valid:
                raise InvalidSignature
            names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
            found = list(names)
        except (ValueError, InvalidSignature, x509.ExtensionNotFound) as error:
            raise TrustError("this is not a certificate request that can be used") from error
        key = request.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise TrustError("the request must be for an EC key (P-256)")
        if not 1 <= len(found) <= MOST_NAMES or not all(_is_own(name) for name in found):
            raise TrustError("the request names what is not in a house's own network")
        builder = (
            builder_for(
                named(house), self._certificate.subject, key, now + HOUSE_FOR, since=now - BEFORE
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(sign=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName(found), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
            )
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def _create(self, now: datetime) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = named("Hiên: nhà trong mạng riêng")
        permitted = [
            x509.DNSName("local"),
            *(x509.IPAddress(ipaddress.ip_network(network)) for network in _NETWORKS),
        ]
        builder = (
            builder_for(subject, subject, key.public_key(), now + AUTHORITY_FOR, since=now - BEFORE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage(sign=True), critical=True)
            .add_extension(x509.NameConstraints(permitted, None), critical=True)
        )
        write(self._folder / "ca.key", key_pem(key), 0o600)
        made = builder.sign(key, hashes.SHA256())
        write(self.certificate_file, made.public_bytes(serialization.Encoding.PEM), 0o644)


def _is_own(name: x509.GeneralName) -> bool:
    if isinstance(name, x509.DNSName):
        return name.value.endswith(".local") and "*" not in name.value
    if isinstance(name, x509.IPAddress):
        address = ipaddress.ip_address(str(name.value))
        return any(address in ipaddress.ip_network(network) for network in _NETWORKS
                   if address.version == ipaddress.ip_network(network).version)  # fmt: skip
    return False
