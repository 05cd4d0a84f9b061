"""This file proves that a bundle holds what a real release holds."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provisioning.update import bundle


def test_a_wheel_with_a_long_name_is_carried(tmp_path: Path) -> None:
    """Names of wheels pass a hundred letters, where the oldest kind of tar ends."""
    wheel = "wheels/markupsafe-3.0.4-cp313-cp313-" + "manylinux2014_aarch64." * 4 + "whl"
    assert len(wheel) > 100
    source, out, key = tmp_path / "wheel", tmp_path / "a.hien", Ed25519PrivateKey.generate()
    source.write_bytes(b"a wheel")
    bundle.write(out, ("0.2.0", "0.1.0", False), [(wheel, source)], key)
    bundle.unpack(out, [key.public_key()], tmp_path / "slot")
    assert (tmp_path / "slot" / wheel).read_bytes() == b"a wheel"
