"""This file proves that a release comes from the ward whole, once, and only where it is offered."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import random
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from appliance.commands.ward import ward as ward_command
from appliance.sync import release_carrier
from appliance.sync.release_carrier import ReleaseCarrier
from provisioning.update import bundle, keys
from tests.mqtt_broker import Wire
from tests.ward.intake.conftest import Ward
from ward.intake.releases import MOST_PIECE_BYTES, Offer, Releases, asked

BODY = random.Random(7).randbytes(5_000_000)


@pytest.fixture
def box(tmp_path: Path) -> Path:
    (tmp_path / "box/inbox").mkdir(parents=True)
    return tmp_path / "box"


def offer(ward: Ward, tmp_path: Path, version: str = "0.2.0", body: bytes = BODY,
          houses: tuple[str, ...] = ()) -> Offer:  # fmt: skip
    file = tmp_path / "any-name.hien"
    file.write_bytes(body)
    return Releases(ward.folder / "releases").offer(file, version, houses)


def bring(carrier: ReleaseCarrier, most: int = 50) -> int:
    """All there is; after how many pieces."""
    for n in range(most):
        if not carrier.piece():
            return n
    raise AssertionError("no end")


def test_it_comes_whole_and_once(ward: Ward, box: Path, tmp_path: Path) -> None:
    """In pieces, into the inbox under its version; never a second time, and not what runs here."""
    carrier = ReleaseCarrier(ward.door(), box, "0.1.0")
    assert not carrier.piece() and list((box / "inbox").iterdir()) == []
    offer(ward, tmp_path)
    assert bring(carrier) == 3  # one byte to look, then 2 MiB, 2 MiB, and the rest
    assert (box / "inbox/0.2.0.hien").read_bytes() == BODY
    (box / "inbox/0.2.0.hien").unlink()  # taken in, or refused
    assert not ReleaseCarrier(ward.door(), box, "0.1.0").piece()
    offer(ward, tmp_path, "0.3.0", BODY[:99])
    assert not ReleaseCarrier(ward.door(), box, "0.3.0").piece()
    assert bring(carrier) == 1 and (box / "inbox/0.3.0.hien").read_bytes() == BODY[:99]
    assert [path.name for path in (ward.folder / "releases").glob("*.hien")] == [
        f"{hashlib.sha256(BODY[:99]).hexdigest()}.hien"
    ]


def test_only_the_house_it_is_for_hears_of_it(ward: Ward, box: Path, tmp_path: Path) -> None:
    """First one house, then all. And nobody asks in another's name."""
    offer(ward, tmp_path, houses=("nha-0099",))
    assert ward.door().release(0, 1) is None
    assert ward.door("nha-0099").release(0, 1) is not None
    with pytest.raises(OSError, match="403"):
        ward.door("nha-0018", house="nha-0099").release(0, 1)
    offer(ward, tmp_path)
    found = ward.door().release(4_999_990, 100)
    assert found is not None and found.data == BODY[-10:] and found.name == "0.2.0.hien"
    Releases(ward.folder / "releases").withdraw()
    assert ward.door().release(0, 1) is None


def test_a_line_that_breaks_is_taken_up_again(ward: Ward, box: Path, tmp_path: Path) -> None:
    """What came stays, whoever asks next: another start of the room goes on from there."""
    offer(ward, tmp_path)
    wire = Wire(ward.server.server_port, raw=True)
    try:
        carrier = ReleaseCarrier(ward.door(port=wire.port), box, "0.1.0")
        assert carrier.piece() and carrier.piece()
        wire.cut_after(90_000, back=True)
        with contextlib.suppress(OSError, http.client.HTTPException):
            carrier.piece()  # by how it ends it is told, or seen by what came
    finally:
        wire.close()
    [part] = (box / "inbox").iterdir()
    here = part.stat().st_size
    assert release_carrier.PIECE_BYTES <= here < release_carrier.PIECE_BYTES + 90_000
    assert part.read_bytes() == BODY[:here]
    assert bring(ReleaseCarrier(ward.door(), box, "0.1.0")) == 1
    assert (box / "inbox/0.2.0.hien").read_bytes() == BODY


