"""This file proves `hien unseal`: a photo of the slip opens the visit's pages, nothing else."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from appliance import bootstrap, config, seal
from appliance.__main__ import cli
from appliance.demo.photo import Pose, photograph
from appliance.errors import HienError
from appliance.paper.slip.layout import draw_slip
from appliance.service import capture, slips, take_ticket, visits, volunteers
from appliance.service.slip_content import slip_of

JPEG = b"\xff\xd8 a birth certificate \xff\xd9"


@pytest.fixture
def sealed(tmp_path: Path) -> tuple[str, Path, str]:
    """(settings file, photo of the slip, visit id) of a house whose visit has one sealed page."""
    settings = tmp_path / "hien.toml"
    settings.write_text(f'[data]\ndir = "{tmp_path}/data"\nram_dir = "{tmp_path}/ram"\n')
    parts = bootstrap.build(config.load(settings), "test")
    store, now = parts.store(), parts.clock.now()
    taken = take_ticket.take_ticket(
        store, parts.ram, now, key="a-key-of-a-form", service_id="co-em-be", channel="tablet",
        catalogue=parts.catalogue, zone=parts.house.zone, per_minute=10,
    )  # fmt: skip
    job = slips.next_job(store, now)
    assert job is not None
    picture = draw_slip(slip_of(job, parts.house, parts.ram.secret(taken.id)), 576).convert("RGB")
    photo = tmp_path / "slip.jpg"
    photo.write_bytes(photograph(picture, Pose(turn_deg=3, lean=0.03, fill=0.9)))
    number = volunteers.add_volunteer(store, now, name="Lan", pin="2468")
    visit = visits.open_visit(
        store, now, key="open", volunteer={"id": number, "desk": 1}, ticket_id=taken.id
    )
    recipient = store.value("SELECT recipient FROM tickets")
    data = seal.seal(JPEG, [recipient])
    folder = parts.sealed_dir / visit["id"]
    folder.mkdir(parents=True)
    (folder / "page.age").write_bytes(data)
    shot = capture.ask_page(
        store, now, key="shot-1234", visit_id=visit["id"], paper_id="giay-chung-sinh",
        catalogue=parts.catalogue,
    )  # fmt: skip
    capture.page_done(
        store, now, shot,
        capture.SealedPage("page", "page.age", hashlib.sha256(data).hexdigest(), recipient,
                           (10, 10), {}),
    )  # fmt: skip
    store.close()
    return str(settings), photo, visit["id"]


@pytest.mark.parametrize("by", ["id", "number"])
def test_the_slip_opens_the_pages(sealed: tuple[str, Path, str], tmp_path: Path, by: str) -> None:
    settings, photo, visit_id = sealed
    out = tmp_path / "out"
    result = CliRunner().invoke(
        cli,
        ["unseal", "--config", settings, "--slip-photo", str(photo), "--out", str(out),
         visit_id if by == "id" else "1"],
        catch_exceptions=False,
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert (out / "page-01.jpg").read_bytes() == JPEG


def test_a_photo_without_a_slip_opens_nothing(
    sealed: tuple[str, Path, str], tmp_path: Path
) -> None:
    settings, _, visit_id = sealed
    blank = tmp_path / "blank.jpg"
    data = io.BytesIO()
    Image.new("RGB", (800, 600), "white").save(data, "JPEG")
    blank.write_bytes(data.getvalue())
    with pytest.raises(HienError) as e:
        CliRunner().invoke(
            cli,
            ["unseal", "--config", settings, "--slip-photo", str(blank),
             "--out", str(tmp_path / "out"), visit_id],
            catch_exceptions=False,
        )  # fmt: skip
    assert e.value.code == "no_key_in_photo"
    assert not (tmp_path / "out").exists()


def test_another_slips_secret_opens_nothing(sealed: tuple[str, Path, str], tmp_path: Path) -> None:
    import segno

    settings, _, visit_id = sealed
    secret, _ = seal.new_identity()
    other = tmp_path / "other.png"
    segno.make(f"http://hien.local/t#{secret}", error="m", micro=False).save(str(other), scale=6)
    with pytest.raises(HienError) as e:
        CliRunner().invoke(
            cli,
            ["unseal", "--config", settings, "--slip-photo", str(other),
             "--out", str(tmp_path / "out"), visit_id],
            catch_exceptions=False,
        )  # fmt: skip
    assert e.value.code == "wrong_key"
    assert json.dumps(sorted(p.name for p in tmp_path.iterdir())).count("out") == 0
