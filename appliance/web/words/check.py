"""This file says what each check of a machine or of the box means, and the one thing to do.

The desk shows it, and `hien doctor` prints it. "?" stands for any code that is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l


@dataclass(frozen=True)
class CheckWords:
    """`means` what it is; `do` the one thing to do, empty when nothing need be done."""

    means: Any
    do: Any = ""

    def __str__(self) -> str:
        return f"{self.means} {self.do}".strip()


NAMES: dict[str, Any] = {
    "settings": _l("Tệp cài đặt"),
    "table": _l("Sổ của máy"),
    "room_web": _l("Phần màn hình"),
    "room_devices": _l("Phần máy móc"),
    "room_sync": _l("Phần gửi phường"),
    "link": _l("Mạng tới phường"),
    "camera": _l("Máy ảnh"),
    "printer": _l("Máy in"),
    "panel": _l("Nút gọi giúp"),
    "disk": _l("Chỗ trống trên thẻ nhớ"),
    "ram": _l("Chỗ trống trong bộ nhớ"),
    "power": _l("Nguồn điện"),
    "heat": _l("Nhiệt độ"),
    "memory": _l("Bộ nhớ"),
    "card": _l("Thẻ nhớ"),
    "root": _l("Chịu mất điện"),
    "clock": _l("Đồng hồ"),
}

_OFF_ON = _l("Tắt máy in rồi bật lại.")
_CABLE = _l("Xem lại dây máy in.")
_CAMERA_CABLE = _l("Cắm lại dây máy ảnh, rồi đợi nửa phút.")
_WARD = _l("Báo phường giúp.")
_WAIT = _l("Đợi nửa phút; nếu vẫn vậy, báo phường giúp.")
_RECEPTION = _l("Bấm “Gọi giúp” trên màn hình vẫn được.")

WORDS: dict[str, dict[str, CheckWords]] = {
    "printer": {
        "paper_out": CheckWords(
            _l("Máy in hết giấy."), _l("Mở nắp, đặt cuộn giấy mới, đóng nắp lại là máy in tiếp.")
        ),
        "paper_low": CheckWords(_l("Giấy in sắp hết."), _l("Để sẵn một cuộn giấy mới.")),
        "cover_open": CheckWords(_l("Nắp máy in đang mở."), _l("Đóng nắp lại là máy in tiếp.")),
        "off": CheckWords(_l("Máy in đang tắt hoặc chưa cắm dây."), _l("Bật máy in lên.")),
        "offline": CheckWords(_l("Máy in đang tạm dừng."), _l("Bấm nút trên máy in để chạy tiếp.")),
        "silent": CheckWords(_l("Máy in không trả lời."), _OFF_ON),
        "stalled": CheckWords(_l("Máy in đứng giữa chừng."), _OFF_ON),
        "lost": CheckWords(_l("Mất nối với máy in."), _CABLE),
        "printer_error": CheckWords(
            _l("Máy in báo lỗi."), _l("Tắt máy in, xem có kẹt giấy không, rồi bật lại.")
        ),
        "busy": CheckWords(
            _l("Một chương trình khác đang giữ máy in."), _l("Tắt chương trình in khác trên máy.")
        ),
        "denied": CheckWords(_l("Máy chưa được phép dùng máy in."), _WARD),
        "cannot_draw": CheckWords(_l("Phiếu này máy không vẽ được để in."), _WARD),
        "no_barrier": CheckWords(
            _l("Máy in không báo là đã in xong."), _l("Nhìn xem phiếu đã ra chưa.")
        ),
        "spooled": CheckWords(_l("Đã gửi phiếu sang máy in."), _l("Nhìn xem phiếu đã ra chưa.")),
        "interrupted": CheckWords(
            _l("Máy vừa khởi động lại khi đang in."), _l("Nhìn xem phiếu đã ra chưa.")
        ),
        "none": CheckWords(_l("Điểm này chưa nối máy in."), _l("Bạn chép số ra giấy giúp bác.")),
        "?": CheckWords(_l("Máy in chưa in được."), _OFF_ON),
    },
    "camera": {
        "none": CheckWords(
            _l("Điểm này chưa nối máy ảnh."), _l("Bạn vẫn xem giấy và dặn bác được.")
        ),
        "camera_none": CheckWords(_l("Không thấy máy ảnh."), _CAMERA_CABLE),
        "camera_stalled": CheckWords(
            _l("Máy ảnh không trả lời. Nó tự chạy lại."), _l("Nếu lâu, cắm lại dây.")
        ),
        "camera_busy": CheckWords(_l("Máy ảnh đang bận."), _l("Đợi một chút.")),
        "camera_bad_photo": CheckWords(_l("Ảnh vừa chụp bị hỏng."), _l("Chụp lại lần nữa.")),
        "disk_full": CheckWords(_l("Hết chỗ để giữ ảnh."), _WARD),
        "?": CheckWords(_l("Máy ảnh chưa chụp được."), _CAMERA_CABLE),
    },
    "panel": {
        "none": CheckWords(_l("Điểm này chưa nối nút bấm."), _RECEPTION),
        "button_stuck": CheckWords(
            _l("Nút trên tường bị kẹt hoặc có vật đè lên. Trên màn hình vẫn gọi được."),
            _l("Gạt vật đè ra, bấm nhả nút vài lần."),
        ),
        "panel_no_pins": CheckWords(
            _l("Máy không nối được với nút trên tường. Trên màn hình vẫn gọi được."), _WARD
        ),
        "?": CheckWords(_l("Nút trên tường chưa dùng được."), _RECEPTION),
    },
    "disk": {
        "disk_full": CheckWords(_l("Thẻ nhớ gần đầy, sắp không ghi được nữa."), _WARD),
        "read_only": CheckWords(_l("Thẻ nhớ bị khóa, không ghi được nữa."), _WARD),
        "not_there": CheckWords(
            _l("Chưa có thư mục dữ liệu."), _l("Chạy lại provisioning/install.")
        ),
        "?": CheckWords(_l("Thẻ nhớ có trục trặc."), _WARD),
    },
    "ram": {
        "ram_full": CheckWords(
            _l("Bộ nhớ tạm cho ảnh gần đầy."), _l("Bấm xong những lượt đã tiếp xong.")
        ),
        "not_there": CheckWords(_l("Chưa có thư mục tạm."), _l("Chạy lại provisioning/install.")),
        "?": CheckWords(_l("Bộ nhớ tạm có trục trặc."), _l("Khởi động lại máy.")),
    },
    "power": {
        "undervolt": CheckWords(
            _l("Điện yếu, máy có thể tắt giữa chừng."), _l("Thay bộ nguồn và dây nguồn chính hãng.")
        ),
        "undervolt_before": CheckWords(
            _l("Từ lúc bật máy đã có lúc điện yếu."), _l("Xem lại dây nguồn và ổ cắm.")
        ),
    },
    "heat": {
        "too_hot": CheckWords(
            _l("Máy nóng quá nên chạy chậm lại."), _l("Để máy nơi thoáng, đừng che khe gió.")
        ),
    },
    "memory": {
        "memory_low": CheckWords(_l("Bộ nhớ sắp hết."), _l("Khởi động lại máy lúc vắng người.")),
        "swap_on_card": CheckWords(
            _l("Bộ nhớ đang được chép tạm ra thẻ nhớ."), _l("Khởi động lại máy lúc vắng người.")
        ),
    },
    "card": {
        "io_errors": CheckWords(
            _l("Thẻ nhớ đã có lỗi đọc ghi, có thể sắp hỏng."), _l("Báo phường thay thẻ nhớ.")
        ),
    },
    "root": {
        "no_data": CheckWords(
            _l("Thẻ nhớ chưa chia phần riêng cho dữ liệu. Mất điện có thể làm hỏng máy."),
            _l("Báo phường làm lại thẻ cho điểm này."),
        ),
        "data_lost": CheckWords(
            _l("Phần dữ liệu trên thẻ không dùng được."),
            _l("Đừng rút điện. Báo phường thay thẻ nhớ."),
        ),
        "not_kept": CheckWords(
            _l("Có dữ liệu chưa nằm ở phần giữ lại, mất điện sẽ mất."),
            _l("Khởi động lại máy; nếu vẫn vậy, báo phường giúp."),
        ),
        "root_open": CheckWords(
            _l("Thẻ chưa khóa được. Mất điện có thể làm hỏng máy."),
            _l("Nối mạng qua một đêm; nếu vẫn vậy, báo phường giúp."),
        ),
        "shuts_later": CheckWords(_l("Thẻ sẽ được khóa ở lần khởi động tới.")),
    },
    "clock": {
        "clock_unset": CheckWords(
            _l("Đồng hồ của máy chưa đúng nên ngày hẹn trên phiếu có thể sai."),
            _l("Nối mạng một lúc để máy tự chỉnh giờ."),
        ),
        "rtc": CheckWords(_l("Đồng hồ chạy bằng pin, chưa so với mạng.")),
    },
    "room": {
        "silent": CheckWords(_l("Phần này đang khởi động lại hoặc đã dừng."), _WAIT),
        "not_running": CheckWords(
            _l("Chưa chạy."), _l("Chạy: systemctl start hien-web hien-devices hien-sync")
        ),
        "denied": CheckWords(_l("Không được phép xem."), _l("Chạy lại lệnh này với sudo.")),
    },
    "link": {
        "none": CheckWords(_l("Điểm này chưa nối với phường.")),
        "link_down": CheckWords(
            _l("Đang mất mạng tới phường. Lấy số, chụp giấy, in phiếu vẫn được."),
            _l("Xem lại dây mạng hoặc bộ phát Wi-Fi."),
        ),
        "cert_ended": CheckWords(
            _l("Giấy phép nối tới phường đã hết hạn. Lấy số, chụp giấy, in phiếu vẫn được."),
            _l("Nhờ phường cấp lại cho nhà này. Báo cáo được giữ lại, sẽ tự gửi sau."),
        ),
    },
    "table": {
        "not_yet": CheckWords(_l("Chưa có sổ; máy lập khi chạy lần đầu.")),
        "damaged": CheckWords(_l("Sổ của máy có chỗ hỏng."), _l("Đừng tắt máy, báo phường ngay.")),
        "denied": CheckWords(_l("Không được phép mở sổ."), _l("Chạy lại lệnh này với sudo.")),
    },
    "settings": {
        "bad_config": CheckWords(
            _l("Tệp cài đặt có chỗ sai."), _l("Sửa theo dòng dưới đây rồi chạy lại.")
        ),
    },
}

_STATES = {
    "ok": CheckWords(_l("Tốt.")),
    "silent": CheckWords(_l("Cổng nối tốt; máy in này không báo trạng thái.")),
    "virtual": CheckWords(_l("Máy thử, không phải máy thật."), _l("Đặt máy thật trong cài đặt.")),
    "unknown": CheckWords(_l("Chưa rõ.")),
    "bad": CheckWords(_l("Có trục trặc."), _WARD),
}


def of_check(name: str, state: str, code: str) -> CheckWords:
    """The words for a check; never none, whatever the code."""
    table = WORDS.get("room" if name.startswith("room_") else name, {})
    if state == "ok" and code in ("virtual", "silent"):
        return _STATES[code]
    if code in table:
        return table[code]
    if state == "bad":
        return table.get("?", _STATES["bad"])
    return _STATES["ok" if state == "ok" else "unknown"]


def name_of(name: str) -> str:
    return str(NAMES.get(name, name))
