"""This file proves the nightly backup: to the ward's real door, to a stick, or a clear no."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance import seal
from appliance.commands.backup import backup
from appliance.commands.ward import ward as ward_command
from appliance.service import backup as service
from ward.enrol.authority import Authority
from ward.intake import run
from ward.intake.backups import KEPT
from ward.intake.server import Intake

HOUSE = "nha-0017"


@pytest.fixture
def ward(tmp_path: Path) -> Intake:
    folder = tmp_path / "ward"
    argv = ["init", "--dir", str(folder), "--host", "localhost"]
    assert CliRunner().invoke(ward_command, argv).exit_code == 0
    pair = Authority(folder / "tls").for_client(HOUSE, datetime.now(UTC), timedelta(days=30))
    for suffix, data in zip(("crt", "key"), pair, strict=True):
        (tmp_path / f"house.{suffix}").write_bytes(data)
    return run.start(folder, "127.0.0.1", 0)


@pytest.fixture
def nightly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Run it in a house whose printed card is `secret`; `port` 0: the ward has no door."""
    monkeypatch.setattr("appliance.sync.backup_carrier.TRIES", 2)
    monkeypatch.setattr("appliance.sync.backup_carrier.time.sleep", lambda s: None)
    secret, public = seal.new_identity()
    (tmp_path / "secret").write_text(secret)

    def run_it(port: int = 0, *more: str) -> Result:
        lines = [
            "[house]", f'id = "{HOUSE}"', "[data]", f'dir = "{tmp_path}/data"',
            f'ram_dir = "{tmp_path}/ram"', f'backup_recipients = ["{public}"]', "[sync]",
        ]  # fmt: skip
        if port:
            lines += [
                f'intake = "https://localhost:{port}"', f'ca_file = "{tmp_path}/ward/tls/ca.crt"',
                f'cert_file = "{tmp_path}/house.crt"', f'key_file = "{tmp_path}/house.key"',
            ]  # fmt: skip
        (tmp_path / "hien.toml").write_text("\n".join(lines))
        return CliRunner().invoke(
            backup, ["--nightly", "--config", str(tmp_path / "hien.toml"), *more]
        )

    return run_it


def test_the_ward_has_it_and_only_the_card_opens_it(
    tmp_path: Path, ward: Intake, nightly: Callable[..., Result]
) -> None:
    """Whole, under the house's name; and nothing of it stayed in RAM."""
    done = nightly(ward.server_port)
    assert done.exit_code == 0, done.output
    [kept] = (tmp_path / "ward/backups" / HOUSE).iterdir()
    found = service.open_backup(kept.read_bytes(), (tmp_path / "secret").read_text())
    assert b"backup_recipients" in found["hien.toml"]
    assert not [path for path in (tmp_path / "ram").iterdir() if path.is_file()]
    stranger, _ = seal.new_identity()
    with pytest.raises(ValueError, match=r".+"):
        service.open_backup(kept.read_bytes(), stranger)
    ward.shutdown()


def test_only_the_newest_are_kept_and_another_house_gets_none(
    tmp_path: Path, ward: Intake, nightly: Callable[..., Result]
) -> None:
    folder = tmp_path / "ward/backups" / HOUSE
    folder.mkdir(parents=True)
    for day in range(1, KEPT + 3):
        (folder / f"2026-01-0{day}T000000000Z.age").touch()
    (folder / f"2026-01-05T000000000Z.{'0' * 64}.part").touch()
    assert nightly(ward.server_port).exit_code == 0
    names = sorted(p.name for p in folder.iterdir())
    assert len(names) == KEPT and names[0].startswith("2026-01-04") and names[-1] > "2026-02"
    ward.shutdown()


def test_at_the_ward_too_tonight_s_stays_whatever_clock_the_others_had(
    tmp_path: Path, ward: Intake, nightly: Callable[..., Result]
) -> None:
    """A week of a year that has not come lies there: it was received before, so it goes first."""
    folder = tmp_path / "ward/backups" / HOUSE
    folder.mkdir(parents=True)
    for day in range(1, KEPT + 1):
        (folder / f"2038-01-0{day}T000000000Z.age").touch()
    for night in (1, 2):
        assert nightly(ward.server_port).exit_code == 0
        names = sorted(p.name for p in folder.glob("*.age"))
        assert len(names) == KEPT and sum(name < "2038" for name in names) == night, names
    ward.shutdown()


