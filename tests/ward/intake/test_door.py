"""This file proves that a sealed dossier reaches the ward's disk whole and once, over any line."""

from __future__ import annotations

import hashlib
import random
import ssl
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pyrage
import pytest
from click.testing import CliRunner

from appliance.clock import Clock
from appliance.commands.ward import ward as ward_command
from appliance.service import sealed_dossiers as service
from appliance.service.set_aside import retry
from appliance.store import from_ward, sealed_dossiers, set_aside
from appliance.store.database import Store
from appliance.store.opening import open_store
from appliance.sync.door import Door
from appliance.sync.identity import Identity
from appliance.sync.link import time_floor
from appliance.sync.porter import Porter
from tests.mqtt_broker import Wire, eventually
from tests.ward.intake.conftest import HOUSE, NOW, Ward
from ward.enrol.authority import Authority
from ward.intake import run
from ward.intake.open_sealed import CannotOpen, make_identity, open_into, read_identity
from ward.store import intake

SEALED = random.Random(5).randbytes(300_000)


def has(ward: Ward, dossier: str = "d1") -> bool:
    row = intake.get(ward.server.store.connection, HOUSE, dossier)
    path = ward.server.shelf.path(HOUSE, dossier)
    return row is not None and path.exists() and path.read_bytes() == SEALED


def put(door: Door, folder: Path, offset: int = 0, sha256: str = "", data: bytes = SEALED) -> int:
    file = folder / "sealed.age"
    file.write_bytes(data)
    return door.put("d1", file, sha256 or hashlib.sha256(data).hexdigest(), len(data), offset)


def test_it_is_taken_once_however_often_it_is_sent(ward: Ward, tmp_path: Path) -> None:
    door = ward.door()
    assert put(door, tmp_path) == 201 and has(ward)
    assert put(door, tmp_path) == 200
    assert put(door, tmp_path, data=b"another") == 409 and has(ward)
    assert len(intake.newest(ward.server.store.connection)) == 1


def test_a_wrong_checksum_leaves_nothing(ward: Ward, tmp_path: Path) -> None:
    assert put(ward.door(), tmp_path, sha256="0" * 64) == 422
    assert not has(ward) and ward.door().had_bytes("d1", "0" * 64) == (404, 0)


def test_a_full_disk_is_told_and_keeps_nothing_half(ward: Ward, tmp_path: Path) -> None:
    ward.server.shelf._reserve_bytes = 2**60
    assert put(ward.door(), tmp_path) == 507
    ward.server.shelf._reserve_bytes = 0
    assert put(ward.door(), tmp_path) == 201 and has(ward)


def test_only_a_house_with_its_own_certificate_comes_in(ward: Ward, tmp_path: Path) -> None:
    assert put(ward.door("nha-0018", house=HOUSE), tmp_path) == 403
    strangers = Authority.create(tmp_path / "other", "stranger", NOW)
    pair = strangers.for_client(HOUSE, NOW)
    for name, data in zip(("x.crt", "x.key"), pair, strict=True):
        (tmp_path / name).write_bytes(data)
    files = (ward.files(HOUSE)[0], str(tmp_path / "x.crt"), str(tmp_path / "x.key"))
    for wrong in (files, (files[0], "", ""), ward.files(HOUSE, days=-1)):
        door = Door(f"https://localhost:{ward.server.server_port}", HOUSE, lambda w=wrong: w)  # type: ignore[misc]
        with pytest.raises((OSError, ssl.SSLError)):
            put(door, tmp_path)
    lost = ward.door()
    assert put(lost, tmp_path) == 201
    ward.authority.revoke(HOUSE, NOW)  # takes effect without a restart
    with pytest.raises((OSError, ssl.SSLError)):
        put(lost, tmp_path)


def test_hostile_addresses_and_headers_are_refused(ward: Ward) -> None:
    import contextlib

    door = ward.door()
    for path in (
        "/",
        "/intake",
        f"/intake/{HOUSE}/..%2f",
        f"/intake/{HOUSE}/a.b",
        "/intake/x/../y",
    ):
        with contextlib.closing(door._connect()) as line:
            line.request("PUT", path, body=b"x", headers={"X-Content-SHA256": "0" * 64})
            assert line.getresponse().status in (403, 404)
    for headers in ({}, {"X-Content-SHA256": "z"},
                    {"X-Content-SHA256": "0" * 64, "Content-Range": "bytes 5-1/9"}):  # fmt: skip
        with contextlib.closing(door._connect()) as line:
            line.request("PUT", f"/intake/{HOUSE}/d1", body=b"x", headers=headers)
            assert line.getresponse().status == 400