def test_holes_of_a_power_cut_are_seen(ward: Ward, box: Path, tmp_path: Path) -> None:
    """What was not flushed may read as zeros: the sum tells, and it begins anew."""
    offer(ward, tmp_path)
    carrier = ReleaseCarrier(ward.door(), box, "0.1.0")
    assert carrier.piece() and carrier.piece()
    [part] = (box / "inbox").iterdir()
    part.write_bytes(bytes(part.stat().st_size))
    bring(carrier)
    assert (box / "inbox/0.2.0.hien").read_bytes() == BODY


def test_another_offer_meanwhile_begins_anew(ward: Ward, box: Path, tmp_path: Path) -> None:
    """Of two releases, half of each would be none; one taken back is forgotten."""
    carrier = ReleaseCarrier(ward.door(), box, "0.1.0")
    offer(ward, tmp_path)
    assert carrier.piece() and carrier.piece()
    offer(ward, tmp_path, "0.2.1", BODY[::-1])
    bring(carrier)
    assert [path.name for path in (box / "inbox").iterdir()] == ["0.2.1.hien"]
    assert (box / "inbox/0.2.1.hien").read_bytes() == BODY[::-1]
    offer(ward, tmp_path, "0.2.2")
    assert carrier.piece() and carrier.piece()
    Releases(ward.folder / "releases").withdraw()
    bring(carrier)
    assert [path.name for path in (box / "inbox").iterdir()] == ["0.2.1.hien"]


def test_a_card_without_room_takes_none(
    ward: Ward, box: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five times its size: unpacked, with its .venv, beside the one that runs."""
    offer(ward, tmp_path)
    little = SimpleNamespace(free=len(BODY) * 5 - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: little)
    assert not ReleaseCarrier(ward.door(), box, "0.1.0").piece()
    assert list((box / "inbox").iterdir()) == []


def test_without_an_inbox_nobody_is_asked(tmp_path: Path) -> None:
    """A demo, a training house: no door is opened."""

    class Shut:
        def release(self, *_: int) -> None:
            raise AssertionError("asked")

    carrier = ReleaseCarrier(Shut(), tmp_path, "0.1.0")  # type: ignore[arg-type]
    carrier._not_before_s = 0
    carrier.turn()


def test_what_the_door_says_is_looked_at(ward: Ward, tmp_path: Path) -> None:
    """A ward that is not ours any more: the name becomes a file's, so only a version is one."""
    offer(ward, tmp_path, "../../etc/x")
    with pytest.raises(OSError, match="no proper name"):
        ward.door().release(0, 1)


@pytest.mark.parametrize(
    ("given", "piece"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=90-2000", (90, 10)),
        (None, (0, 100)),
        ("bytes=100-200", None),
        ("bytes=9-2", None),
        ("bytes=-5", None),
        ("lines=1-2", None),
    ],
)
def test_ranges(given: str | None, piece: tuple[int, int] | None) -> None:
    assert asked(given, Offer("0.2.0", "", 100)) == piece
    whole = asked("bytes=0-999999999999", Offer("0.2.0", "", 10**9))
    assert whole == (0, MOST_PIECE_BYTES)


def test_ward_it_offers_what_houses_would_believe(tmp_path: Path) -> None:
    """By the command: signed by the houses' key or not offered; told to whom; taken back."""
    (tmp_path / "key.pub").write_bytes(keys.make_key(tmp_path / "key"))
    (tmp_path / "other.pub").write_bytes(keys.make_key(tmp_path / "other"))
    (tmp_path / "file").write_bytes(b"x")
    file = tmp_path / "r.hien"
    bundle.write(file, ("0.4.0", "0.1.0", False), [("a/b.py", tmp_path / "file")],
                 keys.private_key(tmp_path / "key"))  # fmt: skip

    def say(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(ward_command, ["release", "--dir", str(tmp_path / "w"), *words])
        return done.exit_code, f"{done.output}{done.exception or ''}"

    assert say() == (0, "no release is offered\n")
    assert say(str(file))[0] != 0
    code, words = say(str(file), "--update-key", str(tmp_path / "other.pub"))
    assert code != 0 and "not signed" in words
    assert say() == (0, "no release is offered\n")
    key = ("--update-key", str(tmp_path / "key.pub"))
    assert say(str(file), *key, "--house", "Nhà 17")[0] != 0
    assert "to nha-0017" in say(str(file), *key, "--house", "nha-0017")[1]
    code, words = say(str(file), *key)
    assert code == 0 and words.startswith("0.4.0") and "all houses" in words
    assert say("--none") == (0, "no release is offered\n")
