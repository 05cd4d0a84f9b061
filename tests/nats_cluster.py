"""This file runs a real cluster of three NATS servers with JetStream and MQTT, for tests."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import subprocess
import threading
from pathlib import Path

from tests.mqtt_broker import eventually, free_port

NATS = shutil.which("nats-server") or shutil.which("nats-server", path="/usr/sbin:/usr/local/bin")
NODES = 3
SETTINGS = """
server_name: n{n}
listen: "127.0.0.1:{client}"
jetstream {{ store_dir: "{folder}" }}
mqtt {{
  listen: "127.0.0.1:{mqtt}"
  stream_replicas: 3
  consumer_replicas: 1
  consumer_memory_storage: true
}}
cluster {{ name: hien, listen: "127.0.0.1:{route}", routes: [{routes}] }}
"""


class NatsCluster:
    """Three servers, each of which can be killed the hard way and started again."""

    def __init__(self, folder: Path) -> None:
        assert NATS is not None
        self.clients = [free_port() for _ in range(NODES)]
        self.mqtt = [free_port() for _ in range(NODES)]
        routes = [free_port() for _ in range(NODES)]
        all_routes = ", ".join(f'"nats://127.0.0.1:{port}"' for port in routes)
        self._files = []
        for n in range(NODES):
            file = folder / f"n{n}.conf"
            file.write_text(
                SETTINGS.format(
                    n=n, client=self.clients[n], mqtt=self.mqtt[n], route=routes[n],
                    folder=folder / f"js{n}", routes=all_routes,
                )
            )  # fmt: skip
            self._files.append(file)
        self._processes: list[subprocess.Popen[bytes] | None] = [None] * NODES
        for n in range(NODES):
            self.start(n)
        eventually(self._has_a_leader, 60)

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.clients)
        return f"nats://{hosts}?mqtt={','.join(map(str, self.mqtt))}"

    def start(self, n: int) -> None:
        assert NATS is not None
        self._processes[n] = subprocess.Popen(
            [NATS, "-c", str(self._files[n])], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self, n: int) -> None:
        process = self._processes[n]
        assert process is not None
        process.kill()
        process.wait()
        self._processes[n] = None

    def stop(self) -> None:
        for n in range(NODES):
            if self._processes[n] is not None:
                self.kill(n)

    def _has_a_leader(self) -> bool:
        return asyncio.run(self._answers())

    async def _answers(self) -> bool:
        import nats
        from nats.errors import Error

        try:
            client = await nats.connect(
                f"nats://127.0.0.1:{self.clients[0]}", allow_reconnect=False, connect_timeout=1
            )
        except (Error, OSError):
            return False
        try:
            await client.jetstream(timeout=2).account_info()
            return True
        except (TimeoutError, Error):
            return False
        finally:
            await client.close()


class Balancer:
    """One address before several brokers, as in life: a connection goes to one that answers."""

    def __init__(self, ports: list[int]) -> None:
        self._ports, self._next = ports, 0
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=200)
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            far = self._reach()
            if far is None:
                near.close()
                continue
            for a, b in ((near, far), (far, near)):
                threading.Thread(target=_pump, args=(a, b), daemon=True).start()

    def _reach(self) -> socket.socket | None:
        for _ in self._ports:
            self._next += 1
            port = self._ports[self._next % len(self._ports)]
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", port), timeout=1)
        return None


def _pump(a: socket.socket, b: socket.socket) -> None:
    b.settimeout(None)
    a.settimeout(None)
    with contextlib.suppress(OSError):
        while data := a.recv(65536):
            b.sendall(data)
    for s in (a, b):
        with contextlib.suppress(OSError):
            s.shutdown(socket.SHUT_RDWR)
