"""This file is `hien ward intake | identity | dossiers | open | mark`: papers from houses."""

from __future__ import annotations

import getpass
import signal
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from appliance import log, notify
from appliance.commands.ward_folder import folder_option

who_option = click.option(
    "--by", "who", default=getpass.getuser, help="Who does it, for the log. Default: this user."
)


@click.command(name="intake")
@folder_option
@click.option("--host", default="0.0.0.0", show_default=True, help="Address of the door.")  # noqa: S104
@click.option("--port", default=8443, show_default=True, type=click.IntRange(0, 65535))
@click.option(
    "--keep-days",
    default=90,
    show_default=True,
    type=click.IntRange(1, 3650),
    help="Days after which the papers of a dossier that is done are deleted.",
)
@click.option(
    "--keep-open-days",
    default=365,
    show_default=True,
    type=click.IntRange(30, 3650),
    help="Days after which the papers of one nobody has touched are deleted as well.",
)
def serve_intake(folder: Path, host: str, port: int, keep_days: int, keep_open_days: int) -> None:
    """Take sealed dossiers from houses over HTTPS, and renew their certificates."""
    from ward.intake import run
    from ward.store.database import StoreTooNew

    log.set_up("ward", "INFO")
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    try:
        server = run.start(folder, host, port)
    except (OSError, StoreTooNew) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"ready: intake https://{host}:{server.server_port}")
    notify.ready("nhận hồ sơ đã niêm phong")
    run.keep_tidy(server, timedelta(days=keep_days), over, timedelta(days=keep_open_days))
    server.shutdown()


@click.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path),
              help="The file to write. It opens every dossier: keep a copy in a safe.")  # fmt: skip
def identity(out: Path) -> None:
    """Make the ward's identity; prints the recipient for `hien ward enrol --recipient`."""
    from ward.intake.open_sealed import CannotOpen, make_identity

    try:
        click.echo(make_identity(out))
    except (CannotOpen, OSError) as error:
        raise click.ClickException(str(error)) from error


@click.command(name="dossiers")
@folder_option
@click.option("--house", default=None, help="Of this house only.")
def list_dossiers(folder: Path, house: str | None) -> None:
    """List the dossiers handed in, the newest first."""
    from ward.store import intake
    from ward.store.database import Store

    for row in intake.newest(Store(folder).connection, house):
        gone = "  (papers deleted)" if row["deleted_at"] else ""
        click.echo(
            f"{row['house']}\t{row['dossier']}\t{row['received_at']}\t{row['state']}"
            f"\t{row['size_bytes']} B{gone}"
        )


@click.command(name="open")
@click.argument("house")
@click.argument("dossier")
@folder_option
@click.option(
    "--identity",
    "identity_file",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="The ward's identity file.",
)
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path),
              help="A new folder for the papers.")  # fmt: skip
@who_option
def open_dossier(
    house: str, dossier: str, folder: Path, identity_file: Path, out: Path, who: str
) -> None:
    """Open a sealed dossier. Who opened it is written down first."""
    from ward.intake.open_sealed import CannotOpen, open_into, read_identity
    from ward.intake.run import FOLDER
    from ward.intake.shelf import Shelf
    from ward.store import intake
    from ward.store.database import Store

    store = Store(folder)
    row = intake.get(store.connection, house, dossier)
    if row is None or row["deleted_at"]:
        raise click.ClickException(f"there are no papers of {house} {dossier} here (any more)")
    try:
        key = read_identity(identity_file)
        with store.write() as db:
            intake.note(db, house, dossier, who, "opened", datetime.now(UTC))
        sealed = Shelf(folder / FOLDER).path(house, dossier).read_bytes()
        for path in open_into(sealed, key, out):
            click.echo(str(path))
    except (CannotOpen, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo("The papers lie here unsealed now. Delete the folder when the work is done.")


@click.command()
@click.argument("house")
@click.argument("dossier")
@click.argument("state", type=click.Choice(["received", "supplement", "done"]))
@folder_option
@click.option("--note", default="", help="What is missing, in a few words. Never a name.")
@who_option
def mark(house: str, dossier: str, state: str, folder: Path, note: str, who: str) -> None:
    """Say what became of a dossier; the house hears it by the dossier's id."""
    from appliance.sync.protocol import DOSSIER_STATES, ProtocolError
    from ward.dossier_notes import BadNote, check
    from ward.store import intake
    from ward.store.database import Store

    chosen = next(s for s in DOSSIER_STATES if s == state)
    try:
        note = check("", note)
        with Store(folder).write() as db:
            found = intake.mark(db, house, dossier, chosen, note, who, datetime.now(UTC))
    except BadNote as error:
        raise click.ClickException(str(error)) from error
    except ProtocolError as error:
        raise click.ClickException(
            f"not taken: {error}. A note has at most 200 letters."
        ) from error
    if not found:
        raise click.ClickException(f"there is no dossier {dossier} of {house}")
    click.echo(f"{house} {dossier}: {state}")
