"""This file is the live addresses: `/live` (server-sent events) and `/live.json` (for polling)."""

from __future__ import annotations

import json
import queue
from collections.abc import Iterator

from flask import Blueprint, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

from appliance.errors import StoreError, TooMany
from appliance.store.database import NAME
from appliance.web.current import current_practice, now, parts, site, store
from appliance.web.door import door_keeper
from appliance.web.door.access import open_to_all
from appliance.web.error_pages import answer
from appliance.web.live import Hub, Message, Stream
from appliance.web.snapshot import snapshot

stream = Blueprint("stream", __name__)


@stream.get("/live")
@open_to_all
def events() -> AnyResponse:
    """`state` events with a whole snapshot (id = version), `beat` events in between."""
    if current_practice() is not None:  # a practice house is looked at by polling
        return answer("too_many_streams", 503, message="poll instead", retry_after_s=15)
    hub = site().hub
    try:
        opened = hub.open(door_keeper.counted(request.remote_addr or ""))
    except TooMany as e:
        return answer(e.code, 503, message=str(e), retry_after_s=e.retry_after_s)
    response = Response(_events(hub, opened), mimetype="text/event-stream")
    # Not left to the generator: one that was never begun (HEAD) has no end either.
    response.call_on_close(lambda: hub.close(opened))
    return response


@stream.get("/live.json")
@open_to_all
def state() -> Response:
    """The same snapshot; 304 when If-None-Match has its version."""
    message = _practised() or site().hub.newest()
    if message is None:
        raise StoreError("the first look is still under way", code="busy")
    if request.if_none_match.contains(message.version):
        response = Response(status=304)
    else:
        response = jsonify(message.body | {"version": message.version})
    response.set_etag(message.version)
    response.headers["Cache-Control"] = "no-cache"
    return response


def _practised() -> Message | None:
    """The state of the house this browser practises in; its version changes with its table."""
    here = current_practice()
    if here is None:
        return None
    body = snapshot(parts(), store(), now())
    data, wal = (here.begun.parts.folder / "data" / name for name in (NAME, f"{NAME}-wal"))
    logged = wal.stat().st_size if wal.exists() else 0  # looking makes an empty one
    return Message(f"p{data.stat().st_mtime_ns}-{logged}", body)


def _events(hub: Hub, opened: Stream) -> Iterator[bytes]:
    yield b"retry: 2000\n\n"
    while not hub.stopping:
        try:
            message = opened.get()
        except queue.Empty:
            yield b"event: beat\ndata: {}\n\n"
            continue
        if message is None:
            return
        yield _event(message)


def _event(message: Message) -> bytes:
    body = json.dumps(message.body | {"version": message.version}, ensure_ascii=False)
    return f"id: {message.version}\nevent: state\ndata: {body}\n\n".encode()
