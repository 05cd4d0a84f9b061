"""This file is the line to the ward over MQTT: paho as a window, never as a queue.

paho keeps nothing on disk, would re-send by itself what it holds, and reconnects without jitter.
So each connection is a fresh client that holds at most a window of messages and is thrown away
with them; what was not receipted is read from the outbox again. MQTT 5 where the broker speaks
it, else 3.1.1; nothing here needs 5.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from appliance.errors import HienError
from appliance.sync import protocol
from appliance.sync.link import Event
from appliance.sync.link.address import Address
from appliance.sync.link.retry import Retry, wait

log = logging.getLogger("hien.sync.link")

ANSWER_S = 1.5  # a broker that says nothing to MQTT 5 for this long is tried with 3.1.1
# A ping costs 128 bytes with what carries it, most of what an idle house sends; so they are seldom.
KEEPALIVE_S = 6
# Without an answer for this long the network counts as dead for people, and the line is hung up
# when another KEEPALIVE_S has passed: a slow network alone must not cost a new handshake.
QUIET_S, LOOP_S = 2.0, 0.25
HELD_MOST = protocol.MAX_IN_FLIGHT + 20  # the window, and the retained states beside it
PACKET_MOST_BYTES = 2 * protocol.MAX_PAYLOAD_BYTES
FAREWELL_S = 2.0
ASK_AGAIN_S = 5.0  # a broker that could not give us our topic just now is asked again


class MqttLink:
    """One connection at a time, kept up by its own thread; events are read by the room's."""

    def __init__(
        self,
        address: Address,
        will_topic: str,
        will: bytes,
        since_boot_s: float,
        floor: Callable[[], datetime | None] = lambda: None,
        files: Callable[[], tuple[str, str, str]] | None = None,
    ) -> None:
        self._address, self._floor = address, floor
        self._files = files or (lambda: (address.ca_file, address.cert_file, address.key_file))
        self._host, self._port = address.host_port()
        address.tls()  # files that cannot be used are told at once
        self._will = (will_topic, will)
        self._since_boot_s = since_boot_s
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._protocol = mqtt.MQTTv5
        self._client: mqtt.Client | None = None
        self._stop = threading.Event()
        self._hang_up = threading.Event()
        self._fell_back = False
        self._ask_again_s, self._asked_qos = float("inf"), 1
        self._accepted_s = 0.0  # when this connection was accepted; 0: not yet
        self._thread = threading.Thread(target=self._run, name="mqtt", daemon=True)
        self.up = self.quiet = False
        self.generation = 0
        self.reconnects = 0

    @property
    def version(self) -> str:
        return "5" if self._protocol == mqtt.MQTTv5 else "3.1.1"

    @property
    def dead(self) -> bool:
        ended = self._thread.ident is not None and not self._thread.is_alive()
        return ended and not self._stop.is_set()

    def start(self) -> None:
        self._thread.start()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int | None:
        client = self._client
        if client is None or not self.up:
            return None
        info = client.publish(topic, payload, qos=1, retain=retain)
        return info.mid if info.rc == mqtt.MQTT_ERR_SUCCESS else None

    def events(self, timeout_s: float) -> list[Event]:
        found: list[Event] = []
        with contextlib.suppress(queue.Empty):
            found.append(self._events.get(timeout=timeout_s))
            while True:
                found.append(self._events.get_nowait())
        return found

    def hang_up(self) -> None:
        self._hang_up.set()

    def stop(self, farewell_topic: str, farewell: bytes) -> None:
        self._stop.set()
        client = self._client
        if client is not None and self.up:
            info = client.publish(farewell_topic, farewell, qos=1, retain=True)
            end_s = time.monotonic() + FAREWELL_S
            while not info.is_published() and self.up and time.monotonic() < end_s:
                time.sleep(0.02)
        if client is not None:
            client.disconnect()
        if self._thread.ident is not None:
            self._thread.join(2)

    # --- the line's own thread --------------------------------------------------------------------

    def _run(self) -> None:
        retry = Retry()
        wait(self._stop, retry.first_wait_s(self._since_boot_s))
        while not self._stop.is_set():
            fell_back = self._fell_back
            lasted_s = self._connect_and_stay()
            if self._fell_back and not fell_back:
                continue  # the first word of the other protocol need not wait
            if not self._stop.is_set():
                wait(self._stop, retry.next_wait_s(lasted_s))

    def _connect_and_stay(self) -> float:
        """One connection from beginning to end; how long it was accepted, in seconds. Raises
        nothing: without its thread the line would be gone for good."""
        self._accepted_s, self._ask_again_s = 0.0, float("inf")
        self._hang_up.clear()
        client: mqtt.Client | None = None
        try:
            self._client = client = self._new_client()
            client.connect(self._host, self._port, KEEPALIVE_S, properties=self._limits())
            started_s = time.monotonic()
            while client.loop(timeout=LOOP_S) == mqtt.MQTT_ERR_SUCCESS:
                if self._hang_up.is_set():
                    break
                self._listen(client)
                if time.monotonic() >= self._ask_again_s:
                    self._subscribe(client)
                late = time.monotonic() - started_s > ANSWER_S and not self._accepted_s
                if late and self._protocol == mqtt.MQTTv5 and not self._fell_back:
                    break
            if not self._accepted_s:
                self._other_protocol()
        except HienError as e:  # a certificate that is just being replaced, a table out of order
            log.error("%s", e)
        except OSError as e:
            log.info("no way to %s:%s: %s", self._host, self._port, e)
        except Exception:
            log.exception("the line to the ward broke in an unexpected way")
        finally:
            self.up = self.quiet = False
            if client is not None:
                _let_go(client)
            if self._accepted_s:
                log.warning("the line to %s:%s is down", self._host, self._port)
                self._events.put(Event("down", self.generation))
        return time.monotonic() - self._accepted_s if self._accepted_s else 0.0

    def _listen(self, client: mqtt.Client) -> None:
        """Tell when a ping has had no answer for long, and when it has come after all."""
        quiet = client._ping_t > 0 and time.monotonic() - client._ping_t > QUIET_S
        if quiet != self.quiet:
            self.quiet = quiet
            self._events.put(Event("quiet" if quiet else "answered", self.generation))

    def _other_protocol(self) -> None:
        """A broker without MQTT 5 says so, hangs up, or is struck dumb: try 3.1.1, then 5 again."""
        self._fell_back = self._protocol == mqtt.MQTTv5
        self._protocol = mqtt.MQTTv311 if self._fell_back else mqtt.MQTTv5

    def _limits(self) -> Properties | None:
        if self._protocol != mqtt.MQTTv5:
            return None
        limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
        limits.MaximumPacketSize = PACKET_MOST_BYTES
        return limits

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._address.house,
            protocol=self._protocol,
            clean_session=None if self._protocol == mqtt.MQTTv5 else True,
            reconnect_on_failure=False,
        )
        client.suppress_exceptions = True  # one odd message must not end the line
        client.enable_logger(log)
        # Without this paho writes on whichever thread publishes, while the line's own thread reads:
        # over TLS that breaks records ("bad record mac"). With it, that thread alone does both.
        client.on_socket_register_write = _not_here
        client.on_socket_open = _at_once
        client.max_inflight_messages_set(HELD_MOST)
        client.max_queued_messages_set(HELD_MOST)
        client.will_set(self._will[0], self._will[1], qos=1, retain=True)
        # Anew for each connection: the clock may have been set, the certificate renewed.
        ca_file, cert_file, key_file = self._files()
        address = replace(self._address, ca_file=ca_file, cert_file=cert_file, key_file=key_file)
        if (tls := address.tls(self._floor())) is not None:
            client.tls_set_context(tls)
        if self._address.password:
            client.username_pw_set(self._address.house, self._address.password)
        client.on_connect = self._connected
        client.on_subscribe = self._subscribed
        client.on_publish = self._published
        client.on_message = self._message
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
            log.warning("the broker does not let us in: %s", reason)
            client.disconnect()
            return
        self._subscribe(client)
        self._accepted_s = time.monotonic()
        self.generation += 1
        self.reconnects += self.generation > 1
        self.up = True
        log.info("the line to %s:%s is up, MQTT %s", self._host, self._port, self.version)
        self._events.put(Event("up", self.generation))

    def _subscribe(self, client: mqtt.Client, qos: int = 1) -> None:
        self._ask_again_s = float("inf")
        self._asked_qos = qos
        client.subscribe(protocol.down_filter(self._address.house), qos=qos)

    def _subscribed(
        self, client: mqtt.Client, _u: object, _mid: int, codes: list[ReasonCode], _p: Properties
    ) -> None:
        """A cluster that lost a member may refuse what it has to keep for us, and nothing would
        ever come down. QoS 0 it can give: whatever comes down is said until we answer anyway."""
        if not any(code.is_failure for code in codes):
            return
        log.warning("the broker does not let us listen at QoS %s", self._asked_qos)
        if self._asked_qos:
            self._subscribe(client, qos=0)
        else:
            self._ask_again_s = time.monotonic() + ASK_AGAIN_S

    def _published(
        self, _client: mqtt.Client, _userdata: object, mid: int, reason: ReasonCode, _p: Properties
    ) -> None:
        # paho holds a lock while it calls this: only note it down.
        self._events.put(Event("refused" if reason.is_failure else "acked", self.generation, mid))

    def _message(self, _client: mqtt.Client, _userdata: object, m: mqtt.MQTTMessage) -> None:
        try:
            topic = m.topic
        except UnicodeDecodeError:
            topic = ""
        self._events.put(Event("message", self.generation, 0, topic, bytes(m.payload), m.retain))


def _let_go(client: mqtt.Client) -> None:
    client.drop_out_messages()
    if (sock := client.socket()) is not None:
        with contextlib.suppress(OSError):  # it may have broken before
            sock.close()


def _not_here(client: mqtt.Client, _userdata: object, _socket: object) -> None:
    """Something waits to be written; the line's thread is awake already and will do it."""


def _at_once(_client: mqtt.Client, _userdata: object, sock: Any) -> None:
    """Small packets leave when written: kept back for others (Nagle), each window would wait for
    an acknowledgement that the other side delays by 40 ms."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
