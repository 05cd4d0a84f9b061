"""This file proves that the sheet is found on every kind of table, and doubt is told as doubt."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from appliance.paper.scan.decode import decode, halve
from appliance.paper.scan.find import find_sheet
from appliance.paper.scan.quad import mapped
from bench import paper_gates
from bench.accuracy import jaccard
from bench.scenes import empty_table, make_scene

PHOTOS = Path(__file__).resolve().parents[4] / "shared" / "photos" / "dev"


@pytest.mark.parametrize("table", ["wood", "cloth", "flowers", "tiles", "clutter", "white", "mat"])
def test_a_form_is_found_on_every_table(table: str) -> None:
    """Found well, or not at all; and sure on at least two of three scenes a table."""
    sure = 0
    for seed in range(3):
        scene = make_scene(500 + seed, paper="A5", table=table, size_px=(1352, 1014))
        found = find_sheet(scene.pixels)
        if found.sure:
            sure += 1
            assert jaccard(found.quad, scene.quad) > 0.95
    assert sure >= 2


@pytest.mark.parametrize("harm", ["fold", "shadow", "finger", "second_sheet", "sleeve", "curl"])
def test_a_harmed_scene_never_gives_a_silent_wrong_crop(harm: str) -> None:
    """Either the crop is right, or a person is asked."""
    for seed in range(4):
        scene = make_scene(540 + seed, defects=(harm,), size_px=(1352, 1014))
        found = find_sheet(scene.pixels)
        if found.sure and scene.inside:
            assert jaccard(found.quad, scene.quad) > 0.95


@pytest.mark.parametrize("seed", [5_078_003, 1_043_288_201])
def test_the_outline_around_two_sheets_side_by_side_is_doubted(seed: int) -> None:
    """Two A5 make an A4, with half of two sides missing or none; that has been believed."""
    scene = make_scene(seed, defects=("several",), size_px=(1352, 1014))
    assert scene.others
    assert not find_sheet(scene.pixels).sure


def test_a_sheet_under_a_card_that_lies_over_its_rim_is_doubted() -> None:
    """An eighth of a side without its edge: which of the two is meant is a question."""
    scene = make_scene(6_070_005, defects=("second_sheet",), size_px=(1352, 1014))
    assert not find_sheet(scene.pixels).sure


@pytest.mark.parametrize(
    ("seed", "harm"),
    [
        (271_898_289, "second_sheet"),
        (271_898_162, "sleeve"),
        (271_898_173, "finger"),
        (577_285_670, "second_sheet"),
        (577_285_903, "sleeve"),
        (577_285_958, "second_sheet"),
        (811_000_009, "second_sheet"),
        (811_000_286, "second_sheet"),
        (811_000_287, "second_sheet"),
        (811_010_107, "sleeve"),
    ],
)
def test_what_was_believed_once_and_was_wrong_is_doubted(seed: int, harm: str) -> None:
    """A sheet under the corner of another; a sleeve's outline; half a table with three edges; a
    receipt in the dark beside the form; a card upon a form that leaves the picture, or over its
    rim; two sheets that lie end to end.
    """
    scene = make_scene(seed, defects=(harm,), size_px=(1352, 1014))
    found = find_sheet(scene.pixels)
    assert not found.sure or jaccard(found.quad, scene.quad) > 0.95


@pytest.mark.parametrize("seed", [5_300_006, 5_300_011, 5_300_032])
def test_the_frame_printed_on_a_sheet_that_leaves_the_picture_is_not_the_sheet(seed: int) -> None:
    """One corner of a certificate lies outside; its red frame within has been believed. The sheet
    itself may be, with its corner where it is: that it is cut off is another check's word.
    """
    scene = make_scene(seed, paper="certificate", size_px=(1352, 1014))
    right = round(scene.quad[:, 0].max() - 0.018 * np.ptp(scene.quad[:, 0]))
    for pixels in (scene.pixels, np.ascontiguousarray(scene.pixels[:, :right])):
        found = find_sheet(pixels)
        assert not found.sure or jaccard(found.quad, scene.quad) > 0.95


@pytest.mark.parametrize(("seed", "table"), [(8_800_008, "white"), (8_800_016, "white")])
def test_a_card_on_a_white_table_is_known_by_its_shape(seed: int, table: str) -> None:
    """Its shadow draws a second rim around it; with a sleeve around it would be stouter."""
    scene = make_scene(seed, paper="card", table=table, size_px=(1352, 1014))
    found = find_sheet(scene.pixels)
    assert found.sure and jaccard(found.quad, scene.quad) > 0.95


def test_the_frame_printed_on_a_sheet_with_a_faint_rim_is_not_the_sheet() -> None:
    """A certificate on a white table: its rim is in doubt, three sides of its red frame are not."""
    scene = make_scene(940_183_196, size_px=(1352, 1014))
    found = find_sheet(scene.pixels)
    assert not found.sure or jaccard(found.quad, scene.quad) > 0.95


def test_a_side_that_half_leaves_the_picture_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest of that side led the corner a little into the picture; that has been believed."""
    monkeypatch.setenv("HIEN_BENCH_SEED", "4700000")
    cut_off = [told for told in paper_gates.tell(90_102) if told.harm == "cut_off"]
    assert len(cut_off) == 2
    assert all(told.by_hand or "complete" in told.bad for told in cut_off)


