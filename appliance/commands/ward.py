"""This file is `hien ward …`: the ward's side, run on the ward's own machine."""

from __future__ import annotations

from pathlib import Path

import click

from appliance import log, notify
from appliance.commands.ward_account import account, token
from appliance.commands.ward_card import welcome
from appliance.commands.ward_folder import folder_option
from appliance.commands.ward_intake import (
    identity,
    list_dossiers,
    mark,
    open_dossier,
    serve_intake,
)
from appliance.commands.ward_program import program
from appliance.commands.ward_release import release
from appliance.commands.ward_store import consume, move
from appliance.commands.ward_trust import enrol, houses, init, revoke


@click.group()
def ward() -> None:
    """The ward's side: its console, and what prepares houses."""


for command in (init, enrol, welcome, revoke, houses, account, token, release):
    ward.add_command(command)

for store_command in (program, consume, move):
    ward.add_command(store_command)

for paper_command in (serve_intake, identity, list_dossiers, open_dossier, mark):
    ward.add_command(paper_command)


@ward.command()
@click.option(
    "--broker",
    required=True,
    metavar="URL",
    help="The MQTT broker: mqtt://HOST[:PORT] or mqtts://…; or a NATS cluster: nats://HOST,HOST…",
)
@folder_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the console.")
@click.option(
    "--port",
    default=8090,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="0: any free port.",
)
@click.option(
    "--name", "names", multiple=True, metavar="HOST", help="A further host name of the console."
)
@click.option(
    "--url",
    "public_url",
    default="",
    metavar="URL",
    help="What people type, where a TLS proxy stands before the console: https://…",
)
@click.option(
    "--alarms",
    "alarms_file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Who is told what. Default: alarms.toml in --dir, if it is there.",
)
@click.option(
    "--home-assistant",
    is_flag=False,
    flag_value="homeassistant",
    default="",
    metavar="[PREFIX]",
    help="Tell Home Assistant of each house by MQTT discovery.",
)
@click.option(
    "--open", "open_to_all", is_flag=True, help="No sign-in, to try it out; on loopback only."
)
@click.option(
    "--programs",
    type=click.Choice(["open", "token"]),
    default=None,
    help="Who may read /metrics and /api. Default: open on loopback, else with a token.",
)
@click.option(
    "--identity",
    "identity_file",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="The ward's identity file, so that officers can open papers in the console.",
)
@click.option(
    "--share",
    default="",
    metavar="NAME",
    help="Share the events with `hien ward consume` of this name. Default: take them all.",
)
@click.option(
    "--keep-events-days",
    default=400,
    show_default=True,
    type=click.IntRange(0, 36_500),
    help="How long what houses told is kept. 0: for ever.",
)
@click.option("--cafile", default="", help="The certificate authority of the broker (PEM).")
@click.option("--certfile", default="", help="The ward's client certificate (PEM).")
@click.option("--keyfile", default="", help="Its private key (PEM).")
@click.option(
    "--log-level", default="INFO", type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"])
)
def serve(
    broker: str,
    folder: Path,
    host: str,
    port: int,
    names: tuple[str, ...],
    public_url: str,
    alarms_file: Path | None,
    home_assistant: str,
    open_to_all: bool,
    programs: str | None,
    identity_file: Path | None,
    share: str,
    keep_events_days: int,
    cafile: str,
    certfile: str,
    keyfile: str,
    log_level: str,
) -> None:
    """Listen to the houses and serve the console until Ctrl-C or SIGTERM."""
    from ward import app
    from ward.alarms.settings import BadAlarms, read
    from ward.broker import BadBroker, Broker
    from ward.store.database import FAULTS, BadStoreUrl, StoreTooNew

    log.set_up("ward", log_level)
    made = folder / "tls"  # what `hien ward init` made, unless other files are named
    if broker.startswith("mqtts:") and not certfile and (made / "console.crt").exists():
        cafile, certfile, keyfile = (
            str(made / n) for n in ("ca.crt", "console.crt", "console.key")
        )
    try:
        app.serve(
            Broker(broker, cafile, certfile, keyfile),
            folder,
            host,
            port,
            names,
            ready=_ready,
            alive=notify.alive,
            door=app.Door(
                open_to_all,
                None if programs is None else programs == "open",
                public_url,
                identity_file,
            ),
            alarms=read(alarms_file) if alarms_file else None,
            home_assistant=home_assistant,
            share=share,
            keep_events_days=keep_events_days,
        )
    except (
        BadBroker, BadAlarms, BadStoreUrl, StoreTooNew, app.OpenToOthers, OSError, *FAULTS
    ) as error:  # fmt: skip
        raise click.ClickException(str(error)) from error


def _ready(url: str) -> None:
    click.echo(f"ready: ward {url}")
    notify.ready(f"bảng của phường: {url}")
