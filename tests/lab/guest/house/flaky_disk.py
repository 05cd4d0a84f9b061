"""This file runs in a house whose data lie on a disk of their own, which fails now and then.

dm-flakey below ext4 (`errors=remount-ro`): writes fail for seconds, and then for good, until the
disk is sound again and the machine's people have started it anew.
"""

from __future__ import annotations

import json
import re
import sqlite3
import time

from house import ask, say, take_ticket, wait
from machine import ROOMS, must, run, show, well

DISK, MAPPED, DATA = "/dev/vdd", "/dev/mapper/data", "/var/lib/hien"
# Longer than any interval of the test.
FOR_GOOD_S = 3600
HONEST = ("Thẻ nhớ bị khóa", "Thẻ nhớ đang trục trặc", "Chưa ghi được", "Máy đang bận ghi")


def main() -> None:
    sectors = int(must("blockdev", "--getsz", DISK))
    move_the_data(sectors)
    taken = [take_ticket()]
    before = deaths()
    say(f"on {must('findmnt', '-no', 'SOURCE,FSTYPE,OPTIONS', DATA).strip()}")
    # Five seconds well, two seconds in which what is written is refused; for half a minute.
    table(f"0 {sectors} flakey {DISK} 0 5 2 1 error_writes")
    told = try_for(30, taken)
    say(f"a disk that fails 2 s in 7: {told}; {mount_is()}")
    table(f"0 {sectors} flakey {DISK} 0 0 {FOR_GOOD_S} 1 error_writes")
    told = try_for(20, taken)
    say(f"a disk that takes nothing: {told}; {mount_is()}; died {deaths() - before} times")
    assert told["refused"] > 0 and not told["taken"], told
    assert not told["speechless"], told
    pages_go_on()
    # Nothing of the house fell over, or fell without a page in its place.
    assert deaths() - before <= 1, "a crash loop"
    heal(sectors)
    after(taken)


def move_the_data(sectors: int) -> None:
    must("modprobe", "dm_flakey")
    must("systemctl", "stop", *rooms())
    must("dmsetup", "create", "data", "--table", f"0 {sectors} linear {DISK} 0")
    must("mkfs.ext4", "-q", MAPPED)
    must("mount", MAPPED, "/mnt")
    must("cp", "-a", f"{DATA}/.", "/mnt")
    must("umount", "/mnt")
    must("mount", "-o", "noatime,nosuid,nodev,errors=remount-ro", MAPPED, DATA)
    must("chown", "root:hien", DATA)
    must("chmod", "2770", DATA)
    must("systemctl", "start", *rooms())
    well(600)


def table(line: str) -> None:
    must("dmsetup", "suspend", "--noflush", "--nolockfs", "data")
    must("dmsetup", "load", "data", "--table", line)
    must("dmsetup", "resume", "data")


def try_for(most_s: float, taken: list[dict[str, object]]) -> dict[str, int]:
    """People at the tablet: a number is given and kept, or the page says why not."""
    told = {"taken": 0, "refused": 0, "speechless": 0}
    end_s = time.monotonic() + most_s
    while time.monotonic() < end_s or not told["taken"] + told["refused"]:
        form = {"service": "co-em-be", "key": f"{time.time()}"}
        try:
            status, body = ask("POST", "/tickets", form)
            if status == 503:
                # The same tap, as a browser shows it. It may be the one that succeeds.
                status, page = ask("POST", "/tickets", form, accept="text/html")
                if status == 303:
                    status, body = ask("POST", "/tickets", form)
                else:
                    body = page
        except OSError as error:
            say(f"nobody answered: {error}")
            told["speechless"] += 1
            continue
        if status == 201:
            taken.append(json.loads(body))
            told["taken"] += 1
        elif status == 503 and (words := [one for one in HONEST if one in body]):
            told["refused"] += 1
            if told["refused"] == 1:
                say(f"the page says: {words[0]}")
        elif status != 429:
            title = re.search("<h1.*?</h1>", body, re.S)
            log = run("journalctl", "-b", "--no-pager", "-ocat", "-n", "6", "-u", "hien-web").stdout
            say(f"{status}: {title and title[0]}; the room says: {log}")
            told["speechless"] += 1
        time.sleep(0.5)
    return told


def pages_go_on() -> None:
    """What only reads is shown as ever, as long as the kernel lets anybody read: since Linux 6.12
    an ext4 that gave up answers each open and read with an I/O error (EXT4_FLAGS_SHUTDOWN). Then
    the page says so; a screen nobody touches asks again by itself."""
    readable = not run("cat", f"{DATA}/hien.db").returncode
    shown = {}
    for path in ("/", "/wall", "/healthz"):
        status, body = ask("GET", path, accept="text/html")
        honest = status == 503 and any(words in body for words in HONEST)
        assert status == 200 or (honest and not readable), (path, status, body[:500])
        shown[path] = status
    assert shown["/healthz"] == 200, shown
    say(f"while nothing is kept: the table can{'' if readable else 'not'} be read, {shown}; "
        f"{ask('GET', '/healthz')[1][:200]}")  # fmt: skip


def heal(sectors: int) -> None:
    """The disk is sound again; the machine is started anew, as the page asks for: its data are
    looked through and mounted, and the rooms begin."""
    table(f"0 {sectors} linear {DISK} 0")
    must("systemctl", "stop", *rooms())
    must("umount", DATA)
    checked = run("e2fsck", "-p", MAPPED)
    say(f"e2fsck: {checked.returncode}, {checked.stdout.strip().splitlines()[-1:]}")
    assert checked.returncode <= 1, checked.stdout
    must("mount", "-o", "noatime,nosuid,nodev,errors=remount-ro", MAPPED, DATA)
    must("systemctl", "reset-failed")
    must("systemctl", "start", *rooms())
    say(f"well again after {well(600):.0f} s")


def after(taken: list[dict[str, object]]) -> None:
    """Whole, and every number that was given is there; a new one goes on from them."""
    numbers = {}
    table = sqlite3.connect(f"file:{DATA}/hien.db?mode=ro", uri=True, timeout=60)
    assert table.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    for ticket in taken:
        row = table.execute("SELECT number FROM tickets WHERE id = ?", (ticket["id"],)).fetchone()
        assert row == (ticket["number"],), f"lost: {ticket}"
        numbers[ticket["number"]] = ticket
    assert len(numbers) == len(taken)
    next_one = take_ticket()
    assert next_one["number"] not in numbers
    jobs = "SELECT count(*) FROM print_jobs WHERE state IN ('queued', 'sending')"
    wait(lambda: not table.execute(jobs).fetchone()[0], 300, "every slip is settled")
    counted = table.execute("SELECT state, count(*) FROM print_jobs GROUP BY state").fetchall()
    say(f"given {len(taken)}, lost none; number {next_one['number']} is next; slips {counted}")


def rooms() -> list[str]:
    return [f"hien-{room}.service" for room in ROOMS]


def deaths() -> int:
    return sum(int(show(unit, "NRestarts")) for unit in rooms())


def mount_is() -> str:
    options = must("findmnt", "-no", "OPTIONS", DATA).strip()
    return "mounted read-only" if "ro" in options.split(",") else "mounted read-write"


if __name__ == "__main__":
    main()
