"""This file proves the way from a card made at the ward to a house that the ward knows."""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
import subprocess
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from cryptography import x509

from appliance import config
from appliance.errors import BadInput, ConfigError
from provisioning.first_boot import card as cards
from provisioning.first_boot.join import NotLetIn, Place, join, settle
from provisioning.first_boot.settings_file import set_values
from tests.provisioning.first_boot.conftest import HOUSE, WIFI, Site
from ward.enrol.card import not_grown

SETTINGS = '# the house\n[house]\nid = "hien-1234"\n\n[devices]\nprinter = "none:"\n'


@pytest.fixture
def place(tmp_path: Path) -> Place:
    etc = tmp_path / "etc"
    etc.mkdir()
    (etc / "hien.toml").write_text(SETTINGS)
    return Place(etc, (-1, -1))


def test_a_box_joins_by_its_card(site: Site, place: Place) -> None:
    """Own key, the ward's certificate for it, settings joined with what was there."""
    site.make_card("--set", "devices.printer=virtual:", "--set", "house.phone=0236355123")
    assert join(cards.read(site.boot / "hien"), place) == HOUSE
    found = config.load(str(place.settings))
    assert found["house.id"] == HOUSE and found["house.phone"] == "0236355123"
    assert (
        found["devices.printer"] == "virtual:" and found["sync.broker"] == "mqtts://127.0.0.1:18883"
    )
    assert "# the house" in place.settings.read_text()
    assert len(found["data.backup_recipients"]) == 1
    x509.load_pem_x509_certificate(Path(found["sync.cert_file"]).read_bytes())
    for name in ("house.key", "house.crt", "ca.crt"):
        assert stat.S_IMODE((place.keys / name).stat().st_mode) == 0o640


def test_the_cards_printer_is_there_before_the_ward_is_asked(site: Site, place: Place) -> None:
    """What goes wrong with joining is printed too. Once set, nothing changes any more."""
    site.make_card("--set", "devices.printer=tcp://10.0.0.9:9100")
    card = cards.read(site.boot / "hien")
    assert settle(card, place) and not settle(card, place)
    found = config.load(str(place.settings))
    assert found["devices.printer"] == "tcp://10.0.0.9:9100" and found["house.id"] == "hien-1234"
    with pytest.raises(ConfigError, match="thẻ mới"):
        settle(replace(card, settings={"devices.printer": "fax:"}), place)
    assert config.load(str(place.settings))["devices.printer"] == "tcp://10.0.0.9:9100"
    by_name = {"devices.printer": "tcp://printer.local:9100"}
    with pytest.raises(ConfigError, match="IPv4"):
        settle(replace(card, settings=by_name), place)
    assert config.load(str(place.settings))["devices.printer"] == "tcp://10.0.0.9:9100"
    assert not settle(replace(card, settings={}), place)
    assert card.word  # not spent


@pytest.mark.parametrize(
    ("setting", "why"),
    [
        ("devices.printer=tcp://printer.local:9100", "IPv4"),
        ("devices.printer=tcp://[::1]:9100", "IPv4"),
        ("devices.printer=fax:", "usblp"),
        ("devices.priner=none:", "the name of a setting"),
        ("web.port=high", "whole number"),
    ],
)
def test_a_setting_no_house_could_use_is_on_no_card(
    tmp_path: Path, site: Site, setting: str, why: str
) -> None:
    """Said to whoever makes the card, at the ward; not by a box that stops amid its first boot."""
    with pytest.raises(AssertionError, match=why):
        site.make_card("--set", setting)
    assert not list(site.boot.iterdir())


