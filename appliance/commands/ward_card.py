"""This file is `hien ward card | welcome`: a card for a new box, and the door it comes in by."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from appliance import log, notify, seal
from appliance.commands.ward_folder import folder_option

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.option("--card", type=click.Path(path_type=Path), default=None,
                 help="A freshly flashed card's boot partition: no private key is put on it."),
    click.option("--welcome", default="", metavar="URL",
                 help="With --card: where `hien ward welcome` answers, https://HOST:PORT."),
    click.option("--wifi", default="", metavar="NAME",
                 help="With --card: the network; its key is asked for, or HIEN_WIFI_PASSWORD."),
    click.option("--release", type=_FILE, default=None,
                 help="With --card: the release to install (made by hien update make)."),
    click.option("--update-key", "update_keys", multiple=True, type=_FILE,
                 help="With --card: public key of releases; the next one may follow."),
    click.option("--restore", "old", type=_FILE, default=None,
                 help="With --card: a backup to begin with; its key is asked for."),
    click.option("--ssh-key", type=_FILE, default=None,
                 help="With --card: a public key for the ward's technician."),
    click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
                 help="With --card: a further setting of the house."),
)  # fmt: skip


def card_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def make_card(
    house: str,
    folder: Path,
    out: Path,
    told: dict[str, str],
    *,
    welcome: str,
    wifi: str,
    release: Path | None,
    update_keys: tuple[Path, ...],
    old: Path | None,
    ssh_key: Path | None,
    settings: tuple[str, ...],
) -> None:
    """Write one house's card and print its sheet. Raises ClickException."""
    from appliance.sync.protocol import ProtocolError
    from provisioning.first_boot.join import check_settings
    from ward.enrol import card as cards
    from ward.enrol.authority import Authority, TrustError
    from ward.enrol.tokens import VALID_FOR, Tokens, Welcome

    if not out.is_dir():
        raise click.ClickException(f"{out} is no folder: mount the card's boot partition first.")
    if release is None or not welcome.startswith("https://"):
        raise click.UsageError("--card wants --release FILE.hien and --welcome https://HOST:PORT")
    wanted = dict(_pair(s) for s in settings)
    check_settings(wanted)
    now, tls = datetime.now(UTC), folder / "tls"
    secret, public = seal.new_identity()
    try:
        authority = Authority(tls)
        told["broker"] = told["broker"] or (tls / "broker-url").read_text("utf-8").strip()
        card = cards.Card(
            house=house,
            name=told["name"],
            welcome=welcome,
            word=Tokens(tls).give(house, Welcome(**told), now),
            ca_pem=authority.certificate_file.read_bytes(),
            until=now + VALID_FOR,
            wifi=cards.Wifi(wifi, _wifi_password(wifi)) if wifi else None,
            ssh_key=ssh_key.read_text("utf-8").strip() if ssh_key else "",
            settings={"data.backup_recipients": public, **wanted},
            restore_key=secret,
            **(_sealed_anew(old) if old else {}),
        )
        also = {f"{cards.FOLDER}/{release.name}": release}
        for key, as_name in zip(update_keys, ("current.pem", "next.pem"), strict=False):
            also[f"{cards.FOLDER}/update-keys/{as_name}"] = key
        for written in cards.lay(card, out, also):
            click.echo(written)
    except (TrustError, ProtocolError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(card.sheet(out))


@click.command()
@folder_option
@click.option("--host", default="0.0.0.0", show_default=True, help="Address of the door.")  # noqa: S104
@click.option("--port", default=8444, show_default=True, type=click.IntRange(0, 65535))
def welcome(folder: Path, host: str, port: int) -> None:
    """Let new boxes in by the word on their card. Stop it when none is expected."""
    from ward.enrol.authority import TrustError
    from ward.enrol.welcome import WelcomeDoor

    log.set_up("ward", "INFO")
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    try:
        server = WelcomeDoor(host, port, folder / "tls")
    except (OSError, TrustError) as error:
        raise click.ClickException(str(error)) from error
    threading.Thread(target=server.serve_forever, name="ward-welcome", daemon=True).start()
    click.echo(f"ready: welcome https://{host}:{server.server_port}")
    notify.ready("nhận máy mới")
    over.wait()
    server.shutdown()


def _sealed_anew(old: Path) -> dict[str, Any]:
    """The backup, looked at here and sealed for this one card. Raises HienError for a wrong key."""
    from appliance.service.backup import open_backup

    sealed = old.read_bytes()
    given = os.environ.get("HIEN_RESTORE_KEY") or click.prompt(
        "The key on the house's printed page", hide_input=True
    )
    key = seal.find_secret(given) or given
    open_backup(sealed, key)
    secret, public = seal.new_identity()
    return {"old_data": seal.seal(seal.unseal(sealed, key), [public]), "old_data_key": secret}


def _wifi_password(name: str) -> str:
    """Asked for, or from the environment: never an argument, which every process may read."""
    given = os.environ.get("HIEN_WIFI_PASSWORD")
    if given is not None:
        return given
    answer: str = click.prompt(
        f"The key of the Wi-Fi {name} (empty: none)", default="", hide_input=True,
        show_default=False,
    )  # fmt: skip
    return answer


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise click.ClickException(f"--set wants NAME=VALUE, not {text!r}")
    return name.strip(), value.strip()
