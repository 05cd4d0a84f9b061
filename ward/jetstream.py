"""This file is the ward's line to a NATS cluster: events by a durable pull consumer, shared.

Houses speak MQTT with the cluster's gateway, which keeps what they publish in a JetStream stream.
All consumers of one name share that stream's durable consumer: each event goes to one of them, and
to another when that one dies before it acknowledged. Last values and what goes down to houses take
the gateway as well (`Link`); a consumer without that line gives receipts to the cluster itself.
"""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import nats
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from appliance.sync.protocol import UP_FILTER
from ward.broker import Arrived, Broker
from ward.link import Link

log = logging.getLogger("ward.jetstream")

STREAM, SUBJECTS = "$MQTT_msgs", "$MQTT.msgs."  # the gateway's own names for what is at QoS 1
ACK_WAIT_S = 10.0  # a consumer that died: its events go to another after this
ACK_PENDING_MOST = 20_000  # of all consumers together
HELD_MOST = 2000  # fetched by one and not stored yet
FETCH = 500
EXPIRES_S = 2.0
SILENT_S = 3.0  # a request nobody answered or ended by then was lost with its server
RETRY_S = 1.0


class JetStreamLine:
    """One connection to the cluster, on a thread with a loop of its own."""

    def __init__(
        self,
        broker: Broker,
        durable: str,
        on_message: Callable[[Arrived], None],
        on_change: Callable[[bool], None],
        gateway: Callable[[Callable[[bool], None]], Link] | None,
    ) -> None:
        """`gateway` makes the line for all but events, given who wants to know of its changes."""
        self._broker, self._durable = broker, durable
        self._tls = broker.tls()
        self._on_message, self._on_change = on_message, on_change
        self._gateway = gateway(lambda up: self._changed()) if gateway is not None else None
        self._bound = self._was_up = self._stopping = False
        self._client: Client | None = None
        self._held = 0  # handed to the listener and not acknowledged
        self._left = 0  # of the present request
        self._asked_s = 0.0
        self._inbox = ""
        self._wake = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._changing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="ward-jetstream", daemon=True)

    # --- for the listener, from any thread --------------------------------------------------------

    def start(self) -> None:
        if self._gateway is not None:
            self._gateway.start()
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._loop.call_soon_threadsafe(self._wake.set)
        self._thread.join(5)
        if self._gateway is not None:
            self._gateway.stop()

    @property
    def up(self) -> bool:
        return self._bound and (self._gateway is None or self._gateway.up)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        if self._gateway is not None:
            return self._gateway.publish(topic, payload, retain=retain)
        client = self._client
        if not self._bound or client is None or retain:
            return False
        self._soon(self._publish(client, topic.replace("/", "."), payload))
        return True

    def ack(self, messages: Iterable[Arrived]) -> None:
        """Those of the cluster; what came by the gateway is acknowledged there."""
        messages = list(messages)
        ours = [m.client for m in messages if isinstance(m.client, Msg)]
        if ours:
            self._soon(self._acknowledge(ours))
        if self._gateway is not None:
            self._gateway.ack(m for m in messages if not isinstance(m.client, Msg))

    # --- the loop's thread ------------------------------------------------------------------------

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._work())
        finally:
            self._loop.close()

    async def _work(self) -> None:
        while not self._stopping:
            try:
                await self._connect_and_stay()
            except (TimeoutError, NatsError, OSError) as error:
                log.info("no way to %s: %s", self._broker.shown, error)
            except Exception:
                log.exception("the line to the cluster broke in an unexpected way")
            finally:
                await self._leave()
            await self._sleep(RETRY_S)

    async def _connect_and_stay(self) -> None:
        self._client = client = await nats.connect(
            self._broker.servers, tls=self._tls, allow_reconnect=False, connect_timeout=2,
            ping_interval=3, max_outstanding_pings=2, error_cb=self._complain,
            closed_cb=self._closed, name=f"ward {self._durable}",
        )  # fmt: skip
        await self._consumer(client)
        self._inbox = client.new_inbox()
        await client.subscribe(self._inbox, cb=self._got)
        self._held = self._left = 0
        self._bound = True
        log.info("connected to %s as consumer %s", _shown(client), self._durable)
        self._changed()
        while client.is_connected and not self._stopping:
            lost = self._left > 0 and time.monotonic() - self._asked_s > SILENT_S
            if (self._left <= 0 or lost) and self._held < HELD_MOST:
                self._left, self._asked_s = FETCH, time.monotonic()
                await client.publish(
                    f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{self._durable}",
                    json.dumps({"batch": FETCH, "expires": int(EXPIRES_S * 1e9)}).encode(),
                    self._inbox,
                )
            await self._sleep(SILENT_S)

    async def _consumer(self, client: Client) -> None:
        """Make the shared consumer, unless it is there. The stream is there when a first house or
        console has spoken MQTT with the cluster."""
        context = client.jetstream(timeout=5)
        try:
            await context.consumer_info(STREAM, self._durable)
        except NotFoundError:
            wanted = SUBJECTS + UP_FILTER.replace("/", ".").replace("+", "*").replace("#", ">")
            await context.add_consumer(
                STREAM,
                ConsumerConfig(
                    durable_name=self._durable,
                    ack_policy=AckPolicy.EXPLICIT,
                    ack_wait=ACK_WAIT_S,
                    deliver_policy=DeliverPolicy.ALL,
                    filter_subject=wanted,
                    max_ack_pending=ACK_PENDING_MOST,
                ),
            )

    async def _got(self, message: Msg) -> None:
        if not message.subject.startswith(SUBJECTS):
            self._left = 0  # the end of the request: nothing there, or too long ago
        else:
            self._left -= 1
            self._held += 1
            topic = message.subject.removeprefix(SUBJECTS).replace(".", "/")
            self._on_message(Arrived(topic, message.data, 1, 0, False, message))
        self._asked_s = time.monotonic()
        if self._left <= 0:
            self._wake.set()

    async def _acknowledge(self, messages: list[Msg]) -> None:
        for message in messages:
            if message._client is self._client and self._bound:
                self._held -= 1
                await message.ack()
        if self._left <= 0:
            self._wake.set()

    async def _publish(self, client: Client, subject: str, payload: bytes) -> None:
        await client.publish(subject, payload)

    async def _leave(self) -> None:
        client, self._client = self._client, None
        self._bound = False
        self._changed()
        if client is not None and not client.is_closed:
            await client.close()

    async def _closed(self) -> None:
        self._wake.set()

    async def _complain(self, error: Exception) -> None:
        log.info("%s: %s", self._broker.shown, error)

    async def _sleep(self, seconds: float) -> None:
        """Until something is to do, at most this long."""
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            return
        self._wake.clear()

    def _soon(self, work: Any) -> None:
        async def quietly() -> None:
            try:
                await work
            except (NatsError, OSError) as error:
                log.info("not sent: %s", error)

        asyncio.run_coroutine_threadsafe(quietly(), self._loop)

    def _changed(self) -> None:
        with self._changing:
            if self.up != self._was_up:
                self._was_up = self.up
                self._on_change(self._was_up)


def _shown(client: Client) -> str:
    """The member we are connected to, without anybody's password."""
    url = client.connected_url
    return url.netloc.rpartition("@")[2] if url is not None else "nowhere"
