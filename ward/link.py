"""This file is the ward's line to the broker: it reconnects by itself and acknowledges late.

A message is acknowledged by whoever took it, after it is in the database (manual ack). Each
connection has its own paho client, so that an acknowledgement meant for a lost connection can
never hit a message of the next one.
"""

from __future__ import annotations

import logging
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from appliance.sync.protocol import STATE_FILTER, UP_FILTER
from ward.broker import Arrived, BadBroker, Broker

log = logging.getLogger("ward.link")

KEEPALIVE_S = 5
ANSWER_S = 1.5  # a broker that says nothing to MQTT 5 for this long is tried with 3.1.1
RETRY_MOST_S = 15.0
ASK_AGAIN_S = 5.0  # a broker that could not give us a topic just now is asked again
RECEIVE_MAXIMUM = 500
PACKET_MOST_BYTES = 1024 * 1024  # what is larger stays at the broker; what is between is counted
QUEUE_MOST = 20_000

__all__ = ["Arrived", "BadBroker", "Broker", "Link"]


class Link:
    """Keeps one connection to the broker. The callbacks run on the network thread: be quick."""

    def __init__(
        self,
        broker: Broker,
        client_id: str,
        on_message: Callable[[Arrived], None],
        on_change: Callable[[bool], None] = lambda up: None,
        also: Mapping[str, Callable[[bytes], None]] = MappingProxyType({}),
        filters: Iterable[str] = (UP_FILTER, STATE_FILTER),
    ) -> None:
        """`also`: further topics, of other programs, and who is told what comes there."""
        self._addresses = broker.addresses
        self._host, self._port = self._addresses[0]
        self._filters = tuple(filters)
        self._tls = broker.tls()
        self._client_id = client_id
        self._on_message = on_message
        self._on_change = on_change
        self._also = dict(also)
        self._protocol = mqtt.MQTTv5
        self._fell_back = False
        self._client: mqtt.Client | None = None
        self._ask_again_s, self._asked_qos = float("inf"), 1
        self._up = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ward-link", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._client is not None:
            self._client.disconnect()
        self._thread.join(5)

    @property
    def up(self) -> bool:
        return self._up.is_set()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool:
        """Hand over at QoS 1. False: not connected, or too much is waiting."""
        client = self._client
        if client is None or not self.up:
            return False
        return client.publish(topic, payload, qos=1, retain=retain).rc == mqtt.MQTT_ERR_SUCCESS

    def ack(self, messages: Iterable[Arrived]) -> None:
        client = self._client
        for message in messages:
            if client is not None and message.qos and message.client is client:
                client.ack(message.mid, message.qos)

    def _run(self) -> None:
        attempt = 0
        while not self._stop.is_set():
            fell_back = self._fell_back
            was_up = self._connect_and_stay()
            if self._fell_back and not fell_back:
                continue  # the first word of the other protocol need not wait
            if not was_up:
                self._next_address()
            attempt = 0 if was_up else attempt + 1
            # Full jitter: many consoles on one broker must not come back in step.
            self._stop.wait(random.uniform(0, min(RETRY_MOST_S, 2.0 ** min(attempt, 8))))  # noqa: S311

    def _connect_and_stay(self) -> bool:
        """One connection from beginning to end; True when the broker had accepted it."""
        self._client = client = self._new_client()
        accepted = False
        try:
            client.connect(
                self._host, self._port, keepalive=KEEPALIVE_S, properties=self._properties()
            )
            started_s, self._ask_again_s = time.monotonic(), float("inf")
            while client.loop(timeout=0.5) == mqtt.MQTT_ERR_SUCCESS:
                if time.monotonic() >= self._ask_again_s:
                    self._subscribe(client)
                late = time.monotonic() - started_s > ANSWER_S and not self._up.is_set()
                if late and self._protocol == mqtt.MQTTv5 and not self._fell_back:
                    break
            accepted = self._up.is_set()
            if not accepted:
                self._other_protocol()
        except OSError as error:
            log.info("no way to the broker %s:%s: %s", self._host, self._port, error)
        except Exception:
            log.exception("the line to the broker broke in an unexpected way")
        finally:
            if (sock := client.socket()) is not None:
                sock.close()
            if self._up.is_set():
                self._up.clear()
                log.warning("the broker %s:%s is gone", self._host, self._port)
                self._on_change(False)
        return accepted

    def _next_address(self) -> None:
        """Of a cluster, any member will do."""
        after = self._addresses.index((self._host, self._port)) + 1
        self._host, self._port = self._addresses[after % len(self._addresses)]

    def _other_protocol(self) -> None:
        """A broker without MQTT 5 says so, hangs up, or is struck dumb: try 3.1.1, then 5 again."""
        self._fell_back = self._protocol == mqtt.MQTTv5
        self._protocol = mqtt.MQTTv311 if self._fell_back else mqtt.MQTTv5

    def _properties(self) -> Properties | None:
        if self._protocol != mqtt.MQTTv5:
            return None
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.ReceiveMaximum = RECEIVE_MAXIMUM
        limits.MaximumPacketSize = PACKET_MOST_BYTES
        return limits

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._client_id,
            protocol=self._protocol,
            clean_session=None if self._protocol == mqtt.MQTTv5 else True,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.max_queued_messages_set(QUEUE_MOST)
        client.max_inflight_messages_set(100)
        client.suppress_exceptions = True  # one odd message must not end the line
        client.enable_logger(log)
        # Without this paho writes on whichever thread publishes, while the line's own thread reads:
        # over TLS that breaks records ("bad record mac"). With it, that thread alone does both.
        client.on_socket_register_write = _not_here
        client.on_socket_open = _at_once
        if self._tls is not None:
            client.tls_set_context(self._tls)
        client.on_connect = self._connected
        client.on_message = self._message
        client.on_subscribe = self._subscribed
        return client

    def _connected(
        self,
        client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        if reason.is_failure:
            log.warning("the broker refused the connection: %s", reason)
            client.disconnect()
            return
        self._subscribe(client)
        self._up.set()
        log.info("connected to the broker %s:%s", self._host, self._port)
        self._on_change(True)

    def _subscribe(self, client: mqtt.Client, qos: int = 1) -> None:
        self._ask_again_s, self._asked_qos = float("inf"), qos
        client.subscribe([(topic, qos) for topic in (*self._filters, *self._also)])

    def _subscribed(
        self, client: mqtt.Client, _u: object, _mid: int, codes: list[ReasonCode], _p: Properties
    ) -> None:
        """A cluster that lost a member may refuse what it has to keep for us: then QoS 0 will do,
        for a house says everything until it has a receipt."""
        if not any(code.is_failure for code in codes):
            return
        log.warning("the broker does not let us listen at QoS %s", self._asked_qos)
        if self._asked_qos:
            self._subscribe(client, qos=0)
        else:
            self._ask_again_s = time.monotonic() + ASK_AGAIN_S

    def _message(self, client: mqtt.Client, _userdata: object, m: mqtt.MQTTMessage) -> None:
        try:
            topic = m.topic
        except UnicodeDecodeError:
            topic = repr(m._topic)
        if (told := self._also.get(topic)) is not None:
            client.ack(m.mid, m.qos)
            told(bytes(m.payload))
            return
        self._on_message(Arrived(topic, bytes(m.payload), m.qos, m.mid, m.retain, client))


def _not_here(client: mqtt.Client, _userdata: object, _socket: object) -> None:
    """Something waits to be written; the line's thread is awake already and will do it."""


def _at_once(_client: mqtt.Client, _userdata: object, sock: Any) -> None:
    """Small packets leave when written: kept back for others (Nagle), each window would wait for
    an acknowledgement that the other side delays by 40 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
