"""This file proves, on a real Mosquitto with TLS, that the ward's programs are let in as many."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from appliance.commands.ward import ward as ward_command
from appliance.sync import protocol as p
from tests.mqtt_broker import eventually
from tests.ward.test_enrol import Client, Site, run, site
from ward import app, consume
from ward.link import Broker

__all__ = ["site"]

EVENTS, HOUSES = 60, 3


def of(site: Site, name: str) -> Broker:
    """The broker, with the certificate of this program."""
    tls = site.tls
    files = (str(tls / "ca.crt"), str(tls / f"{name}.crt"), str(tls / f"{name}.key"))
    return Broker(f"mqtts://localhost:{site.broker.port}", *files)


def restarted(site: Site, *names: str) -> None:
    """Let these programs in, as `hien ward program` says."""
    for name in names:
        assert f"ward.{name}" in run("program", name, "--dir", str(site.folder))
    site.broker.kill()
    site.broker.start()


def test_console_and_two_consumers_share_the_events(site: Site, tmp_path: Path) -> None:
    """Each with its own certificate, none throws another out; each event goes to one of them, and
    all are stored and receipted."""
    restarted(site, "first", "second")
    console = app.start(of(site, "console"), tmp_path / "db", "127.0.0.1", 0, share="ward")
    beside = [consume.start(of(site, name), tmp_path / "db") for name in ("first", "second")]
    try:
        eventually(lambda: console.ward.board.link_up and all(c.line.up for c in beside))
        for n in range(HOUSES):
            name = f"nha-{n:04d}"
            house = site.client(name)
            assert house.connect()
            house.mqtt.subscribe(p.down_filter(name), 1)
            for seq in range(1, EVENTS + 1):
                said = p.Envelope(name, "queue", "b", seq, seq, "2026-11-22T05:00:00Z", "ntp", {})
                house.say(p.up_topic(name, "queue"), p.encode_envelope(said))
            eventually(lambda h=house: _upto(h) == EVENTS)  # type: ignore[misc]
        took = [c.listener.counts["stored"] for c in beside]
        took.append(console.ward.listener.counts["stored"])
        assert sum(took) == EVENTS * HOUSES and all(took)
        duplicates = sum(c.listener.counts["duplicates"] for c in beside)
        assert duplicates == console.ward.listener.counts["duplicates"] == 0
    finally:
        for consumer in beside:
            consumer.stop()
        console.stop()


def test_a_consumer_may_give_receipts_and_nothing_else(site: Site) -> None:
    """It cannot send commands, nor hear what houses are told; a reader hears last values only."""
    restarted(site, "taker")
    run("program", "home-assistant", "--kind", "reader", "--dir", str(site.folder))
    site.broker.kill()
    site.broker.start()
    files = {n: (f"{site.tls}/{n}.crt", f"{site.tls}/{n}.key") for n in ("taker", "home-assistant")}
    taker, reader = (Client(site, files[n], n) for n in files)
    house = site.client("nha-0017")
    assert taker.connect() and reader.connect() and house.connect()
    house.mqtt.subscribe(p.down_filter("nha-0017"), 1)
    for one in (taker, reader):
        one.mqtt.subscribe("houses/#", 1)
        one.say("houses/v1/nha-0017/down/cmd/x", b"forged")
        one.say("houses/v1/nha-0017/up/ops", b"forged")
    taker.say("houses/v1/nha-0017/down/receipt", b"receipt")
    house.say("houses/v1/nha-0017/state/queue", b"state")
    house.say("houses/v1/nha-0017/up/ops", b"event")
    eventually(lambda: house.heard and taker.heard and reader.heard)
    assert house.heard == [("houses/v1/nha-0017/down/receipt", b"receipt")]
    assert taker.heard == [("houses/v1/nha-0017/up/ops", b"event")]
    assert reader.heard == [("houses/v1/nha-0017/state/queue", b"state")]


def test_names_that_would_replace_something_are_refused_and_a_program_is_shut_out(
    site: Site,
) -> None:
    for name in ("broker", "console", "ca", "A B", "../x"):
        before = (site.tls / "broker.crt").read_bytes()
        bad = CliRunner().invoke(ward_command, ["program", name, "--dir", str(site.folder)])
        assert bad.exit_code != 0 and (site.tls / "broker.crt").read_bytes() == before
    restarted(site, "taker")
    again = run("program", "taker", "--dir", str(site.folder))
    assert "reload" not in again and (site.tls / "acl").read_text().count("ward.taker") == 1
    files = (f"{site.tls}/taker.crt", f"{site.tls}/taker.key")
    assert Client(site, files, "x").connect()
    assert "2 certificate(s) revoked" in run("revoke", "ward.taker", "--dir", str(site.folder))
    site.broker.kill()
    site.broker.start()
    assert not Client(site, files, "x").connect()


def _upto(client: Client) -> int:
    found = [p.decode_receipt(said) for topic, said in client.heard if topic.endswith("/receipt")]
    return max((receipt.upto for receipt in found), default=0)
