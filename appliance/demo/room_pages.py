"""This file is the virtual room as a page: what a hand can do is a form, JavaScript only adds.

GET /  /state.json  /scene.jpg  /samples/<name>.jpg  /slips/<n>.png
POST /scene/sample/<name>  /scene/upload  /scene/slip/<n>  /scene/clear
POST /button/<press|hold|down|up>  /paper/<out|low|in>  /network/<cut|restore>  /clock/<minutes>
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import fontpkg
from flask import Flask, Response, redirect, render_template, request, send_file, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from appliance.demo.house import ZONE
from appliance.demo.printer_state import PrinterState
from appliance.demo.room import SAMPLES, Room, sample_thumbnail
from appliance.demo.room_words import words
from appliance.demo.set_clock import STEPS_MIN, DemoClock
from appliance.errors import BadInput, HienError, NotFound

MAX_UPLOAD_BYTES = 25 * 1024 * 1024
POLICY = (
    "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
FONT_WEIGHTS = (400, 600)


def create_room_app(
    room: Room,
    links: Mapping[str, str],
    sign_in: Mapping[str, str],
    clock: DemoClock | None = None,
) -> Flask:
    """The page over `room`. `links`: tablet, desk, wall, ward; `sign_in`: names, pin; `clock`
    where the demo was started with one that can be moved."""
    app = Flask(__name__)
    app.config.update(
        MAX_CONTENT_LENGTH=MAX_UPLOAD_BYTES,
        TRUSTED_HOSTS=["localhost", "127.0.0.1", links["host"]],
    )
    _guard(app)
    _show(app, room, links, sign_in)
    _handle(app, room)
    _tell_time(app, clock)
    return app


def _language() -> str:
    return "en" if request.args.get("lang") == "en" else "vi"


def _guard(app: Flask) -> None:
    """Only this page's own forms may move things; nothing of it is framed or kept."""

    @app.before_request
    def own_origin() -> Response | None:
        origin = request.headers.get("Origin")
        if request.method == "POST" and origin not in (None, request.host_url.rstrip("/")):
            return Response("a foreign page may not do this\n", 403, mimetype="text/plain")
        return None

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    @app.errorhandler(HienError)
    def trouble(error: HienError) -> AnyResponse:
        status = 404 if isinstance(error, NotFound) else 400
        if request.method == "GET":
            return Response(f"{error}\n", status, mimetype="text/plain")
        return redirect(url_for("page", lang=_language(), trouble=error.code))

    @app.errorhandler(413)
    def too_large(_: HTTPException) -> AnyResponse:
        return redirect(url_for("page", lang=_language(), trouble="not_an_image"))


def _show(app: Flask, room: Room, links: Mapping[str, str], sign_in: Mapping[str, str]) -> None:
    @app.get("/")
    def page() -> str:
        said = words(_language())
        return render_template(
            "room.html",
            t=said,
            lang=_language(),
            state=_state(room),
            slips=room.slips(),
            samples=list(SAMPLES),
            links=links,
            sign_in=said["sign_in"].format(**sign_in),
            trouble=said.get(request.args.get("trouble", ""), ""),
        )

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    @app.get("/state.json")
    def state() -> dict[str, Any]:
        return _state(room)

    @app.get("/scene.jpg")
    def scene() -> Response:
        jpeg = room.scene()
        if jpeg is None:
            raise NotFound("the table is bare", code="bare")
        return Response(jpeg, mimetype="image/jpeg")

    @app.get("/samples/<name>.jpg")
    def sample(name: str) -> Response:
        picture = Response(sample_thumbnail(name), mimetype="image/jpeg")
        picture.headers["Cache-Control"] = "max-age=3600"
        return picture

    @app.get("/slips/<int:number>.png")
    def slip(number: int) -> Response:
        return Response(room.slip(number).png, mimetype="image/png")

    @app.get("/font/<int:weight>.ttf")
    def font(weight: int) -> Response:
        if weight not in FONT_WEIGHTS:
            raise NotFound("no such weight", code="no_font")
        return send_file(fontpkg.path("Be Vietnam Pro", weight), max_age=86400)


def _handle(app: Flask, room: Room) -> None:
    moves = {
        "button": {
            "press": room.press,
            "hold": room.hold,
            "down": room.button_down,
            "up": room.button_up,
        },
        "paper": {
            "out": room.printer.take_out_paper,
            "low": room.printer.put_in_old_roll,
            "in": room.printer.put_in_paper,
        },
        "network": {"cut": room.network.cut, "restore": room.network.restore},
        "scene": {"clear": room.clear_table},
    }

    def back() -> AnyResponse:
        if request.headers.get("Accept") == "application/json":
            return Response(status=204)
        return redirect(url_for("page", lang=_language()), 303)

    @app.post("/<thing>/<move>")
    def move(thing: str, move: str) -> AnyResponse:
        try:
            moves[thing][move]()
        except KeyError:
            raise NotFound(f"nothing here is called {thing}/{move}", code="no_move") from None
        return back()

    @app.post("/scene/sample/<name>")
    def lay_sample(name: str) -> AnyResponse:
        room.lay_sample(name)
        return back()

    @app.post("/scene/slip/<int:number>")
    def lay_slip(number: int) -> AnyResponse:
        room.lay_slip(number)
        return back()

    @app.post("/scene/upload")
    def upload() -> AnyResponse:
        file = request.files.get("picture")
        if file is None:
            raise BadInput("no picture was sent", code="not_an_image")
        room.lay_picture(file.read())
        return back()


def _tell_time(app: Flask, clock: DemoClock | None) -> None:
    @app.context_processor
    def time() -> dict[str, Any]:
        shown = f"{clock.now(ZONE):%H:%M, %d/%m/%Y}" if clock else ""
        return {"clock": shown, "steps_min": STEPS_MIN}

    @app.post("/clock/<int:minutes>")
    def let_pass(minutes: int) -> AnyResponse:
        if clock is None:
            raise NotFound("this demo's clock cannot be moved; see --at", code="no_clock")
        clock.let_pass(minutes)
        return redirect(url_for("page", lang=_language()), 303)


def _state(room: Room) -> dict[str, Any]:
    return {
        "lamp": room.lamp(),
        "buzzes": room.buzzes(),
        "network": "cut" if room.network.is_cut else "connected",
        "paper": _paper(room.printer.state),
        "scene": room.scene_version(),
        "slips": [paper.number for paper in room.slips()],
    }


def _paper(printer: PrinterState) -> str:
    if printer.paper_out:
        return "no_paper"
    return "little_paper" if printer.near_end else "has_paper"
