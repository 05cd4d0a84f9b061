"""This file proves that answers leave the screen without scripts too, and never a page typed in."""

from __future__ import annotations

import re

from tests.web.conftest import House
from tests.web.lived_in import BIRTH

REFRESH = re.compile(r'<meta http-equiv="refresh" content="(\d+); url=([^"]+)"')


def test_the_papers_of_a_case_give_way(house: House) -> None:
    """Five minutes, then a question with a way back to these very answers, then the start."""
    text = house.client.get(f"/guide/khai-sinh?{BIRTH}").text
    ((seconds, leads),) = REFRESH.findall(text.replace("&amp;", "&"))
    assert int(seconds) >= 300 and leads.startswith("/still?back=")
    assert "<noscript><meta" in text
    asks = house.client.get(leads).text
    ((seconds, leads),) = REFRESH.findall(asks)
    assert int(seconds) >= 20 and leads == "/set/fresh"
    back = re.search(r'class="button primary" href="([^"]+)"', asks)
    assert back is not None
    assert "Giấy chứng sinh" in house.client.get(back[1].replace("&amp;", "&")).text
    assert house.client.get("/set/fresh").location == "/"


def test_never_while_somebody_may_be_typing(house: House) -> None:
    """The questions, searching, following, remarks, choosing a time: they stay."""
    paths = ("/", "/guide", "/guide/khai-sinh", f"/guide/khai-sinh?{BIRTH}&change=1", "/follow")
    for path in (*paths, "/voice", "/appointments", "/desk/sign-in"):
        assert not REFRESH.search(house.client.get(path).text), path


def test_the_way_back_stays_in_the_house(house: House) -> None:
    for foreign in ("https://example.org/", "//example.org", "javascript:alert(1)", ""):
        text = house.client.get("/still", query_string={"back": foreign}).text
        assert 'class="button primary" href="/"' in text
