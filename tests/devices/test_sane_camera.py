"""This file proves the scanner: over SANE's own test backend, and over a stand-in for its tool."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from appliance.devices.camera import CameraError, open_camera
from appliance.devices.camera import sane as module
from appliance.errors import ConfigError
from tests.devices.cameras_for_tests import paper_jpeg, sane_test_url


@pytest.fixture
def scanner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `scanimage` of ours on PATH: gives page.jpg, or what the file `fault` (a script) does."""
    (tmp_path / "page.jpg").write_bytes(paper_jpeg())
    script = tmp_path / "scanimage"
    script.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$*\" >> {tmp_path}/said\n"
        f"[ -e {tmp_path}/fault ] && . {tmp_path}/fault\ncat {tmp_path}/page.jpg\n"
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


def test_what_the_address_says_reaches_scanimage(scanner: Path) -> None:
    camera = open_camera("sane:escl:http://10.0.0.9:80?mode=Gray&source=ADF Front&resolution=200")
    photo = camera.capture()
    assert photo.size_px == (1600, 1200)
    assert (scanner / "said").read_text().strip() == (
        "-d escl:http://10.0.0.9:80 --format=jpeg --resolution=200 --mode=Gray --source=ADF Front"
    )
    assert camera.preview() is None


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("echo 'scanimage: sane_start: Device busy' >&2; exit 3", "camera_busy"),
        ("echo 'scanimage: open of device x failed: Invalid argument' >&2; exit 1", "camera_none"),
        ("echo 'scanimage: no SANE devices found' >&2; exit 1", "camera_none"),
        ("echo 'scanimage: sane_start: Access to resource has been denied' >&2; exit 11",
         "camera_none"),
        ("echo 'scanimage: sane_read: Scanner cover is open' >&2; exit 8", "camera_stalled"),
        ("head -c 3000 $here/page.jpg; exit 0", "camera_bad_photo"),
        ("exit 0", "camera_bad_photo"),
    ],
)  # fmt: skip
def test_its_faults_have_the_camera_s_codes(scanner: Path, fault: str, code: str) -> None:
    (scanner / "fault").write_text(fault.replace("$here", str(scanner)))
    camera = open_camera("sane:")
    with pytest.raises(CameraError) as raised:
        camera.capture()
    assert raised.value.code == code
    assert (camera.check().state, camera.check().code) == ("bad", code)
    (scanner / "fault").unlink()
    camera.capture()
    assert camera.check().state == "ok"


def test_a_scanner_that_hangs_is_ended(scanner: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one that does not listen to SIGTERM; no child is left behind."""
    monkeypatch.setattr(module, "END_S", 0.3)
    (scanner / "fault").write_text("trap '' TERM; exec sleep 60")
    camera = open_camera("sane:?limit_s=1")
    with pytest.raises(CameraError) as raised:
        camera.capture(0.1)
    assert raised.value.code == "camera_stalled"


def test_closing_ends_a_scan_under_way(scanner: Path) -> None:
    (scanner / "fault").write_text("exec sleep 60")
    camera = open_camera("sane:")
    found: list[CameraError] = []

    def scan() -> None:
        with pytest.raises(CameraError) as raised:
            camera.capture()
        found.append(raised.value)

    thread = threading.Thread(target=scan)
    thread.start()
    end_s = time.monotonic() + 20
    while not (scanner / "said").exists() and time.monotonic() < end_s:
        time.sleep(0.02)
    camera.close()
    thread.join(20)
    assert [error.code for error in found] == ["camera_none"]


def test_the_scanner_is_asked_once_a_minute_not_every_look(scanner: Path) -> None:
    camera = open_camera("sane:")
    for _ in range(5):
        assert camera.check().state == "ok"
    assert (scanner / "said").read_text().splitlines() == ["-n"]


def test_without_scanimage_the_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="sane-utils"):
        open_camera("sane:")


@pytest.mark.parametrize(
    "url", ["sane:-o", "sane:?mode=--help", "sane:?resolution=9", "sane:?dpi=300"]
)
def test_wrong_addresses_are_refused(scanner: Path, url: str) -> None:
    with pytest.raises(ConfigError):
        open_camera(url)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("SANE_STATUS_DEVICE_BUSY", "camera_busy"),
        ("SANE_STATUS_ACCESS_DENIED", "camera_none"),
        ("SANE_STATUS_JAMMED", "camera_stalled"),
        ("SANE_STATUS_COVER_OPEN", "camera_stalled"),
        ("SANE_STATUS_IO_ERROR", "camera_stalled"),
    ],
)
def test_faults_of_the_real_test_backend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str, code: str
) -> None:
    """The real scanimage's exit codes, made by SANE's test backend.

    Its reader sometimes breaks the pipe first, and scanimage then ends well with half a picture,
    or hangs: that is no photo either, and ends in time; the next try tells the fault itself.
    """
    quoted = {"read-status-code": f'"{status}"'}
    camera = open_camera(sane_test_url(tmp_path, monkeypatch, **quoted) + "&limit_s=2")
    codes = []
    while code not in codes and len(codes) < 5:
        with pytest.raises(CameraError) as raised:
            camera.capture(1)
        codes.append(raised.value.code)
    assert code in codes
    assert set(codes) <= {code, "camera_bad_photo", "camera_stalled"}


def test_a_scanner_sane_does_not_know_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sane_test_url(tmp_path, monkeypatch)
    camera = open_camera("sane:nosuch:1")
    assert camera.check().code == "camera_none"
