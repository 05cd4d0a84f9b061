"""This file says what the box itself prints: it is ready, or which step of its start failed."""

from __future__ import annotations

from appliance.core.slip import Banner, Block, KeyValue, Qr, Rule, Slip, Text, Title

OWN_ADDRESS = "http://10.42.0.1"


def ready_slip(*, house_name: str, house_id: str, addresses: list[str], ward: str) -> Slip:
    """For whoever plugged it in: where the pages are. `addresses`: http://…, best first."""
    blocks: list[Block] = [
        Banner("TÔI ĐÃ SẴN SÀNG"),
        Title(house_name),
        Text("Mở trang này trên máy tính bảng, điện thoại hoặc màn hình chung:"),
        *(Text(address, "strong", centred=True) for address in addresses[:3]),
        Rule(),
        KeyValue("Mã điểm:", house_id),
        *([KeyValue("Phường:", ward)] if ward else []),
        Text("Dán phiếu này cạnh máy. Không cần mật khẩu để mở trang."),
    ]
    if addresses:
        blocks.append(Qr(addresses[0], "Giơ điện thoại lên mã để mở trang."))
    return Slip("box", tuple(blocks))


def trouble_slip(*, house_name: str, what: str, own_wifi: tuple[str, str] | None) -> Slip:
    """`what`: one or two sentences, which say the step and what to do. `own_wifi`: name and key of
    the Wi-Fi that the box itself makes, by which the room can be used meanwhile."""
    blocks: list[Block] = [
        Banner("MÁY CHƯA SẴN SÀNG"),
        Title(house_name),
        Text(what, "strong"),
        Rule(),
        Text("Máy vẫn dùng được trong phòng: lấy số, chụp giấy tờ, in phiếu."),
    ]
    if own_wifi is not None:
        name, key = own_wifi
        blocks += [
            Text("Máy tự phát Wi-Fi. Nối máy tính bảng vào đó:"),
            KeyValue("Tên:", name),
            KeyValue("Mật khẩu:", " ".join(key[i : i + 4] for i in range(0, len(key), 4))),
            Text("(Gõ mật khẩu liền nhau.) Rồi mở trang:"),
            Text(OWN_ADDRESS, "strong", centred=True),
            Qr(f"WIFI:T:WPA;S:{name};P:{key};;", "Giơ điện thoại lên mã để nối Wi-Fi."),
        ]
    return Slip("box", tuple(blocks))
