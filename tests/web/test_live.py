"""This file proves live updates over the real server: prompt, capped, caught up, cleanly ended."""

from __future__ import annotations

import http.client
import socket
import threading
import urllib.error
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from appliance.errors import TooMany
from appliance.service import call_next
from appliance.web import live
from appliance.web.live import Stream
from tests.web.conftest import ORIGIN, House
from tests.web.served import Events, Served


@pytest.fixture
def serve(tmp_path: Path, ram_dir: Path) -> Iterator[Callable[..., Served]]:
    made: list[Served] = []

    def run(**settings: Any) -> Served:
        made.append(Served(tmp_path, ram_dir, **settings))
        return made[-1]

    yield run
    for house in made:
        house.close()


def test_a_stream_tells_what_changes(serve: Callable[..., Served]) -> None:
    """The whole state at once, then again after each commit, with another version."""
    house = serve()
    lan = house.volunteer()
    events = Events(house)
    first = events.next()
    assert (first["waiting"], first["current"]) == (0, None)
    house.take()
    while (state := events.next())["waiting"] != 1:
        pass
    assert state["version"] != first["version"]
    call_next.call_next(house.store, house.clock.now(), key="call-0001", volunteer=lan)
    while (state := events.next())["current"] is None:
        pass
    assert state["current"]["number"] == 1
    # Who was away is up to date with the first message.
    events.close()
    house.take()
    assert Events(house).next()["current"]["number"] == 1


def test_beyond_the_cap_a_screen_polls(serve: Callable[..., Served]) -> None:
    """503 with Retry-After; /live.json has the same and costs little when nothing is new; a
    stream that is closed makes room; pages answer although all streams are taken."""
    house = serve(**{"web.streams": 2, "web.threads": 8})
    open_ones = [Events(house), Events(house)]
    for one in open_ones:
        one.next()
    with pytest.raises(urllib.error.HTTPError) as refused:
        house.get("/live")
    assert refused.value.code == 503
    assert int(refused.value.headers["Retry-After"]) > 0
    polled = house.get("/live.json")
    assert b'"waiting"' in polled.read()
    with pytest.raises(urllib.error.HTTPError) as same:
        house.get("/live.json", **{"If-None-Match": polled.headers["ETag"]})
    assert same.value.code == 304
    assert house.get("/").status == 200
    open_ones[0].close()
    for n in range(200):  # each commit writes to the streams, so the dead one is noticed
        house.post("/help", key=f"help-key-{n}")
        house.post("/help/withdraw")
        open_ones[1].next()
        try:
            Events(house).next()
            break
        except urllib.error.HTTPError:
            continue
    else:
        raise AssertionError("the slot was never free again")


def test_stopping_ends_streams_and_exits_cleanly(serve: Callable[..., Served]) -> None:
    """SIGTERM with streams open: they end, the process exits with 0."""
    house = serve()
    events = [Events(house) for _ in range(5)]
    for one in events:
        one.next()
    assert house.stop() == 0
    for one in events:
        with pytest.raises((EOFError, OSError)):
            while True:
                one.next()
    assert "Traceback" not in house.log_path.read_text()


def test_the_room_says_that_it_is_alive(serve: Callable[..., Served]) -> None:
    """With nothing to tell, a beat comes, so that a screen knows that it is not lost; the room's
    own heartbeat lies in RAM, with its pid and a line for people; healthz sees it."""
    house = serve()
    events = Events(house)
    events.next()
    assert events.next("beat") == {}
    state = house.parts.ram.room("web")
    assert state is not None
    assert state["pid"] == house.process.pid
    assert "người đợi" in state["status"]
    assert b'"web":"ok"' in house.get("/healthz").read().replace(b" ", b"")


def test_a_body_over_the_limit_is_told_so(serve: Callable[..., Served]) -> None:
    """Whatever the size, the sender reads a 413: one who sends all of it before looking, one who
    sends in chunks without an end, one who only announces it. Afterwards the house goes on."""
    house = serve(**{"web.max_body_mib": 1})
    for size in (2**20 + 1, 3 * 2**20, 20 * 2**20):
        for body in (b"x" * size, iter([b"x" * 2**16] * (size // 2**16 + 1))):
            connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=60)
            connection.request("POST", "/tickets", body, {"Origin": house.url})
            answer = connection.getresponse()
            assert answer.status == 413
            assert "lớn quá" in answer.read().decode()
            connection.close()
    with socket.create_connection(("127.0.0.1", house.port), timeout=20) as raw:
        head = f"POST / HTTP/1.1\r\nHost: {house.url[7:]}\r\nContent-Length: 999999999999\r\n\r\n"
        raw.sendall(head.encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 413")
    assert house.get("/").status == 200
    assert house.stop() == 0


def test_head_takes_no_stream(make_house: Callable[..., House]) -> None:
    """HEAD /live is answered and holds nothing open."""
    house = make_house(**{"web.streams": 1})
    for _ in range(3):
        house.client.head("/live").close()
    assert house.hub.open_streams() == 0


def test_the_hub_counts(make_house: Callable[..., House]) -> None:
    """The cap is exact, and only something new is a new version."""
    house = make_house(**{"web.streams": 1})
    stream = house.hub.open()
    with pytest.raises(TooMany):
        house.hub.open()
    house.hub.close(stream)
    house.hub.close(house.hub.open())
    house.hub.look()
    first = house.hub.newest()
    house.hub.look(changed=False)
    assert house.hub.newest() is first
    house.client.post("/help", data={"key": "help-key-1"}, headers=ORIGIN)
    house.hub.look(changed=False)
    assert house.hub.newest() is not first


def test_whatever_goes_wrong_the_screens_come_back(
    make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault nobody thought of, while the state is read: it is read again, and the walls go on."""
    house = make_house()
    told = threading.Event()
    real = live.snapshot

    def once(*args: Any) -> Any:
        if not told.is_set():
            told.set()
            raise ValueError("nobody thought of this")
        return real(*args)

    monkeypatch.setattr(live, "snapshot", once)
    stream = house.hub.open()
    house.hub.start()
    try:
        message = stream.get(30)  # queue.Empty when the walls stand still
        assert message is not None and told.is_set()
    finally:
        house.hub.stop()


def test_a_slow_screen_gets_the_newest_only() -> None:
    """A stream nobody reads holds one message, and the end is never overwritten."""
    from appliance.web.live import Message

    stream = Stream()
    for n in range(1000):
        stream.put(Message(str(n), {}))
    newest = stream.get(1)
    assert newest is not None and newest.version == "999"
    stream.put(None)
    stream.put(Message("late", {}))
    assert stream.get(1) is None