def test_a_sheet_under_the_corner_of_another_is_a_question_of_which() -> None:
    """Both lie there whole to the eye: "several" is the word, not a doubt about corners."""
    scene = make_scene(271_898_289, defects=("second_sheet",), size_px=(1352, 1014))
    assert find_sheet(scene.pixels).several


def test_an_empty_table_has_no_sure_sheet() -> None:
    """Joints of tiles, petals and shadows are no paper."""
    assert not any(find_sheet(empty_table(570 + i, size_px=(1352, 1014))).sure for i in range(8))


def test_a_piece_of_strong_colour_without_print_is_no_sheet() -> None:
    """A yellow folder of the shape of an A6 lies on an empty table; that has been believed."""
    assert not find_sheet(empty_table(7_080_013, size_px=(1352, 1014))).sure


def test_the_dark_mat_mode_believes_only_what_is_lighter() -> None:
    """With --mat dark a sheet is found; a dark folder on a light table is not taken for one."""
    scene = make_scene(581, paper="A4", table="mat", size_px=(1352, 1014))
    assert jaccard(find_sheet(scene.pixels, mat="dark").quad, scene.quad) > 0.98
    light = np.full((1000, 1300, 3), 200, np.uint8)
    light[300:700, 300:800] = 40
    assert not find_sheet(light, mat="dark").sure


def test_several_whole_sheets_are_a_question() -> None:
    """Two or three sheets side by side: whichever is proposed is one of them, and none is sure."""
    asked = 0
    for seed in range(6):
        scene = make_scene(590 + seed, table="wood", defects=("several",), size_px=(1352, 1014))
        found = find_sheet(scene.pixels)
        asked += found.several
        if scene.others:
            assert found.several or not found.sure
    assert asked >= 3


def test_a_sheet_that_another_lies_half_over_is_not_sure() -> None:
    """A card over the rim of a form: which of them is meant, only a person knows."""
    scene = make_scene(1_070_005, defects=("second_sheet",), size_px=(1352, 1014))
    assert scene.paper == "card"
    assert not find_sheet(scene.pixels).sure


def test_a_sharp_shadow_across_a_receipt_is_not_its_edge() -> None:
    """The sides run on beyond the shadow, so what it cuts off is not the sheet."""
    receipt = np.full((1014, 1352, 3), (70, 80, 160), np.uint8)
    receipt[150:850, 500:760] = 225
    for row in range(20):
        cv2.putText(receipt, "phi cap ban sao 8.000", (525, 190 + 30 * row), 0, 0.55, (40, 40, 40))
    receipt[400:] = (receipt[400:] * 0.55).astype(np.uint8)
    found = find_sheet(receipt)
    truth = [[499.5, 149.5], [759.5, 149.5], [759.5, 849.5], [499.5, 849.5]]
    assert not found.sure or jaccard(found.quad, truth) > 0.95


@pytest.mark.parametrize("size", [(64, 64), (64, 3000), (3000, 64), (65, 67)])
def test_odd_sizes_do_no_harm(size: tuple[int, int]) -> None:
    """The smallest and narrowest pictures give an answer, not an exception."""
    find_sheet(np.random.default_rng(1).integers(0, 255, (*size, 3)).astype(np.uint8))


@pytest.mark.skipif(not PHOTOS.exists(), reason="the real photos are not beside this checkout")
def test_real_photos_are_cropped_as_a_person_would() -> None:
    """Phone photos with corners read by eye: each at least .95, no doubt about any."""
    for name, said in json.loads((PHOTOS / "truth.json").read_text("utf-8")).items():
        picture, to_shown = halve(decode((PHOTOS / name).read_bytes()), 2400)
        found = find_sheet(picture)
        assert found.sure, name
        assert found.quad is not None
        assert jaccard(mapped(to_shown, found.quad), said["corners"]) > 0.95, name
