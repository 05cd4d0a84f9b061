"""This file asks the box to forget its house, as the desk does; it starts anew by itself."""

from __future__ import annotations

import time

from box_helper import ask
from machine import run


def scenario_the_house_is_forgotten() -> None:
    """By its own name, from the web room: taken, and the machine goes down. What is asked next is
    in box_forgotten; coming to an end here is the fault."""
    code = ask("hien-web", verb="factory-reset", house="khu-pho-3")
    assert code == "ok", (code, run("journalctl", "--no-pager", "-ocat", "-n40").stdout)
    time.sleep(120)
    raise AssertionError("still up two minutes later")
