"""This file proves that the end of a visit seals its papers for the ward, and only for the ward."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance import seal
from appliance.service import sealed_dossiers as dossiers
from appliance.store import sealed_dossiers
from appliance.store.database import Row
from appliance.web.visit import hand_in

from ..at_desk import PHOTO, Volunteer, photograph
from ..conftest import House

SECRET, RECIPIENT = seal.new_identity()
SETTINGS = {"sync.intake": "https://ward.example:8443", "sync.ward_recipient": RECIPIENT}


@pytest.fixture
def sending(make_house: Callable[..., House]) -> House:
    return make_house(**SETTINGS)


def opened(house: House, row: Row) -> dict[str, bytes]:
    file: Path = house.parts.config.data_dir / "dossiers" / row["file"]
    sealed = file.read_bytes()
    assert b"%PDF" not in sealed
    with tarfile.open(fileobj=io.BytesIO(seal.unseal(sealed, SECRET))) as tar:
        return {m.name: tar.extractfile(m).read() for m in tar.getmembers()}  # type: ignore[union-attr]


def files(house: House) -> list[str]:
    folder = house.parts.config.data_dir / "dossiers"
    return [f.name for f in folder.iterdir()] if folder.exists() else []


def finished(house: House, **form: Any) -> tuple[str, Row | None]:
    lan = Volunteer(house)
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    photograph(house, visit_id)
    page = lan.get(f"/visits/{visit_id}/finish").text
    assert 'name="send"' in page
    lan.act(f"/visits/{visit_id}/finish", **form)
    return visit_id, sealed_dossiers.of_visit(house.store, visit_id)


def test_pdf_and_list_are_sealed_to_the_ward_and_wait(sending: House) -> None:
    _visit_id, row = finished(sending, send_asked="1", send="1")
    assert row is not None and [r["id"] for r in sealed_dossiers.to_send(sending.store)] == [
        row["id"]
    ]
    inside = opened(sending, row)
    assert set(inside) == {"papers.json", "dossier.pdf"} and inside["dossier.pdf"][:4] == b"%PDF"
    listed = json.loads(inside["papers.json"])
    assert [(p["id"], p["pages"]) for p in listed["papers"]] == [(PHOTO, [1, 2])]
    assert row["pages"] == 2


def test_a_resident_who_says_no_is_heard(sending: House) -> None:
    _visit_id, row = finished(sending, send_asked="1")
    assert row is None
    assert files(sending) == []


def test_a_house_without_an_intake_seals_nothing(house: House) -> None:
    lan = Volunteer(house)
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    assert 'name="send"' not in lan.get(f"/visits/{visit_id}/finish").text
    lan.act(f"/visits/{visit_id}/finish")
    assert sealed_dossiers.of_visit(house.store, visit_id) is None


def test_a_visit_that_is_not_over_is_not_sent(sending: House) -> None:
    """The form came back with a mistake: nothing waits for the ward before the visit's end."""
    lan = Volunteer(sending)
    visit_id = lan.open_visit()
    photograph(sending, visit_id)
    lan.post(f"/visits/{visit_id}/finish", missing="no-such-paper")
    assert sealed_dossiers.of_visit(sending.store, visit_id) is None and files(sending) == []
    lan.act(f"/visits/{visit_id}/finish")
    (row,) = sealed_dossiers.to_send(sending.store)
    assert files(sending) == [row["file"]]


def test_a_no_after_a_yes_is_heard(sending: House) -> None:
    """“Send” was ticked, but the visit did not end, as when the power goes; then it is not ticked
    any more. Also what an older version had laid out for the ward by then does not go."""
    lan = Volunteer(sending)
    visit_id = lan.open_visit()
    photograph(sending, visit_id)
    yes = {"send_asked": "1", "send": "1"}
    lan.post(f"/visits/{visit_id}/finish", missing="no-such-paper", **yes)
    folder, now = sending.parts.config.data_dir, sending.clock.now()
    older = dossiers.keep_file(folder, dossiers.new_id(), b"sealed", 1)
    with sending.store.write():
        dossiers.hand_in(sending.store, now, visit_id, older)
    lan.act(f"/visits/{visit_id}/finish", send_asked="1")
    assert sealed_dossiers.of_visit(sending.store, visit_id) is None
    assert sealed_dossiers.to_send(sending.store) == []


def test_a_second_tap_leaves_the_first_dossier_alone(
    sending: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both taps make their own while the visit is open; the porter carries that of the tap which
    closed it, and no other ever goes."""
    lan = Volunteer(sending)
    visit_id = lan.open_visit()
    photograph(sending, visit_id)
    real, first = seal.seal, []

    def while_the_other_tap_ends_it(data: bytes, recipients: list[str]) -> bytes:
        if not first:
            first.append("")
            lan.act(f"/visits/{visit_id}/finish")
            first[:] = [row["id"] for row in sealed_dossiers.to_send(sending.store)]
        return real(data, recipients)

    monkeypatch.setattr(hand_in.seal, "seal", while_the_other_tap_ends_it)
    lan.act(f"/visits/{visit_id}/finish")
    (row,) = sealed_dossiers.to_send(sending.store)
    assert first == [row["id"]] and files(sending) == [row["file"]]