class House:
    """A house with one finished dossier waiting."""

    def __init__(self, folder: Path, door: Door) -> None:
        self.folder, self.clock = folder, Clock()
        self.store: Store = open_store(folder)
        now = self.clock.now()
        with self.store.write():
            for sql in (
                "INSERT INTO tickets (id, key, day_on, number, service_id, channel, state, place,"
                " recipient, taken_at, epoch, mono_ms, run, sync) VALUES"
                " ('t', 'k', '2026-11-22', 1, 's', 'desk', 'done', 1, 'a', 'x', 'e', 1, '', 'ntp')",
                "INSERT INTO visits (id, ticket_id, state, service_id, opened_at)"
                " VALUES ('v', 't', 'closed', 's', 'x')",
            ):
                self.store.run(sql)
        self.kept = service.keep_file(folder, "d1", SEALED, 2)
        with self.store.write():
            service.hand_in(self.store, now, "v", self.kept)
        self.porter = Porter(door, lambda: open_store(folder), self.clock.now, folder, 30)

    def state(self) -> str:
        row = sealed_dossiers.of_visit(self.store, "v")
        assert row is not None
        return str(row["state"])

    def file(self) -> Path:
        return self.folder / "dossiers" / "d1.age"

    def one_more(self) -> None:
        """A second dossier behind the first, of somebody else's visit."""
        with self.store.write():
            ticket, visit = (self.store.one(f"SELECT * FROM {t}") for t in ("tickets", "visits"))
            assert ticket is not None and visit is not None
            self.store.insert("tickets", ticket | {"id": "t2", "key": "k2", "number": 2})
            self.store.insert("visits", visit | {"id": "v2", "ticket_id": "t2"})
        kept = service.keep_file(self.folder, "d2", SEALED, 2)
        with self.store.write():
            service.hand_in(self.store, self.clock.now(), "v2", kept)


def test_cut_at_any_byte_it_arrives_in_the_end(ward: Ward, tmp_path: Path) -> None:
    """Each try breaks after a random number of bytes; what came is not sent again."""
    wire, rng = Wire(ward.server.server_port, raw=True), random.Random(7)
    house = House(tmp_path / "house", ward.door(port=wire.port))
    tries = 0
    while house.state() == "sealed":
        assert house.file().exists()
        wire.cut_after(rng.randrange(100, 90_000))
        house.porter.turn(house.store)
        tries += 1
        assert tries < 200
    assert house.state() == "delivered" and not house.file().exists()
    assert has(ward) and tries > 3
    wire.close()


def test_an_answer_that_was_lost_changes_nothing(ward: Ward, tmp_path: Path) -> None:
    """The ward has it, the house does not know: it asks, hears so, and lets its copy go."""
    house = House(tmp_path / "house", ward.door())
    assert put(ward.door(), tmp_path) == 201
    house.porter.turn(house.store)
    assert house.state() == "delivered"


def test_the_ward_full_the_house_keeps_it_and_sends_it_later(ward: Ward, tmp_path: Path) -> None:
    house = House(tmp_path / "house", ward.door())
    ward.server.shelf._reserve_bytes = 2**60
    assert house.porter.turn(house.store) > 0 and house.porter.code == "ward_full"
    assert house.state() == "sealed" and house.file().exists()
    ward.server.shelf._reserve_bytes = 0
    house.porter.turn(house.store)
    assert house.state() == "delivered" and has(ward)


