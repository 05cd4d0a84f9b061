"""This file throws nearly right inputs at every parser facing outside: only our own errors come.

A short run always; the long one is slow (test_long_run.py). `HIEN_FUZZ` says how many inputs in
all, `HIEN_FUZZ_SEED` repeats a run; it is named when one fails.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from appliance import bootstrap, seal
from appliance.core import rota
from appliance.devices.printer.status import Classifier, PrinterStatus, with_automatic
from appliance.paper.scan.decode import decode
from appliance.paper.scan.photo import read_header
from appliance.service import backup
from appliance.sync import protocol
from provisioning.update import bundle, keys, manifest
from tests.fuzz import mutate, runner

ENVELOPE = (
    b'{"v":1,"house":"nha-17","stream":"help","epoch":"0b7c2a4e-5d0e-4c3f-9a51-3f0f6f1f2c77",'
    b'"seq":17,"mono_ms":1,"t":"2026-11-22T03:00:00Z","sync":"ntp","d":{"type":"called"}}'
)
RECEIPT = b'{"v":1,"epoch":"0b7c2a4e-5d0e-4c3f-9a51-3f0f6f1f2c77","stream":"help","upto":17}'
COMMAND = b'{"v":1,"job":"j-1","op":"test_slip","args":{},"expires_at":"2026-11-22T03:00:00Z"}'
MESSAGES = [ENVELOPE, RECEIPT, COMMAND, b"online", b'{"v":1,"ver":3,"body":{}}']


def run(name: str, parse: Callable[[bytes], Any], seeds: list[bytes], share: float) -> None:
    """Seeds changed byte by byte, `share` of all inputs."""
    runner.run(name, parse, mutate.inputs(seeds, runner.how_many(share), runner.SEED))


@pytest.mark.parametrize(
    "parse",
    [
        protocol.decode_envelope,
        protocol.decode_receipt,
        protocol.decode_cmd,
        protocol.decode_wanted,
        protocol.decode_result,
        protocol.decode_state,
        protocol.decode_status,
        lambda data: protocol.parse_topic(data.decode("utf-8", "surrogateescape")),
    ],
    ids=["envelope", "receipt", "cmd", "wanted", "result", "state", "status", "topic"],
)
def test_messages_of_the_ward_and_of_houses(
    parse: Callable[[bytes], Any], request: pytest.FixtureRequest
) -> None:
    """MQTT payloads in both directions: a broker read and written by another."""
    seeds = [*MESSAGES, b"houses/v1/nha-17/up/help", b"houses/v1/nha-17/down/cmd/j-1"]
    run(f"mqtt bytes: {request.node.callspec.id}", parse, seeds, 0.04)


def test_status_bytes_of_printers() -> None:
    """Any bytes from the printer's cable: the classifier takes them all and never raises."""

    def feed(data: bytes) -> None:
        for part in (data, data[::-1]):
            Classifier().feed(part)
        if len(data) >= 4:
            with_automatic(PrinterStatus(), data[:4])

    run(
        "printer status",
        feed,
        [b"\x12\x16\x1a\x72", b"\x10\x00\x00\x00", b"\x5f61\0", b"\x14\x00\x00\x0f\x12"],
        0.1,
    )


def photos() -> list[bytes]:
    """Small ones of each kind that is taken, each with its turn in the header."""
    from PIL import Image

    made = []
    for kind in ("JPEG", "PNG", "WEBP"):
        out = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112] = 6
        Image.linear_gradient("L").resize((64, 48)).convert("RGB").save(out, kind, exif=exif)
        made.append(out.getvalue())
    return made


def test_headers_of_photos() -> None:
    """Photos from phones and sticks: refused by their header before a decoder sees them."""
    run("photo header", read_header, photos(), 0.05)


def test_pixels_of_photos() -> None:
    """Behind the header: what the decoders make of it is a picture of the size that was told, or
    refused in words. (What becomes of such pictures: tests/paper/scan/test_mutated.py.)"""

    def pixels(data: bytes) -> None:
        found = decode(data).pixels
        assert found.ndim == 3 and found.shape[2] == 3 and found.size

    run("photo pixels", pixels, photos(), 0.03)


def test_roster_files() -> None:
    """A spreadsheet of anybody's making: shifts, or the number of the line that is wrong."""
    seeds = [
        "ngày,từ,đến,tên\n2026-11-23,08:00,11:30,Chị Lan\n2026-11-24,14:00,17:00,Anh Minh\n",
        '\ufeff23/11/2026;8:00;11:30;Chị Lan\r\n24/11/2026;13:30;17:00;"Minh; Tổ 4"\r\n',
    ]
    assert all(len(rota.read_file(seed.encode())) == 2 for seed in seeds)
    run("roster files", rota.read_file, [seed.encode() for seed in seeds], 0.05)


def test_texts_of_qr_codes() -> None:
    """Whatever a QR code says: a secret of ours is found in it, or nothing is."""
    secret, _ = seal.new_identity()

    def look(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        found = seal.find_secret(text)
        if found is not None:
            seal.recipient_of(found)
        seal.is_recipient(text)

    run("slip codes", look, [secret.encode(), f"http://hien.local/t/x#{secret}".encode()], 0.05)


def test_catalogue_files(tmp_path: Path) -> None:
    """A catalogue file edited by hand: taken, or refused in words."""
    path = tmp_path / "catalogue.toml"
    # From a shorter one of ours: mutations then hit what matters.
    whole = (Path(bootstrap.__file__).parent / "catalogue.toml").read_bytes()

    def read(data: bytes) -> None:
        path.write_bytes(data)
        bootstrap.read_catalogue(str(path))

    run("catalogue bytes", read, [whole[:4000], whole[:1500], b"version = 1\n"], 0.02)


def test_bundles_and_manifests(tmp_path: Path) -> None:
    """An evil stick: no bundle but the signed one is believed, and none crashes the updater."""
    public = keys.make_key(tmp_path / "key")
    (tmp_path / "current.pem").write_bytes(public)
    trusted = keys.pinned(tmp_path)
    (tmp_path / "file").write_bytes(b"x" * 700)
    good = tmp_path / "good.hien"
    made = bundle.write(
        good, ("1.0.0", "0.1.0", False), [("a/b.py", tmp_path / "file")],
        keys.private_key(tmp_path / "key"),
    )  # fmt: skip
    seed = good.read_bytes()
    assert bundle.read_manifest(good, trusted) == made
    path = tmp_path / "evil.hien"

    def believe(data: bytes) -> None:
        path.write_bytes(data)
        found = bundle.read_manifest(path, trusted)
        assert found == made  # then its manifest is the signed one, bit for bit

    run("bundle bytes", believe, [seed], 0.05)
    run(
        "manifest bytes",
        manifest.parse,
        [made.dump(), json.dumps(json.loads(made.dump())).encode()],
        0.1,
    )


def test_backups() -> None:
    """A damaged backup, sealed to the right key: refused in words."""
    secret, public = seal.new_identity()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, body in (("about.json", b'{"format":1,"house":"a"}'), ("hien.db", b"x")):
            info = tarfile.TarInfo(name)
            info.size = len(body)
            tar.addfile(info, io.BytesIO(body))
    whole = out.getvalue()
    run("backup inside", lambda data: backup.open_backup(seal.seal(data, [public]), secret),
        [whole], 0.03)  # fmt: skip
    run("backup outside", lambda data: backup.open_backup(data, secret),
        [seal.seal(whole, [public])], 0.01)  # fmt: skip
