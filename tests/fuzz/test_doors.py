"""This file throws nearly right requests at the servers themselves: bytes before any form is read.

The house's own server over a real socket; the ward's two doors by their handlers, behind the
handshake (what comes before it is TLS's, not ours).
"""

from __future__ import annotations

import contextlib
import io
import random
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from appliance.web.door.server import make_server
from tests.fuzz import mutate, runner
from tests.web.at_desk import Volunteer
from tests.web.conftest import House
from ward.enrol.welcome import WelcomeDoor, _Door
from ward.intake.server import Door, Intake
from ward.intake.shelf import Shelf
from ward.store.database import Store

HEAD = b"POST /tickets HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\n"
FORM = b"service=co-em-be&key=k-1"
BOUND = (
    b'--b\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
    b"\xff\xd8x\r\n--b--"
)
REQUESTS = [
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: hien_session=x; hien_phone=y\r\n\r\n",
    b'GET /live.json HTTP/1.0\r\nHost: 127.0.0.1\r\nIf-None-Match: "a-1"\r\n\r\n',
    b"GET /static/hien.css HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-9,5-\r\n\r\n",
    HEAD + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 24\r\n\r\n" + FORM,
    HEAD + b"Transfer-Encoding: chunked\r\n\r\n18\r\n" + FORM + b"\r\n0\r\n\r\n",
    HEAD + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 88\r\n\r\n" + BOUND,
    b"GET /visits/../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1:8\r\nAccept-Language: vi;q=\r\n\r\n",
]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "house", tmp_path / "ram")
    yield made
    made.hub.stop()
    made.store.close()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[int]:
    """Its port: the real server over our app, in a thread."""
    from appliance.web.app import create_app

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    given = {"web.port": port, "web.host": "127.0.0.1", "web.threads": 8}
    house = House(tmp_path / "house", tmp_path / "ram", **given)
    server = make_server(create_app(house.parts), house.parts)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield port
    server.close()
    thread.join(5)
    house.store.close()


@pytest.mark.timeout(3600)
def test_bytes_at_the_house_s_port(served: int, caplog: Any) -> None:
    """Each line gets an answer or its end; never a 500, never a traceback; the house goes on."""

    def say(data: bytes) -> None:
        with socket.create_connection(("127.0.0.1", served), timeout=20) as line:
            with contextlib.suppress(OSError):
                line.sendall(data)
                line.shutdown(socket.SHUT_WR)
            said = b""
            with contextlib.suppress(ConnectionError):
                while piece := line.recv(65536):
                    said += piece
        status = said.split(b" ", 2)[1:2]
        assert not said or status[0][:1] in b"2345", said[:80]
        assert status != [b"500"], said[:80]

    runner.run(
        "house http server", say,
        mutate.inputs(REQUESTS, runner.how_many(0.05), runner.SEED), ours=(),
    )  # fmt: skip
    say(REQUESTS[0])
    assert not [r for r in caplog.records if r.exc_info], caplog.text


class Wire:
    """A line that has said everything and listens to nothing."""

    def __init__(self, data: bytes) -> None:
        self._in = io.BytesIO(data)
        self.said = io.BytesIO()

    def makefile(self, mode: str, *_: object) -> Any:
        return self._in

    def sendall(self, data: bytes) -> None:
        self.said.write(data)

    def settimeout(self, _: float) -> None: ...


PUT = (
    b"PUT /intake/nha-17/d-1 HTTP/1.1\r\nHost: ward\r\nContent-Length: 5\r\nX-Content-SHA256: "
    b"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\r\n\r\nhello"
)
INTAKE = [
    PUT,
    PUT.replace(b"\r\n\r\n", b"\r\nContent-Range: bytes 2-4/5\r\n\r\n").replace(b"h: 5", b"h: 3"),
    PUT.replace(b"/intake/", b"/backup/"),
    PUT.replace(b"PUT", b"HEAD"),
    b"POST /renew/nha-17 HTTP/1.1\r\nContent-Length: 9\r\n\r\n-----BEGI",
    b"POST /lan/nha-17 HTTP/1.1\r\nContent-Length: 9\r\n\r\n-----BEGI",
    b"GET /release/nha-17 HTTP/1.1\r\nRange: bytes=2-40\r\n\r\n",
]


