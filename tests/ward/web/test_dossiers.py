"""This file proves the officer's papers: opened in memory by officers only, logged, marked."""

from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyrage
import pytest
from flask.testing import FlaskClient

from tests.ward.web.conftest import HOUSE, NASTY, OWN, Desk
from ward.accounts.roles import Role
from ward.intake.open_sealed import make_identity
from ward.store import intake, results
from ward.web import create_app

DOSSIER = "d0123456789abcdef01"
PDF = b"%PDF-1.7 the papers of somebody"
AT = f"/dossiers/{HOUSE}/{DOSSIER}"


class Papers(Desk):
    """A console with an identity, and one dossier on its shelf."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        recipient = make_identity(folder / "identity")
        self.ward = replace(self.ward, folder=folder, identity_file=folder / "identity")
        self.client = create_app(self.ward, ["localhost"]).test_client()
        self.recipient = pyrage.x25519.Recipient.from_str(recipient)
        self.lay(DOSSIER)

    def lay(self, dossier: str, sealed: bytes | None = None) -> None:
        path = self.folder / "dossiers" / HOUSE / f"{dossier}.age"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sealed if sealed is not None else self.sealed())
        with self.store.write() as db:
            intake.stored(db, HOUSE, dossier, "0" * 64, path.stat().st_size, self.now)

    def sealed(self) -> bytes:
        listed = {
            "v": 1, "procedure": f"Khai sinh {NASTY}", "number": 12, "day": "2026-11-24",
            "papers": [{"id": "giay", "name": "Giấy chứng sinh", "pages": [1, 2]}],
            "shown": ["Căn cước"],
        }  # fmt: skip
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, data in (("papers.json", json.dumps(listed).encode()), ("dossier.pdf", PDF)):
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return bytes(pyrage.encrypt(out.getvalue(), [self.recipient]))

    def as_(self, role: Role) -> FlaskClient:
        client = super().as_(role)
        asking = replace(self.ward, open_to_all=False)
        again = create_app(asking, ["localhost"]).test_client()
        cookie = client.get_cookie("hien_ward")
        assert cookie is not None
        again.set_cookie("hien_ward", cookie.value)
        return again

    def deeds(self) -> list[tuple[str, str]]:
        rows = intake.log_of(self.store.connection, HOUSE, DOSSIER)
        return [(r["who"], r["what"]) for r in rows][1:]


@pytest.fixture
def papers(tmp_path: Path) -> Papers:
    return Papers(tmp_path)


def files_of(folder: Path) -> set[Path]:
    return {f for f in folder.rglob("*") if f.is_file() and not f.name.startswith("ward.db")}


def test_an_officer_opens_it_in_memory_and_the_log_knows(papers: Papers) -> None:
    """Nothing of it lies on a disk, nothing is cached, and each look is written down."""
    officer, before = papers.as_("officer"), files_of(papers.folder)
    assert DOSSIER in officer.get("/dossiers").text
    assert officer.get(f"{AT}/inside").status_code == 303  # not opened yet
    assert officer.get(f"{AT}/inside/dossier.pdf").status_code == 303
    opened = officer.post(f"{AT}/open", headers=OWN)
    assert opened.status_code == 303
    page = officer.get(opened.location)
    assert "Giấy chứng sinh" in page.text and "1, 2" in page.text and "Căn cước" in page.text
    assert "<script>alert" not in page.text
    assert page.headers["Cache-Control"] == "no-store"
    pdf = officer.get(f"{AT}/inside/dossier.pdf")
    assert (pdf.data, pdf.mimetype) == (PDF, "application/pdf")
    assert "no-store" in pdf.headers["Cache-Control"]
    assert pdf.headers["X-Content-Type-Options"] == "nosniff"
    assert papers.deeds() == [("officer", "opened"), ("officer", "read dossier.pdf")]
    assert files_of(papers.folder) == before
    assert "xem dossier.pdf" in officer.get(AT).text
    papers.now += timedelta(minutes=11)
    assert officer.get(f"{AT}/inside/dossier.pdf").status_code == 303


@pytest.mark.parametrize("role", ["it", "read-only"])
def test_nobody_else_opens_or_marks(papers: Papers, role: Role) -> None:
    client = papers.as_(role)
    assert DOSSIER in client.get("/dossiers").text and client.get(AT).status_code == 200
    for path in (f"{AT}/open", f"{AT}/mark"):
        assert client.post(path, data={"state": "done"}, headers=OWN).status_code == 403
    for path in (f"{AT}/inside", f"{AT}/inside/dossier.pdf"):
        assert client.get(path).status_code == 403
    assert papers.deeds() == []


def test_one_officers_opening_opens_nothing_for_others_or_other_sites(papers: Papers) -> None:
    officer = papers.as_("officer")
    assert officer.post(f"{AT}/open").status_code == 403  # no page of ours
    assert officer.post(f"{AT}/open", headers={"Origin": "http://evil"}).status_code == 403
    officer.post(f"{AT}/open", headers=OWN)
    for name in ("papers.json", "../identity", "x.pdf", "pages-01-x.jpg"):
        assert officer.get(f"{AT}/inside/{name}").status_code == 404


@pytest.mark.parametrize("what", ["no identity", "wrong identity", "damaged", "deleted", "gone"])
def test_what_cannot_be_opened_says_why_and_stays(papers: Papers, what: str) -> None:
    if what == "no identity":
        papers.ward = replace(papers.ward, identity_file=None)
    elif what == "wrong identity":
        (papers.folder / "identity").unlink()
        make_identity(papers.folder / "identity")
    elif what == "damaged":
        papers.lay(DOSSIER, papers.sealed()[:-20])
    elif what == "deleted":
        with papers.store.write() as db:
            intake.deleted(db, HOUSE, DOSSIER, papers.now)
    else:
        (papers.folder / "dossiers" / HOUSE / f"{DOSSIER}.age").unlink()
    officer = papers.as_("officer")
    answer = officer.post(f"{AT}/open", headers=OWN)
    assert answer.status_code == 409 and "Chưa mở được" in answer.text
    assert ("officer", "opened") not in papers.deeds()
    assert officer.get("/dossiers/nha-99/nothing").status_code == 404


def test_marked_it_goes_to_its_house_by_its_id_and_without_a_name(papers: Papers) -> None:
    officer = papers.as_("officer")
    form = {"state": "supplement", "choice": "Ảnh chụp chưa rõ: chụp lại trang đó.", "text": ""}
    for text in ("gọi ông Bình", "CCCD 079123456789"):
        answer = officer.post(f"{AT}/mark", data={**form, "text": text}, headers=OWN)
        assert answer.status_code == 422 and text in answer.text
    assert results.waiting(papers.store.connection, HOUSE) == 0
    answer = officer.post(f"{AT}/mark", data={**form, "text": "trang 2"}, headers=OWN)
    assert answer.status_code == 303
    ((house, result),) = results.due(papers.store.connection, papers.now)
    assert (house, result.dossier, result.state) == (HOUSE, DOSSIER, "supplement")
    assert result.note == "Ảnh chụp chưa rõ: chụp lại trang đó. trang 2"
    assert papers.deeds() == [("officer", "marked supplement")]
    page = officer.get(AT).text
    assert "cần bổ sung" in page and "Nhà chưa báo là đã nhận" in page
    assert officer.post(f"{AT}/mark", data={"state": "lost"}, headers=OWN).status_code == 422
