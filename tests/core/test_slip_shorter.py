"""This file proves that a slip made shorter still accounts for every line it had."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from appliance.core.slip import Item, KeyValue, Rule, Slip, Text, Title
from appliance.core.slip_shorter import clip, shorten
from appliance.core.slip_texts import FREE_LINE


@given(st.integers(0, 8), st.integers(0, 8))
def test_shortening_ends_and_accounts_for_every_line(done: int, bring: int) -> None:
    """Each step drops one block, and lines shown + lines stood for stay the same to the end."""
    slip: Slip | None
    slip = Slip(
        "visit",
        (
            Rule(),
            *(Item(f"việc {n}", "done") for n in range(done)),
            Rule(),
            *(Item(f"giấy {n}", "bring") for n in range(bring)),
        ),
    )
    total = done + bring
    last = slip
    while slip is not None:
        items = [block for block in slip.blocks if isinstance(block, Item)]
        assert sum(item.stands_for for item in items) == total
        last, slip = slip, shorten(slip)
        if slip is not None:
            assert len(slip.blocks) == len(last.blocks) - 1
    papers = [b for b in last.blocks if isinstance(b, Item) and b.mark == "bring"]
    assert len(papers) == (bring if bring < 3 else 1)


def test_clipping_spares_what_must_be_whole() -> None:
    """List lines, titles and names are cut; dates, telephone numbers and warnings never."""
    long = "giấy tờ " * 12
    due = KeyValue("Mời bác trở lại:", "thứ Tư, ngày 30 tháng 12, trước 11 giờ 30 phút sáng")
    free = Text(FREE_LINE, "strong")
    slip = Slip("visit", (Title(long), Item(long, "bring"), Text(long, "name"), due, free))
    title, item, name, *whole = clip(slip, 24).blocks
    assert isinstance(title, Title)
    assert isinstance(item, Item)
    assert isinstance(name, Text)
    assert len(title.text) <= 32
    assert max(len(item.text), len(name.text)) <= 24
    assert whole == [due, free]
