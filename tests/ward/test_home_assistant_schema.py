"""This file proves our discovery against Home Assistant's own code, where that can be imported.

Home Assistant wants a newer Python than ours: name one that has it (`pip install homeassistant`)
in HIEN_HOME_ASSISTANT_PYTHON. The payloads go through its parser of device discovery and then,
component by component, through the schemas of its platforms.
"""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from ward.board import Board
from ward.home_assistant import discovery

PYTHON = os.environ.get("HIEN_HOME_ASSISTANT_PYTHON", sys.executable)
NEEDS = (
    "import homeassistant.components.mqtt.binary_sensor, homeassistant.components.mqtt.sensor;"
    "from homeassistant.components.mqtt.discovery import _parse_device_payload"
)
JUDGE = """
import json, sys
import voluptuous as vol
from homeassistant.components.mqtt import binary_sensor, discovery, sensor

def complaints(text):
    device = discovery._parse_device_payload(None, text, "nha-0017", None)
    if not device:
        return ["the whole"]
    if not discovery._valid_origin_info(device):
        return ["the origin"]
    found = []
    for name, config in device["components"].items():
        of = {"sensor": sensor, "binary_sensor": binary_sensor}[config.pop("platform")]
        config["device"], config["origin"] = device["device"], device["origin"]
        discovery._merge_common_device_options(config, device)
        config.pop("origin")  # the platforms' own schemas are not given it
        try:
            of.DISCOVERY_SCHEMA(dict(config))
            of.PLATFORM_SCHEMA_MODERN(dict(config))  # refuses keys it does not know
        except vol.Invalid as error:
            found.append(f"{name}: {error}")
    return found

print(json.dumps([complaints(text) for text in json.load(sys.stdin)]))
"""


def judged(payloads: list[dict[str, Any]]) -> list[list[str]]:
    """What Home Assistant would refuse of each payload."""
    texts = json.dumps([json.dumps(one) for one in payloads])
    done = subprocess.run(
        [PYTHON, "-c", JUDGE], input=texts, capture_output=True, text=True, check=True, timeout=120
    )
    answer: list[list[str]] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.slow
def test_home_assistant_takes_what_we_publish() -> None:
    """Ours without complaint; and spoiled copies are refused, so that the check can fail."""
    if subprocess.run([PYTHON, "-c", NEEDS], capture_output=True, check=False).returncode:
        pytest.skip("no Home Assistant: HIEN_HOME_ASSISTANT_PYTHON names a Python that has it")
    board = Board()
    board.state(
        "nha-0017", "hello", {"name": "Nhà một", "model": "Pi 4", "sw": "0.1.0"}, retained=False
    )
    ((house, _, _),) = board.houses()
    good = discovery(house, "https://console.ward.example")
    name = next(n for n, c in good["cmps"].items() if "device_class" in c)
    spoils: list[Callable[[dict[str, Any]], Any]] = [
        lambda d: d.pop("o"),
        lambda d: d["dev"].pop("ids"),
        lambda d: d["cmps"][name].update(device_class="no_such_class"),
        lambda d: d["cmps"][name].update(no_such_key=1),
    ]
    spoiled = [copy.deepcopy(good) for _ in spoils]
    for spoil, payload in zip(spoils, spoiled, strict=True):
        spoil(payload)
    ours, *bad = judged([good, *spoiled])
    assert ours == []
    assert all(bad), bad