@pytest.mark.parametrize("fault", ["EIO", "short"])
def test_a_file_the_card_does_not_give_holds_nothing_up(
    ward: Ward, tmp_path: Path, fault: str
) -> None:
    """A worn card cannot read one sealed file, or not all of it: the dossier behind it arrives at
    the next turn, and this one is put before a person; the line is not blamed for it."""
    house = House(tmp_path / "house", ward.door())
    house.one_more()
    house.file().unlink()
    if fault == "EIO":
        house.file().symlink_to("/proc/self/mem")  # reading at 0 is an I/O error
    else:
        house.file().write_bytes(SEALED[:-1])
    assert house.porter.turn(house.store) > 0 and house.porter.code == "unreadable"
    house.porter.turn(house.store)
    assert has(ward, "d2") and house.state() == "sealed"
    while house.state() == "sealed":
        house.porter.turn(house.store)
        assert house.porter.code in ("unreadable", "")
    (item,) = set_aside.waiting(house.store)
    assert (item["reason"], house.state()) == ("unreadable", "aside")
    assert not has(ward, "d1")


def test_what_the_ward_never_takes_is_set_aside_and_can_be_tried_again(
    ward: Ward, tmp_path: Path
) -> None:
    house = House(tmp_path / "house", ward.door("nha-0018", house=HOUSE))
    house.porter.turn(house.store)
    (item,) = set_aside.waiting(house.store)
    assert (item["kind"], item["reason"], house.state()) == ("dossier", "not_ours", "aside")
    retry(house.store, house.clock.now(), item["id"])
    assert house.state() == "sealed" and house.file().exists()


def test_the_officer_opens_it_marks_it_and_the_log_knows(ward: Ward, tmp_path: Path) -> None:
    recipient = make_identity(tmp_path / "identity")
    with pytest.raises(CannotOpen):
        make_identity(tmp_path / "identity")
    import io
    import tarfile

    page = bytes(pyrage.encrypt(b"a page", [pyrage.x25519.Recipient.from_str(recipient)]))
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in (("papers.json", b"{}"), ("pages/01-giay.jpg.age", page), ("../x", b"")):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    sealed = bytes(pyrage.encrypt(out.getvalue(), [pyrage.x25519.Recipient.from_str(recipient)]))
    assert put(ward.door(), tmp_path, data=sealed) == 201
    argv = ["open", HOUSE, "d1", "--dir", str(ward.folder), "--identity",
            str(tmp_path / "identity"), "--out", str(tmp_path / "open"), "--by", "an"]  # fmt: skip
    result = CliRunner().invoke(ward_command, argv)
    assert result.exit_code == 0, result.output
    assert sorted(f.name for f in (tmp_path / "open").iterdir()) == [
        "pages-01-giay.jpg", "papers.json",
    ]  # fmt: skip
    assert (tmp_path / "open" / "pages-01-giay.jpg").read_bytes() == b"a page"
    argv = ["mark", HOUSE, "d1", "supplement", "--dir", str(ward.folder), "--note", "Thiếu bản sao",
            "--by", "an"]  # fmt: skip
    assert CliRunner().invoke(ward_command, argv).exit_code == 0
    log = intake.log_of(ward.server.store.connection, HOUSE, "d1")
    assert [(r["who"], r["what"]) for r in log] == [
        (HOUSE, "handed in"), ("an", "opened"), ("an", "marked supplement"),
    ]  # fmt: skip
    with pytest.raises(CannotOpen):
        open_into(sealed[:-1], read_identity(tmp_path / "identity"), tmp_path / "open")


def test_papers_that_are_done_go_in_time(ward: Ward, tmp_path: Path) -> None:
    assert put(ward.door(), tmp_path) == 201
    store, shelf = ward.server.store, ward.server.shelf
    with store.write() as db:
        intake.mark(db, HOUSE, "d1", "done", "", "an", NOW)
    assert run.tidy(store, shelf, timedelta(days=90), NOW + timedelta(days=80)) == 0
    assert run.tidy(store, shelf, timedelta(days=90), NOW + timedelta(days=91)) == 1
    assert not shelf.path(HOUSE, "d1").exists()
    assert intake.log_of(store.connection, HOUSE, "d1")[-1]["what"] == "deleted"


def test_papers_nobody_touches_go_in_time_as_well(ward: Ward, tmp_path: Path) -> None:
    assert put(ward.door(), tmp_path) == 201
    given = (ward.server.store, ward.server.shelf, timedelta(days=90))
    for days, gone in ((364, 0), (367, 1)):
        assert run.tidy(*given, NOW + timedelta(days=days), timedelta(days=365)) == gone


