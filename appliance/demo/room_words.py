"""This file is the virtual room's words, Vietnamese first; the room is no part of the product."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("Căn phòng ảo", "The virtual room"),
    "lead": (
        "Đây là bàn tiếp dân của bản dùng thử. Máy ảnh, máy in, nút gọi và dây mạng ở đây là ảo; "
        "mọi thứ khác là thật.",
        "This is the demo's reception table. Camera, printer, button and cable are virtual here; "
        "everything else is real.",
    ),
    "tablet": ("Máy bảng lấy số", "The tablet"),
    "desk": ("Bàn tình nguyện viên", "The volunteers' desk"),
    "wall": ("Bảng treo tường", "The wall"),
    "ward": ("Màn hình của phường", "The ward's console"),
    "sign_in": ("Đăng nhập bàn: {names}, mã PIN {pin}.", "Desk sign-in: {names}, PIN {pin}."),
    "camera": ("Dưới máy ảnh", "Under the camera"),
    "bare": ("Bàn đang trống.", "The table is bare."),
    "scene_alt": ("Ảnh chụp mặt bàn lúc này", "A photo of the table now"),
    "samples": ("Đặt một tờ giấy mẫu", "Lay a sample paper"),
    "birth-form": ("Tờ khai khai sinh", "Birth form"),
    "birth-certificate": ("Giấy chứng sinh", "Birth certificate"),
    "list": ("Bảng kê giấy tờ", "List of papers"),
    "crooked": ("Đặt lệch, thiếu sáng", "Crooked and dim"),
    "blurred": ("Ảnh bị nhòe", "Out of focus"),
    "glare": ("Bị lóa đèn", "Glare of a lamp"),
    "cut-off": ("Lòi ra ngoài ảnh", "Over the edge"),
    "white-table": ("Trên bàn trắng", "On a white table"),
    "card": ("Thẻ căn cước mẫu", "A sample identity card"),
    "clear_table": ("Dọn bàn", "Clear the table"),
    "upload": ("Hoặc ảnh của bạn", "Or a picture of yours"),
    "upload_go": ("Đặt ảnh này", "Lay this picture"),
    "printer": ("Máy in", "The printer"),
    "clock": ("Đồng hồ của điểm", "The house's clock"),
    "minutes_on": ("{n} phút sau", "{n} min later"),
    "hours_on": ("{n} giờ sau", "{n} h later"),
    "no_clock": ("Đồng hồ của bản này không vặn được.", "This demo's clock cannot be moved."),
    "no_step": ("Không có bước đó.", "There is no such step."),
    "paper_out": ("Lấy cuộn giấy ra", "Take the roll out"),
    "paper_low": ("Lắp cuộn giấy sắp hết", "Put an old roll in"),
    "paper_in": ("Lắp cuộn giấy vào", "Put a roll in"),
    "has_paper": ("Có giấy", "There is paper"),
    "little_paper": ("Giấy sắp hết", "Little paper left"),
    "no_paper": ("Hết giấy", "No paper"),
    "no_slips": ("Chưa in phiếu nào. Hãy lấy một số.", "Nothing printed yet. Take a number."),
    "slip": ("Phiếu thứ {number}", "Slip {number}"),
    "slip_alt": ("Hình tờ phiếu vừa in", "Picture of the printed slip"),
    "lay_slip": ("Đặt phiếu này dưới máy ảnh", "Lay this slip under the camera"),
    "button": ("Nút gọi giúp", "The help button"),
    "press_hint": (
        "Bấm một cái để gọi. Đang gọi mà giữ 3 giây là thôi gọi.",
        "Press to call. While a call is on, hold for 3 seconds to withdraw it.",
    ),
    "push": ("Gọi giúp", "Help"),
    "press": ("Bấm một cái", "Press once"),
    "hold": ("Giữ 3 giây", "Hold 3 seconds"),
    "lamp_off": ("Đèn tắt: không ai gọi", "Lamp off: no call"),
    "lamp_blink": ("Đèn nháy: đang gọi, chưa ai nhận", "Lamp blinks: called, nobody answered yet"),
    "lamp_on": ("Đèn sáng: có người nhận rồi", "Lamp on: somebody is coming"),
    "lamp_unknown": ("Chưa thấy đèn: máy đang khởi động", "No lamp yet: the house is starting"),
    "network": ("Dây mạng về phường", "The cable to the ward"),
    "connected": ("Đang nối", "Connected"),
    "cut": ("Đã rút", "Pulled out"),
    "cut_it": ("Rút dây mạng", "Pull the cable"),
    "restore": ("Cắm lại dây mạng", "Plug it back in"),
    "not_an_image": (
        "Tệp này không phải ảnh đọc được. Mặt bàn vẫn như cũ. Mời bạn chọn một ảnh JPEG hay PNG.",
        "This file is no picture we can read. The table is as it was. Please choose a JPEG or PNG.",
    ),
    "no_slip": ("Phiếu này không còn ở đây.", "That slip is not here any more."),
    "no_sample": ("Không có tờ mẫu ấy.", "There is no such sample."),
    "other_language": ("English", "Tiếng Việt"),
}


def words(language: str) -> dict[str, str]:
    """The words of "vi" or "en"; anything else is Vietnamese."""
    return {key: pair[language == "en"] for key, pair in WORDS.items()}
