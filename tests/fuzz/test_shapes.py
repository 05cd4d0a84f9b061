"""This file throws right JSON and TOML of wrong shapes at what believes a sender: the ward, a key.

Valid signatures over malformed manifests, valid envelopes with impossible wishes: what lies behind
the first check, where changed bytes never come.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance import bootstrap, config, wishes
from appliance.clock import Clock
from appliance.core import catalogue as catalogues
from appliance.core.identity_code import find_identity_code, read_identity_code
from appliance.service.volunteers import add_volunteer
from appliance.store.opening import open_store
from appliance.sync import protocol
from appliance.sync.intake import Intake
from appliance.sync.link import Event
from provisioning.first_boot import card as cards
from provisioning.helper import serve, verbs
from provisioning.update import manifest
from tests.fuzz import runner, shapes
from ward.board import Board
from ward.line import Arrived
from ward.listener import Listener

HOUSE = "nha-17"
EPOCH = "0b7c2a4e-5d0e-4c3f-9a51-3f0f6f1f2c77"
ENVELOPE = {
    "v": 1, "house": HOUSE, "stream": "help", "epoch": EPOCH, "seq": 17, "mono_ms": 1,
    "t": "2026-11-22T03:00:00Z", "sync": "ntp", "d": {"type": "called", "call": "c1", "n": 3},
}  # fmt: skip
STATE = {"queue_waiting": 3, "epoch": EPOCH, "temperature_c": 51.5, "printer": "ok", "on": True}
ROSTER = {"v": 1, "ver": 3, "d": {"volunteers": [
    {"id": "v-1", "name": "Chị Lan", "pin_hash": "", "desk": 1, "shows_name": True},
    {"id": "v-2", "name": "Anh Minh", "phone": "0905123456", "on_call": ["sat", "sun"]},
]}}  # fmt: skip
CONFIG = {"v": 1, "ver": 3, "d": {
    "house.name": "Nhà văn hóa", "house.phone": "0236 3555 123", "data.keep_sealed_h": 48,
    "sync.health_s": 60, "web.tickets_per_minute": 20,
}}  # fmt: skip
FEE = {"vnd": 15000, "per": "lần", "per_en": "time", "exempt": "hộ nghèo", "exempt_en": "the poor"}
CATALOGUE = {"v": 1, "ver": 3, "d": {
    "version": 3,
    "procedures": [
        {"code": "1.004884", "from": "2026-12-01", "to": "2027-06-30", "fee": FEE},
        {"code": "1.004884", "from": "2026-01-01", "time": {"days": 2}},
        {"code": "1.004884", "from": "2026-01-01",
         "contact": {"name": "Chị Hạnh", "phone": "0236 3555 999", "address": "12 Lê Lợi"}},
    ],
    "days": [{"on": "2027-02-05", "works": False, "name": "Tết"}],
}}  # fmt: skip
RESULT = {
    "v": 1, "epoch": EPOCH, "seq": 4, "dossier": "0975", "state": "supplement",
    "note": "Thiếu một trang", "at": "2026-11-22T03:00:00Z", "floor": 1,
}  # fmt: skip
COMMAND = {"v": 1, "job": "j-1", "op": "test_slip", "args": {"n": 1}, "exp": "2026-12-22T03:00:00Z",
           "expires_at": "2026-12-22T03:00:00Z"}  # fmt: skip
RECEIPT = {"v": 1, "epoch": EPOCH, "stream": "help", "upto": 17, "twice": False}


def texts(seeds: list[Any], share: float) -> Any:
    return shapes.texts(seeds, runner.how_many(share), runner.SEED)


@pytest.mark.parametrize(
    ("name", "parse", "seed"),
    [
        ("envelope", protocol.decode_envelope, ENVELOPE),
        ("receipt", protocol.decode_receipt, RECEIPT),
        ("command", protocol.decode_cmd, COMMAND),
        ("wanted", protocol.decode_wanted, CONFIG),
        ("result", protocol.decode_result, RESULT),
        ("state", protocol.decode_state, STATE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_messages_of_a_wrong_shape(name: str, parse: Callable[[bytes], Any], seed: Any) -> None:
    runner.run(f"mqtt shapes: {name}", parse, texts([seed], 0.04))


def test_a_house_takes_nothing_amiss_from_its_ward(tmp_path: Path) -> None:
    """Roster, settings, catalogue, results, commands and receipts through the room's own intake,
    to a real table: each is applied or refused, the intake goes on, the table stays whole."""
    store = open_store(tmp_path)
    now = Clock().now
    add_volunteer(store, now(), name="Chị Lan", pin="2468")
    intake = Intake(
        HOUSE, now, lambda _: None, check_settings=wishes.check_settings,
        guide=bootstrap.read_guide,
    )  # fmt: skip
    seeds = {"roster": ROSTER, "config": CONFIG, "catalogue": CATALOGUE, "result": RESULT,
             "cmd/j-1": COMMAND, "receipt": RECEIPT}  # fmt: skip
    chance = random.Random(runner.SEED)
    for name, seed in seeds.items():

        def take(payload: bytes, name: str = name) -> None:
            # Another version and job each time, so that it is looked at.
            count = str(runner.counts[f"house intake: {name}"] + 5).encode()
            payload = payload.replace(b'"ver": 3', b'"ver": ' + count)
            topic = f"houses/v1/{HOUSE}/down/{name}".replace("j-1", f"j-{chance.randrange(10**9)}")
            intake.take(store, [Event("message", 1, topic=topic, payload=payload)])

        runner.run(f"house intake: {name}", take, texts([seed], 0.03), ours=())
    assert store.value("PRAGMA integrity_check") == "ok"
    # They came behind the first check: some were applied, some refused, some results kept.
    for outcome in ("wanted_applied", "wanted_refused", "results_taken", "receipts"):
        assert intake.counts[outcome], (outcome, intake.counts)
    applied = {row["name"] for row in store.all("SELECT name FROM wanted WHERE ver > 0")}
    assert applied == {"roster", "config", "catalogue"}
    store.close()


def test_a_ward_takes_nothing_amiss_from_a_house(tmp_path: Path) -> None:
    """A house that was taken over says anything on any topic: it is sorted, stored or set aside."""
    from ward.store.database import Store as WardStore

    store = WardStore(tmp_path / "ward.db")
    listener = Listener(store, Board())
    listener._leads = True
    chance = random.Random(runner.SEED)
    topics = ("up/help", "up/queue", "state/status", "state/hello", "state/health", "state/queue",
              "down/receipt", "up/../x", "")  # fmt: skip

    class Line:
        def ack(self, batch: object) -> None: ...

        def publish(self, *_: object, **__: object) -> bool:
            return True

    listener._link = Line()  # type: ignore[assignment]

    def take(payload: bytes) -> None:
        topic = f"houses/v1/{HOUSE}/{chance.choice(topics)}"
        listener._take([Arrived(topic, payload, 1, 7, chance.random() < 0.3, None)])

    runner.run("ward listener", take, texts([ENVELOPE, STATE], 0.08), ours=())
    store.close()


def test_a_signed_manifest_of_a_wrong_shape(tmp_path: Path) -> None:
    """The signature is good, what it vouches for is not: the updater says no in words."""
    good = {
        "format": 1, "version": "1.2.0", "min_from": "1.0.0", "allow_downgrade": False,
        "files": {"a/b.py": {"sha256": "0" * 64, "size": 7, "program": False}},
    }  # fmt: skip
    seen = 0

    def parse(data: bytes) -> None:
        nonlocal seen
        made = manifest.parse(data)
        seen += 1
        for name in made.files:
            assert not name.startswith("/") and ".." not in name.split("/"), name

    runner.run("manifest shapes", parse, texts([good], 0.08))
    assert seen, "not one was taken: the shapes never came behind the first check"


def test_requests_to_the_helper_that_is_root(tmp_path: Path) -> None:
    """Any line from a room that was taken over: an answer with a code, nothing outside touched."""
    for folder in ("proc", "etc/hien/sync", "var/lib/hien/inbox", "run/hien", "var/lib/hien-box",
                   "etc/NetworkManager/system-connections"):  # fmt: skip
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "proc/uptime").write_text("500.0 1.0")
    (tmp_path / "etc/hien/hien.toml").write_text('[house]\nid = "khu-pho-3"\n')
    (tmp_path / "keep").write_text("x")
    machine = verbs.Machine(tmp_path, lambda command: None)
    seeds = [{"verb": "reboot"},
             {"verb": "set-wifi", "name": "Nhà văn hóa", "password": "12345678"},
             {"verb": "apply-update", "file": "0.2.0.hien"},
             {"verb": "factory-reset", "house": "khu-pho-4"}]  # fmt: skip

    def ask(line: bytes) -> None:
        for who in ("hien-web", "hien-sync", "nobody"):
            said = serve.answer(line, who, machine)
            assert said["ok"] in (True, False)

    runner.run("root helper", ask, texts(seeds, 0.06), ours=())
    assert (tmp_path / "keep").read_text() == "x"
    written = {p.name for p in (tmp_path / "etc/NetworkManager/system-connections").iterdir()}
    assert written <= {"hien-wifi.nmconnection"}


def test_codes_of_identity_cards() -> None:
    """Any text in any field; nothing of it is in what is raised."""
    good = [
        "048203001234",
        "201234567",
        "Nguyễn Thị Hoa",
        "01021960",
        "Nữ",
        "Tổ 5, An Hải",
        "10052021",
    ]

    def read(fields: Any) -> None:
        if not isinstance(fields, list):
            return
        text = "|".join(str(f) for f in fields)
        find_identity_code([text, text[::-1]])
        read_identity_code(text)

    inputs = shapes.values([good, [*good, "", "x", "y"]], runner.how_many(0.06), runner.SEED)
    runner.run("identity card codes", read, inputs)


def test_catalogues_of_a_wrong_shape() -> None:
    """As a ward's own file would be, read by TOML: named where it is wrong."""
    import tomllib

    text = (Path(bootstrap.__file__).parent / "catalogue.toml").read_text("utf-8")
    whole = tomllib.loads(text)
    small = {k: (v[:2] if isinstance(v, list) else v) for k, v in whole.items()}
    inputs = shapes.values([small], runner.how_many(0.04), runner.SEED)
    runner.run("catalogue shapes", catalogues.parse, (v for v in inputs if isinstance(v, dict)))


