"""This file says the facts of the guide in plain words, in both languages, and never more than is
known: what is not certain is "hỏi phường"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from appliance.core.day_words import date_words
from appliance.core.due_date import Due
from appliance.core.guide import Fee, Guide, Known, Procedure, Time

ASK = {"vi": "Hỏi phường", "en": "Ask the ward"}
_EVERYBODY = "mọi người"

_VI = {
    "free_all": "Miễn phí cho mọi người",
    "free_some": "Miễn phí cho {who}",
    "others": "Trường hợp khác: hỏi phường.",
    "sum": "{sum} đồng mỗi {per}",
    "sum_alone": "{sum} đồng",
    "online": "Nộp qua mạng: {sum} đồng.",
    "exempt": "Không phải trả: {who}.",
    "exempt_ask": "Ai không phải trả: hỏi phường.",
    "now": "Được ghi nhận ngay",
    "same_day": "Trong ngày, nếu nộp trước 3 giờ chiều",
    "same_day_more": "Sau 3 giờ chiều thì ngày làm việc sau.",
    "working": "{n} ngày làm việc",
    "calendar": "{n} ngày",
    "by_ward": "theo phường",
    "by_ward_since": "theo phường, từ ngày {day}",
    "source": "Theo {title}. Đọc ngày {day}.",
    "within": "Bác làm trong {n} ngày, tính từ {since}.",
    "before": "Bác làm trong {n} ngày trước {since}.",
    "evening": "Bác báo trước 11 giờ đêm. Khách đến muộn hơn: trước 8 giờ sáng hôm sau.",
    "age": "Từ khi đủ {n} tuổi.",
    "year": "{day} năm {year}",
    "uncertain": "Khoảng {day}. Lịch nghỉ chưa công bố, bác hỏi lại phường.",
}
_EN = {
    "free_all": "Free for everybody",
    "free_some": "Free for {who}",
    "others": "Others: ask the ward.",
    "sum": "{sum} dong a {per}",
    "sum_alone": "{sum} dong",
    "online": "Online: {sum} dong.",
    "exempt": "Exempt: {who}.",
    "exempt_ask": "Who is exempt: ask the ward.",
    "now": "Recorded at once",
    "same_day": "The same day, if handed in before 3 pm",
    "same_day_more": "After 3 pm, the next working day.",
    "working": "{n} working days",
    "calendar": "{n} days",
    "by_ward": "as the ward says",
    "by_ward_since": "as the ward says, since {day}",
    "source": "From {title}. Read on {day}.",
    "within": "Do it within {n} days of {since}.",
    "before": "Do it in the {n} days before {since}.",
    "evening": "Report before 11 pm. For later guests: before 8 the next morning.",
    "age": "From the age of {n}.",
    "year": "{day} {year}",
    "uncertain": "About {day}. Holidays are not announced yet: ask the ward.",
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Said:
    """`text` the fact, or "hỏi phường" (then `sure` is False); `more` sentences that belong to
    it; `by_ward` such as "theo phường, từ ngày 1 tháng 12", or empty."""

    text: str
    more: tuple[str, ...]
    sure: bool
    by_ward: str = ""


def fee_words(procedure: Procedure, on: date, language: str) -> Said:
    """What it costs, always with who pays nothing."""
    fee, say = procedure.fee(on), _texts(language)
    if fee is None or fee.vnd is None:
        return Said(ASK[_key(language)], _still_exempt(procedure, on, language), False)
    who = fee.exempt.say(language)
    by_ward = _by_ward(fee.known, language)
    if fee.vnd == 0:
        if fee.exempt.vi in ("", _EVERYBODY):
            return Said(say["free_all"], (), True, by_ward)
        return Said(say["free_some"].format(who=who), (say["others"],), True, by_ward)
    more = [say["exempt"].format(who=who) if who else say["exempt_ask"]]
    if fee.vnd_online is not None:
        more.insert(0, say["online"].format(sum=dong(fee.vnd_online, language)))
    return Said(_sum(fee, language), tuple(more), True, by_ward)


def time_words(procedure: Procedure, on: date, language: str) -> Said:
    """How long it takes."""
    time, say = procedure.time(on), _texts(language)
    if time is None:
        return Said(ASK[_key(language)], (), False)
    more = [time.longer.say(language)] if time.longer else []
    if time.same_day:
        more.insert(0, say["same_day_more"])
    return Said(_span(time, language), tuple(more), True, _by_ward(time.known, language))


def deadline_words(procedure: Procedure, on: date, language: str) -> str:
    """The resident's own deadline, or an empty text."""
    deadline = procedure.deadline
    if deadline is None or not deadline.known.sure(on):
        return ""
    since = deadline.since.say(language)
    return _texts(language)[deadline.kind].format(n=deadline.count, since=since)


def due_words(due: Due, today: date, language: str) -> str:
    """The day a result is due; one that is not certain says so."""
    words = day_words(due.on, today, language)
    return words if due.certain else _texts(language)["uncertain"].format(day=words)


def day_words(day: date, today: date, language: str) -> str:
    """ "thứ Ba, ngày 24 tháng 11", with the year where it is another one."""
    words = (
        f"{_DAYS[day.weekday()]}, {day.day} {_MONTHS[day.month - 1]}"
        if language == "en"
        else date_words(day)
    )
    if day.year == today.year:
        return words
    return _texts(language)["year"].format(day=words, year=day.year)


def source_words(guide: Guide, procedure: Procedure, language: str) -> str:
    """Where an entry was read, and when."""
    source = guide.source(procedure.known.source)
    if source is None:
        return ""
    day = _plain_day(source.seen_on, language, year=True)
    return _texts(language)["source"].format(title=source.title, day=day)


def dong(amount: int, language: str) -> str:
    """10.000 in Vietnamese, 10,000 in English."""
    return f"{amount:,}" if language == "en" else f"{amount:,}".replace(",", ".")


def _sum(fee: Fee, language: str) -> str:
    say, amount = _texts(language), dong(fee.vnd or 0, language)
    if not fee.per:
        return say["sum_alone"].format(sum=amount)
    return say["sum"].format(sum=amount, per=fee.per.say(language))


def _span(time: Time, language: str) -> str:
    say = _texts(language)
    if time.unit == "now":
        return say["now"]
    if time.same_day:
        return say["same_day"]
    words = say[time.unit].format(n=time.days)
    return words.replace("days", "day") if time.days == 1 else words


def _still_exempt(procedure: Procedure, on: date, language: str) -> tuple[str, ...]:
    """The sum is not known, but who pays nothing may be."""
    if procedure.known.sure(on):
        for fee in procedure.fees:
            if fee.exempt and fee.vnd is None and fee.known.sure(on):
                return (_texts(language)["exempt"].format(who=fee.exempt.say(language)),)
    return (_texts(language)["exempt_ask"],)


def _by_ward(known: Known, language: str) -> str:
    if not known.by_ward:
        return ""
    if known.effective_from is None:
        return _texts(language)["by_ward"]
    day = _plain_day(known.effective_from, language, year=True)
    return _texts(language)["by_ward_since"].format(day=day)


def _plain_day(day: date, language: str, *, year: bool) -> str:
    if language == "en":
        return f"{day.day} {_MONTHS[day.month - 1]}" + (f" {day.year}" if year else "")
    return f"{day.day} tháng {day.month}" + (f" năm {day.year}" if year else "")


def _key(language: str) -> str:
    return "en" if language == "en" else "vi"


def _texts(language: str) -> dict[str, str]:
    return _EN if language == "en" else _VI
