"""This file proves the A4 printer behind CUPS, with lp, lpstat and cancel stood in for on PATH.

What the stand-ins say was taken from CUPS 2.4.2.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
import zxingcpp
from PIL import Image

from appliance import seal
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import Outcome, open_printer
from appliance.errors import ConfigError
from tests.devices.house_for_tests import SmallHouse, turn_until

SCRIPTS = {
    "lp": """#!/bin/sh
[ -e "$here/refuse" ] && { echo 'lp: Destination "office" is not accepting jobs.' >&2; exit 1; }
echo "$*" > "$here/lp-said"
cat > "$here/sheet.pdf"
echo "office-7 office 1024" > "$here/queue"
echo "request id is office-7 (0 file(s))"
""",
    "lpstat": """#!/bin/sh
case "$1" in
  -o) [ -e "$here/hold" ] || : > "$here/queue"; cat "$here/queue";;
  *) [ -e "$here/unknown" ] && { echo 'lpstat: Invalid destination name in list "office".' >&2
     exit 1; }
     if [ -e "$here/disabled" ]
     then echo "printer office disabled since Sun Nov 22 09:14:56 2026 -"
     else echo "printer office is idle.  enabled since Sun Nov 22 09:14:54 2026"
     fi
     printf '\\tForm mounted:\\n\\tAlerts: %s\\n\\tLocation:\\n' "$(cat "$here/alerts")";;
esac
""",
    "cancel": """#!/bin/sh
echo "$1" > "$here/cancelled"
""",
}


@dataclass
class Office:
    """A print server with the queue "office"; files in its folder are its switches."""

    folder: Path

    def switch(self, name: str, text: str = "") -> None:
        (self.folder / name).write_text(text)

    def text(self, name: str) -> str:
        return (self.folder / name).read_text().strip()


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    bin_dir = tmp_path / "bin"
    bin_dir.mkdir()
    for name, script in SCRIPTS.items():
        (bin_dir / name).write_text(script.replace("$here", str(tmp_path)))
        (bin_dir / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{bin_dir}:/usr/bin:/bin")
    office = Office(tmp_path)
    for name in ("alerts", "queue"):
        office.switch(name)
    office.switch("alerts", "none")
    return office


def test_a_ticket_comes_as_a_sheet_of_a4_with_the_key_in_its_qr(office: Office) -> None:
    """The worker draws the slip for the sheet; CUPS tells of no paper, so it is unconfirmed."""
    house = SmallHouse(office.folder / "house")
    worker = PrintWorker(house.parts, open_printer("cups:office"))
    taken = house.take()
    turn_until(worker.turn, lambda: house.job(taken.id)["state"] == "sent_unconfirmed")
    assert office.text("lp-said") == "-d office -o media=A4 -t Hien"
    with pikepdf.open(office.folder / "sheet.pdf") as pdf:
        assert len(pdf.pages) == 1
        assert [round(float(side)) for side in pdf.pages[0].mediabox[2:]] == [595, 842]
        picture = pikepdf.PdfImage(pdf.pages[0].Resources.XObject.P).as_pil_image()
    codes = [code.text for code in zxingcpp.read_barcodes(picture.convert("L"))]
    secret = seal.find_secret(" ".join(codes))
    assert secret and seal.recipient_of(secret) == house.ticket(taken.id)["recipient"]


@pytest.mark.parametrize(
    ("alerts", "code"),
    [
        ("media-empty-error", "paper_out"),
        ("media-empty-report, media-needed-error", "paper_out"),
        ("cover-open-error media-empty", "cover_open"),
        ("media-jam-error", "printer_error"),
        ("offline-report", "off"),
        ("paused", "offline"),
    ],
)
def test_a_queue_that_is_not_ready_gets_nothing(office: Office, alerts: str, code: str) -> None:
    """Else CUPS would keep the sheet and print it when nobody wants it any more."""
    office.switch("alerts", alerts)
    printer = open_printer("cups:office")
    assert (printer.check().state, printer.check().code) == ("bad", code)
    assert printer.print_job(b"%PDF") == Outcome("failed_clean", 0, code)
    assert not (office.folder / "sheet.pdf").exists()


def test_other_alerts_do_not_stop_it(office: Office) -> None:
    office.switch("alerts", "cups-ipp-conformance-failure-report, media-low-warning")
    printer = open_printer("cups:office")
    assert (printer.check().state, printer.check().code) == ("ok", "paper_low")
    assert printer.print_job(b"%PDF") == Outcome("sent_unconfirmed", 4, "spooled")


def test_a_disabled_queue_is_told(office: Office) -> None:
    office.switch("disabled")
    assert open_printer("cups:office").check().code == "offline"


def test_an_unknown_queue_is_off(office: Office) -> None:
    office.switch("unknown")
    check = open_printer("cups:office").check()
    assert (check.state, check.code) == ("bad", "off")
    assert "office" in check.detail


def test_a_queue_that_takes_no_job_fails_clean(office: Office) -> None:
    office.switch("refuse")
    assert open_printer("cups:office").print_job(b"%PDF") == Outcome("failed_clean", 0, "off")


def test_a_sheet_that_does_not_get_through_is_taken_back_and_a_person_is_asked(
    office: Office,
) -> None:
    """It must not come out an hour later; whether half of it did, only a person can see."""
    office.switch("hold")
    outcome = open_printer("cups:office?limit_s=1").print_job(b"%PDF")
    assert outcome == Outcome("needs_operator", 4, "stalled")
    assert office.text("cancelled") == "office-7"


@pytest.mark.parametrize("url", ["cups:", "cups:a b", "cups:-o", "cups:office?limits=1"])
def test_wrong_addresses_are_refused(office: Office, url: str) -> None:
    with pytest.raises(ConfigError):
        open_printer(url)


def test_without_lp_the_missing_package_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="cups-client"):
        open_printer("cups:office")


def test_the_same_slip_gives_the_same_sheet() -> None:
    from appliance.paper.slip.sheet import to_sheet

    slip = Image.new("L", (576, 1192), 255)
    first = to_sheet(slip)
    assert first == to_sheet(slip)
    with pikepdf.open(io.BytesIO(first)) as pdf:
        drawn = pdf.pages[0].Contents.read_bytes().split()
    width_pt, height_pt, left_pt, bottom_pt = (float(drawn[at]) for at in (1, 4, 5, 6))
    assert min(left_pt, bottom_pt) > 40
    assert left_pt + width_pt < 595 - 40 and bottom_pt + height_pt < 842 - 40