def test_nothing_on_the_card_is_a_key(site: Site) -> None:
    """Neither a private key nor the Wi-Fi password itself; and what cloud-init knows is right."""
    sheet = site.make_card()
    files = {p.relative_to(site.boot).as_posix(): p for p in site.boot.rglob("*") if p.is_file()}
    everything = b"".join(p.read_bytes() for p in files.values())
    assert "AGE-SECRET-KEY-" in sheet and b"AGE-SECRET-KEY-" not in everything
    assert b"PRIVATE KEY" not in everything and WIFI[1].encode() not in everything
    assert WIFI[1] not in sheet and cards.read(site.boot / "hien").word not in sheet
    assert {"user-data", "meta-data", "network-config", "hien/start", "hien/first_boot.py",
            "hien/data_partition.py", "hien/plainly.py", "hien/card.toml", "hien/ca.crt",
            "hien/update-keys/current.pem"} <= set(files)  # fmt: skip
    head, _, body = files["user-data"].read_text().partition("\n")
    user_data = json.loads(body)
    assert head == "#cloud-config" and user_data["runcmd"] == [["sh", "/boot/firmware/hien/start"]]
    assert user_data["growpart"] == {"mode": "off"} and user_data["resize_rootfs"] is False
    assert user_data["user"]["lock_passwd"] and user_data["user"]["sudo"] is None
    network = json.loads(files["network-config"].read_text())
    point = network["wifis"]["wlan0"]["access-points"][WIFI[0]]
    assert len(point["password"]) == 64 and network["ethernets"]["eth0"]["dhcp4"]


def test_a_cut_amid_its_one_command_does_not_leave_a_dead_box(site: Site, tmp_path: Path) -> None:
    """cloud-init marks runcmd as done before it begins. A start that finds the mark and not our
    unit does the same again; the first one, and those of a box on its way, do nothing."""
    site.make_card()
    user_data = json.loads((site.boot / "user-data").read_text().partition("\n")[2])
    ((_, _, script),) = user_data["bootcmd"]
    here = tmp_path / "root"
    mark = here / "var/lib/cloud/instance/sem/config_runcmd"
    ours = here / "etc/systemd/system/multi-user.target.wants/hien-first-boot.service"
    start, ran = here / "boot/firmware/hien/start", here / "ran"
    for path in (mark, ours, start):
        path.parent.mkdir(parents=True)
    start.write_text(f"echo >>{ran}\n")
    for word in ("/var/lib/cloud", "/etc/systemd", "/boot/firmware"):
        script = script.replace(word, f"{here}{word}")

    def starts() -> int:
        subprocess.run(["sh", "-c", script], check=True)
        return len(ran.read_text().splitlines()) if ran.exists() else 0

    assert starts() == 0
    mark.touch()
    assert starts() == 1
    ours.touch()
    assert starts() == 1


def test_the_root_is_not_grown_over_the_whole_card(site: Site) -> None:
    """Raspberry Pi OS's own word is taken off the kernel's line; all else of it stays."""
    site.boot.mkdir()
    line = "console=tty1 root=PARTUUID=8d29df8b-02 rootfstype=ext4 rootwait"
    (site.boot / "cmdline.txt").write_text(f"{line} resize\n")
    site.make_card()
    assert (site.boot / "cmdline.txt").read_text() == f"{line}\n"
    for kept in ("resize=x", "no_resize", "quiet"):
        assert not_grown(f"a {kept} b\n") == f"a {kept} b\n"
    assert not_grown("resize a\n") == "a\n" and not_grown("a resize b") == "a b\n"


def test_the_card_is_worth_nothing_afterwards(site: Site, place: Place) -> None:
    """Word and network key are written over in place; the rest stays readable."""
    site.make_card()
    before = cards.read(site.boot / "hien")
    network = json.loads((site.boot / "network-config").read_text())
    key = network["wifis"]["wlan0"]["access-points"][WIFI[0]]["password"]
    join(before, place)
    left = b"".join(p.read_bytes() for p in site.boot.rglob("*") if p.is_file())
    assert before.word.encode() not in left and key.encode() not in left
    assert (
        cards.read(site.boot / "hien").word == "" and cards.read(site.boot / "hien").house == HOUSE
    )
    json.loads((site.boot / "network-config").read_text())
    # Cut off after this: the next start finds it has joined.
    assert join(cards.read(site.boot / "hien"), place) == HOUSE


def test_a_spent_card_does_not_make_a_second_box(site: Site, place: Place, tmp_path: Path) -> None:
    site.make_card()
    card = cards.read(site.boot / "hien")
    join(card, place)
    other = Place(tmp_path / "etc2", (-1, -1))
    with pytest.raises(NotLetIn, match="Làm thẻ mới") as refused:
        join(card, other)  # somebody copied the card before it was used
    assert refused.value.code == "word_refused"
    with pytest.raises(BadInput, match="đã dùng rồi"):
        join(cards.read(site.boot / "hien"), other)


