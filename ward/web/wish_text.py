"""This file turns what somebody wrote in the editor into what a house is sent, and back. Pure.

The text is TOML, as in the houses' own files. A roster may give a `pin`: only its hash leaves this
page, and only a hash is shown again.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import tomllib
from collections.abc import Mapping
from typing import Any, Literal

Wish = Literal["roster", "config", "catalogue"]
PIN = re.compile(r"[0-9]{4,8}")
# The cost and form a house asks of a PIN's hash: it refuses any other.
PIN_N, PIN_R, PIN_P = 16384, 8, 1

EXAMPLES: dict[Wish, str] = {
    "roster": """[[volunteers]]
id = "lan"            # không đổi về sau
name = "Chị Lan"
desk = 1
shows_name = true     # đã đồng ý cho hiện tên
pin = "…"             # 4 đến 8 chữ số; chỉ ghi khi người mới hoặc đổi mã
""",
    "config": """[data]
keep_sealed_h = 48
""",
    "catalogue": """version = 1

[[services]]
id = "xac-nhan-cu-tru"
name = "Xác nhận thông tin về cư trú"
""",
}


class BadWish(ValueError):
    """The message says in Vietnamese what is wrong with the text."""


def read(name: Wish, text: str) -> dict[str, Any]:
    """The body to send, or BadWish."""
    try:
        body = tomllib.loads(text.replace("\r\n", "\n"))
        json.dumps(body)
    except tomllib.TOMLDecodeError as error:
        raise BadWish(f"Chỗ này chưa đúng dạng TOML: {error}.") from error
    except TypeError as error:
        raise BadWish("Ngày giờ phải để trong ngoặc kép.") from error
    if not body:
        raise BadWish("Chưa có gì để gửi.")
    if name == "config":
        return _flat(body)
    if name == "roster":
        return {**body, "volunteers": [_volunteer(v) for v in _volunteers(body)]}
    return body


def write(name: Wish, body: Mapping[str, Any]) -> str:
    """The text of a body, to go on from."""
    tables: dict[str, Any] = {}
    if name == "config":
        for key, value in body.items():
            table, _, rest = key.partition(".")
            tables.setdefault(table, {})[rest] = value
    return "\n".join(_lines(tables or dict(body), ())).strip() + "\n"


def _flat(body: Mapping[str, Any]) -> dict[str, Any]:
    """[web] port = 1 becomes web.port, as houses name their settings."""
    out: dict[str, Any] = {}
    for table, values in body.items():
        if not isinstance(values, dict) or not all(
            isinstance(v, (str, int, float, bool)) for v in values.values()
        ):
            raise BadWish(
                f"Thiết lập viết theo nhóm, như [data] rồi đến từng dòng; xem lại {table}."
            )
        out |= {f"{table}.{key}": value for key, value in values.items()}
    return out


def _volunteers(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = body.get("volunteers")
    if not isinstance(found, list) or not all(isinstance(v, dict) for v in found):
        raise BadWish("Danh sách trực gồm từng mục [[volunteers]].")
    return found


def _volunteer(entry: Mapping[str, Any]) -> dict[str, Any]:
    out = {k: v for k, v in entry.items() if k != "pin"}
    pin = entry.get("pin")
    if pin is None:
        return out
    if not isinstance(pin, str) or not PIN.fullmatch(pin):
        raise BadWish(f"Mã PIN của {str(entry.get('name'))[:40]} phải có 4 đến 8 chữ số.")
    salt = secrets.token_bytes(16)
    digest = hashlib.scrypt(pin.encode(), salt=salt, n=PIN_N, r=PIN_R, p=PIN_P)
    out["pin_hash"] = f"scrypt:{PIN_N}:{PIN_R}:{PIN_P}:{salt.hex()}:{digest.hex()}"
    return out


def _lines(table: Mapping[str, Any], path: tuple[str, ...]) -> list[str]:
    """TOML of a table: plain values first, then the tables in it."""
    lines, later = [], []
    for key, value in table.items():
        inner = (*path, _key(key))
        if isinstance(value, dict):
            later += ["", f"[{'.'.join(inner)}]", *_lines(value, inner)]
        elif isinstance(value, list) and value and all(isinstance(v, dict) for v in value):
            for item in value:
                later += ["", f"[[{'.'.join(inner)}]]", *_lines(item, inner)]
        elif value is not None:
            # A JSON text, number, truth or list of them is a TOML one as well.
            lines.append(f"{inner[-1]} = {json.dumps(value, ensure_ascii=False)}")
    return lines + later


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)
