"""This file proves what the box prints of itself: where its pages are, or what to do."""

from __future__ import annotations

from appliance.core.slip import Banner, KeyValue, Qr, Text
from appliance.core.slip_box import OWN_ADDRESS, ready_slip, trouble_slip


def test_a_ready_box_says_where_its_pages_are() -> None:
    """The number first: some telephones do not know hien.local. The code leads there too."""
    slip = ready_slip(
        house_name="Nhà văn hóa", house_id="khu-pho-3",
        addresses=["http://192.168.1.20", "http://hien.local"], ward="Bến Hiên",
    )  # fmt: skip
    texts = [b.text for b in slip.blocks if isinstance(b, Text)]
    assert texts.index("http://192.168.1.20") < texts.index("http://hien.local")
    [code] = [b for b in slip.blocks if isinstance(b, Qr)]
    assert code.content == "http://192.168.1.20"


def test_trouble_says_what_to_do_and_how_to_go_on() -> None:
    """With its own Wi-Fi the room can be used though the ward cannot be reached."""
    what = "Chưa gọi được phường. Kiểm tra dây mạng."
    slip = trouble_slip(house_name="Nhà văn hóa", what=what, own_wifi=("Hien-7f3a", "482199301122"))
    keys = {b.key: b.value for b in slip.blocks if isinstance(b, KeyValue)}
    assert keys == {"Tên:": "Hien-7f3a", "Mật khẩu:": "4821 9930 1122"}
    texts = [b.text for b in slip.blocks if isinstance(b, Text | Banner)]
    assert what in texts and OWN_ADDRESS in texts
    [code] = [b for b in slip.blocks if isinstance(b, Qr)]
    assert code.content == "WIFI:T:WPA;S:Hien-7f3a;P:482199301122;;"
    without = trouble_slip(house_name="Nhà văn hóa", what=what, own_wifi=None)
    assert not [b for b in without.blocks if isinstance(b, Qr | KeyValue)]
