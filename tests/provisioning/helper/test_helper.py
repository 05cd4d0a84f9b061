"""This file proves who may have what done as root, and what each of the four verbs does."""

from __future__ import annotations

import json
import os
import random
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from appliance import ask_root
from provisioning.helper import serve, verbs

SECRET = "mat khau cua nha"


class Ran(list[list[str]]):
    """What would have been run."""

    def __call__(self, command: list[str]) -> None:
        self.append(list(command))


@pytest.fixture
def ran() -> Ran:
    return Ran()


@pytest.fixture
def machine(tmp_path: Path, ran: Ran) -> verbs.Machine:
    for folder in ("proc", "etc/hien/sync", "var/lib/hien/inbox", "run/hien", "var/lib/hien-box"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc/uptime").write_text("500.0 1.0")
    (tmp_path / "etc/hien/hien.toml").write_text('[house]\nid = "khu-pho-3"\n')
    return verbs.Machine(tmp_path, ran)


def ask(machine: verbs.Machine, who: str, **asked: object) -> str:
    """The code, or "ok"."""
    said = serve.answer(json.dumps(asked).encode(), who, machine)
    return "ok" if said["ok"] else str(said["code"])


@pytest.mark.parametrize(
    ("who", "verb", "may"),
    [
        ("hien-web", "reboot", True), ("hien-sync", "reboot", True),
        ("hien-devices", "reboot", False), ("www-data", "reboot", False), ("", "reboot", False),
        ("hien-sync", "set-wifi", False), ("hien-sync", "factory-reset", False),
        ("hien-web", "shell", False), ("root", "shell", False),
    ],
)  # fmt: skip
def test_who_may_ask_for_what(
    machine: verbs.Machine, ran: Ran, who: str, verb: str, may: bool
) -> None:
    """Default deny: what is not in the table is refused, and nothing was run."""
    assert ask(machine, who, verb=verb) == ("ok" if may else "not_allowed")
    assert bool(ran) is may


def test_a_machine_that_just_started_is_not_started_anew(machine: verbs.Machine, ran: Ran) -> None:
    """A room that asks at every start would otherwise do so for ever."""
    (machine.root / "proc/uptime").write_text("60.0 1.0")
    assert ask(machine, "hien-sync", verb="reboot") == "too_soon" and ran == []


def test_a_network_is_joined_and_its_key_is_on_no_command_line(
    machine: verbs.Machine, ran: Ran, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "Nhà văn hóa; 5G"
    assert ask(machine, "hien-web", verb="set-wifi", name=name, password=SECRET) == "ok"
    [path] = (machine.root / "etc/NetworkManager/system-connections").iterdir()
    text = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600 and f"psk={SECRET}\n" in text
    ssid = next(x for x in text.splitlines() if x.startswith("ssid=")).removeprefix("ssid=")
    assert bytes(int(b) for b in ssid.split(";")[:-1]).decode() == name
    assert ran[-1][-2:] == ["up", "hien-wifi"]
    assert SECRET not in str(ran) + "".join(capsys.readouterr())
    # An open network has no key at all.
    assert ask(machine, "hien-web", verb="set-wifi", name="Mo") == "ok"
    assert "psk" not in path.read_text()


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": ""}, "bad_name"), ({"name": "x" * 33}, "bad_name"), ({"name": 3}, "bad_name"),
        ({"name": "a\nb"}, "bad_name"), ({"name": "a", "password": "short"}, "bad_password"),
        ({"name": "a", "password": "12345678\n[x]"}, "bad_password"),
        ({"name": "a", "password": "mật khẩu có dấu"}, "bad_password"),
        ({"name": "a", "password": None}, "bad_password"),
    ],
)  # fmt: skip
def test_what_no_network_can_be_called_is_refused(
    machine: verbs.Machine, ran: Ran, more: dict[str, object], code: str
) -> None:
    assert ask(machine, "hien-web", verb="set-wifi", **more) == code and ran == []


def test_only_a_release_in_the_inbox_is_tried(machine: verbs.Machine, ran: Ran) -> None:
    """By its bare name: no path, no link, nothing that is not there."""
    inbox = machine.root / "var/lib/hien/inbox"
    (inbox / "0.2.0.hien").touch()
    (inbox / "link.hien").symlink_to("/etc/passwd")
    for name, code in {
        "0.2.0.hien": "ok", "0.3.0.hien": "no_file", "link.hien": "no_file",
        "../hien.db": "bad_file", "/etc/x.hien": "bad_file", "--help.hien": "bad_file",
        "a\nb.hien": "bad_file",
    }.items():  # fmt: skip
        assert ask(machine, "hien-sync", verb="apply-update", file=name) == code, name
    assert len(ran) == 1 and ran[0][-1] == str(inbox / "0.2.0.hien")


