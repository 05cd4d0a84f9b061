"""This file joins a new box to its ward while the power may go: it joins once, by the same key.

The ward is another machine: its door runs in a process of its own, its folder is not on the card.
The boot partition is a folder of the card here; on a box it is a FAT beside it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from appliance import bootstrap, config
from appliance.errors import HienError
from appliance.service import box_slips
from provisioning.first_boot import card as cards
from provisioning.first_boot.join import Place
from provisioning.first_boot.join import join as join_ward
from tests.powercut.scene import Facts, Say

HOUSE = "khu-pho-3"
GROUP = 4321  # what the rooms may read by
WIFI = ("Nhà văn hóa 5G", "12345678abc")


class Join:
    def __init__(self) -> None:
        from appliance.commands.ward import ward as command

        self._ward = Path(tempfile.mkdtemp(prefix="ward-"))
        _done(CliRunner().invoke(command, ["init", "--dir", str(self._ward), "--host", "127.0.0.1",
                                           "--port", "18883"]))  # fmt: skip
        self._door = subprocess.Popen(
            [sys.executable, "-m", "tests.powercut.join", str(self._ward)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._door.stdout is not None
        self._port = int(self._door.stdout.readline())

    def prepare(self, card: Path) -> None:
        from appliance.commands.ward import ward as command

        for name in ("boot", "etc", "data"):
            (card / name).mkdir()
        (self._ward / "0.1.0.hien").write_bytes(b"a release")
        (self._ward / "update.pem").write_bytes(b"a public key")
        _done(CliRunner().invoke(
            command,
            ["enrol", HOUSE, "--dir", str(self._ward), "--card", str(card / "boot"),
             "--wifi", WIFI[0], "--release", str(self._ward / "0.1.0.hien"),
             "--welcome", f"https://127.0.0.1:{self._port}",
             "--update-key", str(self._ward / "update.pem")],
            env={"HIEN_WIFI_PASSWORD": WIFI[1]},
        ))  # fmt: skip
        shutil.copyfile(self._ward / "tls/tokens.json", self._ward / "tokens.kept")
        settings = card / "etc/hien.toml"
        settings.write_text(f'[data]\ndir = "{card}/data"\nram_dir = "{card}/ram"\n')
        settings.chmod(0o640)
        os.chown(settings, 0, GROUP)

    def act(self, card: Path, say: Say) -> None:
        # Each try is the first one for the ward, as for the card.
        shutil.copyfile(self._ward / "tokens.kept", self._ward / "tls/tokens.json")
        say("joined", _join(card))
        _ready(card)
        say("ready", "")

    def check(self, card: Path, facts: Facts) -> list[str]:
        """The next start does the step once more, whether it was said to be done or not."""
        try:
            if _join(card) != HOUSE:
                return ["another house joined"]
            _ready(card)
        except (HienError, OSError) as error:
            return [f"it cannot join any more: {error}"]
        return [*_keys(card), *_secrets(card), *_slips(card)]


def _join(card: Path) -> str:
    return join_ward(cards.read(card / "boot/hien"), _place(card))


def _place(card: Path) -> Place:
    return Place(card / "etc", (0, GROUP))


def _ready(card: Path) -> None:
    parts = bootstrap.build(config.load(str(card / "etc/hien.toml")), "join")
    with closing(parts.store()) as store:
        box_slips.ready(store, parts.clock.now(), ["http://hien.local"])


def _keys(card: Path) -> list[str]:
    """The key fits the certificate, the settings name both, and the rooms may read them."""
    found = config.load(str(card / "etc/hien.toml"))
    if found["house.id"] != HOUSE:
        return [f"the settings are of {found['house.id']}"]
    wrong = []
    key = load_pem_private_key(Path(found["sync.key_file"]).read_bytes(), None)
    certificate = x509.load_pem_x509_certificate(Path(found["sync.cert_file"]).read_bytes())
    if key.public_key() != certificate.public_key():
        wrong.append("the certificate is for another key")
    for name in (found["sync.key_file"], found["sync.cert_file"], found["sync.ca_file"],
                 str(card / "etc/hien.toml")):  # fmt: skip
        at = Path(name).stat()
        if (at.st_gid, at.st_mode & 0o777) != (GROUP, 0o640):
            wrong.append(f"{Path(name).name} is of group {at.st_gid}, {at.st_mode & 0o777:o}")
    return wrong


def _secrets(card: Path) -> list[str]:
    """Nothing on the boot partition is of use to a finder."""
    import json

    wrong = []
    if cards.read(card / "boot/hien").word:
        wrong.append("the word is on the card still")
    network = json.loads((card / "boot/network-config").read_text())
    for point in network["wifis"]["wlan0"]["access-points"].values():
        if point["password"]:
            wrong.append("the network's key is on the card still")
    return wrong


def _slips(card: Path) -> list[str]:
    parts = bootstrap.build(config.load(str(card / "etc/hien.toml")), "join")
    with closing(parts.store()) as store:
        if (said := store.value("PRAGMA integrity_check")) != "ok":
            return [f"integrity: {said}"]
        slips = store.value("SELECT count(*) FROM print_jobs")
    return [] if slips == 1 else [f"{slips} slips say that it is ready"]


def _done(result: object) -> None:
    if getattr(result, "exit_code", 1) != 0:
        raise RuntimeError(getattr(result, "output", ""))


def _serve(ward: Path) -> None:
    """The ward's door, until whoever started it is gone."""
    from ward.enrol.welcome import WelcomeDoor

    door = WelcomeDoor("127.0.0.1", 0, ward / "tls")
    threading.Thread(target=door.serve_forever, daemon=True).start()
    print(door.server_port, flush=True)
    sys.stdin.read()
    shutil.rmtree(ward, ignore_errors=True)


if __name__ == "__main__":
    _serve(Path(sys.argv[1]))
