"""This file says something to somebody outside, through Apprise: any of its services, by URL."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any, Protocol

from ward.alarms.settings import Alarms, BadAlarms
from ward.alarms.words import Message

log = logging.getLogger("ward.alarms")

INSTALL = "messages to people outside need Apprise: pip install 'hien[ward]'"


class Mouth(Protocol):
    def say(self, to: Sequence[str], message: Message) -> bool:
        """True when at least one of these addresses took it."""


class ByApprise:
    """The real one. Only a ward with somebody on call makes it, and loads Apprise."""

    def __init__(self) -> None:
        try:
            import apprise
        except ImportError as error:
            raise BadAlarms(INSTALL) from error
        # Its own log names addresses, and those hold secrets.
        logging.getLogger("apprise").setLevel(logging.CRITICAL)
        self._apprise: Any = apprise

    def knows(self, url: str) -> bool:
        """Whether this is an address of one of its services."""
        return self._apprise.Apprise.instantiate(url, suppress_exceptions=True) is not None

    def say(self, to: Sequence[str], message: Message) -> bool:
        kind = self._apprise.NotifyType.WARNING if message.urgent else self._apprise.NotifyType.INFO
        reached = False
        for url in to:  # each by itself, so that one that fails does not hide one that works
            sender = self._apprise.Apprise()
            try:
                reached |= bool(
                    sender.add(url)
                    and sender.notify(
                        body=message.body,
                        title=message.title,
                        notify_type=kind,
                        body_format=self._apprise.NotifyFormat.TEXT,
                    )
                )
            except Exception as error:  # noqa: BLE001 - a service of many; none may end the thread
                log.warning("a service failed: %s", type(error).__name__)
        return reached


def check(settings: Alarms) -> Mouth | None:
    """The mouth these settings need, None when nobody is on call. BadAlarms for an address no
    service knows; the message names the person, never the address."""
    people = [p for ward in settings.wards for p in ward.on_call]
    if not people:
        return None
    mouth = ByApprise()
    for person in people:
        for n, url in enumerate(person.to, 1):
            if not mouth.knows(url):
                raise BadAlarms(f"no service understands address no. {n} of {person.name}")
    return mouth