@pytest.fixture
def ward_tls(tmp_path: Path) -> Path:
    from appliance.commands.ward import ward as command

    done = CliRunner().invoke(
        command,
        ["init", "--dir", str(tmp_path / "ward"), "--host", "127.0.0.1", "--port", "18883"],
    )
    assert done.exit_code == 0, done.output
    return tmp_path / "ward" / "tls"


@pytest.mark.timeout(3600)
def test_requests_at_the_ward_s_door_for_dossiers(ward_tls: Path, tmp_path: Path) -> None:
    """A house with a good certificate that sends rubbish: nothing but its own files is made."""
    store, shelf = Store(tmp_path / "db"), Shelf(tmp_path / "shelf")
    server = Intake("127.0.0.1", 0, ward_tls, store, shelf)
    (tmp_path / "release").write_bytes(b"x" * 50)
    server.releases.offer(tmp_path / "release", "0.2.0")
    # "lan": the authority for houses' own networks is made when it is first asked.
    theirs = {"shelf", "backups", "lan"}
    before = {p for p in tmp_path.rglob("*") if not theirs & set(p.parts)}

    class Known(Door):
        def _name(self) -> str:
            return "nha-17"

    def ask(data: bytes) -> None:
        line = Wire(data)
        Known(line, ("10.0.0.9", 1), server)  # type: ignore[arg-type]
        assert b" 500 " not in line.said.getvalue()[:20]

    inputs = mutate.inputs(INTAKE, runner.how_many(0.06), runner.SEED)
    runner.run("ward intake http", ask, inputs, ours=())
    after = {p for p in tmp_path.rglob("*") if not theirs & set(p.parts)}
    assert {p for p in after - before if not p.name.startswith("ward.db")} == set()
    for path in (*(tmp_path / "shelf").rglob("*"), *(tmp_path / "backups").rglob("*")):
        assert "nha-17" in str(path), path
    server.server_close()


@pytest.mark.timeout(3600)
def test_requests_at_the_ward_s_door_for_new_boxes(ward_tls: Path) -> None:
    """A stranger at the one door that asks for no certificate."""
    server = WelcomeDoor("127.0.0.1", 0, ward_tls)
    server.too_many_wrong = lambda: False  # type: ignore[method-assign]
    body = b'{"house":"nha-17","token":"aaaaa-bbbbb","csr":"-----BEGIN CERTIFICATE REQUEST-----"}'
    asked = b"POST /enrol HTTP/1.1\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    def ask(data: bytes) -> None:
        line = Wire(data)
        _Door(line, ("10.0.0.9", 1), server)  # type: ignore[arg-type]
        assert b" 201 " not in line.said.getvalue()[:20]

    runner.run(
        "ward welcome http", ask, mutate.inputs([asked], runner.how_many(0.04), runner.SEED),
        ours=(),
    )  # fmt: skip
    server.server_close()


@pytest.mark.timeout(3600)
def test_pictures_by_the_form_of_a_telephone(house: House) -> None:
    """Multipart bodies of a signed-in telephone: a page that says why, never a crash."""
    desk = Volunteer(house)
    visit = desk.open_visit()
    chance = random.Random(runner.SEED)
    path = f"/visits/{visit}/papers/giay-chung-sinh/picture"
    whole = BOUND.replace(
        b"--b", b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nk1\r\n--b', 1
    )

    def send(data: bytes) -> None:
        kind = chance.choice(("multipart/form-data; boundary=b", "multipart/form-data", "x",
                              "multipart/form-data; boundary=" + "b" * 300))  # fmt: skip
        answer = desk.client.post(
            path, data=data, headers={"Origin": "http://localhost", "Content-Type": kind}
        )
        assert answer.status_code != 500, answer.text[:200]

    runner.run(
        "multipart", send, mutate.inputs([whole], runner.how_many(0.04), runner.SEED), ours=()
    )
