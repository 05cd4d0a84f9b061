"""This file is what a house can be told to do from its page, and how its answer is read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from appliance.sync.protocol import ProtocolError, parse_utc
from ward.accounts.roles import Right
from ward.store import jobs
from ward.web import words

if TYPE_CHECKING:
    from ward.web import Ward

ASIDE = ("aside_retry", "aside_discard")
LOG_LINES = 200
_CODE = re.compile(r"[0-9A-Z][0-9A-Z.-]{5,59}", re.ASCII)


@dataclass(frozen=True)
class Command:
    """One thing to do. `text` is read before it is done; `answers`: the house says something back;
    `listed`: it has a button on the house's page; `right`: whose it is to do."""

    title: str
    text: str
    answers: bool = False
    listed: bool = True
    right: Right = "command"


COMMANDS = {
    "test_slip": Command(
        "In phiếu thử",
        "Máy in ở nhà này sẽ in một phiếu thử ngắn. Nếu đang có khách, phiếu ra xen giữa phiếu"
        " của khách.",
    ),
    "wall": Command(
        "Xem màn hình tường",
        "Nhà gửi về những số đang hiện trên tường; trang này vẽ lại màn hình từ đó.",
        answers=True,
    ),
    "logs": Command(
        "Xem nhật ký máy",
        "Nhà gửi về những dòng nhật ký cuối. Số dài và thư điện tử được che đi.",
        answers=True,
    ),
    "aside_list": Command(
        "Xem mục để riêng",
        "Nhà gửi về danh sách những mục chưa gửi được, để thử lại hoặc bỏ.",
        answers=True,
    ),
    "proof_draft": Command(
        "Báo có bản nháp",
        "Nhà nhắc người trực mời người dân xem bản nháp. Người dân có một ngày; im lặng là đồng ý.",
        right="dossiers",
    ),
    "reboot": Command(
        "Khởi động lại máy",
        "Máy ở nhà này tắt rồi bật lại, mất khoảng một phút. Số đã lấy và giấy tờ đã niêm phong"
        " vẫn còn. Nếu đang có khách, nhà không nhận việc này.",
    ),
    "aside_retry": Command(
        "Gửi lại mục để riêng", "Nhà thử gửi mục này thêm một lần.", listed=False
    ),
    "aside_discard": Command(
        "Bỏ mục để riêng",
        "Mục này không gửi nữa, và không lấy lại được. Nếu là hồ sơ thì người dân phải nộp lại.",
        listed=False,
    ),
}
TITLES = {
    "answer_help": "Trả lời lời gọi giúp",
    "close_help": "Báo xong lời gọi giúp",
    "post_notice": "Treo thông báo",
    "take_down_notice": "Gỡ thông báo",
    **{op: c.title for op, c in COMMANDS.items()},
}
KINDS = {"report": "Một tin báo", "dossier": "Hồ sơ đã niêm phong"}
REASONS = {
    "too_large": "tin dài quá mức gửi được",
    "damaged": "bản niêm phong bị hỏng trên đường",
    "file_gone": "bản niêm phong không còn trên thẻ nhớ",
    "unreadable": "thẻ nhớ không đọc được bản niêm phong",
    "not_ours": "phường không nhận hồ sơ từ nhà này",
    "another_there": "phường đã có bản khác cùng mã",
    "not_taken": "phường không nhận, dù đã gửi nhiều lần",
}
CODES = {
    "busy": "Đang có khách. Chờ khách xong rồi thử lại.",
    "cannot_restart": "Máy này không tự khởi động lại được. Gọi điện thoại cho nhà.",
    "no_log": "Máy này chưa có nhật ký.",
    "no_box": "Bản phần mềm của nhà chưa làm được việc này.",
    "unknown_op": "Bản phần mềm của nhà chưa làm được việc này.",
    "expired": "Lệnh đến nhà quá muộn. Giao lại.",
    "already_decided": "Mục này đã có người quyết định.",
    "unknown_dossier": "Nhà này không có hồ sơ mang mã đó. Xem lại mã.",
    "unknown_item": "Không còn mục này.",
}