def test_a_house_is_forgotten_only_by_its_name(machine: verbs.Machine, ran: Ran) -> None:
    """Papers, table, keys, settings and network go; releases and what the box is stay."""
    root = machine.root
    for name in ("var/lib/hien/hien.db", "var/lib/hien/sealed/v/p.age", "etc/hien/sync/house.key",
                 *(f"var/lib/hien-box/first-boot/{mark}"
                   for mark in ("done", "restored", "release/provisioning/install"))):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    (root / "opt/hien").mkdir(parents=True)
    (root / "opt/hien/kept").touch()
    ask(machine, "hien-web", verb="set-wifi", name="a", password=SECRET)
    ran.clear()
    assert ask(machine, "hien-web", verb="factory-reset", house="khu-pho-4") == "wrong_house"
    assert ask(machine, "hien-web", verb="factory-reset") == "wrong_house"
    assert (root / "var/lib/hien/hien.db").exists() and ran == []
    assert ask(machine, "hien-web", verb="factory-reset", house="khu-pho-3") == "ok"
    left = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    assert left == ["opt/hien/kept", "proc/uptime"]
    assert ran[1][:2] == ["systemctl", "stop"] and ran[-1][-1] == "reboot"


@pytest.mark.parametrize("fails", ["stop", "remove", "install"])
def test_a_reset_that_fails_leaves_no_house_with_its_rooms_stopped(
    machine: verbs.Machine, ran: Ran, fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Started anew whatever fails; what can be taken away is; and a start was asked for beforehand,
    for when this very process is ended."""
    if fails == "remove":

        def rmtree(path: Path, *, ignore_errors: bool) -> None:
            assert ignore_errors

        (machine.root / "var/lib/hien/sealed").mkdir()
        monkeypatch.setattr(verbs.shutil, "rmtree", rmtree)

    def run(command: list[str]) -> None:
        ran(command)
        if any(word.endswith(fails) or word == f"--{fails}" for word in command[:2]):
            raise verbs.Refused("failed")

    (machine.root / "var/lib/hien/hien.db").touch()
    failing = verbs.Machine(machine.root, run)
    assert ask(failing, "hien-web", verb="factory-reset", house="khu-pho-3") == "failed"
    assert ran[0][0] == "systemd-run" and ran[0][-2:] == ["systemctl", "reboot"]
    assert ran[-1] == ["systemctl", "--no-block", "reboot"]
    assert (machine.root / "var/lib/hien/hien.db").exists() is (fails == "stop")


def test_rubbish_is_refused_and_never_an_error(machine: verbs.Machine, ran: Ran) -> None:
    """Three thousand lines nobody would send: an answer each, and nothing run."""
    chance = random.Random(7)
    good = json.dumps({"verb": "set-wifi", "name": "a", "password": SECRET}).encode()
    for _ in range(3000):
        line = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            line[chance.randrange(len(line))] = chance.randrange(256)
        assert serve.answer(bytes(line), "hien-devices", machine)["ok"] is False
    for line in (b"", b"[]", b"3", b'{"verb": []}', b'{"verb": "x"}', b"[" * 4000, b"\xff"):
        assert serve.answer(line, "hien-web", machine)["ok"] is False
    assert ran == []


def test_over_a_real_socket_the_kernel_says_who_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As systemd starts it; what is not one of the four verbs is refused to whoever asks."""
    listening = tmp_path / "ask"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(listening))
        server.listen()
        thread = threading.Thread(target=_serve_one, args=(server,))
        thread.start()
        monkeypatch.setenv("HIEN_HELPER", str(listening))
        assert ask_root.is_there()
        with pytest.raises(ask_root.RootRefused) as refused:
            ask_root.ask("no-such-verb")
        thread.join()
    assert refused.value.code == "not_allowed"


def _serve_one(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        subprocess.run(
            [sys.executable, "-I", str(Path(serve.__file__))], stdin=connection.fileno(), check=True
        )


def test_a_machine_without_a_helper_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HIEN_HELPER", str(tmp_path / "none"))
    assert not ask_root.is_there()
    with pytest.raises(ask_root.RootRefused) as refused:
        ask_root.ask("reboot")
    assert refused.value.code == "no_helper"


def test_a_line_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serve, "TIMEOUT_S", 0.2)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert serve.peer(ours) == serve.pwd.getpwuid(os.getuid()).pw_name
        assert serve.read_line(ours) == b""
        theirs.sendall(b"x" * (serve.MOST_BYTES + 1))
        assert serve.read_line(ours) == b""
