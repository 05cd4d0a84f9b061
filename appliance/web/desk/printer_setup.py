"""This file is setting up the printer step by step: measure its width, look at a page, say what is
seen. What is found is kept for that printer, and every later slip is drawn so."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from appliance.core.calibration import (
    CODE_DOTS,
    DARKNESSES,
    LETTER_DOTS,
    Calibration,
    Darkness,
    Dots,
    code_dots_for,
)
from appliance.errors import BadInput
from appliance.service import printer_facts, slips
from appliance.store import print_jobs
from appliance.web import forms
from appliance.web.current import now, parts, store
from appliance.web.door.access import volunteers_only
from appliance.web.drawn import calibrated, identity, printer_said
from appliance.web.notices import room_word
from appliance.web.words.desk import Machine, machines
from appliance.web.words.slip import SlipWords, slip_words

printer_setup = Blueprint("printer_setup", __name__)

QUESTIONS = {
    "status": _l("Hỏi giấy còn hay hết, nắp đóng hay mở"),
    "barrier": _l("Hỏi đã in xong chưa"),
    "port": _l("Trạng thái của cổng cắm"),
}
ANSWERS = {True: _l("có trả lời"), False: _l("không trả lời"), None: _l("chưa rõ")}
DARK_WORDS = {"faint": _l("in nhạt"), "right": _l("đậm vừa"), "heavy": _l("in đậm nhoè")}


@printer_setup.get("/desk/printer")
@volunteers_only
def page() -> str:
    """How the printer is, what it answers, how it is set up; the way into the steps."""
    name = identity()
    known = printer_facts.known(store(), name)
    return render_template(
        "printer_setup.html",
        step="start",
        printer=name,
        machine=_machine(),
        answers=[(words, ANSWERS[known.get(key)]) for key, words in QUESTIONS.items()],
        tuned=printer_facts.calibration(store(), name),
        now_drawn=calibrated(),
        dark_words=DARK_WORDS,
        takes_pictures=printer_said().get("language", "escpos") == "escpos",
        said=request.args.get("said", ""),
    )


@printer_setup.post("/desk/printer/width")
@volunteers_only
def print_width() -> Response:
    forms.small_form()
    job = slips.ask_test_slip(store(), now(), forms.key(), {"page": "width", "width": 576})
    return redirect(url_for("printer_setup.width", job=job), code=303)


@printer_setup.get("/desk/printer/width")
@volunteers_only
def width() -> str:
    return render_template("printer_setup.html", step="width", slip=_slip(), machine=_machine())


@printer_setup.post("/desk/printer/look")
@volunteers_only
def print_page() -> Response:
    """Field width: 576 or 384 dots, what the first slip showed."""
    forms.small_form()
    dots = _dots(forms.whole("width", least=384, most=576))
    job = slips.ask_test_slip(store(), now(), forms.key(), {"page": "page", "width": dots})
    return redirect(url_for("printer_setup.look", width=dots, job=job), code=303)


@printer_setup.get("/desk/printer/look")
@volunteers_only
def look() -> str:
    return _looked(_dots(forms.one_of_numbers(request.args.get("width"), (576, 384), 576)))


@printer_setup.post("/desk/printer")
@volunteers_only
def keep() -> Response:
    """Fields width, darkness, letters ("A", "B", "C"), code (each number read), cut ("yes")."""
    forms.small_form()
    dots = _dots(forms.whole("width", least=384, most=576))
    darkness = forms.text("darkness", most=8)
    letters = forms.text("letters", most=1)
    read = [number for number in forms.ticked("code", most=4, each=1) if number.isdecimal()]
    cut = forms.text("cut", most=3)
    if darkness not in DARKNESSES or letters not in tuple("ABC") or cut not in ("yes", "no"):
        return make_response(_looked(dots, missing=True), 400)
    name = identity()
    if not name:
        return redirect(url_for("printer_setup.page", said="silent"), code=303)
    sizes = CODE_DOTS[dots]
    seen = [sizes[int(n) - 1] for n in read if 1 <= int(n) <= len(sizes)]
    tuned = Calibration(
        dots, _darkness(darkness), cut == "yes", LETTER_DOTS["ABC".index(letters)],
        code_dots_for(dots, seen),
    )  # fmt: skip
    printer_facts.calibrate(store(), name, tuned)
    slips.ask_test_slip(store(), now(), forms.key(), {})
    return redirect(url_for("printer_setup.page", said="kept" if seen else "no_code"), code=303)


@printer_setup.post("/desk/printer/forget")
@volunteers_only
def forget() -> Response:
    forms.small_form()
    printer_facts.forget_calibration(store(), identity())
    return redirect(url_for("printer_setup.page", said="forgotten"), code=303)


def _looked(dots: Dots, *, missing: bool = False) -> str:
    return render_template(
        "printer_setup.html",
        step="look",
        slip=_slip(),
        machine=_machine(),
        width=dots,
        codes=range(1, len(CODE_DOTS[dots]) + 1),
        dark_words=DARK_WORDS,
        filled=request.form,
        ticked=request.form.getlist("code"),
        missing=missing,
    )


def _machine() -> Machine | None:
    """The printer's line as the desk shows it, when something is wrong with it. That the room of
    the machines is silent is told above every page already."""
    if room_word(parts(), "devices", now()) != "ok":
        return None
    printer = machines(parts(), now())[0]
    return None if printer.mood == "good" else printer


def _slip() -> SlipWords | None:
    number = request.args.get("job", request.form.get("job", ""))
    job = print_jobs.get(store(), int(number)) if number.isdecimal() and len(number) < 12 else None
    return slip_words(job) if job is not None and job["kind"] == "test" else None


def _dots(number: int) -> Dots:
    if number == 576:
        return 576
    if number == 384:
        return 384
    raise BadInput("a line has 576 or 384 dots", code="bad_width")


def _darkness(word: str) -> Darkness:
    return next(one for one in DARKNESSES if one == word)
