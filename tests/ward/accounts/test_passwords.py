"""This file proves that a password is kept so that only itself opens, and guessing costs memory."""

from __future__ import annotations

import hashlib

import pytest

from ward.accounts import passwords


def test_only_itself_opens() -> None:
    """Also when it is typed in the other normal form; two of the same are kept differently."""
    kept = passwords.make("cổng làng có cây đa")
    assert passwords.matches("cổng làng có cây đa", kept)
    assert passwords.matches("cô\u0309ng la\u0300ng co\u0301 cây đa", kept)
    assert not passwords.matches("cổng làng có cây đề", kept)
    assert passwords.make("cổng làng có cây đa") != kept


def test_the_kept_text_tells_its_own_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Raising the cost later leaves what is kept valid; 32 MiB a guess is the least today."""
    kept = passwords.make("cổng làng có cây đa")
    assert "cổng" not in kept
    kind, n, r, p, _, _ = kept.split("$")
    assert kind == "scrypt" and 128 * int(n) * int(r) >= 32 * 2**20 and int(p) >= 3
    monkeypatch.setattr(passwords, "N", 2**10)
    assert passwords.matches("cổng làng có cây đa", kept)


def test_nobody_costs_as_much_as_somebody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that does not exist is hashed too, so that the time tells no names."""
    calls: list[int] = []
    real = hashlib.scrypt

    def counted(*args: object, **more: object) -> bytes:
        calls.append(int(more["n"]))  # type: ignore[call-overload]
        return real(*args, **more)  # type: ignore[call-overload,no-any-return]

    monkeypatch.setattr(hashlib, "scrypt", counted)
    assert not passwords.matches("mật khẩu nào đó", None)
    assert calls == [passwords.N]


@pytest.mark.parametrize("kept", ["", "x", "scrypt$1$2$3$4$5", "scrypt$1099511627776$8$1$AAAA$AAAA",
                                  "scrypt$32768$8$3$????$", "pbkdf2$1$1$1$AA$AA"])  # fmt: skip
def test_what_is_no_kept_password_opens_nothing(kept: str) -> None:
    assert not passwords.matches("", kept)


@pytest.mark.parametrize("text", ["ngắn quá", "x" * 129, "aaaaaaaaaaaa", "la hanh.pham day"])
def test_weak_ones_are_refused_with_a_way_out(text: str) -> None:
    with pytest.raises(passwords.WeakPassword, match=r"words|characters"):
        passwords.check_new(text, "hanh.pham")
