"""This file proves that a house takes in what it should, refuses the rest, and ends whole."""

from __future__ import annotations

import io
import os
import sqlite3
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from update_releases import ADDS, DAY, NIGHT, Machine

from appliance.commands.update import update
from appliance.errors import BadInput, Conflict, HienError
from provisioning.update import apply, bundle, keys
from provisioning.update.alone import under_way
from provisioning.update.trial import go_back


def take(machine: Machine, path: Path, *, by_person: bool = False) -> str:
    return apply.apply(path, machine.box, NIGHT, asked_by_person=by_person)


def refused(machine: Machine, path: Path) -> str:
    """The code it is refused with; what runs, and what lies in the slots, has not changed."""
    before = machine.slots.current(), sorted(p.name for p in machine.slots.releases.iterdir())
    with pytest.raises(HienError) as error:
        take(machine, path)
    after = machine.slots.current(), sorted(p.name for p in machine.slots.releases.iterdir())
    assert after == before and not machine.slots.pending() and not machine.installed
    return error.value.code


def rewritten(path: Path, change: dict[str, bytes]) -> Path:
    """The bundle with other bytes in some members; the rest, and the signature, as they were."""
    made = path.with_name("changed.hien")
    with tarfile.open(path) as old, tarfile.open(made, "w") as new:
        for member in old:
            body = old.extractfile(member)
            assert body is not None
            data = change.pop(member.name, body.read())
            member.size = len(data)
            new.addfile(member, io.BytesIO(data))
        for name, data in change.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            new.addfile(info, io.BytesIO(data))
    return made


def test_a_newer_release_is_taken_in(machine: Machine) -> None:
    """It runs, its slot is whole, the one before is kept for a way back."""
    name = take(machine, machine.release("1.1.0"))
    assert machine.runs() == "1.1.0" and machine.slots.is_whole(name)
    assert machine.slots.is_whole("1.0.0+first") and not machine.slots.pending()


def test_only_two_releases_are_kept(machine: Machine) -> None:
    """The card does not fill up with old ones."""
    for minor in range(1, 5):
        take(machine, machine.release(f"1.{minor}.0"))
    assert sorted(p.name[:5] for p in machine.slots.releases.iterdir()) == ["1.3.0", "1.4.0"]


def test_another_key_is_refused(machine: Machine) -> None:
    """Signed well, but by nobody this house knows."""
    stranger = Ed25519PrivateKey.generate()
    assert refused(machine, machine.release("1.1.0", key=stranger)) == "bad_signature"


def test_the_next_key_is_believed_too(machine: Machine, tmp_path: Path) -> None:
    """So that the ward can change its key without a visit; a third key is not looked at."""
    (tmp_path / "keys/next.pem").write_bytes(keys.make_key(tmp_path / "next"))
    (tmp_path / "keys/third.pem").write_bytes(keys.make_key(tmp_path / "third"))
    third = keys.private_key(tmp_path / "third")
    assert refused(machine, machine.release("1.1.0", key=third)) == "bad_signature"
    take(machine, machine.release("1.1.0", key=keys.private_key(tmp_path / "next")))
    assert machine.runs() == "1.1.0"


def test_without_a_key_nothing_is_believed(machine: Machine, tmp_path: Path) -> None:
    """A house that was given no key takes no update, and says what to do."""
    (tmp_path / "keys/current.pem").unlink()
    assert refused(machine, machine.release("1.1.0")) == "bad_config"


@pytest.mark.parametrize(
    "change",
    [
        {"appliance/selftest.py": b"print('other')"},
        {"manifest.json": b'{"format": 1}'},
        {"manifest.sig": b"\0" * 64},
        {"extra.py": b"import os"},
        {"../outside": b"x"},
    ],
    ids=["file", "manifest", "signature", "more", "outside"],
)
def test_a_changed_bundle_is_refused(machine: Machine, change: dict[str, bytes]) -> None:
    """One byte other than was signed, in any place: nothing is laid, nothing is left behind."""
    code = refused(machine, rewritten(machine.release("1.1.0"), dict(change)))
    assert code in ("tampered", "bad_signature")
    assert not (machine.slots.home / "outside").exists()


def test_every_cut_of_a_bundle_is_refused(machine: Machine) -> None:
    """A stick pulled out while copying: no shorter file passes."""
    path = machine.release("1.1.0")
    whole = path.read_bytes()
    with tarfile.open(path) as tar:
        *_, last = tar
    end = last.offset_data + last.size  # after it only the tar format's empty blocks
    for size in range(0, end, 257):
        path.write_bytes(whole[:size])
        assert refused(machine, path) in ("tampered", "not_a_bundle")


def test_a_link_in_a_bundle_is_refused(machine: Machine) -> None:
    """A member that is a link to elsewhere is no file that was signed."""
    path = machine.release("1.1.0")
    with tarfile.open(path) as old:
        names = {m.name: (m, old.extractfile(m)) for m in old}
        with tarfile.open(path.with_name("link.hien"), "w") as new:
            for name, (member, body) in names.items():
                if name == "hien":
                    member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
                    new.addfile(member)
                else:
                    new.addfile(member, body)
    assert refused(machine, path.with_name("link.hien")) == "tampered"


