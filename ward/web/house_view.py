"""This file gathers what the page of one house shows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from appliance.sync.protocol import Scalar, parse_utc
from ward import calls
from ward.store import alarms, audit, boots, clocks, history
from ward.web import alarm_view, call_view, charts, commands, event_words, rows, words
from ward.web.rows import Cell, Tone

if TYPE_CHECKING:
    from ward.web import Ward

EVENTS_SHOWN, JOBS_SHOWN, ALARMS_SHOWN, NOTES_SHOWN = 15, 5, 5, 10
CERT_SOON_DAYS = 14
SPANS = {"1": timedelta(days=1), "7": timedelta(days=7)}
MORE_HEALTH = {
    "mem_avail_mib": ("Bộ nhớ trống", "MB"),
    "wifi_rssi_dbm": ("Sóng Wi-Fi", "dBm"),
    "outbox_rows": ("Báo cáo chưa gửi", ""),
    "set_aside": ("Mục để riêng", ""),
    "cert_days": ("Chứng thư còn", "ngày"),
    "sd_written_gib": ("Đã ghi vào thẻ", "GB"),
    "reconnects": ("Số lần nối lại", ""),
}
VERSIONS = {
    "sw": "Phần mềm",
    "model": "Máy",
    "os": "Hệ điều hành",
    "kernel": "Nhân",
    "roster_ver": "Danh sách trực",
    "config_ver": "Thiết lập",
    "catalogue_ver": "Danh mục thủ tục",
}


def view(ward: Ward, house: str, days: str) -> dict[str, Any] | None:
    """Everything for house.html; None when nobody has heard of this house."""
    found, now = ward.board.house(house), ward.now()
    if found is None:
        return None
    span = SPANS.get(days, SPANS["1"])
    known = {house: found}
    open_calls = [
        c for c in calls.on(ward.store) if c["house"] == house and calls.still_on(c, found)
    ]
    twice = [r for r in boots.twice(ward.store.connection, now) if r["house"] == house]
    glance = rows.glance(*found, len(open_calls), now, bool(twice))
    row = rows.house_row(glance, now)
    steps = history.of_house(ward.store, house, now - span)
    drawn = [charts.chart(kind, steps, now - span, now) for kind in charts.KINDS]
    return {
        "now": now,
        "house": house,
        "row": row,
        "columns": rows.COLUMNS,
        "twice": words.clock(parse_utc(twice[0]["last_at"]), now) if twice else "",
        "more": _more(found[0].peek("health")) if glance.presence == "online" else {},
        "eta_choices": words.ETA_CHOICES,
        "calls": call_view.cards(ward, open_calls, known, now),
        "charts": [c for c in drawn if c],
        "days": days if days in SPANS else "1",
        "alarms": alarm_view.lines(
            ward, alarms.lately(ward.store, ALARMS_SHOWN, house), {house: glance.name}, now
        ),
        "jobs": _jobs(ward, house, now),
        "events": _events(ward, house, now),
        "notes": [
            {**n, "when": words.clock(parse_utc(n["at"]), now), "text": words.DEEDS.get(n["what"])}
            for n in audit.newest(ward.store, NOTES_SHOWN, house)
        ],
        "versions": _versions(found[0].peek("hello")),
    }


def _more(health: Mapping[str, Scalar]) -> dict[str, Cell]:
    """Numbers of the box beside those of the fleet page, and its power in three classes."""
    out = {"Nguồn điện": power(health)}
    if (cell := against_cuts(health)) is not None:
        out["Chịu mất điện"] = cell
    for key, (title, unit) in MORE_HEALTH.items():
        value = health.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value != -1:
            tone: Tone = "wait" if _asks(key, float(value)) else "plain"
            out[title] = Cell(f"{charts.number(float(value))} {unit}".strip(), tone)
    return out


def _asks(key: str, value: float) -> bool:
    """Whether somebody should see to this."""
    return (key == "set_aside" and value > 0) or (key == "cert_days" and value < CERT_SOON_DAYS)


def against_cuts(health: Mapping[str, Scalar]) -> Cell | None:
    """Whether this house's card bears a power cut; None where nobody prepared it for that."""
    wanted = health.get("data_wanted")
    if wanted is None:
        return None
    if wanted != 1:
        return Cell("thẻ chưa chia phần dữ liệu: làm thẻ mới", "bad")
    if health.get("data_safe") != 1 or health.get("data_missing") != 0:
        return Cell("phần dữ liệu hỏng: thay thẻ", "bad")
    if health.get("root_overlay") == 1:
        return Cell("có", "plain")
    if health.get("root_shut_next") == 1:
        return Cell("từ lần khởi động tới", "plain")
    return Cell("chưa khóa thẻ: cần mạng một đêm", "wait")


def power(health: Mapping[str, Scalar]) -> Cell:
    """Weak now, weak since it started, or never: three different things to do."""
    now, count = health.get("undervolt_now"), health.get("undervolt_count_boot")
    if now == 1:
        return Cell("đang yếu", "bad")
    if isinstance(count, (int, float)) and count > 0:
        return Cell(f"đã yếu {int(min(count, 10**6))} lần từ khi bật", "wait")
    return Cell("ổn", "good") if now == 0 else Cell(words.UNKNOWN, "grey")


def _versions(hello: Mapping[str, Scalar]) -> dict[str, str]:
    return {
        title: str(hello[key])[:80]
        for key, title in VERSIONS.items()
        if hello.get(key) not in (None, "")
    }


def _jobs(ward: Ward, house: str, now: datetime) -> list[dict[str, Any]]:
    found = ward.store.all(
        "SELECT * FROM jobs WHERE house = ? ORDER BY created_at DESC LIMIT ?", house, JOBS_SHOWN
    )
    return [
        {
            **job,
            "what": commands.TITLES.get(job["op"], job["op"]),
            "answers": commands.has_answer(job),
            "when": words.clock(parse_utc(job["created_at"]), now),
            "until": words.clock(parse_utc(job["expires_at"]), now),
            "text": words.JOB_STATES.get(job["state"], job["state"]),
            "tone": {"done": "good", "queued": "wait", "sent": "wait"}.get(job["state"], "bad"),
        }
        for job in found
    ]


def _events(ward: Ward, house: str, now: datetime) -> list[dict[str, str]]:
    found = ward.store.all(
        "SELECT house, epoch, mono_ms, stream, t, sync, d, received_at FROM events WHERE house = ?"
        " ORDER BY id DESC LIMIT ?",
        house,
        EVENTS_SHOWN,
    )
    dater, out = clocks.Dater(ward.store.connection), []
    for event in reversed(found):  # it dates in the order things were stored
        d = json.loads(event["d"])
        out.append(
            {
                "when": event_words.when(event, dater.of(event), now),
                "what": event_words.what(event["stream"], d),
                "said": event_words.said(d),
            }
        )
    return out[::-1]
