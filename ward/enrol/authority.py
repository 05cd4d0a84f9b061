"""This file is the ward's own certificate authority: it vouches for the broker, console, houses.

A house's name in its certificate is its id, which is its MQTT user name, which is its topic level.
Certificates are valid from long ago, because a Pi without a battery may begin in the past.
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from appliance.sync.protocol import check_house, utc_text

VALID_FROM = datetime(2020, 1, 1, tzinfo=UTC)
AUTHORITY_FOR = timedelta(days=20 * 365)
HOUSE_FOR = timedelta(days=2 * 365)
BROKER_FOR = timedelta(days=5 * 365)
PROGRAM = "ward."  # begins the names of the ward's programs; the dot keeps them from being houses
CONSOLE = f"{PROGRAM}console"

Key = ec.EllipticCurvePrivateKey


class TrustError(RuntimeError):
    """A certificate cannot be made or used; the message says what to do."""


class Authority:
    """The authority below a folder: `ca.crt`, `ca.key` (0600), `crl.pem`, `issued/`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate_file = folder / "ca.crt"
        self.crl_file = folder / "crl.pem"
        try:
            self._certificate = x509.load_pem_x509_certificate(self.certificate_file.read_bytes())
            key = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
        except (OSError, ValueError) as error:
            raise TrustError(
                f"there is no authority in {folder} ({error}). Make one with: hien ward init"
            ) from error
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key

    @classmethod
    def create(cls, folder: Path, name: str, now: datetime) -> Authority:
        """Make a new authority. TrustError when there is one already: it is never overwritten."""
        if (folder / "ca.key").exists():
            raise TrustError(f"there is an authority in {folder} already; it was left as it is")
        (folder / "issued").mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = named(name)
        certificate = (
            builder_for(subject, subject, key.public_key(), now + AUTHORITY_FOR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage(sign=True), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False
            )
            .sign(key, hashes.SHA256())
        )
        write(folder / "ca.key", key_pem(key), 0o600)
        write(folder / "ca.crt", certificate.public_bytes(serialization.Encoding.PEM), 0o644)
        authority = cls(folder)
        authority._write_crl(now)
        return authority

    def for_broker(self, hosts: Iterable[str], now: datetime) -> tuple[bytes, bytes]:
        """(certificate PEM, key PEM) for a server under these names and addresses."""
        names = [_general_name(host) for host in hosts]
        if not names:
            raise TrustError("a broker needs at least one name or address: --host NAME")
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._issue(
            "broker", key.public_key(), now + BROKER_FOR, ExtendedKeyUsageOID.SERVER_AUTH, names
        )
        return certificate, key_pem(key)

    def for_client(
        self, name: str, now: datetime, valid_for: timedelta = HOUSE_FOR
    ) -> tuple[bytes, bytes]:
        """(certificate PEM, key PEM) for a house or the console."""
        key = ec.generate_private_key(ec.SECP256R1())
        return self._client(name, key.public_key(), now + valid_for), key_pem(key)

    def for_program(self, name: str, now: datetime, valid_for: timedelta) -> tuple[bytes, bytes]:
        """(certificate PEM, key PEM) for a further program of the ward, `ward.NAME`."""
        key, who = ec.generate_private_key(ec.SECP256R1()), PROGRAM + check_house(name)
        purpose = ExtendedKeyUsageOID.CLIENT_AUTH
        return self._issue(who, key.public_key(), now + valid_for, purpose, []), key_pem(key)

    def for_request(self, house: str, csr_pem: bytes, now: datetime) -> bytes:
        """A certificate for a key that was made on the house; only its request left it."""
        try:
            request = x509.load_pem_x509_csr(csr_pem)
            if not request.is_signature_valid:
                raise InvalidSignature
        except (ValueError, InvalidSignature) as error:
            raise TrustError("this is not a certificate request that can be used") from error
        key = request.public_key()
        if not isinstance(key, ec.EllipticCurvePublicKey):
            raise TrustError("the request must be for an EC key (P-256)")
        return self._client(house, key, now + HOUSE_FOR)

    def revoke(self, house: str, now: datetime) -> int:
        """Every certificate of this house is refused from now on; how many there were."""
        revoked = self._revoked()
        serials = [c.serial_number for c in self.issued(house)]
        new = [s for s in serials if str(s) not in revoked]
        for serial in new:
            revoked[str(serial)] = utc_text(now.replace(microsecond=0))
        write(self.folder / "revoked.json", json.dumps(revoked, indent=1).encode(), 0o644)
        self._write_crl(now)
        return len(new)

    def issued(self, house: str | None = None) -> list[x509.Certificate]:
        """The client certificates given out, the oldest first."""
        files = (self.folder / "issued").glob(f"{house or '*'}~*.crt")
        found = [x509.load_pem_x509_certificate(f.read_bytes()) for f in files]
        return sorted(found, key=lambda c: (c.not_valid_after_utc, c.serial_number))

    def _client(self, name: str, key: ec.EllipticCurvePublicKey, until: datetime) -> bytes:
        if name != CONSOLE:
            check_house(name)
        return self._issue(name, key, until, ExtendedKeyUsageOID.CLIENT_AUTH, [])

    def _issue(
        self,
        name: str,
        key: ec.EllipticCurvePublicKey,
        until: datetime,
        purpose: x509.ObjectIdentifier,
        names: list[x509.GeneralName],
    ) -> bytes:
        subject = named(name)
        builder = (
            builder_for(subject, self._certificate.subject, key, until)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(usage(sign=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False
            )
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        certificate = builder.sign(self._key, hashes.SHA256())
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        write(self.folder / "issued" / f"{name}~{certificate.serial_number:x}.crt", pem, 0o644)
        return pem

    def _revoked(self) -> dict[str, str]:
        try:
            found = json.loads((self.folder / "revoked.json").read_text())
        except FileNotFoundError:
            return {}
        return {str(k): str(v) for k, v in found.items()}

    def _write_crl(self, now: datetime) -> None:
        # A list that ends would shut every house out, so it ends with the authority.
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._certificate.subject)
            .last_update(VALID_FROM)
            .next_update(self._certificate.not_valid_after_utc)
        )
        for serial, at in self._revoked().items():
            entry = x509.RevokedCertificateBuilder().serial_number(int(serial))
            builder = builder.add_revoked_certificate(
                entry.revocation_date(datetime.fromisoformat(at)).build()
            )
        crl = builder.sign(self._key, hashes.SHA256())
        write(self.crl_file, crl.public_bytes(serialization.Encoding.PEM), 0o644)


def named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def builder_for(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    until: datetime,
    since: datetime = VALID_FROM,
) -> x509.CertificateBuilder:
    """What every certificate of the ward's begins with."""
    # With both key identifiers (RFC 5280, 4.2.1): Python 3.13 refuses what lacks one of them.
    return (
        x509.CertificateBuilder()
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since.replace(microsecond=0))
        .not_valid_after(until.replace(microsecond=0))
    )


def usage(*, sign: bool) -> x509.KeyUsage:
    """Of an authority (`sign`), or of who shows that a key is theirs."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=sign,
        crl_sign=sign,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def write(path: Path, data: bytes, mode: int) -> None:
    """Write whole or not at all, never readable by more than `mode` says."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as f:
        f.write(data)
        f.flush()
        os.fsync(f.fileno())
    part.replace(path)