def test_no_downgrade_unless_the_manifest_allows_it(machine: Machine) -> None:
    """An old release with a known hole cannot be put back by a stick, unless the ward says so."""
    assert refused(machine, machine.release("0.9.0")) == "not_newer"
    assert refused(machine, machine.release("1.0.0")) == "not_newer"
    take(machine, machine.release("0.9.1", allow_downgrade=True))
    assert machine.runs() == "0.9.1"


def test_versions_are_compared_as_numbers(machine: Machine) -> None:
    """1.10 follows 1.9."""
    take(machine, machine.release("1.9.0"))
    take(machine, machine.release("1.10.0"))
    assert machine.runs() == "1.10.0"


def test_a_release_that_wants_one_in_between_is_refused(machine: Machine) -> None:
    assert refused(machine, machine.release("3.0.0", min_from="2.0.0")) == "too_old"


def test_a_release_that_is_not_well_goes_back_and_is_not_tried_again(machine: Machine) -> None:
    """The old one runs again by itself; the bad one is remembered, the next one is taken."""
    machine.sick.add("1.1.0")
    with pytest.raises(HienError) as error:
        take(machine, machine.release("1.1.0"))
    assert error.value.code == "went_back" and machine.runs() == "1.0.0"
    assert machine.installed == ["1.1.0", "1.0.0"] and not machine.slots.pending()
    machine.installed.clear()
    with pytest.raises(Conflict) as again:
        take(machine, machine.release("1.1.0"))
    assert again.value.code == "refused_before"
    take(machine, machine.release("1.1.1"))
    assert machine.runs() == "1.1.1"


@pytest.mark.parametrize(
    ("does", "why"),
    [
        ("raise SystemExit('no camera module')", "crashes"),
        (
            "table.execute('DROP TABLE visits'); table.execute('PRAGMA user_version = 1')",
            "way back",
        ),
    ],
)
def test_a_rehearsal_that_fails_changes_nothing(machine: Machine, does: str, why: str) -> None:
    """A release that crashes, or leaves a table its forerunner cannot read, never runs at all."""
    assert refused(machine, machine.release("1.1.0", does=does)) == "rehearsal_failed"


def test_a_release_that_cannot_read_this_houses_settings_never_runs(machine: Machine) -> None:
    """It could not even end its own trial afterwards."""
    assert refused(machine, machine.release("1.1.0", unknown="old")) == "rehearsal_failed"
    take(machine, machine.release("1.2.0"))
    assert machine.runs() == "1.2.0"


def test_the_rehearsal_is_on_a_copy(machine: Machine) -> None:
    """The house's own table is not touched before the switch."""
    before = machine.database.read_bytes()
    take(machine, machine.release("1.1.0", does=f"table.execute('{ADDS}')"))
    assert machine.database.read_bytes() == before
    assert not list(machine.slots.state.glob("rehearsal-*"))


def test_never_by_day_nor_while_somebody_is_served(machine: Machine) -> None:
    """By itself only at night; a person at the box may by day; nobody may during a visit."""
    path = machine.release("1.1.0")
    with pytest.raises(Conflict) as by_day:
        apply.apply(path, machine.box, DAY, asked_by_person=False)
    assert by_day.value.code == "not_at_night"
    for table, column, state in (
        ("visits", "opened_at", "open"),
        *(("tickets", "taken_at", s) for s in ("waiting", "called", "serving")),
    ):
        with sqlite3.connect(machine.database) as db:
            db.execute(
                f"INSERT INTO {table} (state, {column}) VALUES (?, datetime('now'))", (state,)
            )
        db.close()
        for by_person in (True, False):
            with pytest.raises(Conflict) as busy:
                take(machine, path, by_person=by_person)
            assert busy.value.code == "visit_open"
        with sqlite3.connect(machine.database) as db:
            db.execute(f"UPDATE {table} SET {column} = datetime('now', '-2 days')")
        db.close()
    apply.apply(path, machine.box, DAY, asked_by_person=True)
    assert machine.runs() == "1.1.0"


def test_a_box_that_is_dark_at_night_takes_it_in_the_evening(machine: Machine) -> None:
    """Once the release has lain there for a week; never in the day."""
    path = machine.release("1.1.0")
    evening = DAY.replace(hour=14)  # 21 o'clock where the house is
    for days, at in ((6, evening), (30, DAY)):
        then_s = at.timestamp() - days * 86400
        os.utime(path, (then_s, then_s))
        with pytest.raises(Conflict) as refused_now:
            apply.apply(path, machine.box, at, asked_by_person=False)
        assert refused_now.value.code == "not_at_night"
    apply.apply(path, machine.box, evening, asked_by_person=False)
    assert machine.runs() == "1.1.0"


class PowerCutError(BaseException):
    """The plug is pulled: nothing after it runs."""


