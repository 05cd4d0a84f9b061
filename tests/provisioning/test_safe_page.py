"""This file proves that the safe page runs by itself, says what is safe, and shows no mark-up."""

from __future__ import annotations

import importlib.util
import threading
import urllib.error
import urllib.request
from http.server import ThreadingHTTPServer
from pathlib import Path
from types import ModuleType

import pytest

PATH = Path(__file__).resolve().parents[2] / "provisioning" / "safe_page.py"


@pytest.fixture
def safe_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("safe_page", PATH)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "REASON", tmp_path / "reason")
    monkeypatch.setattr(module, "PORT_FILE", tmp_path / "port")
    monkeypatch.setattr(module, "NO_DATA", tmp_path / "no-data")
    return module


def test_every_address_gives_the_page_and_never_success(safe_page: ModuleType) -> None:
    """503 for any path and method, so that no screen takes the page for its answer."""
    safe_page.REASON.write_text("web.port: wants <a number>")
    with ThreadingHTTPServer(("127.0.0.1", 0), safe_page.Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for path, data in (("/", None), ("/desk", None), ("/tickets", b"x=1")):
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}{path}", data)
            body = refused.value.read().decode()
            assert refused.value.code == 503 and refused.value.headers["Retry-After"] == "15"
            assert "vẫn còn nguyên" in body and "&lt;a number&gt;" in body
        server.shutdown()


def test_without_the_data_it_promises_nothing(safe_page: ModuleType) -> None:
    """What lies on a part that does not open is not known: no word that nothing is lost."""
    without = safe_page.page("", no_data=True).decode()
    assert "phần dữ liệu" in without and "vẫn còn nguyên" not in without
    assert "Đừng rút điện" in without


def test_the_port_is_the_web_rooms(safe_page: ModuleType) -> None:
    """As the ladder wrote it; the usual one when it wrote nothing or nonsense."""
    assert safe_page.port() == 8080
    for text, port in (("8181\n", 8181), ("99999", 8080), ("", 8080)):
        safe_page.PORT_FILE.write_text(text)
        assert safe_page.port() == port


def test_it_knows_no_package() -> None:
    """It runs by the system's Python when the release does not: standard library alone."""
    text = PATH.read_text("utf-8")
    assert "appliance" not in text and "flask" not in text
