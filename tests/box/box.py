"""This file runs inside the booted box, as root: each scenario in turn, and the verdict.

The system's Python alone. A scenario is a function in a `box_*` module of this folder whose name
begins with `scenario_`; it says what it proves, and raises AssertionError when that does not hold.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
import traceback
from pathlib import Path

HERE = Path(__file__).parent
# Before the machine is started anew, and after each start. The card's box is bare again.
MODULES = (
    ("box_first", "box_rights", "box_helper", "box_faults", "box_data", "box_update", "box_backup"),
    ("box_boot", "box_last", "box_card", "box_forget"),
    ("box_forgotten",),
)
# What every change passes: rated units, the first and second run, a hung room, a way back.
SHORT = (
    "install_offline", "second_run", "no_unit_failed", "rooms_cannot_write_elsewhere",
    "rooms_have_no_power", "only_the_houses_ports", "units_are_shut_in", "hung_room_is_killed",
    "no_room_without_its_data", "bad_signature_tampered_downgrade", "sick_release_goes_back",
    "cloud_init_knows_the_card",
)  # fmt: skip
SLOW = (
    "good_release_is_taken_in", "sick_release_goes_back", "release_before_uses_the_newer_table",
    "starts_in_vain_go_back",
)  # fmt: skip
REBOOT, SO_FAR = HERE / "reboot", HERE / "so-far"


def main() -> None:
    sys.path.insert(0, str(HERE))
    wanted = [word for word in sys.argv[1:] if not word.startswith("--")]
    quick, short = "--quick" in sys.argv, "--short" in sys.argv
    # How often it was started anew, for what comes next.
    start = int(REBOOT.read_text()) if REBOOT.exists() else 0
    passed, failed = json.loads(SO_FAR.read_text()) if start else (0, [])
    for module_name in (*MODULES[0], "box_card") if short else MODULES[start]:
        if failed and module_name == "box_rights":
            break  # no house, nothing more to ask
        module = importlib.import_module(module_name)
        for name, scenario in vars(module).items():
            if not name.startswith("scenario_") or scenario.__module__ != module_name:
                continue
            title = name.removeprefix("scenario_")
            if wanted and module_name not in ("box_first", *wanted) and title not in wanted:
                continue
            if short and title not in SHORT:
                continue
            if quick and title in SLOW:
                print(f"--   {title:34} left out: --quick", flush=True)
                continue
            began_s = time.monotonic()
            if module_name == "box_forget":  # it starts the machine anew by itself
                SO_FAR.write_text(json.dumps((passed, failed)))
                REBOOT.write_text("2")
            try:
                said = scenario() or ""
                passed += 1
                print(f"ok   {title:34} {time.monotonic() - began_s:5.1f} s  {said}", flush=True)
            except Exception as error:  # noqa: BLE001 -- the others are asked all the same
                failed.append(title)
                print(f"FAIL {title}: {error!r}", flush=True)
                traceback.print_exc()
    if start == 0 and not short:
        SO_FAR.write_text(json.dumps((passed, failed)))
        REBOOT.write_text("1")  # what is started afterwards sees to the machine's new start
        return
    REBOOT.unlink(missing_ok=True)
    word = "FAILED: " + ", ".join(failed) if failed else "passed"
    if short and passed + len(failed) != len(SHORT):
        word = f"FAILED: {len(SHORT)} scenarios were to be asked, {passed + len(failed)} were"
    (HERE / "verdict").write_text(f"test-box: {word} ({passed} scenarios passed)\n")


if __name__ == "__main__":
    main()
