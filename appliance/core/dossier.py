"""This file is a dossier after the visit: the portal's ten statuses, and whose turn it is.

The words of the ten are the national portal's own; 0 is ours, for what was prepared here and has
no code yet.
"""

from __future__ import annotations

from typing import Literal

Turn = Literal["resident", "ward", "nobody"]

PREPARED = 0
STATUSES: dict[int, str] = {
    PREPARED: "Đã chuẩn bị tại điểm",
    1: "Mới đăng ký",
    2: "Được tiếp nhận",
    3: "Không được tiếp nhận",
    4: "Đang xử lý",
    5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính",
    7: "Công dân yêu cầu rút hồ sơ",
    8: "Dừng xử lý",
    9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}
NEWLY_SUBMITTED, MORE_PAPERS, PROCESSED, RETURNED = 1, 5, 9, 10
_RESIDENT = {PREPARED, 3, 5, 6, 8, 9}
_NOBODY = {7, 10}
OVER = frozenset({7, 10})  # nothing is owed to anybody any more


def turn(status: int) -> Turn:
    """Who has to do something now."""
    if status in _NOBODY:
        return "nobody"
    return "resident" if status in _RESIDENT else "ward"
