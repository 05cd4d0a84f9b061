"""This file proves that health numbers are read from a root folder, and none are made up."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.devices.health import Health

PI = {
    "proc/uptime": "86423.51 300000.00\n",
    "proc/loadavg": "0.42 0.30 0.20 1/200 999\n",
    "proc/meminfo": "MemTotal: 1900000 kB\nMemAvailable:  1048576 kB\n",
    "proc/mounts": "/dev/mmcblk0p2 / ext4 ro,noatime 0 0\nproc /proc proc rw 0 0\n",
    "proc/net/wireless": (
        "Inter-| sta-|   Quality\n face | tus | link level noise\n"
        " wlan0: 0000   55.  -61.  -256        0      0      0      0     12        0\n"
    ),
    "proc/sys/kernel/osrelease": "6.12.47+rpt-rpi-v8\n",
    "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.5\0",
    "etc/os-release": 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n',
    "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
    "sys/class/thermal/thermal_zone0/temp": "48686\n",
    "sys/class/hwmon/hwmon0/name": "cpu_thermal\n",
    "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
    "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
    "sys/block/mmcblk0/stat": "100 1 2000 5 300 2 4194304 9 0 1 2\n",
    "sys/fs/ext4/mmcblk0p2/errors_count": "0\n",
    "sys/fs/ext4/mmcblk0p3/errors_count": "2\n",
    "sys/devices/platform/soc/soc:firmware/get_throttled": "50005\n",
    "run/systemd/timesync/synchronized": "",
}


@pytest.fixture
def pi(tmp_path: Path) -> Path:
    """A Raspberry Pi 4 as its kernel shows itself."""
    for name, text in PI.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_a_pi_with_everything(pi: Path) -> None:
    """Each number equals what its file says, in the unit its name ends with."""
    numbers = Health(pi, pi).numbers()
    assert numbers.pop("disk_free_mib") > 0
    assert 0 <= numbers.pop("disk_used_pct") <= 100
    assert numbers == {
        "uptime_s": 86423,
        "cpu_load1": 0.42,
        "time_sync": 2,
        "soc_temp_c": 48.7,
        "mem_avail_mib": 1024,
        "swap_on_card": 0,
        "root_ro": 1,
        "sd_written_gib": 2.0,
        "sd_io_errors": 2,
        "undervolt_now": 0,
        "undervolt_count_boot": 0,
        "throttled_now": 1,
        "freq_capped_now": 0,
        "soft_temp_limit_now": 0,
        "wifi_rssi_dbm": -61,
    }


@pytest.mark.parametrize(
    ("swaps", "behind", "on_card"),
    [
        ("", "none", 0),
        ("/dev/zram0 partition 1 0 100\n", "none", 0),
        ("/dev/zram0 partition 1 0 100\n", "/dev/loop0", 1),
        ("/var/swap file 1 0 -2\n", "none", 1),
    ],
)
def test_swap_that_reaches_the_card_is_seen(
    pi: Path, swaps: str, behind: str, on_card: int
) -> None:
    """Also behind zram, where no list of swaps shows it: clear pages would lie there."""
    (pi / "proc/swaps").write_text(f"Filename Type Size Used Priority\n{swaps}")
    (pi / "sys/block/zram0").mkdir(parents=True)
    (pi / "sys/block/zram0/backing_dev").write_text(f"{behind}\n")
    assert Health(pi, pi).numbers()["swap_on_card"] == on_card


def test_falls_of_the_voltage_are_counted_by_their_edges(pi: Path) -> None:
    """Two falls with a recovery between are two; an alarm that lasts is one."""
    health = Health(pi, pi)
    alarm = pi / "sys/class/hwmon/hwmon1/in0_lcrit_alarm"
    counts = []
    for value in ("1", "1", "0", "1"):
        alarm.write_text(value)
        counts.append(health.numbers()["undervolt_count_boot"])
    assert counts == [1, 1, 1, 2]


def test_what_is_not_there_is_absent(tmp_path: Path) -> None:
    """An empty root gives the disk alone, which is measured by a system call."""
    assert set(Health(tmp_path, tmp_path).numbers()) == {"disk_free_mib", "disk_used_pct"}


def test_garbage_is_absent_too(pi: Path) -> None:
    """One unreadable file costs its own number, never the others."""
    (pi / "sys/class/thermal/thermal_zone0/temp").write_text("hot\n")
    (pi / "proc/net/wireless").write_text("?\n")
    numbers = Health(pi, pi).numbers()
    assert "soc_temp_c" not in numbers and "wifi_rssi_dbm" not in numbers
    assert numbers["uptime_s"] == 86423


def test_words_name_the_box(pi: Path) -> None:
    assert Health(pi, pi).words() == {
        "kernel": "6.12.47+rpt-rpi-v8",
        "model": "Raspberry Pi 4 Model B Rev 1.5",
        "os": "Debian GNU/Linux 13 (trixie)",
    }


def test_this_machine_answers() -> None:
    """The real /proc is understood."""
    numbers = Health(Path.cwd()).numbers()
    assert numbers["uptime_s"] > 0 and numbers["mem_avail_mib"] > 0
