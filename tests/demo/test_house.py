"""This file proves that the demo's house is furnished right, alone in its folder, and kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance import config
from appliance.clock import Clock
from appliance.demo import house
from appliance.service.volunteers import sign_in
from appliance.store.opening import open_store

PORTS = {"port": 18080, "printer-port": 19100}


def test_the_settings_are_accepted_and_point_at_the_real_adapters(tmp_path: Path) -> None:
    """The written TOML passes the house's own check, in a folder with blanks and Vietnamese."""
    folders, lock = house.take_folder(tmp_path / "thư mục thử")
    with lock:
        house.write_settings(folders, "127.0.0.1", PORTS, ("127.0.0.1", 4711))
        settings = config.load(folders.settings)
    assert settings["devices.printer"] == "tcp://127.0.0.1:19100"
    assert settings["sync.broker"] == "mqtt://127.0.0.1:4711"
    assert settings["house.address"] == "http://127.0.0.1:18080"
    assert settings.virtual() == ["camera", "panel"]
    house.wipe_ram(folders)


@pytest.mark.parametrize(
    ("host", "seen"),
    [("192.168.1.20", "192.168.1.20"), ("0.0.0.0", "127.0.0.1")],
)
def test_another_address_is_the_one_the_house_uses_itself(
    tmp_path: Path, host: str, seen: str
) -> None:
    """With --host the printer and the pages are looked for where they listen."""
    folders, lock = house.take_folder(tmp_path)
    with lock:
        house.write_settings(folders, host, PORTS, ("127.0.0.1", 4711))
        settings = config.load(folders.settings)
    assert settings["devices.printer"] == f"tcp://{seen}:19100"
    assert settings["house.address"] == f"http://{seen}:18080"
    house.wipe_ram(folders)


def test_a_second_demo_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    """The message names the folder, the process and the way out; afterwards it is free again."""
    folders, lock = house.take_folder(tmp_path)
    with lock, pytest.raises(house.FolderTaken, match=r"process \d+.*--dir"):
        house.take_folder(tmp_path)
    _, again = house.take_folder(tmp_path)
    again.close()
    house.wipe_ram(folders)


def test_a_folder_that_cannot_be_had_is_told(tmp_path: Path) -> None:
    """A file where the folder should be is a sentence, not a traceback."""
    (tmp_path / "file").write_text("")
    with pytest.raises(house.FolderTaken, match="--dir"):
        house.take_folder(tmp_path / "file")


def test_volunteers_are_added_once_and_can_sign_in(tmp_path: Path) -> None:
    """A second start adds nobody; the PIN that is printed is the PIN that works."""
    folders, lock = house.take_folder(tmp_path)
    with lock:
        house.add_volunteers(folders)
        house.add_volunteers(folders)
        store = open_store(folders.house)
        names = [row["name"] for row in store.all("SELECT name FROM volunteers ORDER BY desk")]
        assert tuple(names) == house.VOLUNTEERS
        token, who = sign_in(store, Clock().now(), volunteer_id=1, pin=house.PIN, hours=1)
        assert token and who["name"] == house.VOLUNTEERS[0]
        store.close()
    house.wipe_ram(folders)


def test_what_is_in_ram_goes_and_what_is_kept_stays(tmp_path: Path) -> None:
    """A new start in the same folder is like a power cut: RAM is empty, the data is there."""
    folders, lock = house.take_folder(tmp_path)
    folders.scene.write_bytes(b"jpeg")
    folders.house.mkdir()
    (folders.house / "kept").write_text("yes")
    lock.close()
    folders, lock = house.take_folder(tmp_path)
    assert not folders.scene.exists() and (folders.house / "kept").exists()
    assert folders.ram.stat().st_mode & 0o777 == 0o700
    lock.close()
    house.wipe_ram(folders)


def test_a_settings_file_of_the_visitor_stands_above_the_demos_own(tmp_path: Path) -> None:
    """Names, devices and limits are the visitor's; folders, ports and broker stay the demo's."""
    own = tmp_path / "own.toml"
    own.write_text(
        '[house]\nname = "Nhà văn hóa thôn Đông"\n[devices]\nprinter_dots = 384\n'
        'camera = "none:"\n[data]\ndir = "/nowhere"\nkeep_sealed_h = 24\n[web]\nport = 1\n',
        "utf-8",
    )
    folders, lock = house.take_folder(tmp_path / "demo")
    with lock:
        house.write_settings(folders, "127.0.0.1", PORTS, ("127.0.0.1", 4711), config.load(own))
        settings = config.load(folders.settings)
    assert settings["house.name"] == "Nhà văn hóa thôn Đông"
    assert settings["devices.printer_dots"] == 384 and settings["devices.camera"] == "none:"
    assert settings["data.keep_sealed_h"] == 24 and settings["web.port"] == 18080
    assert settings["data.dir"] == str(folders.house)
    assert settings["devices.printer"] == "tcp://127.0.0.1:19100"
    house.wipe_ram(folders)