def steps() -> Iterator[str]:
    """Where the plug is pulled: each step that leaves something on the card."""
    yield from ("_lay", "prepare", "rehearse", "seal", "begin", "install", "healthy", "end")


@pytest.mark.parametrize("step", list(steps()))
def test_a_power_cut_at_any_step_leaves_a_whole_release(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """After the next start one whole release runs, no trial is open, no half slot is left."""

    def cut(*args: object, **kw: object) -> None:
        raise PowerCutError

    where = {
        "_lay": (apply, "_lay"),
        "prepare": (apply.rehearsal, "prepare"),
        "rehearse": (apply.rehearsal, "rehearse"),
        "seal": (type(machine.slots), "seal"),
        "begin": (type(machine.slots), "begin"),
        "end": (type(machine.slots), "end"),
    }
    path = machine.release("1.1.0")
    with monkeypatch.context() as patched:
        if step in where:
            patched.setattr(*where[step], cut)
        box = machine.box
        if step == "install":
            box = apply.Box(**{**vars(box), "install": cut})
        if step == "healthy":
            box = apply.Box(**{**vars(box), "healthy": cut})
        # What a plug does not do: clean up.
        patched.setattr(type(machine.slots), "discard", lambda *_: None)
        with pytest.raises(PowerCutError):
            apply.apply(path, box, NIGHT, asked_by_person=False)
    go_back(machine.slots, machine.box.install, cut_off=True)
    assert machine.runs() == "1.0.0" and not machine.slots.pending()
    machine.slots.tidy()
    assert all(machine.slots.is_whole(p.name) for p in machine.slots.releases.iterdir())
    take(machine, machine.release("1.2.0"))
    assert machine.runs() == "1.2.0"


def test_one_cut_says_nothing_of_a_release_and_two_do(machine: Machine) -> None:
    """Machines are started anew at the very hours of updates. But one that dies of the release
    itself, each time, is not tried a third time."""

    def cut(*args: object) -> None:
        raise PowerCutError

    path = machine.release("1.1.0")
    box = apply.Box(**{**vars(machine.box), "healthy": cut})
    for _ in range(2):
        assert not machine.slots.refused()
        with pytest.raises(PowerCutError):
            apply.apply(path, box, NIGHT, asked_by_person=False)
        go_back(machine.slots, machine.box.install, cut_off=True)
        assert machine.runs() == "1.0.0" and not machine.slots.pending()
    machine.installed.clear()
    assert refused(machine, path) == "refused_before"
    assert go_back(machine.slots, machine.box.install, cut_off=True) is None


def test_two_updates_do_not_meet(machine: Machine) -> None:
    """The one of the night, and somebody's at the box: each would clear away the other's slot."""
    second: list[str] = []

    def meanwhile(_: str) -> None:
        assert under_way(machine.slots.state)
        with pytest.raises(Conflict) as error:
            take(machine, machine.release("1.2.0"), by_person=True)
        second.append(error.value.code)

    machine.at_install = meanwhile
    assert not under_way(machine.slots.state)
    take(machine, machine.release("1.1.0"))
    assert second == ["update_under_way"] and machine.runs() == "1.1.0"
    assert not under_way(machine.slots.state)
    machine.at_install = lambda name: None
    take(machine, machine.release("1.3.0"))


def test_a_trial_is_ended_by_a_release_that_cannot_read_the_settings(
    tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real command, at the start after a cut: what it does not know is no reason to stay."""
    for name in ("1.0.0+first", "1.1.0+next"):
        script = machine.slots.releases / name / "provisioning/install"
        script.parent.mkdir(parents=True)
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
    machine.slots.begin("1.0.0+first", "1.1.0+next")
    machine.slots.switch("1.1.0+next")
    monkeypatch.setenv("HIEN_HOME", str(machine.slots.home))
    monkeypatch.setenv("HIEN_BOX_STATE", str(machine.slots.state))
    settings = tmp_path / "hien.toml"
    settings.write_text("[web]\nof_another_release = 1\n")
    done = CliRunner().invoke(update, ["recover", "--config", str(settings)])
    assert done.exit_code == 0 and "back to 1.0.0+first" in done.output, done.output
    assert machine.runs() == "1.0.0" and not machine.slots.pending()


def test_the_newest_of_several_is_found(machine: Machine, tmp_path: Path) -> None:
    """On a stick lie all sorts of files; only what this house may take counts."""
    machine.release("1.1.0")
    best = machine.release("1.3.0")
    machine.release("0.5.0")
    machine.release("1.4.0", key=Ed25519PrivateKey.generate())
    (tmp_path / "holiday.hien").write_bytes(b"\xff\xd8 a photo")
    assert apply.newest(tmp_path.glob("*.hien"), machine.box) == best


def test_the_same_release_gives_the_same_bytes(machine: Machine) -> None:
    """Two people can make a release and compare."""
    one = machine.release("1.1.0").read_bytes()
    assert machine.release("1.1.0").read_bytes() == one
    with pytest.raises(BadInput):
        bundle.write(machine.folder / "x", ("v1", "0", False), [], machine.key)
