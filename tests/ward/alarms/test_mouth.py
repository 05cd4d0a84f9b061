"""This file proves that messages leave through the real Apprise: a local server hears them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from appliance.sync import protocol as p
from tests.mqtt_broker import Process, eventually, mosquitto
from tests.ward.conftest import OPEN, Say
from ward import app
from ward.alarms import settings
from ward.alarms.mouth import ByApprise, check
from ward.alarms.settings import BadAlarms
from ward.alarms.words import Message
from ward.link import Broker

pytest.importorskip("apprise", reason="messages to people outside need Apprise")

__all__ = ["mosquitto"]


class Receiver:
    """A telephone service of our own: what was posted to it, and what it answers."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.heard.append((self.path, json.loads(body)))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"json://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()


def test_it_is_heard_as_it_was_written(receiver: Receiver) -> None:
    message = Message("Gọi giúp: Tổ 17", "Dòng một\nDòng <hai> & ba", urgent=True)
    assert ByApprise().say([f"{receiver.url}/hanh"], message)
    ((path, said),) = receiver.heard
    assert path.startswith("/hanh")
    assert (said["title"], said["message"], said["type"]) == (
        message.title,
        message.body,
        "warning",
    )


def test_one_that_fails_does_not_hide_one_that_works(receiver: Receiver) -> None:
    mouth, message = ByApprise(), Message("a", "b", urgent=False)
    dead = "json://127.0.0.1:9/x"
    assert mouth.say([dead, f"{receiver.url}/ok"], message)
    assert not mouth.say([dead], message)
    receiver.status = 500
    assert not mouth.say([f"{receiver.url}/ok"], message)
    assert not mouth.say(["nothing-of-this-kind://x"], message)


def test_an_address_no_service_knows_is_refused_at_the_start() -> None:
    """By the person's name; the address may be half a secret."""
    table = {"ward": [{"on_call": [{"name": "Chị Hạnh", "to": ["tgramm://se-cret/1"]}]}]}
    with pytest.raises(BadAlarms, match="Chị Hạnh") as caught:
        check(settings.parse(table))
    assert "se-cret" not in str(caught.value)
    assert check(settings.parse({})) is None


def test_from_the_house_to_the_telephone(
    tmp_path: Any, mosquitto: Process, receiver: Receiver, say: Say
) -> None:
    """A real broker, a real ward, a real message; withdrawn, it is withdrawn; a restart adds
    nothing."""
    (tmp_path / "ward").mkdir()
    (tmp_path / "ward/alarms.toml").write_text(
        f"[after]\nhelp_s = 1\n[[ward]]\n[[ward.on_call]]\nname = 'Hạnh'\nto = ['{receiver.url}']\n"
    )

    def start() -> app.Running:
        return app.start(Broker(mosquitto.url), tmp_path / "ward", "127.0.0.1", 0, door=OPEN)

    def event(seq: int, kind: str) -> None:
        envelope = p.Envelope("nha-17", "help", "b", seq, 1, p.utc_text(datetime.now(UTC)), "ntp",
                              {"type": kind, "call": "c1", "source": "button"})  # fmt: skip
        say("houses/v1/nha-17/up/help", p.encode_envelope(envelope))

    running = start()
    eventually(lambda: running.ward.board.link_up)
    say("houses/v1/nha-17/state/status", b"online", retain=True)
    say("houses/v1/nha-17/state/help", b'{"open":1}', retain=True)
    event(1, "called")
    eventually(lambda: len(receiver.heard) == 1)
    running.stop()
    running = start()

    def withdrawn() -> bool:
        # As a house does: said until there is a receipt. The ward may be up and not listening yet.
        event(2, "withdrawn")
        return len(receiver.heard) == 2

    eventually(withdrawn)
    running.stop()
    assert "gọi giúp" in receiver.heard[0][1]["message"]
    assert "rút lại" in receiver.heard[1][1]["message"]
