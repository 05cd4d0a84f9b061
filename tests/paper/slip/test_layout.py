"""This file proves that a slip is black and white, 15 cm at most, the same for NFC and NFD."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appliance.core.slip import Block, Item, Qr, Rule, Slip, Text, Title
from appliance.core.slip_texts import test_slip, ticket_slip, visit_slip
from appliance.paper.slip.blocks import measure
from appliance.paper.slip.layout import draw_slip
from appliance.paper.slip.metrics import MAX_HEIGHT_DOTS, METRICS, WIDTHS, WidthDots
from appliance.paper.slip.raster import to_escpos

KEY_URL = "http://192.168.100.200:8080/t#AGE-SECRET-KEY-1" + "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2
LONG = "Giấy xác nhận tình trạng hôn nhân do Ủy ban nhân dân cấp xã nơi thường trú cấp"


def long_ticket() -> Slip:
    return ticket_slip(
        number=10_234,
        service="Đăng ký lại khai sinh cho người đã có hồ sơ, giấy tờ cá nhân trước năm 1975",
        bring=[LONG] * 9,
        waiting_ahead=38,
        house_name="Nhà sinh hoạt cộng đồng liên khu phố 3, 4 và 5, phường Bến Hiên Thượng",
        phone="0900 123 456 (chị Nguyệt)",
        taken_at_text="10 giờ 45, thứ Tư, ngày 30 tháng 12",
        qr=KEY_URL,
        copy_no=3,
    )


def long_visit(copy_no: int = 1) -> Slip:
    return visit_slip(
        number=234,
        done=[LONG] * 8,
        missing=[LONG] * 8,
        bring=[LONG] * 8,
        due_text="thứ Tư, ngày 30 tháng 12, trước 11 giờ 30 phút sáng",
        dossier_code="H29.18.01-251124-0012345",
        house_name="Nhà sinh hoạt cộng đồng liên khu phố 3, 4 và 5, phường Bến Hiên",
        phone="0900 123 456",
        qr=KEY_URL[:104],
        copy_no=copy_no,
    )


SLIPS = {
    "ticket": long_ticket(),
    "visit": long_visit(),
    "test": test_slip("Nhà văn hóa Khu phố 3", "http://192.168.1.20:8080/", phone="0900 123 456"),
}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", SLIPS)
def test_the_fullest_slip_is_black_and_white_and_15_cm_at_most(kind: str, width: WidthDots) -> None:
    """Long names, full lists and a key in the QR code: it still fits, padding included."""
    image = draw_slip(SLIPS[kind], width)
    assert image.mode == "L"
    assert image.width == width
    assert {level for _, level in image.getcolors()} == {0, 255}  # type: ignore[union-attr]
    assert image.height <= MAX_HEIGHT_DOTS
    rows_sent = (len(to_escpos(image, cut=False)) - 5) // (width // 8)
    assert rows_sent <= 1200


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", ["ticket", "visit"])
def test_no_letter_touches_the_edge(kind: str, width: WidthDots) -> None:
    """Only the frame of a reprint comes near the edge; below it the margins are white."""
    image = draw_slip(SLIPS[kind], width)
    for left in (0, width - 2):
        edge = image.crop((left, 0, left + 2, image.height))
        assert edge.getextrema() == (255, 255)


@pytest.mark.parametrize("width", WIDTHS)
def test_decomposed_text_gives_the_same_dots(width: WidthDots) -> None:
    words = "Thẻ căn cước của bố mẹ, giấy ủy quyền"
    decomposed = unicodedata.normalize("NFD", words)
    one, two = (
        draw_slip(Slip("ticket", (Title(text), Item(text, "bring"))), width)
        for text in (words, decomposed)
    )
    assert one.tobytes() == two.tobytes()


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_set_below_24_dots(width: WidthDots) -> None:
    """3 mm: what a reader of 73 can read. The title is never less than four thirds of the text."""
    for sizes in METRICS[width]:
        assert min(sizes.body, sizes.quiet) >= 24
        assert sizes.value >= 28
        assert sizes.title * 3 >= sizes.body * 4
        assert sizes.big >= 2 * sizes.body


@pytest.mark.parametrize("width", WIDTHS)
@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(max_size=80), max_size=10), data=st.data())
def test_any_text_at_all_is_drawn(width: WidthDots, texts: list[str], data: st.DataObject) -> None:
    """Whatever was typed, a slip comes out; unknown letters are boxes, not a crash."""
    kinds = [Title, Text, lambda text: Item(text, "missing")]
    blocks: list[Block] = [data.draw(st.sampled_from(kinds))(text) for text in texts]
    image = draw_slip(Slip("visit", (Rule(), *blocks, Qr("http://h/", "Mã"))), width)
    assert image.width == width


@pytest.mark.parametrize("width", WIDTHS)
def test_each_block_stays_in_its_own_piece_of_paper(width: WidthDots) -> None:
    """Drawn alone on tall paper, no block leaves more than the tip of a mark outside."""
    from PIL import Image, ImageDraw

    for sizes in METRICS[width]:
        for block in (*long_visit().blocks, *long_ticket().blocks, *SLIPS["test"].blocks):
            piece = measure(block, width, sizes)
            paper = Image.new("L", (width, piece.height_dots + 200), 255)
            piece.draw(paper, ImageDraw.Draw(paper), 100)
            for top, bottom in ((0, 94), (piece.height_dots + 106, paper.height)):
                assert paper.crop((0, top, width, bottom)).getextrema()[0] >= 128, block
