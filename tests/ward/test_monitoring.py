"""This file holds the files for other tools to what the ward says: names, rules, panels."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.ward.web.conftest import Desk

FOLDER = Path(__file__).resolve().parents[2] / "docs/monitoring"
RULES, TESTS = FOLDER / "hien-alerts.yml", FOLDER / "hien-alerts-test.yml"
DASHBOARD = FOLDER / "hien-grafana.json"
NAME = re.compile(r"\bhien_[a-z0-9_]+")
HEALTH = {"printer_ok": 1, "undervolt_now": 0, "uptime_s": 60, "outbox_rows": 0,
          "disk_free_mib": 9000, "soc_temp_c": 50.5}  # fmt: skip


def expressions() -> list[str]:
    """Every query of the dashboard, with its variables filled in."""
    board = json.loads(DASHBOARD.read_text("utf-8"))
    found = [t["expr"] for panel in board["panels"] for t in panel["targets"]]
    return [e.replace("$house", ".*") for e in found]


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    desk = Desk(tmp_path)
    desk.says("queue", waiting=1, longest_wait_s=60)
    desk.says("help", open=0)
    desk.says("health", **HEALTH)
    # The names of the counters are the keys the listener counts under.
    source = (Path(__file__).resolve().parents[2] / "ward/listener.py").read_text("utf-8")
    desk.ward.listener.counts.update(dict.fromkeys(re.findall(r'counts\["(\w+)"\]', source), 1))
    return desk.client


def test_every_name_in_rules_and_panels_is_one_the_ward_says(client: FlaskClient) -> None:
    """A renamed metric would make an alert that never rings."""
    said = set(re.findall(r"^# TYPE (\w+)", client.get("/metrics").text, re.M))
    asked = set(NAME.findall(RULES.read_text("utf-8"))) | {
        name for e in expressions() for name in NAME.findall(e)
    }
    assert len(asked) > 12
    assert asked - said == set()


def test_health_keys_asked_for_are_in_the_contract() -> None:
    contract = (FOLDER.parent / "protocol.md").read_text("utf-8")
    assert [key for key in HEALTH if key not in contract] == []


def promtool() -> str:
    found = shutil.which("promtool")
    if found is None:
        pytest.skip("promtool is not here (Debian: apt install prometheus)")
    return found


def run(*argv: str) -> None:
    said = subprocess.run([promtool(), *argv], cwd=FOLDER, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_rules_are_rules_and_ring_when_they_should() -> None:
    run("check", "rules", RULES.name)
    run("test", "rules", TESTS.name)


def test_every_panel_asks_what_prometheus_understands(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{n}", "expr": e} for n, e in enumerate(expressions())]
    file = tmp_path / "panels.yml"
    file.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    run("check", "rules", str(file))


def test_what_the_ward_says_is_well_formed(client: FlaskClient) -> None:
    text = client.get("/metrics").text
    said = subprocess.run(
        [promtool(), "check", "metrics"], input=text, capture_output=True, text=True
    )
    # It also has opinions on help texts and names; what it cannot read it says in other words.
    assert "error while linting" not in said.stderr + said.stdout, said.stderr


def test_the_dashboard_is_whole() -> None:
    """Panels do not lie over each other, have their own ids, and ask the chosen source."""
    board: dict[str, Any] = json.loads(DASHBOARD.read_text("utf-8"))
    seen: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        g = panel["gridPos"]
        cells = {
            (x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])
        }
        assert g["x"] + g["w"] <= 24 and not cells & seen, panel["title"]
        seen |= cells
        assert all(t["datasource"]["uid"] == "${source}" for t in panel["targets"])
    ids = [panel["id"] for panel in board["panels"]]
    assert len(set(ids)) == len(ids)