def test_settings_of_a_wrong_shape(tmp_path: Path) -> None:
    """A settings file with anything as any value: told in words, by the name of the setting."""
    by_name = {s.name: s.default for s in config.SETTINGS}
    chance = random.Random(runner.SEED)

    def check(value: Any) -> None:
        name = chance.choice(list(by_name))
        config.load(None, {name: value})

    inputs = shapes.values(list(by_name.values()), runner.how_many(0.05), runner.SEED)
    runner.run("settings", check, inputs)


def test_cards_of_a_first_boot(tmp_path: Path) -> None:
    """Whatever a person's editor, or a finder, made of card.toml; and scrubbing it never fails."""
    good = (
        'version = 1\nhouse = "khu-pho-3"\nname = "Nhà văn hóa"\nwelcome = "https://x:8884"\n'
        'until = "2026-11-29"\nword = "abcde-fghjk"\n[settings]\n"house.phone" = "0236"\n'
    ).encode()
    from tests.fuzz import mutate

    def read(data: bytes) -> None:
        (tmp_path / "card.toml").write_bytes(data)
        found = cards.read(tmp_path)
        cards.scrub(found)
        assert b"abcde-fghjk" not in (tmp_path / "card.toml").read_bytes() or not found.word

    seeds = [good, b"\xef\xbb\xbf" + good.replace(b"\n", b"\r\n")]
    runner.run("first boot card", read, mutate.inputs(seeds, runner.how_many(0.03), runner.SEED))