def test_a_card_that_was_lost_lets_nobody_in(site: Site, place: Place) -> None:
    """What the printed page says to do is enough, though no certificate was given out yet."""
    from appliance.commands.ward import ward as ward_command

    assert f"hien ward revoke {HOUSE}" in site.make_card()
    done = CliRunner().invoke(ward_command, ["revoke", HOUSE, "--dir", str(site.folder)])
    assert done.exit_code == 0, done.output
    with pytest.raises(NotLetIn) as refused:
        join(cards.read(site.boot / "hien"), place)
    assert refused.value.code == "word_refused"


@pytest.mark.parametrize("change", [
    lambda t: "\ufeff" + t.replace("\n", "\r\n"),
    lambda t: t.replace("\n", "\r\n"),
], ids=["BOM and CRLF", "CRLF"])  # fmt: skip
def test_any_editor_may_have_saved_it(site: Site, place: Place, change) -> None:  # type: ignore[no-untyped-def]
    site.make_card()
    path = site.boot / "hien/card.toml"
    path.write_bytes(change(path.read_text("utf-8")).encode())
    word = cards.read(site.boot / "hien").word
    assert word and join(cards.read(site.boot / "hien"), place) == HOUSE
    assert word not in path.read_text("utf-8") and not cards.read(site.boot / "hien").word


def test_no_network_says_so_and_the_key_stays(site: Site, place: Place) -> None:
    """The same key asks again later: so a lost answer costs nothing."""
    site.make_card(port=1)
    for _ in range(2):
        with pytest.raises(NotLetIn, match="dây mạng hoặc Wi-Fi") as refused:
            join(cards.read(site.boot / "hien"), place)
        assert refused.value.code == "no_network"
    first = (place.keys / "house.key").read_bytes()
    card = replace(
        cards.read(site.boot / "hien"), welcome=f"https://127.0.0.1:{site.door.server_port}"
    )
    assert join(card, place) == HOUSE and (place.keys / "house.key").read_bytes() == first


def test_another_ward_at_that_address_is_not_believed(
    site: Site, place: Place, tmp_path: Path
) -> None:
    site.make_card()
    from ward.enrol.authority import Authority

    stranger = Authority.create(tmp_path / "stranger", "Stranger", site.door.now())
    (site.boot / "hien/ca.crt").write_bytes(stranger.certificate_file.read_bytes())
    with pytest.raises(NotLetIn) as refused:
        join(cards.read(site.boot / "hien"), place)
    assert refused.value.code == "wrong_ward"
    assert cards.read(site.boot / "hien").word, "the word was not spent on a stranger"


def test_settings_that_make_no_sense_change_nothing(site: Site, place: Place) -> None:
    """Written into the card by hand: the ward's own command makes no such card."""
    site.make_card()
    card = replace(cards.read(site.boot / "hien"), settings={"web.port": "abc"})
    with pytest.raises(ConfigError, match=r"web\.port"):
        join(card, place)
    assert place.settings.read_text() == SETTINGS


@pytest.mark.parametrize("text", [
    "", "version = 2", "version = 1\nhouse = 'A B'", "version = 1\nhouse = 'khu-pho-3'",
    "version = 1\nhouse = 'khu-pho-3'\nwelcome = 'http://x'", "version = [", "\x00",
    "version = 1\nhouse = 'khu-pho-3'\nwelcome = 'https://x'\nsettings = 3",
])  # fmt: skip
def test_a_card_that_is_broken_says_to_make_another(tmp_path: Path, text: str) -> None:
    (tmp_path / "card.toml").write_text(text)
    with pytest.raises(BadInput, match="Làm thẻ mới ở phường"):
        cards.read(tmp_path)


