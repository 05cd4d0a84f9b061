"""This file throws nearly right forms at every address of the web room: no answer is a crash.

Every rule of the app that takes POST is met, signed in and not; see `test_parsers` for the counts.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from appliance import bootstrap, config
from appliance.web.app import create_app
from tests.fuzz import mutate, runner

FORM = b"key=0b7c2a4e-5d0e-4c3f-9a51-3f0f6f1f2c77&service=chung-thuc&pin=2468&volunteer=1&number=12"


def test_forms_and_addresses(tmp_path: Path) -> None:
    """Status 500 never; a 4xx is an answer, and so is a redirect."""
    given = {"data.dir": str(tmp_path / "data"), "data.ram_dir": str(tmp_path / "ram")}
    parts = bootstrap.build(config.load(None, given), "web")
    app = create_app(parts)
    client = app.test_client()
    chance = random.Random(runner.SEED)
    rules = sorted(r.rule for r in app.url_map.iter_rules() if "stream" not in r.rule)
    count = runner.how_many(0.05)
    headers = {"Origin": "http://localhost", "Content-Type": "application/x-www-form-urlencoded"}
    for body in mutate.inputs([FORM, b"", b"key=x"], count, runner.SEED):
        path = chance.choice(rules)
        while "<" in path:
            before, rest = path.split("<", 1)
            odd = chance.choice((b"1", b"x", *mutate.ODD)).decode("utf-8", "replace")
            path = before + (odd.replace("\r", "").replace("\n", "") or "0") + rest.split(">", 1)[1]
        method = chance.choice(("GET", "POST", "POST", "POST"))
        query = body[:60].decode("latin-1") if method == "GET" else ""
        answer: Any = client.open(
            path, method=method, data=body, headers=headers, query_string=query
        )
        assert answer.status_code != 500, f"seed {runner.SEED}: {method} {path!r} {body[:300]!r}"
        answer.close()
        runner.counts["forms and addresses"] += 1
