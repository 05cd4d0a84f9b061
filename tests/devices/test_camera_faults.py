"""This file proves what each camera says for each way it can fail, and that it comes back."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.devices.camera import CameraError, open_camera
from appliance.devices.camera.v4l2 import V4l2Camera
from appliance.devices.url import parse_url
from tests.devices.cameras_for_tests import LoopedFilm, drop, film, paper_jpeg, wait_for_preview


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("stall=1", "camera_stalled"),
        ("busy=1", "camera_busy"),
        ("unplugged=1", "camera_none"),
        ("disk_full=1", "disk_full"),
        ("truncated=1", "camera_bad_photo"),
    ],
)
def test_virtual_faults(fault: str, code: str) -> None:
    """Each fault has the code that the screens turn into words."""
    camera = open_camera(f"virtual:?size=640x480&{fault}")
    with pytest.raises(CameraError) as caught:
        camera.capture(0.05)
    assert caught.value.code == code


def test_a_stall_freezes_no_preview_and_ends_by_itself(tmp_path: Path) -> None:
    """While it stalls there is no preview rather than an old one; afterwards all is well."""
    faults = tmp_path / "faults"
    faults.write_text("stall=1")
    camera = open_camera(f"virtual:?size=640x480&faults={faults}")
    assert camera.preview() is None
    assert camera.check().code == "camera_stalled"
    faults.write_text("")
    assert camera.capture().size_px == (640, 480)
    assert camera.preview()


def test_black_and_blurred_frames_are_photos(tmp_path: Path) -> None:
    """They are for the page's own checks to find; the camera did its part."""
    for fault in ("black", "blur"):
        camera = open_camera(f"virtual:?size=640x480&{fault}=1")
        assert camera.capture().size_px == (640, 480)


def test_the_scene_is_what_lies_there_now(tmp_path: Path) -> None:
    """Each photo reads the scene anew; an empty table is a photo too."""
    scene = tmp_path / "scene.jpg"
    camera = open_camera(f"virtual:?size=640x480&scene={scene}")
    bare = camera.capture().jpeg
    scene.write_bytes(paper_jpeg("one"))
    one, small_one = camera.capture().jpeg, camera.preview()
    scene.write_bytes(paper_jpeg("two, another paper"))
    two, small_two = camera.capture().jpeg, camera.preview()
    assert len({bare, one, two}) == 3
    assert one == paper_jpeg("one")
    assert small_one != small_two


def test_folder_takes_the_oldest_complete_photo_once(tmp_path: Path) -> None:
    """Order is by time of the file; what was taken moves aside and never comes again."""
    drop(tmp_path, "b.jpg", paper_jpeg("older"), at_ns=10**18)
    drop(tmp_path, "a.jpg", paper_jpeg("newer, second"), at_ns=2 * 10**18)
    camera = open_camera(f"folder:{tmp_path}")
    assert camera.capture(2).jpeg == paper_jpeg("older")
    assert camera.capture(2).jpeg == paper_jpeg("newer, second")
    with pytest.raises(CameraError):
        camera.capture(0.3)
    assert sorted(path.name for path in (tmp_path / "taken").iterdir()) == ["a.jpg", "b.jpg"]


def test_folder_leaves_a_file_alone_that_is_still_being_written(tmp_path: Path) -> None:
    """A cut JPEG is not taken, and does not stand in the way of a complete one."""
    whole = paper_jpeg("slow")
    drop(tmp_path, "slow.jpg", whole[: len(whole) // 2], at_ns=10**18)
    drop(tmp_path, "note.txt", b"not a photo")
    camera = open_camera(f"folder:{tmp_path}")
    with pytest.raises(CameraError):
        camera.capture(0.3)
    drop(tmp_path, "next.jpg", paper_jpeg("next"))
    assert camera.capture(2).jpeg == paper_jpeg("next")
    drop(tmp_path, "slow.jpg", whole)
    assert camera.capture(2).jpeg == whole


def test_folder_keeps_only_the_jpeg_of_a_phone_photo(tmp_path: Path) -> None:
    """Phones append bytes of their own after the picture's end."""
    drop(tmp_path, "phone.JPG", paper_jpeg("phone") + b"SEFT" * 100)
    assert open_camera(f"folder:{tmp_path}").capture(2).jpeg == paper_jpeg("phone")


def test_folder_after_delete_leaves_nothing(tmp_path: Path) -> None:
    drop(tmp_path, "a.jpg", paper_jpeg())
    open_camera(f"folder:{tmp_path}?after=delete").capture(2)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    camera = open_camera(f"folder:{tmp_path / 'gone'}")
    assert (camera.check().state, camera.check().code) == ("bad", "camera_none")
    with pytest.raises(CameraError) as caught:
        camera.capture(0.1)
    assert caught.value.code == "camera_none"


def test_v4l2_camera_that_is_unplugged_and_back(tmp_path: Path) -> None:
    """Its frames end; the error says so; the next call opens it anew."""
    path = film(tmp_path)
    opened: list[LoopedFilm] = []

    def open_capture() -> LoopedFilm:
        opened.append(LoopedFilm(path))
        if len(opened) == 1:
            opened[0].stop_after = 1
        return opened[-1]

    camera = V4l2Camera(parse_url("v4l2:/dev/video0"), open_capture)
    with pytest.raises(CameraError):
        camera.capture(5)
    assert camera.capture(5).size_px == (1600, 1200)
    assert opened[0].released
    camera.close()
    assert opened[1].released


def test_v4l2_without_a_node(tmp_path: Path) -> None:
    camera = open_camera(f"v4l2:{tmp_path / 'video9'}")
    assert camera.check().code == "camera_none"
    with pytest.raises(CameraError) as caught:
        camera.capture(5)
    assert caught.value.code == "camera_none"
    camera.close()


def test_v4l2_raw_mjpg_passes_through_unchanged(tmp_path: Path) -> None:
    """Where the driver hands over the camera's own JPEG, its bytes are the photo's bytes."""
    import numpy

    jpeg = paper_jpeg("raw")

    class Raw:
        def read(self) -> tuple[bool, object]:
            return True, numpy.frombuffer(jpeg + bytes(64), numpy.uint8).reshape(1, -1)

        def release(self) -> None:
            pass

    camera = V4l2Camera(parse_url("v4l2:/dev/video0"), Raw)
    assert camera.capture(5).jpeg == jpeg
    assert wait_for_preview(camera)
    camera.close()


def test_none_has_no_photo() -> None:
    camera = open_camera("none:")
    assert camera.check().state == "unknown"
    assert camera.preview() is None
    with pytest.raises(CameraError) as caught:
        camera.capture()
    assert caught.value.code == "camera_none"
