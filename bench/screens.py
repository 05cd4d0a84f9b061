"""This file weighs screens: bytes and time to the first paint, against a plain page of hand.

The same words, buttons and links as a page somebody would write by hand, served from a folder; both
in a fresh browser at tablet size, turn and turn about.
"""

from __future__ import annotations

import functools
import http.server
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.tap import _web_room

RUNS = 7
CHROMIUM = "/usr/bin/chromium"
TABLET = {"width": 1280, "height": 800}
OTHERS = ("/guide", "/learn", "/learn/tra-cuu?card=1", "/help", "/wall")
BY_HAND = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Điểm hỗ trợ</title>
<meta name="viewport" content="width=device-width"><style>
body{font:24px/1.5 "Noto Sans",sans-serif;background:#fbf7f0;color:#1b2a2f;margin:24px}
button,a.b{display:inline-block;min-height:96px;padding:8px 24px;font:inherit;font-weight:700;
background:#0b5d57;color:#fff;border:0;border-radius:12px;margin:8px 0}
.g{display:grid;grid-template-columns:repeat(4,1fr);gap:16px}h1{font-size:32px}</style>
<p><b>Điểm hỗ trợ khu dân cư</b> A A+ A++ English</p><h1>Bác cần làm việc gì?</h1>
<p>Chưa có ai đợi. Chưa có người trực: bác lấy số, rồi bấm Gọi giúp</p>
<form method="post" class="g"><button>Có em bé</button><button>Có người mất</button>
<button>Kết hôn</button><button>Chuyển nhà, tạm trú</button><button>Bản sao, chứng thực</button>
<button>Trợ cấp, bảo hiểm y tế</button><button>VNeID, điện thoại</button>
<button>Hỏi việc khác</button></form>
<p>Mọi việc ở đây đều miễn phí. Không ai ở đây hỏi mật khẩu hay mã OTP của bác.</p>
<p><a href="#">Cần giấy tờ gì?</a> <a href="#">Học tự làm</a> <a href="#">Xem hồ sơ đã nộp</a>
<a href="#">Hẹn trước</a> <a href="#">Bảng niêm yết</a> <a href="#">Góp ý</a></p>
<p><a class="b" href="#">Về trang đầu</a> <a class="b" href="#">Gọi giúp</a></p></html>"""


def main(argv: list[str]) -> None:
    runs = int(argv[0]) if argv else RUNS
    from playwright.sync_api import sync_playwright

    with (
        tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as folder,
        _web_room(Path(folder)) as port,
        _by_hand() as plain,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        house = f"http://127.0.0.1:{port}"
        ours, theirs, again = [], [], []
        for _ in range(runs):
            ours.append(_look(browser, f"{house}/"))
            theirs.append(_look(browser, plain))
            again.append(_look(browser, f"{house}/", warm=True))
        print("start page, tablet            KiB   first paint ms   ratio KiB   ratio ms")
        kib, ms = _middle(theirs)
        for label, seen in (("written by hand", theirs), ("ours, first time", ours),
                            ("ours, after that", again)):  # fmt: skip
            one_kib, one_ms = _middle(seen)
            print(
                f"{label:26} {one_kib:8.1f} {one_ms:16.0f} {one_kib / kib:11.1f}"
                f" {one_ms / ms:10.1f}"
            )
        for path in OTHERS:
            kib_warm, ms_warm = _look(browser, f"{house}{path}", warm=True)
            print(f"{path:26} {kib_warm:8.1f} {ms_warm:16.0f}   (after the start page)")
        browser.close()


def _middle(seen: list[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(k for k, _ in seen), statistics.median(m for _, m in seen)


def _look(browser: Any, url: str, *, warm: bool = False) -> tuple[float, float]:
    """(KiB over the wire, ms to the first contentful paint) of a page in a browser that is new,
    or that has seen the start page before."""
    context = browser.new_context(viewport=TABLET)
    page = context.new_page()
    if warm:
        page.goto("/".join(url.split("/")[:3]) + "/", wait_until="load")
    wire = context.new_cdp_session(page)
    wire.send("Network.enable")
    heard: list[float] = []
    wire.on("Network.loadingFinished", lambda e: heard.append(e["encodedDataLength"]))
    page.goto(url, wait_until="load")
    page.wait_for_timeout(150)
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    )
    context.close()
    return sum(heard) / 1024, float(paint)


@contextmanager
def _by_hand() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="hien-bench-") as folder:
        Path(folder, "index.html").write_text(BY_HAND, "utf-8")
        handler = functools.partial(_Quiet, directory=folder)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        return


if __name__ == "__main__":
    main(sys.argv[1:])
