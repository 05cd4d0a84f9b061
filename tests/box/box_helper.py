"""This file proves root's helper as the rooms meet it: behind their own unit's walls."""

from __future__ import annotations

import json
import shutil
import textwrap
from pathlib import Path

from machine import must, run, show, until

ASK = """
import socket, sys
line = socket.socket(socket.AF_UNIX)
line.settimeout(60)
line.connect("/run/hien-helper/ask")
line.sendall(sys.argv[1].encode() + b"\\n")
print(line.makefile().readline())
"""
# As the rooms are shut in; PrivateUsers is what could hide from the kernel who asks.
WALLS = ("PrivateUsers=yes", "ProtectSystem=strict", "NoNewPrivileges=yes",
         "RestrictAddressFamilies=AF_UNIX", "PrivateTmp=yes", "CapabilityBoundingSet=")  # fmt: skip
INBOX = Path("/var/lib/hien/inbox")


def ask(who: str, **what: str) -> str:
    """The helper's answer to this user: "ok" or a code; "no way in" where it cannot even knock."""
    walls = [word for wall in WALLS for word in ("-p", wall)]
    done = run(
        *("systemd-run", "--quiet", "--wait", "--pipe", "--collect", f"--description=ask as {who}",
        "-p", f"User={who}"),
        *walls, "--", "/usr/bin/python3", "-I", "-c", ASK, json.dumps(what),
    )  # fmt: skip
    if done.returncode != 0:
        assert "PermissionError" in done.stderr, done.stderr
        return "no way in"
    said = json.loads(done.stdout)
    return "ok" if said == {"ok": True} else said["code"]


RING = "for _ in range(35):\n" + textwrap.indent(ASK.strip(), "    ")


def scenario_a_room_that_asks_in_a_ring_shuts_nobody_out() -> None:
    """Thirty-five times within a minute: the others are heard afterwards."""
    asked = ("/usr/bin/python3", "-I", "-c", RING, json.dumps({"verb": "no-such-verb"}))
    said = must("runuser", "-u", "hien-web", "--", *asked)
    assert said.count("not_allowed") == 35, said
    assert show("hien-helper.socket", "ActiveState") == "active"
    assert ask("hien-sync", verb="no-such-verb") == "not_allowed"


def scenario_each_room_asks_for_its_own() -> None:
    """Who asks is told by the kernel; what is not for this room is refused, and nothing happens."""
    house = "khong-phai-nha-nay"
    assert ask("nobody", verb="reboot") == "no way in"
    for verb in ("reboot", "set-wifi", "apply-update", "factory-reset"):
        assert ask("hien-devices", verb=verb, house=house) == "not_allowed", verb
    for verb in ("set-wifi", "factory-reset"):
        assert ask("hien-sync", verb=verb, house=house) == "not_allowed", verb
    assert ask("hien-web", verb="sh") == "not_allowed"
    assert ask("hien-web", verb="../x") == "bad_request"
    assert ask("hien-web", verb="factory-reset", house=house) == "wrong_house"
    assert ask("hien-web", verb="set-wifi", name="Nhà", password="ngan") == "bad_password"
    assert Path("/var/lib/hien/hien.db").exists() and Path("/etc/hien/hien.toml").exists()


def scenario_a_release_is_handed_to_the_updater() -> str:
    """By the room's word it only begins: the updater refuses what is not signed, as always."""
    assert ask("hien-sync", verb="apply-update", file="../../etc/passwd.hien") == "bad_file"
    assert ask("hien-sync", verb="apply-update", file="8.8.8.hien") == "no_file"
    shutil.copy("/media/bundles/stranger.hien", INBOX / "stranger.hien")
    assert ask("hien-sync", verb="apply-update", file="stranger.hien") == "ok"

    def said() -> str:
        return run("journalctl", "--no-pager", "-ocat", "-u", "hien-update-now").stdout

    took_s = until(lambda: "no key is pinned" in said(), 60, f"the updater's answer: {said()}")
    (INBOX / "stranger.hien").unlink()
    run("systemctl", "reset-failed", "hien-update-now")
    assert "hien-update-now" not in must("systemctl", "--failed", "--plain", "--no-legend")
    return f"refused after {took_s:.1f} s"


def scenario_wifi_without_a_chip() -> str:
    """No Wi-Fi in this machine: told so, and the key is in root's file alone."""
    code = ask("hien-web", verb="set-wifi", name="Nhà văn hóa 5G", password="12345678abc")
    assert code == "failed", code
    kept = Path("/etc/NetworkManager/system-connections/hien-wifi.nmconnection")
    assert kept.stat().st_mode & 0o777 == 0o600 and kept.stat().st_uid == 0
    log = must("journalctl", "--no-pager", "-ocat", "-b")
    assert "12345678abc" not in log
    kept.unlink()
    return "failed, and said so"
