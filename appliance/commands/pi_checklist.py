"""This file is the one page of what only a real Raspberry Pi and a person beside it can show.

Everything else is tested without one. An item that the run itself measured on real devices is
ticked; the others are left to tick by hand, on the printed page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# (id, the step of doctor_hardware that shows it or "", what to do and what must be seen)
ITEMS: tuple[tuple[str, str, str], ...] = (
    ("camera_photo", "photo", "Chụp ba tấm: đủ cỡ, không lật ngược. Chữ trên giấy thẳng."),
    ("camera_focus", "focus", "Lấy nét xong trong 5 giây, ở đúng chiều cao của giá."),
    ("camera_page", "page", "Trang giấy được tìm thấy và đọc rõ, ban ngày và dưới đèn."),
    ("camera_stream", "preview", "Hình động ít nhất 5 hình mỗi giây khi bốn người cùng xem."),
    ("camera_200", "", "Chụp 200 tấm liền nhau: CmaFree trong /proc/meminfo không tụt dần."),
    ("camera_cable", "", "Rút dây máy ảnh khi máy tắt, bật lên: màn hình nói không thấy máy ảnh."),
    ("printer_slip", "print", "Phiếu thử ra đủ, tự cắt. Máy tự báo là đã in xong."),
    ("printer_paper", "", "Lấy giấy ra giữa chừng, đặt lại: màn hình hỏi phiếu đã ra chưa."),
    ("printer_plug", "", "Rút dây máy in, cắm sang cổng khác: phiếu sau vẫn ra."),
    ("printer_setup", "", "Chỉnh máy in trên màn hình (Bàn trực, Chỉnh máy in)."),
    ("button", "button", "Bấm nút: nghe còi, màn hình báo có người gọi."),
    ("lamp", "lamp", "Đèn nháy khi gọi, sáng khi có người nhận, tắt khi xong."),
    ("power", "box_power", "Chụp và in cùng lúc 10 phút: không báo điện yếu."),
    ("heat", "box_heat", "Đóng hộp, chạy một giờ: không báo nóng."),
    ("card", "card", "Một lần ghi chắc vào thẻ nhớ dưới 100 phần nghìn giây."),
    ("power_cut", "", "Rút điện năm lần lúc đang dùng: lần nào cũng lên lại, số còn nguyên."),
    ("watchdog", "", "echo c > /proc/sysrq-trigger: máy tự khởi động lại trong nửa phút."),
    ("wifi", "", "Tắt mạng của phường: điện thoại vào được mạng riêng của hộp."),
    ("clock", "", "Để hộp mất điện một đêm: sáng ra giờ đúng, hoặc hộp nói giờ chưa chắc."),
)


def by_hand(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """[{"id", "do", "seen"}]: `seen` is True where the run measured it and found it well, False
    where it found it ill, None where a person must look."""
    states = {step["step"]: step["state"] for step in steps}
    answers = {"ok": True, "bad": False}
    return [
        {"id": name, "do": text, "seen": answers.get(states.get(step, "unknown"))}
        for name, step, text in ITEMS
    ]


def page(items: Sequence[dict[str, Any]]) -> str:
    """The page as plain text, to print and to tick."""
    marks = {True: "[x]", False: "[!]", None: "[ ]"}
    lines = ["Còn phải xem tận mắt trên máy thật ([x] máy vừa đo tốt, [!] máy vừa đo thấy hỏng):"]
    lines += [f" {marks[item['seen']]} {item['do']}" for item in items]
    lines.append("Người xem: ____________________   Ngày: ____ / ____ / ________")
    return "\n".join(lines)
