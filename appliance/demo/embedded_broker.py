"""This file is the broker the demo brings for machines without Mosquitto: amqtt, in memory."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys


async def serve(host: str, port: int) -> None:
    """Run until SIGTERM or SIGINT. Speaks MQTT 3.1.1; keeps nothing on disk."""
    from amqtt.broker import Broker

    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}"}},
            "plugins": {
                "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
            },
        }
    )
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await broker.start()
    await stop.wait()
    await broker.shutdown()


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
