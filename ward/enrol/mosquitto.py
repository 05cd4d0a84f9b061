"""This file writes the broker's settings: who may come in, and who may say and hear what."""

from __future__ import annotations

from pathlib import Path

from appliance.sync.protocol import PREFIX
from ward.enrol.authority import CONSOLE, write

# What the ward's programs may do, by their kind. Each has a name and a certificate of its own:
# two under one name would throw each other out.
KINDS = {
    "console": (
        f"topic read {PREFIX}/+/up/#",
        f"topic read {PREFIX}/+/state/#",
        f"topic write {PREFIX}/+/down/#",
        "# For `hien ward serve --home-assistant`.",
        "topic write homeassistant/device/+/config",
        "topic read homeassistant/status",
    ),
    "consumer": (f"topic read {PREFIX}/+/up/#", f"topic write {PREFIX}/+/down/receipt"),
    "reader": (
        f"topic read {PREFIX}/+/state/#",
        "topic read homeassistant/#",
        "topic write homeassistant/status",
    ),
}


def acl() -> str:
    """A house writes below its own name and hears its own `down/`; the console the reverse."""
    return "\n".join(
        [
            "# Written by `hien ward init`. %u is the name in the certificate.",
            *_user(CONSOLE, "console"),
            f"pattern write {PREFIX}/%u/up/#",
            f"pattern write {PREFIX}/%u/state/#",
            f"pattern read {PREFIX}/%u/down/#",
            "",
        ]
    )


def allow(file: Path, name: str, kind: str) -> bool:
    """Let one more program of the ward in; False: it is there already, and was left as it is."""
    text = file.read_text()
    if f"user {name}" in text.splitlines():
        return False
    write(file, "\n".join([text.rstrip("\n"), "", *_user(name, kind)]).encode(), 0o644)
    return True


def _user(name: str, kind: str) -> list[str]:
    return [f"user {name}", *KINDS[kind], ""]


def settings(folder: Path, port: int) -> str:
    """mosquitto.conf for the files in `folder`. Nobody comes in without our certificate."""
    return "\n".join(
        [
            "# Written by `hien ward init`. Put it where your Mosquitto reads its settings.",
            f"listener {port}",
            f"cafile {folder}/ca.crt",
            f"certfile {folder}/broker.crt",
            f"keyfile {folder}/broker.key",
            f"crlfile {folder}/crl.pem",
            "tls_version tlsv1.2",
            "require_certificate true",
            "use_identity_as_username true",
            "# Without this the holder of one house's certificate could throw another house out.",
            "use_username_as_clientid true",
            "allow_anonymous false",
            f"acl_file {folder}/acl",
            "# A console that is slow for a moment must not make the broker drop for it.",
            "max_queued_messages 20000",
            "message_size_limit 262144",
            "# Small packets at once: waiting for more of them costs 40 ms at every turn.",
            "set_tcp_nodelay true",
            "persistence true",
            "",
        ]
    )
