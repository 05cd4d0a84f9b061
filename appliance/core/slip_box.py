"""This file says what the box itself prints: it is ready, or which step of its start failed."""

from __future__ import annotations

from appliance.core.slip import Banner, Block, KeyValue, Qr, Rule, Slip, Text, Title


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


def trouble_slip(*, house_name: str, what: str) -> Slip:
    """`what`: one or two sentences, which say the step and what to do."""
    return Slip(
        "box",
        (
            Banner("MÁY CHƯA SẴN SÀNG"),
            Title(house_name),
            Text(what, "strong"),
            Text("Máy vẫn dùng được trong phòng: lấy số, chụp giấy tờ, in phiếu."),
            Text("Phường chưa nhận được tin từ máy này."),
        ),
    )
