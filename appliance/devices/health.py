"""This file measures the box itself: flat numbers with their unit in the name, none invented.

What cannot be read is absent. Everything is read under a given root, so that a copied or faked
/proc and /sys does as well. There is no "SD health per cent": cards do not tell, so written GiB,
file system errors and a root gone read-only are shown instead.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from appliance.devices.root_card import root_numbers
from appliance.rtc import kept_the_time

SECTOR_BYTES = 512  # the unit of /sys/block/*/stat, whatever the device's own sector size
GIB = 2**30
MIB = 2**20


class Health:
    """Remembers only what must be counted over time: how often the supply voltage fell."""

    def __init__(self, data_dir: Path, root: Path = Path("/")) -> None:
        self._data_dir = data_dir
        self._root = root
        self._undervolt_before = 0
        self._undervolt_count = 0

    def numbers(self) -> dict[str, float]:
        """All numbers that can be had now. Keys end in their unit; yes and no are 1 and 0."""
        out: dict[str, float] = {}
        for part in (
            self._time,
            self._temperature,
            self._memory,
            self._disk,
            self._card,
            lambda: root_numbers(self._root),
            self._voltage,
            self._throttling,
            self._wifi,
        ):
            try:
                out.update(part())
            except (OSError, ValueError, IndexError):
                continue  # this box does not have it, or not in this form: absent, not invented
        return {name: int(value) if value == int(value) else value for name, value in out.items()}

    def words(self) -> dict[str, str]:
        """What names the box, for the greeting to the ward: kernel, model, operating system."""
        out = {"kernel": self._text("proc/sys/kernel/osrelease")}
        out["model"] = self._text("proc/device-tree/model").strip("\0")
        for line in self._text("etc/os-release").splitlines():
            if line.startswith("PRETTY_NAME="):
                out["os"] = line.partition("=")[2].strip('"')
        return {key: value for key, value in out.items() if value}

    def _time(self) -> dict[str, float]:
        out = {
            "uptime_s": float(int(float(self._need("proc/uptime").split()[0]))),
            "cpu_load1": float(self._need("proc/loadavg").split()[0]),
        }
        if (self._root / "run/systemd/timesync").is_dir():
            synced = (self._root / "run/systemd/timesync/synchronized").exists()
            out["time_sync"] = 2.0 if synced else float(self._has_clock())
        return out

    def _has_clock(self) -> bool:
        return any(kept_the_time(rtc) for rtc in (self._root / "sys/class/rtc").glob("rtc*"))

    def _temperature(self) -> dict[str, float]:
        """The processor's zone, by name; else the first zone there is."""
        zones = sorted((self._root / "sys/class/thermal").glob("thermal_zone*"))
        named = [z for z in zones if "cpu" in _read(z / "type") or "soc" in _read(z / "type")]
        for zone in named or zones:
            return {"soc_temp_c": round(int(_read(zone / "temp")) / 1000, 1)}
        return {}

    def _memory(self) -> dict[str, float]:
        out = {"swap_on_card": float(self._swaps_on_card())}
        for line in self._need("proc/meminfo").splitlines():
            if line.startswith("MemAvailable:"):
                out["mem_avail_mib"] = float(int(line.split()[1]) // 1024)
        return out

    def _swaps_on_card(self) -> bool:
        """Whether memory may be written to the card: a swap of its own, or what stands behind zram
        (Raspberry Pi OS puts a file there, and no list of swaps shows it)."""
        swaps = [line.split()[0] for line in self._text("proc/swaps").splitlines()[1:] if line]
        behind = [_read(path) for path in (self._root / "sys/block").glob("zram*/backing_dev")]
        return any("zram" not in name for name in swaps) or any(
            text not in ("", "none") for text in behind
        )

    def _disk(self) -> dict[str, float]:
        """The file system of the data folder, as a program without special rights may fill it."""
        stat = os.statvfs(self._data_dir)
        room = stat.f_bavail * stat.f_frsize
        used = (stat.f_blocks - stat.f_bfree) * stat.f_frsize
        out = {"disk_free_mib": float(room // MIB)}
        if used + room:
            out["disk_used_pct"] = round(100 * used / (used + room), 1)
        return out

    def _card(self) -> dict[str, float]:
        out: dict[str, float] = {}
        for line in self._text("proc/mounts").splitlines():
            fields = line.split()
            if len(fields) > 3 and fields[1] == "/":
                # the last one counts: an overlay is mounted over what was there before
                out["root_ro"] = float("ro" in fields[3].split(","))
        stat = _read(self._root / "sys/block/mmcblk0/stat").split()
        if len(stat) > 6:
            out["sd_written_gib"] = round(int(stat[6]) * SECTOR_BYTES / GIB, 3)
        errors = [
            int(text)
            for path in (self._root / "sys/fs/ext4").glob("*/errors_count")
            if (text := _read(path)).isdigit()
        ]
        if errors:
            out["sd_io_errors"] = float(sum(errors))
        life = _read(self._root / "sys/block/mmcblk0/device/life_time").split()
        if life and any(int(step, 16) for step in life):
            out["emmc_life_pct"] = float(max(int(step, 16) for step in life) * 10)
        return out

    def _voltage(self) -> dict[str, float]:
        """Edges of the kernel's alarm are counted here: the firmware's sticky bits are cleared by
        the kernel's own polling and say nothing."""
        for alarm in self._alarms():
            now = int(_read(alarm))
            if now and not self._undervolt_before:
                self._undervolt_count += 1
            self._undervolt_before = now
            return {
                "undervolt_now": float(now),
                "undervolt_count_boot": float(self._undervolt_count),
            }
        return {}

    def _alarms(self) -> Iterator[Path]:
        for monitor in sorted((self._root / "sys/class/hwmon").glob("hwmon*")):
            if _read(monitor / "name") == "rpi_volt":
                yield monitor / "in0_lcrit_alarm"

    def _throttling(self) -> dict[str, float]:
        """Only the live bits 0 to 3 of the firmware's word."""
        text = self._need("sys/devices/platform/soc/soc:firmware/get_throttled").strip()
        raw = int(text, 16)
        return {
            "throttled_now": float(raw >> 2 & 1),
            "freq_capped_now": float(raw >> 1 & 1),
            "soft_temp_limit_now": float(raw >> 3 & 1),
        }

    def _wifi(self) -> dict[str, float]:
        for line in self._need("proc/net/wireless").splitlines()[2:]:
            return {"wifi_rssi_dbm": float(line.split()[3].rstrip("."))}
        return {}

    def _need(self, path: str) -> str:
        return (self._root / path).read_text("utf-8", "replace")

    def _text(self, path: str) -> str:
        return _read(self._root / path)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
