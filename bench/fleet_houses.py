"""This file is a whole town of simulated houses on one thread: TLS, a certificate each, reports.

Commands come on stdin: `help N SECONDS` lets N houses call for help, spread over SECONDS; each call
is printed with the time it left. `quit` ends it.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import ssl
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

from appliance.sync import protocol as p

HEALTH_S, EVENT_S = 60.0, 30.0  # as a house in use reports
FIRST_WITHIN_S, AGAIN_MOST_S = 20.0, 8.0  # appliance/sync/link/retry.py
KEEPALIVE_S = 120
HEALTH = {
    "printer_ok": 1, "printer_code": "", "camera_ok": 1, "camera_code": "", "panel_ok": 1,
    "panel_code": "", "devices_room_ok": 1, "web_room_ok": 1, "outbox_rows": 0, "twice_now": 0,
    "reconnects": 0, "refused": 0, "unsendable": 0, "set_aside": 0, "cert_days": 300,
    "uptime_s": 86400, "soc_temp_c": 52.1, "mem_avail_mib": 900, "disk_free_mib": 21000,
    "undervolt_now": 0, "undervolt_count_boot": 0, "wifi_rssi_dbm": -58, "time_sync": 2,
}  # fmt: skip


def packet(kind: int, body: bytes) -> bytes:
    size, length = len(body), b""
    while True:
        size, low = size >> 7, size & 0x7F
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return bytes([kind]) + length + body


def text(value: str | bytes) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(data)) + data


class House:
    def __init__(self, n: int, port: int, folder: Path) -> None:
        self.id, self.port, self.epoch = f"nha-{n:04d}", port, secrets.token_hex(16)
        self.seq = {"queue": 0, "help": 0}
        self.mid = 0
        self.writer: asyncio.StreamWriter | None = None
        self.tls = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        self.tls.load_cert_chain(str(folder / f"{self.id}.pem"))

    async def live(self) -> None:
        await asyncio.sleep(random.uniform(0, FIRST_WITHIN_S))
        tries = 0
        while True:
            with suppress(OSError, ssl.SSLError, asyncio.IncompleteReadError, EOFError):
                await self._connected()
            self.writer = None
            tries = min(tries + 1, 3)
            await asyncio.sleep(random.uniform(0, min(AGAIN_MOST_S, 2.0**tries)))

    async def _connected(self) -> None:
        reader, writer = await asyncio.open_connection(
            "localhost", self.port, ssl=self.tls, ssl_handshake_timeout=60
        )
        will = p.state_topic(self.id, "status")
        head = text("MQTT") + bytes([4, 0x02 | 0x04 | 0x08 | 0x20]) + struct.pack("!H", KEEPALIVE_S)
        writer.write(packet(0x10, head + text(self.id) + text(will) + text(b"offline")))
        if (await reader.readexactly(4))[3] != 0:
            raise OSError("refused")
        self.writer = writer
        self.send(will, b"online", retain=True)
        hello = {"sw": "0.1.0", "name": f"Nhà {self.id}", "epoch": self.epoch, "health_s": HEALTH_S}
        self.send(p.state_topic(self.id, "hello"), p.encode_state(hello), retain=True)
        reports = asyncio.create_task(self._report())
        try:
            while await reader.read(4096):
                pass
        finally:
            reports.cancel()
            writer.close()

    async def _report(self) -> None:
        await asyncio.sleep(random.uniform(0, EVENT_S))
        n = 0
        while self.writer is not None:
            if n % int(HEALTH_S / EVENT_S) == 0:
                self.send(p.state_topic(self.id, "health"), p.encode_state(HEALTH), retain=True)
            self.tell("queue", type="taken", number=n, service="co-em-be", channel="tablet")
            n += 1
            await self.writer.drain()
            await asyncio.sleep(EVENT_S)

    def tell(self, stream: p.Stream, **d: object) -> None:
        self.seq[stream] += 1
        envelope = p.Envelope(
            self.id, stream, self.epoch, self.seq[stream], int(time.monotonic() * 1000),
            time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()), "ntp", d,
        )  # fmt: skip
        self.send(p.up_topic(self.id, stream), p.encode_envelope(envelope))

    def send(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        assert self.writer is not None
        self.mid = self.mid % 65_535 + 1
        body = text(topic) + struct.pack("!H", self.mid) + payload
        self.writer.write(packet(0x33 if retain else 0x32, body))

    def call_for_help(self) -> None:
        call = secrets.token_hex(8)
        print(json.dumps({"call": call, "at": time.time()}), flush=True)
        self.tell("help", type="called", call=call, source="button")


async def town(port: int, folder: Path, count: int) -> None:
    houses = [House(n, port, folder) for n in range(count)]
    lives = [asyncio.create_task(h.live()) for h in houses]
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        words = line.split()
        if words[:1] == ["quit"]:
            break
        if words[:1] == ["help"]:
            calls, seconds = int(words[1]), float(words[2])
            for house in random.sample([h for h in houses if h.writer], calls):
                if house.writer is not None:
                    house.call_for_help()
                await asyncio.sleep(seconds / calls)
            print(json.dumps({"done": calls}), flush=True)
    for life in lives:
        life.cancel()


if __name__ == "__main__":
    asyncio.run(town(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))