def test_a_certificate_that_ends_soon_is_renewed_and_used(ward: Ward, tmp_path: Path) -> None:
    ca, cert, key = ward.files(HOUSE, days=30)
    identity = Identity(tmp_path / "sync", ca, cert, key)
    door = Door(f"https://localhost:{ward.server.server_port}", HOUSE, identity.files)
    before = identity.ends_at()
    assert before is not None and identity.renew_if_due(door, None)
    after = identity.ends_at()
    assert after is not None and after - before > timedelta(days=300)
    assert identity.files()[1] == str(tmp_path / "sync" / "house.pem")
    assert (tmp_path / "sync" / "house.pem").stat().st_mode & 0o777 == 0o600
    assert put(door, tmp_path) == 201  # it works
    assert not identity.renew_if_due(door, None)  # and is not due again
    other = Identity(tmp_path / "other", ca, cert, key)
    with pytest.raises(OSError):  # not for another house's name
        other.renew_if_due(Door(door.url, "nha-0018", identity.files), None)
    assert other.files() == (ca, cert, key)


def test_a_certificate_for_the_house_s_own_network(ward: Ward, tmp_path: Path) -> None:
    """By a house's own certificate, for its own name; from an authority that is not the ward's."""
    from appliance.sync.lan_carrier import LanCarrier
    from appliance.web.door.lan_certificate import LanCertificate

    files = ward.files(HOUSE)
    url = f"https://localhost:{ward.server.server_port}"
    mine = LanCertificate(tmp_path, HOUSE)
    mine.look(NOW, ["192.168.1.23"])
    LanCarrier(Door(url, "nha-0018", lambda: files), tmp_path).turn()
    assert mine.pair() is None  # not by another house's name
    LanCarrier(Door(url, HOUSE, lambda: files), tmp_path).turn()
    assert mine.pair() is not None
    assert mine.authority_file.read_bytes() != Path(files[0]).read_bytes()
    [key] = ward.server.tls_folder.glob("lan/ca.key")
    assert key.stat().st_mode & 0o777 == 0o600


def test_a_clock_in_the_past_does_not_stop_tls_and_an_ended_certificate_still_does(
    ward: Ward, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The box wakes in 1970 (its floor is its own certificate, or its newest report)."""
    from appliance.sync.link.time_floor import refuse_outside

    class In1970(datetime):
        @classmethod
        def now(cls, tz=None):  # type: ignore[no-untyped-def]
            return cls(1970, 1, 1, tzinfo=tz)

    monkeypatch.setattr(time_floor, "datetime", In1970)
    files = ward.files(HOUSE)
    context = time_floor.context(*files, None)
    assert context.verify_flags & time_floor.NO_CHECK_TIME
    door = Door(f"https://localhost:{ward.server.server_port}", HOUSE, lambda: files)
    assert door.had_bytes("d1", "0" * 64)[0] == 404
    in_twenty_years = NOW + timedelta(days=20 * 365)
    late = Door(door.url, HOUSE, lambda: files, lambda: in_twenty_years)
    with pytest.raises(ssl.SSLCertVerificationError):
        late.had_bytes("d1", "0" * 64)
    with pytest.raises(ssl.SSLCertVerificationError):
        refuse_outside({}, NOW)


def test_undelivered_papers_do_not_stay_for_ever(ward: Ward, tmp_path: Path) -> None:
    from dataclasses import replace

    house = House(tmp_path / "house", ward.door())
    later = replace(
        house.clock.now(),
        at=NOW + timedelta(days=31),
        mono_ms=house.clock.now().mono_ms + 31 * 86_400_000,
        sync="ntp",
    )
    unsure = replace(later, sync="none")
    assert service.expire(house.store, unsure, house.folder, 30) == 0
    assert house.state() == "sealed"
    service.expire(house.store, later, house.folder, 30)
    assert house.state() == "expired"
    assert from_ward.results(house.store) == []


def test_many_tries_at_once_are_one(ward: Ward, tmp_path: Path) -> None:
    answers: list[int] = []

    def one(n: int) -> None:
        (tmp_path / str(n)).mkdir()
        answers.append(put(doors[n], tmp_path / str(n)))

    doors = [ward.door()] * 6
    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    eventually(lambda: has(ward))
    assert set(answers) <= {200, 201, 503} and 201 in answers
