"""This file is who may sign a release: at most two pinned keys, the present one and the next."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from appliance.errors import BadInput, ConfigError

NAMES = ("current.pem", "next.pem")


def pinned(folder: Path) -> list[Ed25519PublicKey]:
    """The keys in `folder`. Raises ConfigError when there is none, or one of another kind."""
    keys = [public_key(path) for name in NAMES if (path := folder / name).exists()]
    if not keys:
        raise ConfigError(
            f"no key is pinned in {folder}: no release can be believed. "
            f"Put the ward's public update key there as {NAMES[0]}."
        )
    return keys


def public_key(path: Path) -> Ed25519PublicKey:
    """The key in a PEM file. Raises ConfigError when it is none, or another kind; OSError."""
    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except ValueError as error:
        raise ConfigError(f"{path} is not a public key (PEM). Copy it again.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError(f"{path} is not an Ed25519 key. Copy the ward's update key there.")
    return key


def check(signature: bytes, data: bytes, keys: list[Ed25519PublicKey]) -> None:
    """Pass when one of the keys has signed `data`. Raises BadInput (code bad_signature)."""
    for key in keys:
        try:
            key.verify(signature, data)
        except InvalidSignature:
            continue
        return
    raise BadInput(
        "this release is not signed by a key of this house. Nothing was changed. "
        "Ask the ward for the file again, and do not use this one.",
        code="bad_signature",
    )


def make_key(path: Path) -> bytes:
    """Write a new private key to `path` (0600, never overwritten); its public half as PEM."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "wb") as f:
        f.write(pem)
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def private_key(path: Path) -> Ed25519PrivateKey:
    """The signing key at `path`. Raises ConfigError."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError) as error:
        raise ConfigError(f"cannot read the signing key {path}: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{path} is not an Ed25519 key")
    return key
