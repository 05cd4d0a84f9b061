"""This file proves that old data comes back from a house's card, whatever the power or its age."""

from __future__ import annotations

import dataclasses
import io
import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from appliance import config, seal
from appliance.commands import backup as command
from appliance.core.moment import Moment
from appliance.service import backup as service
from appliance.service.report import tell
from appliance.store.opening import open_store
from provisioning.first_boot import settings_of_then

THEN = Moment(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), "boot-one", 1000, "run", "ntp")


class PowerCutError(BaseException):
    """What no code catches."""


@dataclasses.dataclass
class Box:
    """A new box of the house `nha-0017`, and the card it was given."""

    folder: Path
    secret: str = ""
    public: str = ""

    def __post_init__(self) -> None:
        self.secret, self.public = seal.new_identity()
        (self.folder / "card").mkdir()
        (self.folder / "card/card.toml").write_text(
            'version = 1\nhouse = "nha-0017"\nwelcome = "https://ward"\nname = "Nhà"\n'
            f'until = "2026-12-01"\nword = "w"\nrestore_key = "{self.secret}"\n'
        )
        (self.folder / "etc").mkdir()
        self.settings.write_text(
            f'[data]\ndir = "{self.folder}/data"\nram_dir = "{self.folder}/ram"\n'
        )

    @property
    def settings(self) -> Path:
        return self.folder / "etc/hien.toml"

    @property
    def on_card(self) -> Path:
        return self.folder / "card/restore.age"

    def lay_backup(self, settings: str | None) -> None:
        """One of before, with such a settings file, or none in it."""
        old = self.folder / "old"
        store = open_store(old)
        with store.write():
            tell(store, THEN, "ops", {"type": "here"})
        sealed = service.make_backup(
            store, THEN, data_dir=old, settings=settings or "", house="nha-0017", to=[self.public]
        )
        store.close()
        self.on_card.write_bytes(self._without_settings(sealed) if settings is None else sealed)

    def _without_settings(self, sealed: bytes) -> bytes:
        found = service.open_backup(sealed, self.secret)
        del found["hien.toml"]
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w") as tar:
            for name, body in found.items():
                info = tarfile.TarInfo(name)
                info.size = len(body)
                tar.addfile(info, io.BytesIO(body))
        return seal.seal(plain.getvalue(), [self.public])

    def restore(self) -> Result:
        return CliRunner().invoke(
            command.restore,
            ["--card", str(self.folder / "card"), "--config", str(self.settings)],
        )

    def body(self) -> str:
        store = open_store(self.folder / "data")
        try:
            return str(store.value("SELECT body FROM outbox"))
        finally:
            store.close()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


@pytest.mark.parametrize("step", ["_hand_over", "restore", "take_over"])
def test_a_cut_before_the_rooms_can_write_lets_it_begin_again(
    box: Box, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """While anything is still to do, the backup is on the card; the next start does all of it."""

    def cut(*_: object, **__: object) -> None:
        raise PowerCutError

    box.lay_backup('[house]\nphone = "0236 111"\n')
    with monkeypatch.context() as patched:
        where = {
            "_hand_over": command,
            "restore": command.service,
            "take_over": settings_of_then,
        }
        patched.setattr(where[step], step, cut)
        with pytest.raises(PowerCutError):
            box.restore()
    assert box.on_card.exists()
    done = box.restore()
    assert done.exit_code == 0, (done.output, done.exception)
    assert not box.on_card.exists() and box.body() == '{"type":"here"}'


def test_settings_of_then_come_back(box: Box) -> None:
    """As they were, where this release can read them."""
    then = f'# by hand\n[house]\nphone = "0236 111"\n[data]\ndir = "{box.folder}/data"\n'
    box.lay_backup(then)
    assert box.restore().exit_code == 0
    assert box.settings.read_text() == then


def test_settings_of_a_newer_release_cost_no_start(box: Box) -> None:
    """A name it does not know, a value it does not take: what it can use comes, the rest is said,
    and the folders stay those of this machine."""
    box.lay_backup(
        '[house]\nphone = "0236 111"\nname = "Nhà \\"Hiên\\""\nfloor = 3\n'
        '[data]\ndir = "/elsewhere"\n[web]\nport = "many"\n'
        '[devices]\nprinter = "tcp://192.0.2.7:9100"\n[later]\nthing = true\n'
    )
    done = box.restore()
    assert done.exit_code == 0, (done.output, done.exception)
    found = config.load(str(box.settings))
    assert (found["house.phone"], found["house.name"]) == ("0236 111", 'Nhà "Hiên"')
    assert found["devices.printer"] == "tcp://192.0.2.7:9100"
    assert found.data_dir == box.folder / "data" and isinstance(found["web.port"], int)
    for name in ("house.floor", "web.port", "later.thing"):
        assert name in done.output
    assert "data.dir" not in done.output and box.body() == '{"type":"here"}'


@pytest.mark.parametrize("then", [None, "", "no [ toml", "\N{REPLACEMENT CHARACTER} = = ="])
def test_a_backup_without_settings_brings_the_rest(box: Box, then: str | None) -> None:
    """None in it, or none that anybody can read: the fresh ones stay."""
    before = box.settings.read_text()
    box.lay_backup(then)
    done = box.restore()
    assert done.exit_code == 0, (done.output, done.exception)
    assert box.settings.read_text() == before and box.body() == '{"type":"here"}'
