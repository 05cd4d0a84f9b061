"""This file says what stands on the month's report, one A4 page in Vietnamese: no font, no page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from appliance.core.month_report import TICKS, Line, share_pct, total
from appliance.core.visit import DONE
from appliance.core.voice import NOT_DONE, QUESTIONS

MOST_LINES = 11
NOT_KNOWN = "–"
_QUESTIONS = {"manner": "Ân cần", "clear": "Dễ hiểu", "finished": "Xong việc"}
_TOPICS = {
    "environment": "vệ sinh môi trường",
    "security": "an ninh trật tự",
    "traffic": "an toàn giao thông",
    "housing": "nhà đất, xây dựng",
    "other": "chuyện khác",
}
_HOURS = {
    "morning": "mở buổi sáng",
    "afternoon": "mở buổi chiều",
    "evening": "mở buổi tối",
    "saturday": "mở thứ Bảy",
    "sunday": "mở Chủ nhật",
}


@dataclass(frozen=True)
class Share:
    """A part of the ward's dossiers; `pct` None while the ward has not said how many there are."""

    words: str
    count: int
    pct: int | None


@dataclass(frozen=True)
class ReportSheet:
    """`figures` (words, value); `lines` name and columns as in `head`; `trend` (month, helped,
    dossiers), oldest first; `faces` (question, glad, so-so, unhappy); `notes` (heading, lines)."""

    house: str
    title: str
    figures: tuple[tuple[str, str], ...]
    shares: tuple[Share, ...]
    head: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    trend: tuple[tuple[str, int, int], ...]
    faces: tuple[tuple[str, int, int, int], ...]
    notes: tuple[tuple[str, tuple[str, ...]], ...]
    small: str


def report_sheet(
    first: date,
    lines: Sequence[Line],
    names: Mapping[str, str],
    *,
    minutes: int,
    volunteers: int,
    ward_total: int,
    from_home: int,
    trend: Sequence[tuple[date, int, int]],
    remarks: Mapping[str, int],
    votes: Sequence[tuple[str, str, int]],
    procedures: Sequence[tuple[str, int, int]] = (),
    learned: Sequence[tuple[str, int]] = (),
    house: str,
    made_on: date,
) -> ReportSheet:
    """The sheet of the month that begins on `first`.

    `names` what each line's service is called; `votes` (kind, choice, how many) with services
    already in words; `procedures` (name, helped, dossiers), the busiest first; `learned`
    (lesson, how many will do it alone next time); `trend` (month, helped, dossiers), oldest
    first; `ward_total` 0 while the ward has not said.
    """
    whole = total(lines)
    glad = whole.satisfied_pct()
    figures = (
        ("Lượt người được giúp", str(whole.visits)),
        ("Hồ sơ nộp tại điểm", str(whole.dossiers)),
        ("Tài khoản đã mở", str(whole.ticks["account"])),
        ("Hướng dẫn từng bước", str(whole.ticks["guided"])),
        ("Vui lòng", NOT_KNOWN if glad is None else f"{glad} %"),
        ("Chờ, thường là", _minutes(whole.waited_min)),
        ("Giờ trực", f"{minutes // 60} giờ {minutes % 60:02d} phút"),
        ("Người trực", str(volunteers)),
    )
    wishes = [f"{_HOURS.get(c, c) if kind == 'hours' else c}: {n}" for kind, c, n in votes[:5]]
    notes = (
        (
            "Theo thủ tục",
            [f"{name}: {helped} lượt, {filed} hồ sơ" for name, helped, filed in procedures[:6]],
        ),
        ("Đã làm", [f"{DONE[t]}: {whole.ticks[t]}" for t in TICKS if whole.ticks[t]]),
        (
            "Chưa làm được, vì",
            [f"{NOT_DONE[r]}: {n}" for r, n in whole.not_done.most_common() if r in NOT_DONE],
        ),
        ("Lần sau tự làm được", _learned(learned)),
        ("Bà con góp ý về", [f"{_TOPICS.get(t, t)}: {n}" for t, n in remarks.items()]),
        ("Bà con muốn thêm", wishes),
    )
    return ReportSheet(
        house=house,
        title=f"Báo cáo tháng {first.month} năm {first.year}",
        figures=figures,
        shares=shares(whole.dossiers, from_home, ward_total),
        head=("Việc", "Lấy số", "Được giúp", "Hồ sơ", "Chờ", "Vui lòng"),
        lines=_rows(lines, names),
        trend=tuple((f"{month.month}/{month.year % 100:02d}", h, d) for month, h, d in trend),
        faces=_faces(whole),
        notes=tuple((heading, tuple(texts)) for heading, texts in notes if texts),
        small="Số đếm tại điểm, không có tên ai. Tổng của phường do phường cho biết."
        f" Lập ngày {made_on.day}/{made_on.month}/{made_on.year}.",
    )


def shares(here: int, from_home: int, ward_total: int) -> tuple[Share, ...]:
    """At the point, from home, and what was handed in elsewhere; counts that do not fit together
    (more here than the ward counts) give no parts beyond the first two."""
    elsewhere = ward_total - here - from_home
    parts = [
        Share("Nộp tại điểm", here, share_pct(here, ward_total)),
        Share("Tự nộp ở nhà", from_home, share_pct(from_home, ward_total)),
    ]
    if ward_total and elsewhere >= 0:
        parts.append(Share("Nộp nơi khác", elsewhere, share_pct(elsewhere, ward_total)))
    return tuple(parts)


def _learned(learned: Sequence[tuple[str, int]]) -> list[str]:
    """The sum first, then the lessons that helped most."""
    if not learned:
        return []
    return [f"Cộng: {sum(n for _, n in learned)}", *(f"{name}: {n}" for name, n in learned[:4])]


def _faces(whole: Line) -> tuple[tuple[str, int, int, int], ...]:
    asked = [(q, whole.faces[q]) for q in QUESTIONS if q in whole.faces]
    return tuple((_QUESTIONS[q], count[3], count[2], count[1]) for q, count in asked)


def _rows(lines: Sequence[Line], names: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """The busiest lines and one for the rest, so that the page never runs over."""
    shown = list(lines)
    if len(shown) > MOST_LINES:
        rest = total(shown[MOST_LINES - 1 :])
        shown = [*shown[: MOST_LINES - 1], rest]
    rows = [_row(names.get(line.service_id, "Việc khác"), line) for line in shown]
    return (*rows, _row("Cộng", total(lines)))


def _row(name: str, line: Line) -> tuple[str, ...]:
    glad = line.satisfied_pct()
    return (
        name, str(line.taken), str(line.visits), str(line.dossiers), _minutes(line.waited_min),
        NOT_KNOWN if glad is None else f"{glad} %",
    )  # fmt: skip


def _minutes(waited_min: int | None) -> str:
    return NOT_KNOWN if waited_min is None else f"{waited_min} phút"
