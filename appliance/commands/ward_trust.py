"""This file is `hien ward init | enrol | revoke | houses`: who may speak with the ward."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from appliance.commands.ward_card import card_options, make_card
from appliance.commands.ward_folder import folder_option

RENEW_BEFORE = timedelta(days=60)


@click.command()
@folder_option
@click.option("--host", "hosts", multiple=True, required=True, metavar="NAME",
              help="A name or address houses reach the broker by; may be given again.")  # fmt: skip
@click.option("--port", default=8883, show_default=True, type=click.IntRange(1, 65535))
@click.option("--name", default="Hiên", show_default=True, help="The authority's name.")
def init(folder: Path, hosts: tuple[str, ...], port: int, name: str) -> None:
    """Make the ward's authority, the broker's certificate, and Mosquitto's settings."""
    from ward.enrol import mosquitto
    from ward.enrol.authority import CONSOLE, Authority, TrustError, write

    now, tls = datetime.now(UTC), (folder / "tls").absolute()
    try:
        authority = Authority.create(tls, name, now)
        for who, (certificate, key) in {
            "broker": authority.for_broker(hosts, now),
            "console": authority.for_client(CONSOLE, now, timedelta(days=5 * 365)),
        }.items():
            write(tls / f"{who}.crt", certificate, 0o644)
            write(tls / f"{who}.key", key, 0o600)
    except TrustError as error:
        raise click.ClickException(str(error)) from error
    write(tls / "acl", mosquitto.acl().encode(), 0o644)
    write(tls / "mosquitto.conf", mosquitto.settings(tls, port).encode(), 0o644)
    (tls / "broker-url").write_text(f"mqtts://{hosts[0]}:{port}\n")
    click.echo(f"authority and broker files: {tls}")
    click.echo(f"broker:  give {tls}/mosquitto.conf to Mosquitto; it must be able to read the keys")
    click.echo(f"console: hien ward serve --broker mqtts://{hosts[0]}:{port} --dir {folder}")
    click.echo(f"houses:  hien ward enrol HOUSE --dir {folder}")
    click.echo(f"keep {tls}/ca.key safe: whoever has it can make houses")


@click.command()
@click.argument("house")
@folder_option
@click.option("--name", default="", help="The house's name on screens and slips.")
@click.option("--broker", default="", help="The broker's URL. Default: as told to `init`.")
@click.option("--csr", type=click.File("rb"), default=None,
              help="A certificate request made on the house; its key stays there.")  # fmt: skip
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=None,
              help="The bundle to write. Default: HOUSE.tar here.")  # fmt: skip
@click.option("--recipient", default="", help="The ward's age public key, where it takes papers.")
@click.option("--intake", default="", help="Where it takes them: https://HOST[:PORT].")
@card_options
def enrol(
    house: str, folder: Path, name: str, broker: str, csr: Any, out: Path | None, recipient: str,
    intake: str, card: Path | None, **of_card: Any,
) -> None:  # fmt: skip
    """Make one bundle for a house's card, and print the page that goes with it.

    For a house that is enrolled already this is how its certificate is renewed. With --card: all
    that a blank Raspberry Pi needs to become this house by itself.
    """
    if card is not None:
        told = {"name": name, "broker": broker, "recipient": recipient, "intake": intake}
        make_card(house, folder, card, told, **of_card)
        return
    from appliance.sync.protocol import ProtocolError
    from ward.enrol.authority import Authority, TrustError
    from ward.enrol.bundle import HouseFile

    now, tls = datetime.now(UTC), folder / "tls"
    try:
        authority = Authority(tls)
        if csr is None:
            certificate, key = authority.for_client(house, now)
        else:
            certificate, key = authority.for_request(house, csr.read(65536), now), b""
    except (TrustError, ProtocolError) as error:
        raise click.ClickException(str(error)) from error
    url = broker or (tls / "broker-url").read_text().strip()
    ca = authority.certificate_file.read_bytes()
    bundle = HouseFile(house, name, url, ca, certificate, key, recipient, intake)
    path = out or Path(f"{house}.tar")
    bundle.write(path, now)
    click.echo(bundle.sheet(path))


@click.command()
@click.argument("house")
@folder_option
def revoke(house: str, folder: Path) -> None:
    """Shut out a house whose box or card was lost. Enrol it again to let it back in."""
    from ward.enrol.authority import Authority, TrustError
    from ward.enrol.tokens import Tokens

    now, tls = datetime.now(UTC), folder / "tls"
    try:
        n = Authority(tls).revoke(house, now)
        word = Tokens(tls).withdraw(house, now)
    except TrustError as error:
        raise click.ClickException(str(error)) from error
    if word:
        click.echo(f"{house}: the word on its card opens nothing any more")
        if not n:
            return
    if not n:
        raise click.ClickException(f"there is no certificate of {house} left to revoke")
    click.echo(f"{house}: {n} certificate(s) revoked. Restart Mosquitto, so that it knows and "
               "an open connection ends: systemctl restart mosquitto")  # fmt: skip


@click.command()
@folder_option
def houses(folder: Path) -> None:
    """List the certificates given out and when they end."""
    from cryptography.x509.oid import NameOID

    from ward.enrol.authority import Authority, TrustError

    try:
        issued = Authority(folder / "tls").issued()
    except TrustError as error:
        raise click.ClickException(str(error)) from error
    for certificate in issued:
        until = certificate.not_valid_after_utc
        (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        soon = "  RENEW SOON" if until - datetime.now(UTC) < RENEW_BEFORE else ""
        click.echo(f"{name.value!s:34} {until:%Y-%m-%d}{soon}")
