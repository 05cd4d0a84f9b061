"""This file is every setting: name, default, check and help in one table, read from TOML."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from appliance.errors import ConfigError
from appliance.setting_checks import (
    Check,
    ears,
    hours,
    house_id,
    https_or_none,
    one_of,
    recipient,
    recipients,
    text,
    texts,
    url,
    voice,
    whole,
    zone,
)


@dataclass(frozen=True)
class Setting:
    """One setting. `check` returns the value to use, or raises ValueError saying what is wanted."""

    name: str
    default: Any
    check: Check
    help: str
    secret: bool = False


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "house.id",
        "hien-demo",
        house_id,
        "The house's permanent name towards the ward; equals its certificate's name.",
    ),
    Setting("house.name", "Điểm hỗ trợ khu dân cư", text(80, 1), "The name on screens and slips."),
    Setting("house.ward", "", text(80), "The ward's name, for screens and slips."),
    Setting("house.phone", "", text(20), "The telephone number on slips and when nobody answers."),
    Setting(
        "house.address",
        "",
        text(200),
        "The address other devices on the LAN reach the house by, such as "
        "http://192.168.1.20:8080; empty: found out at start.",
    ),
    Setting("house.timezone", "Asia/Ho_Chi_Minh", zone, "The zone of every date on the screen."),
    Setting(
        "data.dir", "/var/lib/hien", text(4096, 1), "What must survive: database, sealed pages."
    ),
    Setting(
        "data.ram_dir",
        "/run/hien",
        text(4096, 1),
        "What must not survive: clear pages, slips with secrets. On a tmpfs.",
    ),
    Setting(
        "data.catalogue", "", text(4096), "A catalogue file (TOML) instead of the built-in one."
    ),
    Setting(
        "data.keep_sealed_h",
        48,
        whole(20, 24 * 30),
        "Hours after which a sealed page is deleted; at least 20.",
    ),
    Setting(
        "data.backup_recipients",
        [],
        recipients(4),
        "age public keys that open the nightly backup besides the ward's: the printed card's.",
    ),
    Setting("web.host", "0.0.0.0", text(253, 1), "The address the web room listens on."),  # noqa: S104
    Setting("web.port", 8080, whole(1, 65535), "The port the web room listens on."),
    Setting(
        "web.names",
        [],
        texts(20),
        "Further host names the house is called by, besides localhost, hien.local and its "
        "own addresses. Any other Host is refused.",
    ),
    Setting("web.https_port", 0, whole(0, 65535), "HTTPS beside HTTP: 8443 on a box; 0: none."),
    Setting("web.threads", 40, whole(8, 100), "Worker threads of the web server."),
    Setting(
        "web.streams", 24, whole(1, 60), "Live streams at once; beyond that a screen polls instead."
    ),
    Setting("web.max_body_mib", 25, whole(1, 100), "The largest body of a request, in MiB."),
    Setting("web.tickets_per_minute", 300, whole(1, 6000), "Tickets in a minute, in all."),
    Setting(
        "web.auto_shutter",
        "on",
        one_of("on", "off"),
        "Whether a sheet that lies still and good is photographed by itself; "
        "each screen can choose.",
    ),
    Setting(
        "web.read_aloud", "headphones", ears, "Reading aloud: into headphones, to all, or off."
    ),
    Setting("web.voice", "vi", voice, "The box's voice where a browser has none: its region."),
    Setting("web.session_h", 10, whole(1, 24), "Hours after which a volunteer signs in again."),
    Setting(
        "devices.camera",
        "none:",
        url("picamera2", "v4l2", "folder", "sane", "virtual", "none"),
        "The camera, by URL.",
    ),
    Setting(
        "devices.printer",
        "none:",
        url("usblp", "tcp", "serial", "escpos+usb", "cups", "virtual", "none"),
        "The slip printer, by URL.",
    ),
    Setting(
        "devices.panel",
        "none:",
        url("gpio", "virtual", "none"),
        "The help button and its lamp, by URL.",
    ),
    Setting(
        "devices.printer_dots",
        576,
        one_of(576, 384),
        "The printer's width in dots: 576 for 80 mm paper, 384 for 58 mm.",
    ),
    Setting(
        "devices.mat",
        "any",
        one_of("any", "dark"),
        'The table under the camera: "dark" for the house\'s own dark mat.',
    ),
    Setting("devices.field_mm", 0, whole(0, 2000), "Table along a photo's long side; 0: unknown."),
    Setting(
        "devices.quiet_hours",
        "21:00-06:00",
        hours,
        "When the buzzer keeps quiet (local time); the lamp still blinks. Empty: never.",
    ),
    Setting(
        "sync.broker",
        "none:",
        url("mqtt", "mqtts", "none"),
        "The ward's MQTT broker, by URL; none: means no ward is watching.",
    ),
    Setting("sync.ca_file", "", text(4096), "The certificate authority of the broker (PEM)."),
    Setting("sync.cert_file", "", text(4096), "The house's client certificate (PEM)."),
    Setting("sync.key_file", "", text(4096), "The private key of that certificate (PEM)."),
    Setting(
        "sync.password",
        "",
        text(200),
        "A password for brokers without certificates; the user name is the house's id.",
        secret=True,
    ),
    Setting("sync.health_s", 60, whole(5, 3600), "Seconds between two health reports."),
    Setting(
        "sync.ward_recipient",
        "",
        recipient,
        "The ward's age public key: pages are sealed to it too. Empty: to the slip alone.",
    ),
    Setting(
        "sync.intake",
        "",
        https_or_none,
        "Where the ward takes finished dossiers and renews certificates, such as "
        "https://ward.example:8443; empty: papers are not sent, certificates not renewed.",
    ),
    Setting("sync.small_pages", "off", one_of("on", "off"), "Dossier in layers: 30 kB a page."),
    Setting(
        "sync.keep_dossier_days",
        30,
        whole(1, 90),
        "Days after which a sealed dossier that could not be sent is deleted.",
    ),
    Setting(
        "log.level",
        "INFO",
        one_of("DEBUG", "INFO", "WARNING", "ERROR"),
        "How much the rooms say in the journal.",
    ),
)

BY_NAME: Mapping[str, Setting] = {s.name: s for s in SETTINGS}


@dataclass(frozen=True)
class Config:
    """The effective settings. `config["web.port"]` gives a checked value."""

    values: Mapping[str, Any]
    source: str = "defaults"
    given: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    @property
    def data_dir(self) -> Path:
        return Path(self["data.dir"])

    @property
    def ram_dir(self) -> Path:
        return Path(self["data.ram_dir"])

    def virtual(self) -> list[str]:
        """The kinds of device that are virtual, for the banner and the ward."""
        return [
            kind
            for kind in ("camera", "printer", "panel")
            if urlsplit(self[f"devices.{kind}"]).scheme == "virtual"
        ]

    def asked_for(self) -> dict[str, Any]:
        """The settings that were given, be it at their default."""
        return {name: self.values[name] for name in sorted(self.given)}

    def shown(self) -> Iterator[tuple[str, str, bool]]:
        """(name, value as text with secrets masked, changed from the default?) for each setting."""
        for setting in SETTINGS:
            value = self.values[setting.name]
            masked = "•••" if setting.secret and value else _toml(value)
            yield setting.name, masked, value != setting.default


def load(path: str | Path | None = None, overrides: Mapping[str, Any] | None = None) -> Config:
    """Read the file at `path`, else at $HIEN_CONFIG, else only defaults.

    Raises ConfigError naming every fault at once: unknown names with a guess, bad values.
    """
    path = path or os.environ.get("HIEN_CONFIG") or None
    given: dict[str, Any] = {}
    if path:
        try:
            given = dict(_flat(tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))))
        except OSError as e:
            raise ConfigError(
                f"cannot read the settings file {path}: {e.strerror}. "
                "Check the path after --config or in HIEN_CONFIG."
            ) from e
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as e:
            raise ConfigError(f"the settings file {path} is not valid TOML: {e}") from e
    given.update(overrides or {})
    source = str(path or "defaults")
    return Config(_checked(given, source), source, frozenset(given))


def _checked(given: Mapping[str, Any], source: str) -> dict[str, Any]:
    faults: list[str] = []
    for name in given:
        if name not in BY_NAME:
            near = get_close_matches(name, BY_NAME, n=1)
            faults.append(
                f"{name}: no such setting" + (f' (did you mean "{near[0]}"?)' if near else "")
            )
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        value = given.get(setting.name, setting.default)
        try:
            values[setting.name] = setting.check(value)
        except ValueError as e:
            shown = "•••" if setting.secret else repr(value)
            faults.append(f"{setting.name}: wants {e}, not {shown}")
    if faults:
        raise ConfigError(f"the settings ({source}) cannot be used:\n  " + "\n  ".join(faults))
    return values


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list):
        return "[" + ", ".join(_toml(v) for v in value) + "]"
    return str(value)
