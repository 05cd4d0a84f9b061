"""This file proves the small dossier: made by another process, never a reason to lose papers."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from subprocess import SubprocessError

import pytest

from appliance import seal
from appliance.paper.pdf.pdf import make_pdf
from appliance.store import sealed_dossiers, visits
from appliance.web.visit.small_pdf import small_pdf
from tests.paper.pages_for_tests import form_page

from ..at_desk import Volunteer, photograph
from ..conftest import House

AT = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
SECRET, RECIPIENT = seal.new_identity()


def dossier(make_house: Callable[..., House], small: str) -> bytes:
    house = make_house(
        **{
            "sync.intake": "https://ward.example:8443",
            "sync.ward_recipient": RECIPIENT,
            "sync.small_pages": small,
        }
    )
    lan = Volunteer(house)
    visit_id = lan.open_visit()
    photograph(house, visit_id)
    (page,) = visits.pages(house.store, visit_id)
    house.parts.ram.put_page(visit_id, page["id"], form_page())
    lan.act(f"/visits/{visit_id}/finish", send_asked="1", send="1")
    row = sealed_dossiers.of_visit(house.store, visit_id)
    assert row is not None
    sealed = (house.parts.config.data_dir / "dossiers" / row["file"]).read_bytes()
    with tarfile.open(fileobj=io.BytesIO(seal.unseal(sealed, SECRET))) as tar:
        member = tar.extractfile("dossier.pdf")
        assert member is not None
        return member.read()


def test_it_is_the_pdf_that_would_be_made_here() -> None:
    """Byte for byte; two pages, one title."""
    pages = [form_page(), form_page(4)]
    made = small_pdf(pages, title="Hồ sơ số 3", made_at=AT)
    assert made == make_pdf(pages, title="Hồ sơ số 3", made_at=AT, small=True)


def test_what_is_no_page_is_an_error_and_no_half_pdf() -> None:
    with pytest.raises(SubprocessError):
        small_pdf([b"no page"], title="x", made_at=AT)


def test_the_setting_makes_the_wards_dossier_small(make_house: Callable[..., House]) -> None:
    """Under 40 kB with the setting."""
    assert len(dossier(make_house, "on")) < 40_000


def test_without_the_setting_it_is_as_photographed(make_house: Callable[..., House]) -> None:
    """The very JPEG is inside."""
    assert form_page() in dossier(make_house, "off")


def test_when_the_process_fails_the_papers_go_all_the_same(
    make_house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Too slow a box: the pages go as photographed."""
    monkeypatch.setattr("appliance.web.visit.small_pdf.LIMIT_S", 0.0)
    assert form_page() in dossier(make_house, "on")