def test_wishes_of_ward_it_that_no_card_can_hold(site: Site, tmp_path: Path) -> None:
    """Said at the ward's own desk, not in the house."""
    from appliance.commands.ward import ward as ward_command

    base = ["enrol", HOUSE, "--dir", str(site.folder), "--card", str(tmp_path)]
    for more, what in (
        ([], "--release"),
        (["--release", __file__, "--welcome", "http://x"], "https://HOST:PORT"),
        (["--release", __file__, "--welcome", "https://x", "--wifi", "x" * 33], "Wi-Fi name"),
        (["--release", __file__, "--welcome", "https://x", "--wifi", "x"], "8 to 63"),
        (["--release", __file__, "--welcome", "https://x", "--set", "x"], "NAME=VALUE"),
    ):
        done = CliRunner().invoke(ward_command, [*base, *more], env={"HIEN_WIFI_PASSWORD": "short"})
        assert done.exit_code and what in done.output, done.output


def test_a_house_comes_back_on_a_new_box_with_its_printed_page(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ward types the page's key; the card has the backup under a key of its own. The new box
    has the old tickets and settings, then joins as that house; nothing is left on the card."""
    from appliance import seal
    from appliance.commands.backup import backup, restore
    from appliance.store.opening import open_store
    from tests.web.conftest import House

    old = House(tmp_path / "old", tmp_path / "old-ram", **{"house.id": HOUSE})
    number = old.take()["number"]
    with old.store.write():  # that was another machine, and another start
        old.store.run("UPDATE outbox_seq SET epoch = 'then'")
    secret, public = seal.new_identity()
    (tmp_path / "old.toml").write_text(
        f'[house]\nid = "{HOUSE}"\nphone = "0236 111"\n[data]\n'
        f'dir = "{tmp_path}/old/data"\nram_dir = "{tmp_path}/old-ram"\n'
    )
    done = CliRunner().invoke(
        backup,
        ["--out", str(tmp_path / "stick"), "--to", public, "--config", str(tmp_path / "old.toml")],
    )
    assert done.exit_code == 0, done.output
    [kept] = (tmp_path / "stick").iterdir()
    monkeypatch.setenv("HIEN_RESTORE_KEY", secret)
    site.make_card("--restore", str(kept))
    on_card = b"".join(p.read_bytes() for p in site.boot.rglob("*") if p.is_file())
    assert secret.encode() not in on_card
    etc = tmp_path / "new-etc"
    etc.mkdir()
    (etc / "hien.toml").write_text(
        f'[data]\ndir = "{tmp_path}/new/data"\nram_dir = "{tmp_path}/new-ram"\n'
    )
    # The rooms' user and group: root puts it back, and they must be able to write beside it.
    someone = pwd.getpwnam("nobody")
    monkeypatch.setattr("appliance.commands.backup.pwd.getpwnam", lambda name: someone)
    group = grp.getgrgid(someone.pw_gid)
    monkeypatch.setattr("appliance.commands.backup.grp.getgrnam", lambda name: group)
    # The backup's settings name the old folders; a real new box has the same ones.
    done = CliRunner().invoke(
        restore, ["--card", str(site.boot / "hien"), "--config", str(etc / "hien.toml")]
    )
    assert done.exit_code == 0, (done.output, done.exception)
    if os.geteuid() == 0:
        laid = [path.stat() for path in (tmp_path / "new/data").rglob("*")]
        assert laid
        assert {(at.st_uid, at.st_gid) for at in laid} == {(someone.pw_uid, someone.pw_gid)}
    store = open_store(tmp_path / "new/data")
    assert store.value("SELECT number FROM tickets") == number
    join(cards.read(site.boot / "hien"), Place(etc, (-1, -1)))
    found = config.load(str(etc / "hien.toml"))
    assert (found["house.id"], found["house.phone"]) == (HOUSE, "0236 111")
    left = {p.name for p in (site.boot / "hien").iterdir()}
    assert "restore.age" not in left and not cards.read(site.boot / "hien").restore_key


def test_a_settings_file_keeps_its_other_lines() -> None:
    text = '# a\n[house]\nid = "x"  # old\nname = "y"\n\n[web]\nport = 80\n'
    new = set_values(text, {"house.id": "z", "house.ward": 'Bến "Hiên"', "sync.broker": "b"})
    assert tomllib.loads(new) == {
        "house": {"id": "z", "name": "y", "ward": 'Bến "Hiên"'},
        "web": {"port": 80},
        "sync": {"broker": "b"},
    }
    assert new.startswith("# a\n") and set_values(new, {"house.id": "z"}) == new