def test_a_stick_is_enough(
    tmp_path: Path, nightly: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line has been down for weeks; what is on the stick opens with the card too."""
    stick = tmp_path / "stick"
    stick.mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda self: self == stick)
    done = nightly(1, "--stick", str(stick))
    assert done.exit_code == 0 and "the ward has" not in done.output
    [kept] = stick.iterdir()
    assert service.open_backup(kept.read_bytes(), (tmp_path / "secret").read_text())


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One that is in, with three backups of this house and one of another."""
    folder = tmp_path / "stick"
    folder.mkdir()
    monkeypatch.setattr(Path, "is_mount", lambda self: self == folder)
    for name in (*(f"{HOUSE}-2026-01-0{day}" for day in (1, 2, 3)), "other-2025-01-01"):
        (folder / f"{name}T030000000Z.backup.age").write_bytes(b"x")
    return folder


def _fsync(monkeypatch: pytest.MonkeyPatch, error: Callable[[], int]) -> None:
    """Writing fails with `error()` at the sync, 0: it does not."""
    real = os.fsync

    def fsync(handle: int) -> None:
        if number := error():
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


def test_a_full_stick_loses_its_oldest_first(
    stick: Path, nightly: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two old ones of this house make room; another house's is nobody's to remove."""

    def full() -> int:
        """There is room for one backup besides the one that is being written."""
        writing = list(stick.glob(".*.part"))
        return errno.ENOSPC if writing and len(list(stick.glob(f"{HOUSE}-*.age"))) > 1 else 0

    _fsync(monkeypatch, full)
    done = nightly(1, "--stick", str(stick))
    assert done.exit_code == 0, done.exception
    names = sorted(p.name for p in stick.iterdir())
    assert len(names) == 3 and names[0] == f"{HOUSE}-2026-01-03T030000000Z.backup.age", names
    assert names[-1] == "other-2025-01-01T030000000Z.backup.age"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS])
def test_a_stick_that_is_full_or_pulled_out_leaves_what_was(
    stick: Path, nightly: Callable[..., Result], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """While it is written: no half file, the newest backup stays, the night is told as failed."""
    _fsync(monkeypatch, lambda: number)
    done = nightly(1, "--stick", str(stick))
    assert done.exit_code != 0 and "tried again tomorrow" in str(done.exception)
    left = sorted(p.name for p in stick.iterdir())
    assert (
        f"{HOUSE}-2026-01-03T030000000Z.backup.age" in left
        and "other-2025-01-01T030000000Z.backup.age" in left
    )
    assert all(name.endswith(".backup.age") for name in left), left


def test_a_night_with_a_full_card_has_its_backup_all_the_same(
    stick: Path, tmp_path: Path, nightly: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is made and sealed in memory: not a byte of it goes over the house's own card."""
    assert nightly(1, "--stick", str(stick)).exit_code == 0  # the table is there now
    before = _sizes(tmp_path / "data")
    opened: list[str] = []
    real = os.open

    def seen(path: object, flags: int, *more: object, **named: object) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR) and str(path).startswith(str(tmp_path / "data")):
            opened.append(str(path))
        return real(path, flags, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", seen)
    assert nightly(1, "--stick", str(stick)).exit_code == 0
    assert opened == []
    after = _sizes(tmp_path / "data")
    assert {p: n for p, n in after.items() if n > before.get(p, 0)} == {}


def _sizes(folder: Path) -> dict[Path, int]:
    """Without SQLite's index in shared memory, which the first to open a table makes anew."""
    return {p: p.stat().st_size for p in folder.rglob("*") if p.suffix != ".db-shm"}


def test_a_night_without_a_backup_is_not_passed_over(
    tmp_path: Path, nightly: Callable[..., Result]
) -> None:
    """No stick, no ward: it fails, says so, and leaves nothing on the card."""
    done = nightly(1, "--stick", str(tmp_path / "none"))
    assert done.exit_code != 0 and "tried again tomorrow" in str(done.exception)
    assert not list((tmp_path / "data").rglob("*.age"))


def test_a_line_that_breaks_is_taken_up_again(
    tmp_path: Path, ward: Intake, nightly: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try dies half-way; the second sends the rest, and the checksum is right."""
    from appliance.sync.door import Door

    real, offsets = Door.put, []
    first = threading.Event()

    def put(self, name, file, sha256, total, offset, kind="intake"):  # type: ignore[no-untyped-def]
        offsets.append(offset)
        if not first.is_set():
            first.set()
            part = ward.backups._part(HOUSE, name, sha256)
            part.parent.mkdir(parents=True)
            part.write_bytes(file.read_bytes()[: total // 2])
            raise OSError("cut")
        return real(self, name, file, sha256, total, offset, kind)

    monkeypatch.setattr(Door, "put", put)
    assert nightly(ward.server_port).exit_code == 0
    assert offsets[0] == 0 and offsets[1] > 0
    [kept] = (tmp_path / "ward/backups" / HOUSE).glob("*.age")
    assert service.open_backup(kept.read_bytes(), (tmp_path / "secret").read_text())
    ward.shutdown()
