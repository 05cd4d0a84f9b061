"""This file is the resident's voice: what is asked, what may be said, and nothing that names."""

from __future__ import annotations

import re
import unicodedata

from appliance.errors import BadInput

# Three questions, three faces each: 3 glad, 2 so-so, 1 unhappy. They answer the indicators 7, 6
# and 1 of the ward's own survey: manner, clearness, done or not.
QUESTIONS = ("manner", "clear", "finished")
FACES = (3, 2, 1)
TOPICS = ("environment", "security", "traffic", "housing", "other")
HOURS_WISHES = ("morning", "afternoon", "evening", "saturday", "sunday")

TEXT_LEAST, TEXT_MOST = 10, 300
FEEDBACK_MOST, FEEDBACK_WITHIN_S = 12, 3600  # in the whole house
VOTES_MOST, VOTES_WITHIN_S = 60, 3600

# Why something could not be done here. Fixed codes: nothing personal can slip in.
NOT_DONE: dict[str, str] = {
    "papers": "thiếu giấy tờ",
    "system": "hệ thống của Cổng đang lỗi",
    "in_person": "phải đến trực tiếp nơi giải quyết",
    "no_network": "đang mất mạng",
    "account": "tài khoản VNeID chưa dùng được",
    "other": "lý do khác",
}

# Telephone numbers have 9 to 11 digits, identity numbers 9 or 12, accounts more.
_DIGITS = re.compile(r"(?:\d[\s.\-]?){8,}\d")
_MAIL = re.compile(r"\S@\S+\.\S")


def check_text(text: str) -> str:
    """A remark without identity: NFC, one line, 10 to 300 characters, no long row of digits, no
    e-mail address. Raises BadInput (too_long, too_short, names_somebody, bad_text)."""
    if len(text) > 8 * TEXT_MOST:
        raise BadInput(f"at most {TEXT_MOST} characters", code="too_long")
    clean = " ".join(unicodedata.normalize("NFC", text).split())
    if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in clean):
        raise BadInput("there is a character that cannot be shown", code="bad_text")
    if len(clean) > TEXT_MOST:
        raise BadInput(f"at most {TEXT_MOST} characters", code="too_long")
    if len(clean) < TEXT_LEAST:
        raise BadInput(f"at least {TEXT_LEAST} characters", code="too_short")
    if _DIGITS.search(unicodedata.normalize("NFKC", clean)) or _MAIL.search(clean):
        raise BadInput("this looks like a number or an address of somebody", code="names_somebody")
    return clean
