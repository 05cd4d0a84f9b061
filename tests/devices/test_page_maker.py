"""This file proves that page making can crash, hang or go home without hurting the room."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from appliance.devices.camera.sample_paper import table_jpeg
from appliance.devices.page_child import answer
from appliance.devices.page_maker import PageError, PageMaker


@pytest.fixture
def maker():  # type: ignore[no-untyped-def]
    maker = PageMaker()
    yield maker
    maker.close()


def test_a_photo_becomes_a_page_in_another_process(maker: PageMaker) -> None:
    """The heavy libraries are loaded there, not here."""
    page = maker.make(table_jpeg((2304, 1296), paper=True))
    image = Image.open(io.BytesIO(page.jpeg))
    image.load()
    assert image.size == page.size_px
    assert set(page.checks) == {"sharp", "complete", "unharmed"}
    assert maker._child is not None and maker._child.pid > 0


def test_the_same_child_serves_again_and_is_begun_anew_when_gone(maker: PageMaker) -> None:
    photo = table_jpeg((1152, 648), paper=True)
    maker.make(photo)
    first = maker._child
    maker.make(photo)
    assert maker._child is first and first is not None
    first.kill()
    first.wait()
    assert maker.make(photo).jpeg


@pytest.mark.parametrize("photo", [b"", b"not a photo", table_jpeg((640, 480), paper=False)[:999]])
def test_a_bad_photo_is_an_answer_and_costs_no_child(maker: PageMaker, photo: bytes) -> None:
    with pytest.raises(PageError) as caught:
        maker.make(photo)
    assert caught.value.code in {"empty", "not_an_image", "truncated", "damaged"}
    assert maker._child is not None and maker._child.poll() is None


@pytest.mark.parametrize(
    "program",
    ["import os; os._exit(3)", "import time; time.sleep(60)", "print('nonsense', flush=True)"],
)
def test_a_child_that_crashes_hangs_or_babbles_is_an_error_in_time(program: str) -> None:
    maker = PageMaker(limit_s=0.5, argv=("-c", program))
    with pytest.raises(PageError) as caught:
        maker.make(bytes(2_000_000))
    assert caught.value.code == "page_failed"
    assert maker._child is None


def test_warming_up_begins_the_child(maker: PageMaker) -> None:
    maker.warm()
    assert maker._child is not None


def test_the_room_itself_needs_no_heavy_library(tmp_path: Path) -> None:
    """Importing the room loads neither OpenCV nor Pillow: an idle box is a small one."""
    import subprocess

    heavy = "{'cv2', 'PIL', 'gpiozero', 'escpos', 'pikepdf', 'zxingcpp'}"
    code = f"import sys, appliance.devices.room; print(sorted({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_an_unknown_fault_of_the_pixels_is_a_code_not_a_traceback() -> None:
    """What the child answers about a photo of nothing names the photo's own fault."""
    head, payload = answer({"op": "page", "mat": "any"}, b"\xff\xd8\xff")
    assert head["error"] and payload == b""
