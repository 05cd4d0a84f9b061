"""This file makes what ward IT drops on a card's boot partition after flashing Raspberry Pi OS.

cloud-init reads user-data, meta-data and network-config (YAML, of which JSON is a part that needs
no care for quotes); the rest lies in `hien/`. No private key is on the card: a one-time word stands
for the house until the box has made its own key. The partition is FAT and readable by whoever finds
the card, so the word dies in a week, and the network's key is there as its hash only (WPA's own).
Sources: cloud-init's NoCloud datasource, netplan v2, Raspberry Pi Imager's notes (no `enable_ssh`;
one `user`, with `sudo` said; eth0 beside wlan0).
"""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ward.enrol.authority import TrustError, write

FOLDER = "hien"
BOOT = "/boot/firmware"
VERSION = 1
COUNTRY = "VN"
# cloud-init marks `runcmd` as done before it begins, and never does it again. Where a power cut
# left that mark and not yet our unit, the next start does the same commands.
_BEGUN = "/var/lib/cloud/instance/sem/config_runcmd"
_OURS = "/etc/systemd/system/multi-user.target.wants/hien-first-boot.service"


@dataclass(frozen=True)
class Wifi:
    """One network. Raises TrustError for a name or key no network can have."""

    name: str
    password: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.name.encode()) <= 32:
            raise TrustError("a Wi-Fi name is 1 to 32 bytes long")
        if self.password and not re.fullmatch(r"[ -~]{8,63}", self.password):
            raise TrustError("a Wi-Fi password is 8 to 63 plain characters (WPA2)")

    def key(self) -> str:
        """The network's key as 64 hex digits (IEEE 802.11, annex J), or "" for an open one."""
        if not self.password:
            return ""
        name = self.name.encode()
        return hashlib.pbkdf2_hmac("sha1", self.password.encode(), name, 4096, 32).hex()


