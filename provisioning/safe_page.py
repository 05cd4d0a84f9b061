"""This file serves one page that says what is wrong while the web room is down.

Standard library and the system's Python only: it must work when the release does not. Every address
gives the page with 503, so that no screen takes it for an answer; it looks again by itself.
"""

from __future__ import annotations

import html
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REASON = Path("/run/hien-box/reason")
# Left by data_there.py while what must be kept is not there.
NO_DATA = Path("/run/hien-box/no-data")
PORT_FILE = Path("/run/hien-box/port")
PORT = 8080

PAGE = """<!doctype html>
<html lang="vi">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="15">
<title>{title}</title>
<style>
  body {{ font: 1.4rem/1.6 system-ui, sans-serif; max-width: 38rem; margin: 12vh auto;
         padding: 0 1rem; color: #24211d; background: #fbf8f2 }}
  h1 {{ font-size: 2.2rem; line-height: 1.25 }}
  pre {{ white-space: pre-wrap; font-size: 1rem; background: #efe9dd; padding: 1rem }}
</style>
{words}"""
RESTING = """<h1>Máy đang tự sửa, bà con đợi một chút ạ</h1>
<p>Số đã lấy và giấy tờ đã chụp vẫn còn nguyên, không mất gì cả.</p>
<p>Trong lúc chờ, cô chú tình nguyện viên cứ tiếp bà con theo thứ tự như thường. Trang này tự mở
lại khi máy chạy được.</p>
<p>Sau 15 phút chưa được: rút điện máy, đợi 10 giây rồi cắm lại. Vẫn chưa được thì gọi
cho phường.</p>
"""
# No promise here: what is on that part is seen when it opens.
WITHOUT_DATA = """<h1>Máy đang mở lại phần dữ liệu trên thẻ nhớ</h1>
<p>Máy tự sửa và thử lại. Trang này tự mở lại khi xong.</p>
<p>Trong lúc chờ, cô chú tình nguyện viên cứ tiếp bà con theo thứ tự. Cô chú ghi số ra giấy.</p>
<p>Đừng rút điện, đừng làm thẻ mới. Sau 30 phút chưa được thì gọi cho phường.</p>
"""


def page(reason: str, *, no_data: bool = False) -> bytes:
    """The page; `reason` is what the settings check said, for whoever mends it. May be empty."""
    if no_data:
        return PAGE.format(title="Hiên đang mở dữ liệu", words=WITHOUT_DATA).encode()
    words = RESTING
    if reason.strip():
        words += (
            "<p>Cho người sửa máy: tệp thiết lập /etc/hien/hien.toml có lỗi.</p>"
            f"<pre>{html.escape(reason.strip()[:4000])}</pre>"
        )
    return PAGE.format(title="Hiên đang nghỉ", words=words).encode()


class Handler(BaseHTTPRequestHandler):
    server_version = "Hien"
    sys_version = ""
    timeout = 10

    def do_GET(self) -> None:
        try:
            reason = REASON.read_text("utf-8", "replace")
        except OSError:
            reason = ""
        body = page(reason, no_data=NO_DATA.exists())
        self.send_response(503)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.send_header("Retry-After", "15")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_HEAD = do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: who asks what is nobody's business."""


def port() -> int:
    """The web room's port, as the ladder read it from the settings; the usual one otherwise."""
    try:
        given = int(PORT_FILE.read_text())
    except (OSError, ValueError):
        return PORT
    return given if 0 < given < 65536 else PORT


def main() -> None:
    with ThreadingHTTPServer(("", port()), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
