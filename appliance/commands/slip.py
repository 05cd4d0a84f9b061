"""This file gives `hien slip`: a sample slip as the picture and the bytes a printer would get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from appliance.core.slip import Slip
from appliance.core.slip_texts import test_slip, ticket_slip, visit_slip

# Looks like a key and opens nothing.
_SAMPLE_KEY = "AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7LQQPZRY9X8GF2TVDW0S3JN54KH"
_SAMPLE_QR = f"http://192.168.1.20:8080/t#{_SAMPLE_KEY}"
_HOUSE = "Nhà văn hóa Khu phố 3, phường Bến Hiên"
_PHONE = "0900 123 456"


def _ticket(copy_no: int) -> Slip:
    return ticket_slip(
        number=12,
        service="Đăng ký khai sinh",
        bring=[
            "Giấy chứng sinh (bản gốc)",
            "Thẻ căn cước của cha và mẹ",
            "Giấy chứng nhận kết hôn",
        ],
        waiting_ahead=3,
        house_name=_HOUSE,
        phone=_PHONE,
        taken_at_text="8 giờ 15, thứ Ba, ngày 24 tháng 11",
        qr=_SAMPLE_QR,
        copy_no=copy_no,
    )


def _visit(copy_no: int) -> Slip:
    return visit_slip(
        number=12,
        done=["Chụp 4 trang giấy tờ", "Nộp hồ sơ khai sinh trên mạng"],
        missing=["Giấy chứng nhận kết hôn"],
        bring=["Giấy chứng sinh", "Thẻ căn cước"],
        due_text="thứ Ba, ngày 1 tháng 12, trước 3 giờ chiều",
        dossier_code="H29.18-251124-0012",
        house_name=_HOUSE,
        phone=_PHONE,
        qr=_SAMPLE_QR,
        copy_no=copy_no,
    )


def _test(copy_no: int) -> Slip:
    del copy_no  # a test slip is never a copy
    return test_slip(_HOUSE, "http://192.168.1.20:8080/", phone=_PHONE)


_SAMPLES: dict[str, Callable[[int], Slip]] = {"ticket": _ticket, "visit": _visit, "test": _test}


def sample_slip(kind: str, copy_no: int = 0) -> Slip:
    """A slip such as a house hands out: "ticket", "visit" or "test"; made-up content."""
    return _SAMPLES[kind](copy_no)


@click.command()
@click.option("--kind", type=click.Choice(sorted(_SAMPLES)), default="ticket", show_default=True)
@click.option("--png", type=click.Path(dir_okay=False, path_type=Path), help="Write the picture.")
@click.option("--escpos", type=click.Path(dir_okay=False, path_type=Path), help="Write the bytes.")
@click.option(
    "--width", type=click.Choice(["576", "384"]), default="576", show_default=True, help="Dots."
)
@click.option("--copy-no", type=click.IntRange(0, 99), default=0, help="As the n-th reprint.")
@click.option("--no-cut", is_flag=True, help="For a printer without a knife.")
def slip(
    kind: str, png: Path | None, escpos: Path | None, width: str, copy_no: int, no_cut: bool
) -> None:
    """Draw a sample slip, as a picture and as the bytes for the printer."""
    from appliance.paper.slip.layout import draw_slip
    from appliance.paper.slip.raster import to_escpos, to_png

    if png is None and escpos is None:
        raise click.UsageError("Say where to write: --png FILE, --escpos FILE, or both.")
    image = draw_slip(sample_slip(kind, copy_no), 576 if width == "576" else 384)
    if png is not None:
        png.write_bytes(to_png(image))
    if escpos is not None:
        escpos.write_bytes(to_escpos(image, cut=not no_cut))
    click.echo(f"{kind}: {image.width} x {image.height} dots, {image.height / 8:.0f} mm")
