"""This file proves that a telephone's photo becomes a page as the camera's does, and goes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from appliance import seal
from appliance.devices.camera import open_camera
from appliance.devices.camera.sample_paper import table_jpeg
from appliance.devices.capture_worker import CaptureWorker
from appliance.devices.page_maker import PageMaker
from appliance.paper.scan.strip import strip
from appliance.service import capture as service
from appliance.store import visits
from tests.devices.house_for_tests import SmallHouse, turn_until

PLACE = b"10.7769N 106.7009E"


@pytest.fixture(scope="module")
def maker() -> Iterator[PageMaker]:
    maker = PageMaker()
    yield maker
    maker.close()


def of_telephone() -> bytes:
    """A photo of a paper with the place in it, turned as a telephone turns it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[0x1B] = PLACE
    out = io.BytesIO()
    with Image.open(io.BytesIO(table_jpeg((2304, 1296), paper=True))) as picture:
        picture.rotate(90, expand=True).save(out, "JPEG", quality=90, exif=exif)
    return out.getvalue()


def test_judged_sealed_and_gone(tmp_path: Path, maker: PageMaker) -> None:
    """The page is checked and sealed to the slip; the photo leaves RAM; no place anywhere. A
    photo lost with the power fails with its own code: the camera never takes one instead."""
    house = SmallHouse(tmp_path)
    camera = open_camera("none:")  # the house's own camera is not needed
    worker = CaptureWorker(house.parts, camera, maker)
    ticket = house.take()
    secret = house.parts.ram.secret(ticket.id)
    visit = house.open_visit(ticket.id)["id"]
    photo = of_telephone()
    assert PLACE in photo

    def asked(key: str, there: bool) -> int:
        if there:
            house.parts.ram.put_upload(key, strip(photo))
        return service.ask_page(
            house.store, house.now(), key=key, visit_id=visit, paper_id=house.paper_id(),
            catalogue=house.parts.catalogue, kind="upload",
        )  # fmt: skip

    one = asked("phone-1", there=True)
    turn_until(worker.turn, lambda: house.capture(one)["state"] in ("done", "failed"))
    assert house.capture(one)["state"] == "done", house.capture(one)["code"]
    (page,) = visits.pages(house.store, visit)
    clear = house.parts.ram.page(visit, page["id"])
    assert clear is not None and PLACE not in clear and b"Exif" not in clear
    sealed = (house.parts.sealed_dir / visit / page["sealed_name"]).read_bytes()
    assert secret is not None and seal.unseal(sealed, secret) == clear
    assert house.parts.ram.upload("phone-1") is None
    lost = asked("phone-2", there=False)
    turn_until(worker.turn, lambda: house.capture(lost)["state"] == "failed")
    assert house.capture(lost)["code"] == "photo_lost"