def item(form: Mapping[str, str]) -> int | None:
    """Which set-aside item is meant."""
    text = form.get("item", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def args_of(op: str, form: Mapping[str, str]) -> dict[str, Any] | None:
    """What goes with the command, or None when what it needs is missing."""
    if op in ASIDE:
        number = item(form)
        return None if number is None else {"item": number}
    if op == "proof_draft":
        code = "".join(form.get("code", "").split()).upper()
        return {"code": code} if _CODE.fullmatch(code) else None
    if op == "logs":
        return {"lines": LOG_LINES}
    if op == "reboot" and form.get("even_if_busy") == "yes":
        return {"even_if_busy": 1}
    return {}


def has_answer(job: Mapping[str, Any]) -> bool:
    command = COMMANDS.get(job["op"])
    return command is not None and command.answers


def job_view(ward: Ward, house: str, job: str) -> dict[str, Any] | None:
    """Everything for job.html; None when there is no such job of this house."""
    row = ward.store.one("SELECT * FROM jobs WHERE job = ? AND house = ?", job, house)
    if row is None:
        return None
    now, known = ward.now(), ward.board.house(house)
    answer = jobs.answer_of(ward.store.connection, row["job"])
    return {
        "house": house,
        "name": str(known[0].peek("hello").get("name") or house)[:80] if known else house,
        "op": row["op"],
        "title": TITLES.get(row["op"], row["op"]),
        "by": row["by"],
        "when": words.clock(parse_utc(row["created_at"]), now),
        "state": words.JOB_STATES.get(row["state"], row["state"]),
        "tone": {"done": "good", "queued": "wait", "sent": "wait"}.get(row["state"], "bad"),
        "waits": row["state"] in ("queued", "sent"),
        "why": CODES.get(row["reason"], row["reason"]),
        "lines": [_text(x, 400) for x in _list(answer, "lines")[:400]],
        "items": [_item(i, now) for i in _list(answer, "items")[:50] if isinstance(i, dict)],
        "wall": _wall(answer, now) if row["op"] == "wall" and answer else None,
        "answered": bool(answer) or row["state"] == "done",
    }


def _wall(answer: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The numbers a house says are on its wall; whatever else it says is left out."""
    called = [
        (int(pair[0]), int(pair[1]))
        for pair in _list(answer, "called")
        if isinstance(pair, list) and len(pair) == 2 and all(_is_number(n) for n in pair)
    ]
    return {
        "at": _clock(answer.get("at"), now),
        "current": called[0] if called else None,
        "others": called[1:8],
        "next": [n for n in _list(answer, "next") if _is_number(n)][:8],
        "waiting": answer["waiting"] if _is_number(answer.get("waiting")) else 0,
        "help": answer.get("help") if _is_number(answer.get("help")) else 0,
        "notice": _text(answer.get("notice"), 120),
        "notices": answer.get("notices") if _is_number(answer.get("notices")) else 0,
    }


def _item(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "id": row["id"] if _is_number(row.get("id")) else None,
        "kind": KINDS.get(str(row.get("kind")), "Mục"),
        "reason": REASONS.get(str(row.get("reason"))) or _text(row.get("reason"), 60),
        "when": _clock(row.get("at"), now),
        "tries": row["tries"] if _is_number(row.get("tries")) else 1,
    }


def _list(answer: Mapping[str, Any], key: str) -> list[Any]:
    found = answer.get(key)
    return found if isinstance(found, list) else []


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9


def _clock(at: object, now: datetime) -> str:
    try:
        return words.clock(parse_utc(at), now)
    except ProtocolError:
        return words.UNKNOWN


def _text(value: object, most: int) -> str:
    return "".join(c for c in str(value if value is not None else "") if c.isprintable())[:most]
