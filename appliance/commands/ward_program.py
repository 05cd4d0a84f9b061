"""This file is `hien ward program`: a further program of the ward may speak with the broker."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from appliance.commands.ward_folder import folder_option

VALID_FOR = timedelta(days=5 * 365)
KINDS = ("consumer", "console", "reader")  # ward/enrol/mosquitto.py says what each may do


@click.command()
@click.argument("name")
@folder_option
@click.option("--kind", type=click.Choice(KINDS), default="consumer", show_default=True,
              help="consumer: `hien ward consume`; console: one more `hien ward serve`; reader: "
              "reads how houses are (Home Assistant).")  # fmt: skip
def program(name: str, folder: Path, kind: str) -> None:
    """Make a certificate for one more program of the ward, and let it in.

    Each program needs a name of its own (4 to 32 small letters, digits and hyphens): of two under
    one name the broker throws one out. Said again for the same name, it renews the certificate.
    """
    from appliance.sync.protocol import ProtocolError
    from ward.enrol import mosquitto
    from ward.enrol.authority import CONSOLE, PROGRAM, Authority, TrustError, write

    tls, who = (folder / "tls").absolute(), PROGRAM + name
    if name == "broker" or (who == CONSOLE and kind != "console"):
        raise click.ClickException(f"{name} is what `hien ward init` made; choose another name")
    try:
        certificate, key = Authority(tls).for_program(name, datetime.now(UTC), VALID_FOR)
        new = mosquitto.allow(tls / "acl", who, kind)
    except (TrustError, ProtocolError, OSError) as error:
        raise click.ClickException(str(error)) from error
    write(tls / f"{name}.crt", certificate, 0o644)
    write(tls / f"{name}.key", key, 0o600)
    click.echo(f"{who}: {tls / name}.crt and .key, with {tls / 'ca.crt'}")
    if new:
        click.echo("Mosquitto lets it in after: systemctl reload mosquitto")
    if kind == "consumer":
        url = (tls / "broker-url").read_text().strip()
        files = f"--certfile {tls / name}.crt --keyfile {tls / name}.key"
        click.echo(f"hien ward consume --broker {url} --dir {folder} --cafile {tls}/ca.crt {files}")
