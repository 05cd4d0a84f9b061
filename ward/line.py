"""This file chooses the ward's way to the houses by the broker's URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from appliance.sync.protocol import STATE_FILTER, UP_FILTER
from ward.broker import Arrived, BadBroker, Broker, Line
from ward.link import Link

USUAL_SHARE = "ward"
OTHER_TOPICS: Mapping[str, Callable[[bytes], None]] = MappingProxyType({})


def line_of(
    broker: Broker,
    client_id: str,
    on_message: Callable[[Arrived], None],
    on_change: Callable[[bool], None],
    also: Mapping[str, Callable[[bytes], None]] = OTHER_TOPICS,
    share: str = "",
    events_only: bool = False,
) -> Line:
    """`share`: each event goes to one of all that give this name. `events_only`: without the last
    values of houses, for a consumer without a console. Raises BadBroker."""
    if share and not (share.isascii() and share.replace("-", "").isalnum() and len(share) <= 32):
        raise BadBroker("a share is named with at most 32 letters, digits and hyphens")

    def link(on_link_change: Callable[[bool], None], *filters: str) -> Link:
        return Link(broker, client_id, on_message, on_link_change, also, filters)

    states = () if events_only else (STATE_FILTER,)
    if not broker.is_nats:
        events = f"$share/{share}/{UP_FILTER}" if share else UP_FILTER
        return link(on_change, events, *states)
    try:
        from ward.jetstream import JetStreamLine
    except ImportError as error:
        raise BadBroker("a NATS cluster needs nats-py: pip install 'hien[ward]'") from error
    gateway = None if events_only else lambda told: link(told, *states)
    return JetStreamLine(broker, share or USUAL_SHARE, on_message, on_change, gateway)