@dataclass(frozen=True)
class Card:
    """What one house's card says. `settings`: further lines of its hien.toml, by dotted name.
    `restore_key` opens the house's backups: on the printed page only, never on the card.
    `old_data`: a backup to begin with, sealed anew for this card alone, and the key to it (there is
    nobody's name in it, and its papers are sealed to their tickets besides)."""

    house: str
    name: str
    welcome: str
    word: str
    ca_pem: bytes
    until: datetime
    wifi: Wifi | None = None
    ssh_key: str = ""
    restore_key: str = ""
    old_data: bytes = b""
    old_data_key: str = ""
    settings: dict[str, str] = field(default_factory=dict)

    def files(self) -> dict[str, bytes]:
        """Path below the boot partition -> bytes."""
        old = {f"{FOLDER}/restore.age": self.old_data} if self.old_data else {}
        return {
            **old,
            "user-data": b"#cloud-config\n" + _json(self._user_data()),
            "meta-data": _json({"instance-id": self._instance(), "dsmode": "local"}),
            "network-config": _json(self._network()),
            f"{FOLDER}/card.toml": self._toml().encode(),
            f"{FOLDER}/ca.crt": self.ca_pem,
            # As long as all that the box will say: it is written over in place, so that no power
            # cut can spoil the card's tables (provisioning/first_boot/card/plainly.py).
            f"{FOLDER}/status.txt": "\ufeffThẻ chưa cắm vào máy nào.".encode().ljust(498) + b"\r\n",
        }

    def _instance(self) -> str:
        """Another one for each card made, so that cloud-init starts afresh."""
        return f"{self.house}-{hashlib.sha256(self.word.encode()).hexdigest()[:8]}"

    def _user_data(self) -> dict[str, Any]:
        login: dict[str, Any] = {
            "name": "ward-it",
            "gecos": "Ward IT",
            "shell": "/bin/bash",
            "lock_passwd": True,
            # Said, because the distribution's default would be root without a password.
            "sudo": "ALL=(ALL) NOPASSWD:ALL" if self.ssh_key else None,
        }
        commands: list[list[str]] = []
        if self.ssh_key:
            login["ssh_authorized_keys"] = [self.ssh_key]
            commands.append(["systemctl", "enable", "--now", "--no-block", "ssh"])
        commands.append(["sh", f"{BOOT}/{FOLDER}/start"])
        again = "; ".join(shlex.join(words) for words in commands)
        return {
            "hostname": "hien",
            "timezone": "Asia/Ho_Chi_Minh",
            "ssh_pwauth": False,
            "disable_root": True,
            "user": login,
            # The root is not grown over all of the card: the box gives the rest to its data.
            "growpart": {"mode": "off"},
            "resize_rootfs": False,
            "bootcmd": [["sh", "-c", f"[ ! -e {_BEGUN} ] || [ -e {_OURS} ] || {{ {again}; }}"]],
            "runcmd": commands,
        }

    def _network(self) -> dict[str, Any]:
        """`optional`: the box starts, and is of use, without any network."""
        found: dict[str, Any] = {
            "version": 2,
            "ethernets": {"eth0": {"dhcp4": True, "optional": True}},
        }
        if self.wifi:
            key = self.wifi.key()
            found["wifis"] = {
                "wlan0": {
                    "dhcp4": True,
                    "optional": True,
                    "regulatory-domain": COUNTRY,
                    "access-points": {self.wifi.name: {"password": key} if key else {}},
                }
            }
        return found

    def _toml(self) -> str:
        lines = [
            "# One house's card. The word lets its box in once; the box removes it afterwards.",
            f"version = {VERSION}",
            f"house = {_quoted(self.house)}",
            f"name = {_quoted(self.name)}",
            f"welcome = {_quoted(self.welcome)}",
            f"until = {_quoted(f'{self.until:%Y-%m-%d}')}",
            f"word = {_quoted(self.word)}",
            *([f"restore_key = {_quoted(self.old_data_key)}"] if self.old_data else []),
            "",
            "[settings]",
            *(f"{_quoted(k)} = {_quoted(v)}" for k, v in sorted(self.settings.items())),
        ]
        return "\n".join(lines) + "\n"

    def sheet(self, where: Path) -> str:
        """One page for whoever carries the card to the house."""
        wifi = f"Wi-Fi            {self.wifi.name}" if self.wifi else "Mạng             dây LAN"
        return "\n".join(
            [
                f"NHÀ              {self.house}" + (f"  ({self.name})" if self.name else ""),
                f"Nơi nhận nhà     {self.welcome}",
                wifi,
                f"Thẻ dùng đến     {self.until:%d/%m/%Y}",
                "",
                f"1. Rút thẻ an toàn khỏi máy tính (tệp nằm ở {where.name or where}).",
                "2. Cắm thẻ, máy in, camera rồi mới cắm điện. Không cần màn hình, bàn phím.",
                "3. Đợi khoảng 15 phút. Máy in ra phiếu “Tôi đã sẵn sàng” có địa chỉ và mã.",
                "4. Đèn xanh trên bo mạch chớp nhanh: có bước chưa xong. Đọc phiếu, hoặc cắm thẻ",
                "   vào máy tính rồi mở tệp hien/status.txt: có ghi bước nào và phải làm gì.",
                f"5. Mất thẻ: chạy  hien ward revoke {self.house}",
                *(
                    [
                        "",
                        "KHOÁ MỞ BẢN SAO LƯU (in ra, cất trong két; không chụp, không gửi)",
                        self.restore_key,
                    ]
                    if self.restore_key
                    else []
                ),
            ]
        )


def lay(card: Card, folder: Path, also: dict[str, Path]) -> list[str]:
    """Write the card's files below `folder` (the mounted boot partition); the names written.

    `also`: further files, such as the release, copied as they are. Raises OSError.
    """
    written = []
    sources = Path(__file__).resolve().parents[2] / "provisioning/first_boot"
    plain = {f"{FOLDER}/{p.name}": p for p in sorted((sources / "card").iterdir()) if p.is_file()}
    for name, path in {**plain, **also}.items():
        _put(folder / name, path.read_bytes())
        written.append(name)
    for name, data in card.files().items():
        _put(folder / name, data)
        written.append(name)
    line = folder / "cmdline.txt"
    if line.exists() and (kept := not_grown(line.read_text("utf-8"))) != line.read_text("utf-8"):
        _put(line, kept.encode())
        written.append(line.name)
    return sorted(written)


def not_grown(line: str) -> str:
    """The kernel's line without the word by which Raspberry Pi OS grows its root over the card at
    its first start (`resize`, of raspberrypi-sys-mods' initramfs scripts)."""
    return re.sub(r"(?<!\S)resize(?!\S)[ ]?", "", line).rstrip() + "\n"


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write(path, data, 0o644)  # FAT keeps no rights


def _json(what: dict[str, Any]) -> bytes:
    return json.dumps(what, ensure_ascii=False, indent=2).encode() + b"\n"


def _quoted(text: str) -> str:
    """JSON's strings are TOML's basic strings."""
    return json.dumps(text, ensure_ascii=False)
