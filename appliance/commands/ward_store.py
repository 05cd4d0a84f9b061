"""This file is `hien ward consume | move`: more consumers, and another database for the ward."""

from __future__ import annotations

from pathlib import Path

import click

from appliance import log, notify
from appliance.commands.ward_folder import folder_option


@click.command()
@click.option("--broker", required=True, metavar="URL",
              help="As for `serve`: mqtt://…, mqtts://…, nats://HOST,HOST… or tls://…")  # fmt: skip
@folder_option
@click.option("--share", default="ward", show_default=True, metavar="NAME",
              help="The name all consumers of this ward give.")  # fmt: skip
@click.option("--cafile", default="", help="The certificate authority of the broker (PEM).")
@click.option("--certfile", default="", help="The ward's client certificate (PEM).")
@click.option("--keyfile", default="", help="Its private key (PEM).")
@click.option(
    "--log-level", default="INFO", type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"])
)
def consume(
    broker: str, folder: Path, share: str, cafile: str, certfile: str, keyfile: str, log_level: str
) -> None:
    """Store events beside the console, until Ctrl-C or SIGTERM: as many as there is work for.

    Each event goes to one of those that give the same --share, the console among them.
    """
    from ward import consume as consumer
    from ward.broker import BadBroker, Broker
    from ward.store.database import FAULTS, BadStoreUrl, StoreTooNew

    log.set_up("ward", log_level)
    try:
        consumer.run(
            Broker(broker, cafile, certfile, keyfile), folder, share, ready=_ready,
            alive=notify.alive,
        )  # fmt: skip
    except (BadBroker, BadStoreUrl, StoreTooNew, OSError, *FAULTS) as error:
        raise click.ClickException(str(error)) from error


def _ready() -> None:
    click.echo("ready: consumer")
    notify.ready("nhận báo cáo của các nhà")


@click.command()
@folder_option
@click.option("--to", "url", required=True, metavar="URL",
              help="postgresql://… or sqlite:///PATH; must be empty.")  # fmt: skip
def move(folder: Path, url: str) -> None:
    """Copy everything the ward keeps to another database, and use that from then on.

    Stop the console, the intake and all consumers first. The old database stays as it is.
    """
    from ward.store import move as moving
    from ward.store.database import FAULTS, BadStoreUrl, StoreTooNew

    try:
        for table, rows in moving.move(folder, url):
            click.echo(f"{table:16} {rows} rows")
    except (BadStoreUrl, StoreTooNew, moving.CannotMove, OSError, *FAULTS) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"moved; {folder / 'store-url'} says where to. Start the ward again.")
