"""This file proves, on a real Mosquitto with the written settings, who gets in and who does not."""

from __future__ import annotations

import os
import ssl
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import paho.mqtt.client as mqtt
import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt.enums import CallbackAPIVersion

from appliance import config
from appliance.commands.ward import ward as ward_command
from appliance.sync import protocol as p
from tests.mqtt_broker import MOSQUITTO, Process, eventually, free_port
from ward import app
from ward.enrol.authority import Authority
from ward.link import Broker

NOW = datetime.now(UTC)


def run(*argv: str) -> str:
    result = CliRunner().invoke(ward_command, argv)
    assert result.exit_code == 0, result.output
    return result.output


@dataclass
class Site:
    """A ward's folder, its authority, and a broker that runs with what `init` wrote."""

    folder: Path
    broker: Process

    @property
    def tls(self) -> Path:
        return self.folder / "tls"

    @property
    def authority(self) -> Authority:
        return Authority(self.tls)

    def keep(self, name: str, certificate: bytes, key: bytes) -> tuple[str, str]:
        for suffix, data in (("crt", certificate), ("key", key)):
            (self.folder / f"{name}.{suffix}").write_bytes(data)
        return str(self.folder / f"{name}.crt"), str(self.folder / f"{name}.key")

    def client(self, name: str, *, client_id: str = "", valid_days: int = 30) -> Client:
        pair = self.authority.for_client(name, NOW, timedelta(days=valid_days))
        return Client(self, self.keep(name, *pair), client_id or name)


class Client:
    """One connection with a certificate, or without."""

    def __init__(self, site: Site, files: tuple[str, str] | None, client_id: str) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.up, self.down = threading.Event(), threading.Event()
        context = ssl.create_default_context(cafile=str(site.tls / "ca.crt"))
        if files:
            context.load_cert_chain(*files)
        self.mqtt = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, reconnect_on_failure=False
        )
        self.mqtt.tls_set_context(context)
        self.mqtt.on_connect = lambda c, u, f, rc, p: rc.is_failure or self.up.set()
        self.mqtt.on_disconnect = lambda c, u, f, rc, p: self.down.set()
        self.mqtt.on_message = lambda c, u, m: self.heard.append((m.topic, m.payload))
        self._port = site.broker.port

    def connect(self) -> bool:
        """True when the broker let us in."""
        try:
            self.mqtt.connect("localhost", self._port)
        except (ssl.SSLError, OSError):
            return False
        self.mqtt.loop_start()
        eventually(lambda: self.up.is_set() or self.down.is_set())
        return self.up.is_set()

    def say(self, topic: str, payload: bytes = b"{}") -> None:
        self.mqtt.publish(topic, payload, qos=1).wait_for_publish(5)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    if MOSQUITTO is None:
        pytest.skip("no Mosquitto on this machine")
    port = free_port()
    run("init", "--dir", str(tmp_path), "--host", "localhost", "--host", "127.0.0.1",
        "--port", str(port))  # fmt: skip
    conf = tmp_path / "tls" / "mosquitto.conf"
    more = f"persistence_location {tmp_path}/\n" + ("user root\n" if os.geteuid() == 0 else "")
    conf.write_text(conf.read_text() + more)
    broker = Process([MOSQUITTO, "-c", str(conf)], port)
    yield Site(tmp_path, broker)
    broker.kill()


def test_a_house_writes_below_its_own_name_only_and_hears_its_own_down_only(site: Site) -> None:
    """What a house says in another's name reaches nobody; what is meant for another, neither."""
    console, house = site.client("ward.console"), site.client("nha-0017")
    assert console.connect() and house.connect()
    console.mqtt.subscribe(p.UP_FILTER, 1)
    house.mqtt.subscribe("#", 1)
    house.mqtt.subscribe("houses/v1/+/down/#", 1)
    house.say("houses/v1/nha-0018/up/ops", b"forged")
    house.say("houses/v1/nha-0018/down/cmd/x", b"forged")
    house.say("houses/v1/nha-0017/down/cmd/x", b"forged")
    house.say("houses/v1/nha-0017/up/ops", b"true")
    eventually(lambda: console.heard)
    assert console.heard == [("houses/v1/nha-0017/up/ops", b"true")]
    console.say("houses/v1/nha-0018/down/receipt", b"other")
    console.say("houses/v1/nha-0017/down/receipt", b"own")
    eventually(lambda: house.heard)
    assert house.heard == [("houses/v1/nha-0017/down/receipt", b"own")]


def test_one_house_cannot_throw_another_out(site: Site) -> None:
    """With another's client id it is still itself."""
    victim, thief = site.client("nha-0017"), site.client("nha-0018", client_id="nha-0017")
    assert victim.connect() and thief.connect()
    victim.say("houses/v1/nha-0017/up/ops")
    assert not victim.down.is_set()


