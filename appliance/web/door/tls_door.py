"""This file is the desk's HTTPS door: TLS ends here, and the one web server answers behind it.

Python's own OpenSSL on a loop of its own (asyncio); each connection is led to waitress over a Unix
socket that only this process's user may open. Who called is told by the name of our end of it, so
that limits by address (wrong PINs) hold over HTTPS too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import socket
import ssl
import threading
from pathlib import Path

log = logging.getLogger("hien.web")

PIECE_BYTES = 64 * 1024
AT_ONCE = 200
HANDSHAKE_S = 10.0
_SIGN = "hien-tls"


def address_of(name: object) -> tuple[str, int]:
    """(address, port) of who called, from the name of a connection's other end."""
    text = name.decode("ascii", "replace") if isinstance(name, bytes) else ""
    parts = text.removeprefix("\0").split(" ")
    if len(parts) == 4 and parts[0] == _SIGN and parts[3].isdigit():
        return parts[2], int(parts[3])
    return "localhost", 0


class TlsDoor:
    """Serves from `start` to `stop`. `port` 0: any free one; see `port` afterwards."""

    def __init__(self, host: str, port: int, to: Path, certificate: Path, key: Path) -> None:
        self._to = str(to)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.renew(certificate, key)
        self._listening = socket.create_server((host, port))
        self.port: int = self._listening.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="https", daemon=True)
        self._open = 0
        self._over = False

    def renew(self, certificate: Path, key: Path) -> None:
        """For connections from now on. Raises OSError (ssl.SSLError) for files of no use."""
        self._context.load_cert_chain(str(certificate), str(key))

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over = True
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._loop.stop)
        if self._thread.ident is not None:
            self._thread.join(2)
        self._listening.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(
                self._serve, sock=self._listening, ssl=self._context,
                ssl_handshake_timeout=HANDSHAKE_S,
            )
        )  # fmt: skip
        try:
            self._loop.run_forever()
        finally:
            server.close()
            self._loop.run_until_complete(_end_all())
            self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._open >= AT_ONCE:
            writer.close()
            return
        self._open += 1
        try:
            back, out = await self._inwards(writer)
            try:
                up = asyncio.ensure_future(_lead(reader, out))
                await _lead(back, writer)
                up.cancel()
            finally:
                out.transport.abort()
        except (OSError, ssl.SSLError) as error:
            log.debug("https: %s", error)
        finally:
            self._open -= 1
            if self._over:
                writer.transport.abort()
            else:
                writer.close()

    async def _inwards(
        self, writer: asyncio.StreamWriter
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, port = writer.get_extra_info("peername")[:2]
        way = socket.socket(socket.AF_UNIX)
        way.setblocking(False)
        # An abstract name: no file, gone with the connection.
        way.bind(f"\0{_SIGN} {secrets.token_hex(4)} {host.removeprefix('::ffff:')} {port}")
        await self._loop.sock_connect(way, self._to)
        return await asyncio.open_unix_connection(sock=way)


async def _end_all() -> None:
    """Every connection is cut off, and has gone, before its loop is closed."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.sleep(0)


async def _lead(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """All that comes, until it ends; then the other side is told that it has."""
    with contextlib.suppress(OSError, ssl.SSLError):
        while piece := await reader.read(PIECE_BYTES):
            writer.write(piece)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
