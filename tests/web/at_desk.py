"""This file gives tests of the desk what they share: a signed-in volunteer, a visit, a page."""

from __future__ import annotations

import io
from typing import Any

from flask.testing import FlaskClient
from PIL import Image

from appliance.service import capture, slips
from appliance.store import print_jobs, tickets
from appliance.store import visits as kept
from appliance.store.database import Row

from .conftest import ORIGIN, House

JSON = ORIGIN | {"Accept": "application/json"}
PHOTO = "giay-chung-sinh"  # is photographed
CARD = "can-cuoc-cha-me"  # is only shown
ODD_TEXTS = {
    "nfd": "Nguye\u0302\u0303n Va\u0306n",
    "emoji": "👵🏽 bà ngoại 🎉",
    "control": "a\x00b\x1b[31m",
    "markup": "<script>alert(1)</script>",
    "long": "ă" * 7000,
}
GOOD = {
    name: {"state": "ok", "value": 1.0, "code": ""} for name in ("sharp", "complete", "unharmed")
}
BLURRED = GOOD | {"sharp": {"state": "bad", "value": 9.0, "code": "blurred"}}


class Volunteer:
    """Somebody signed in, with a browser of their own."""

    def __init__(self, house: House, name: str = "Lan", pin: str = "2468", desk: int = 1) -> None:
        self.house = house
        self.row: Row = house.volunteer(name, pin, desk=desk, shows_name=True)
        self.client: FlaskClient = house.app.test_client()
        answer = self.post("/desk/sign-in", volunteer=str(self.row["id"]), pin=pin)
        assert answer.status_code == 303, answer.text

    def get(self, path: str, **headers: str) -> Any:
        return self.client.get(path, headers=headers)

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(path, data=form, headers=ORIGIN)

    def post_json(self, path: str, **form: Any) -> Any:
        return self.client.post(path, data=form, headers=JSON)

    def act(self, path: str, **form: Any) -> Any:
        """A button pressed once: a fresh key, and the desk (or the visit) comes back."""
        answer = self.post(path, key=self.house.new_key(), **form)
        assert answer.status_code == 303, answer.text
        return answer

    def call_next(self) -> Row:
        answer = self.post_json("/desk/call-next", key=self.house.new_key())
        assert answer.status_code == 200, answer.text
        row = tickets.get(self.house.store, answer.get_json()["id"])
        assert row is not None
        return row

    def open_visit(self, service: str = "co-em-be") -> str:
        """A resident has taken a number, been called and come."""
        taken = self.house.take(service)
        answer = self.act(f"/desk/tickets/{taken['id']}/open")
        return str(answer.location.rsplit("/", 1)[1])


def jpeg(colour: str = "white", size: tuple[int, int] = (620, 877)) -> bytes:
    """A page as the page maker leaves it: a JPEG with its dpi."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", quality=80, dpi=(75, 75))
    return out.getvalue()


def photograph(
    house: House, visit_id: str, checks: dict[str, Any] = GOOD, picture: bytes | None = None
) -> str:
    """A page in RAM and in the table, as the devices room leaves it; its id."""
    asked = capture.ask_page(
        house.store, house.clock.now(), key=house.new_key(), visit_id=visit_id, paper_id=PHOTO,
        catalogue=house.parts.catalogue,
    )  # fmt: skip
    return deliver(house, asked, checks, picture)


def deliver(
    house: House, asked: int, checks: dict[str, Any] = GOOD, picture: bytes | None = None
) -> str:
    row = kept.capture(house.store, asked)
    assert row is not None
    page_id = capture.new_page_id()
    house.parts.ram.put_page(row["visit_id"], page_id, picture or jpeg())
    page = capture.SealedPage(page_id, "x.age", "0" * 64, "age1x", (620, 877), checks)
    for gone in capture.page_done(house.store, house.clock.now(), asked, page):
        house.parts.ram.drop_page(row["visit_id"], gone)
    return page_id


def prints(house: House, state: Any = "printed", code: str = "") -> None:
    """The printer ends every waiting job in `state`."""
    for job in print_jobs.queued(house.store):
        assert slips.begin_sending(house.store, job["id"])
        slips.finish(house.store, house.parts.ram, house.clock.now(), job["id"], state, code=code)
