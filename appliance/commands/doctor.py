"""This file gives `hien doctor`: how the house is, in plain words, with the one thing to do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from appliance.commands.options import config_option
from appliance.config import Config, load
from appliance.core.check import Check
from appliance.errors import ConfigError

_MARKS = {"ok": "  tốt  ", "bad": "  HỎNG ", "unknown": "  ?    "}


@click.command()
@config_option
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@click.option(
    "--hardware",
    is_flag=True,
    help="Photograph, focus, print, blink and measure; writes a report file. "
    "The devices room must not be running.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where --hardware writes its report. Default: hien-report-HOUSE.json here.",
)
@click.option(
    "--press-s", default=10.0, show_default=True, help="Seconds --hardware waits for the button."
)
@click.pass_context
def doctor(
    ctx: click.Context,
    config_path: str | None,
    as_json: bool,
    hardware: bool,
    report: Path | None,
    press_s: float,
) -> None:
    """Say how the house is: what is wrong, what it means, what to do.

    The same checks as on the desk and at the ward, with the rooms running or not. Exit code 1 when
    something is bad.
    """
    from appliance import log

    log.set_up("doctor", "ERROR")
    try:
        config = load(config_path)
        bad = _hardware(config, report, press_s, as_json) if hardware else _look(config, as_json)
    except ConfigError as error:
        _tell([Check("settings", "bad", error.code, str(error))], {"source": "none"}, as_json)
        bad = True
    ctx.exit(1 if bad else 0)


def _look(config: Config, as_json: bool) -> bool:
    from appliance.commands.doctor_look import look

    found = look(config)
    head = {"source": found.source, "house": config["house.id"], "words": dict(found.words)}
    _tell(found.checks, head, as_json, dict(found.numbers))
    return bool(found.bad)


def _hardware(config: Config, report: Path | None, press_s: float, as_json: bool) -> bool:
    from appliance.commands.doctor_hardware import examine
    from appliance.commands.doctor_look import devices_room_runs

    if devices_room_runs(config):
        raise click.UsageError(
            "the devices room is running and owns the devices; stop it first: "
            "systemctl stop hien-devices (the other rooms may go on)"
        )
    path = report or Path(f"hien-report-{config['house.id']}.json")
    found = examine(config, press_s, say=(lambda text: None) if as_json else click.echo)
    text = json.dumps(found, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", "utf-8")
    if as_json:
        click.echo(text)
    else:
        from appliance.commands.pi_checklist import page

        click.echo("\n" + page(found["by_hand"]))
        click.echo(f"\nBáo cáo: {path}")
    return any(step["state"] == "bad" for step in found["steps"])


def _tell(
    checks: list[Check],
    head: dict[str, Any],
    as_json: bool,
    numbers: dict[str, Any] | None = None,
) -> None:
    from appliance.web.words.check import name_of, of_check

    words = [(check, of_check(check.name, check.state, check.code)) for check in checks]
    if as_json:
        listed = [
            check.as_dict() | {"means": str(said.means), "do": str(said.do)}
            for check, said in words
        ]
        ok = all(check.state != "bad" for check in checks)
        body = {"ok": ok, **head, "checks": listed, "numbers": numbers or {}}
        click.echo(json.dumps(body, ensure_ascii=False, indent=1))
        return
    for check, said in words:
        click.echo(f"{_MARKS[check.state]}{name_of(check.name)}: {said.means}")
        if said.do and check.state != "ok":
            click.echo(f"         → {said.do}")
        if check.detail and check.state != "ok":
            click.echo(f"         ({check.detail})")
    bad = sum(check.state == "bad" for check in checks)
    click.echo("\n" + (f"{bad} chỗ cần xem lại." if bad else "Không có gì hỏng."))