def test_no_certificate_an_expired_one_and_a_stranger_s(site: Site, tmp_path: Path) -> None:
    assert not Client(site, None, "nha-0017").connect()
    assert not site.client("nha-0017", valid_days=-1).connect()
    other = Authority.create(tmp_path / "other", "stranger", NOW)
    files = site.keep("stranger", *other.for_client("nha-0017", NOW))
    assert not Client(site, files, "nha-0017").connect()


def test_a_lost_house_is_shut_out_by_one_command_and_let_in_by_another(site: Site) -> None:
    lost = site.client("nha-0017")
    assert lost.connect()
    assert "1 certificate(s) revoked" in run("revoke", "nha-0017", "--dir", str(site.folder))
    site.broker.kill()
    site.broker.start()
    again = Client(
        site, (str(site.folder / "nha-0017.crt"), str(site.folder / "nha-0017.key")), "x"
    )
    assert not again.connect()
    assert site.client("nha-0018").connect()
    assert site.client("nha-0017").connect()  # a new certificate


def test_a_bundle_is_enough_for_a_house_to_speak_and_private(site: Site, tmp_path: Path) -> None:
    """The settings in it are accepted by the house, its key by the broker; nobody else reads it."""
    path = tmp_path / "nha-0017.tar"
    name = 'Tổ "12" \\ Hòa Cường'
    sheet = run("enrol", "nha-0017", "--dir", str(site.folder), "--name", name, "--out", str(path))
    assert "nha-0017" in sheet and "hien ward revoke nha-0017" in sheet
    assert path.stat().st_mode & 0o077 == 0
    with tarfile.open(path) as tar:
        tar.extractall(tmp_path / "house", filter="data")
        assert tar.getmember("sync/house.key").mode == 0o600
    house = tmp_path / "house"
    settings = config.load(house / "ward.toml")
    assert (settings["house.id"], settings["house.name"]) == ("nha-0017", name)
    assert settings["sync.broker"] == f"mqtts://localhost:{site.broker.port}"
    files = (str(house / "sync/house.crt"), str(house / "sync/house.key"))
    assert Client(site, files, "nha-0017").connect()


def test_a_key_made_on_the_house_never_leaves_it(site: Site, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    request = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "nha-0099")]))
        .sign(key, hashes.SHA256())
    )
    csr, path = tmp_path / "house.csr", tmp_path / "bundle.tar"
    csr.write_bytes(request.public_bytes(serialization.Encoding.PEM))
    run("enrol", "nha-0017", "--dir", str(site.folder), "--csr", str(csr), "--out", str(path))
    with tarfile.open(path) as tar:
        assert "sync/house.key" not in tar.getnames()
        member = tar.extractfile("sync/house.crt")
        assert member
        certificate = x509.load_pem_x509_certificate(member.read())
    # The name is the one the ward gave, not the one the request asked for.
    assert certificate.subject.rfc4514_string() == "CN=nha-0017"
    assert certificate.public_key() == key.public_key()


def test_the_authority_is_never_overwritten_and_refuses_names_that_are_no_houses(
    site: Site,
) -> None:
    before = (site.tls / "ca.key").read_bytes()
    again = CliRunner().invoke(ward_command, ["init", "--dir", str(site.folder), "--host", "x"])
    assert again.exit_code != 0 and "already" in again.output
    assert (site.tls / "ca.key").read_bytes() == before
    assert (site.tls / "ca.key").stat().st_mode & 0o077 == 0
    for name in ("ward.console2", "NHA", "a", "../../x", "nha 17"):
        bad = CliRunner().invoke(ward_command, ["enrol", name, "--dir", str(site.folder)])
        assert bad.exit_code != 0
    garbage = CliRunner().invoke(
        ward_command, ["enrol", "nha-0017", "--dir", str(site.folder), "--csr", "-"], input="x"
    )
    assert garbage.exit_code != 0 and "request" in garbage.output


def test_console_and_house_over_tls_end_to_end(site: Site, tmp_path: Path) -> None:
    """The console with its certificate stores and receipts what a house with its own sends."""
    url = f"mqtts://localhost:{site.broker.port}"
    tls = site.tls
    files = (str(tls / "ca.crt"), str(tls / "console.crt"), str(tls / "console.key"))
    running = app.start(Broker(url, *files), tmp_path / "db", "127.0.0.1", 0)
    try:
        eventually(lambda: running.ward.board.link_up)
        house = site.client("nha-0017")
        assert house.connect()
        house.mqtt.subscribe(p.down_filter("nha-0017"), 1)
        event = p.Envelope("nha-0017", "ops", "b", 1, 1, "2026-11-22T05:00:00Z", "ntp", {})
        house.say(p.up_topic("nha-0017", "ops"), p.encode_envelope(event))
        eventually(lambda: house.heard)
        assert p.decode_receipt(house.heard[0][1]).upto == 1
    finally:
        running.stop()
