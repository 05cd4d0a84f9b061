"""This file measures how a house comes back after three weeks: 100,000 reports, one link.

The same rows, turn and turn about: through the house's courier to a ward (stored and receipted),
and merely published to mosquitto_sub as fast as its acknowledgements come. With `--store postgres`
the ward keeps them in PostgreSQL, which syncs each commit; with `--store nats` they also come by a
cluster of three NATS servers; `all`: each of these in turn.
"""

from __future__ import annotations

import argparse
import contextlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from appliance import bootstrap, config
from bench import consumers
from bench import ward as base
from tests.nats_cluster import NATS, NatsCluster
from tests.pg_server import PgServer, binaries

ROWS, LIMIT_S = 100_000, 1800.0
STORES = ("sqlite", "postgres", "nats")


@dataclass
class Site:
    """Where a house speaks, where the ward listens and keeps, and a port for mosquitto_sub."""

    house_url: str
    ward_url: str
    store: str
    port: int


def main(argv: list[str]) -> None:
    said = argparse.ArgumentParser(prog="bench backlog")
    said.add_argument("rows", type=int, nargs="?", default=ROWS)
    said.add_argument("--store", choices=(*STORES, "all"), default="sqlite")
    given = said.parse_args(argv)
    if any(base._which(name) is None for name in ("mosquitto", "mosquitto_sub")):
        print("skipped: no mosquitto on this machine")
        return
    for kind in STORES if given.store == "all" else (given.store,):
        if kind != "sqlite" and binaries() is None:
            print(f"skipped {kind}: apt-get install postgresql")
        elif kind == "nats" and NATS is None:
            print("skipped nats: apt-get install nats-server")
        else:
            _measure(kind, given.rows)


def _measure(kind: str, rows: int) -> None:
    with tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with _site(kind, folder) as site:
            took_s, twice = _drain(rows, folder, site)
            sub = consumers._subscriber(site.port, folder, rows)
            most = consumers._rate(rows, site.port, sub)
    speed = rows / took_s
    print(f"{kind}: backlog of {rows} rows drained at {speed:6.0f} rows/s ({took_s:.1f} s)")
    print(f"  mosquitto_sub, the same load, {most:6.0f} rows/s  x {speed / most:.3f}")
    print(f"  came to the ward twice        {twice:6d} rows    {twice / rows:.2%}")


@contextlib.contextmanager
def _site(kind: str, folder: Path) -> Iterator[Site]:
    with contextlib.ExitStack() as ends:
        store = ""
        if kind != "sqlite":
            server = PgServer(safe=True)
            ends.callback(server.stop)
            store = server.url()
        if kind == "nats":
            cluster = NatsCluster(folder)
            ends.callback(cluster.stop)
            yield Site(f"mqtt://127.0.0.1:{cluster.mqtt[0]}", cluster.url, store, cluster.mqtt[0])
            return
        port = ends.enter_context(base._broker(folder))
        url = f"mqtt://127.0.0.1:{port}"
        yield Site(url, url, store, port)


def _drain(rows: int, folder: Path, site: Site) -> tuple[float, int]:
    """(seconds until the last receipt, rows the ward got twice)."""
    given = {
        "house.id": "nha-0001",
        "data.dir": str(folder / "data"),
        "data.ram_dir": str(folder / "ram"),
        "sync.broker": site.house_url,
    }
    parts = bootstrap.build(config.load(None, given), "sync")
    store = parts.store()
    with store.write():
        store.connection.executemany(
            "INSERT INTO outbox (epoch, stream, seq, mono_ms, at, sync, body) VALUES"
            " ('old', 'queue', ?, ?, '2026-11-01T00:00:00.000Z', 'ntp',"
            ' \'{"type":"called","day":"2026-11-01","number":12}\')',
            [(n, n) for n in range(1, rows + 1)],
        )
    settings = folder / "hien.toml"
    settings.write_text("".join(f'{k} = "{v}"\n' for k, v in given.items()))
    left = "SELECT 1 FROM outbox WHERE receipted_at IS NULL AND epoch = 'old' LIMIT 1"
    serve = ["ward", "serve", "--broker", site.ward_url, "--dir", str(folder / "ward")]
    serve += ["--store", site.store] if site.store else []
    web = _free_port()
    with _ours(*serve, "--port", str(web)):
        base._until(lambda: base._well(f"http://127.0.0.1:{web}"))
        with _ours("sync", "--config", str(settings)):
            start_s = time.perf_counter()
            while store.value(left):
                if time.perf_counter() - start_s > LIMIT_S:
                    raise SystemExit(f"not all rows were receipted within {LIMIT_S:.0f} s")
                time.sleep(0.1)
            took_s = time.perf_counter() - start_s
            duplicates = _duplicates(f"http://127.0.0.1:{web}/metrics")
    store.close()
    return took_s, duplicates


@contextlib.contextmanager
def _ours(*argv: str) -> Iterator[None]:
    """One of our programs, each a process of its own as in life."""
    process = subprocess.Popen(
        [sys.executable, "-m", "appliance", *argv],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _duplicates(url: str) -> int:
    with urllib.request.urlopen(url, timeout=10) as answer:
        text = answer.read().decode()
    found = re.search(r"^hien_ward_duplicates_total (\d+)", text, re.M)
    return int(found.group(1)) if found else 0


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])
