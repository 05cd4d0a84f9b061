"""This file proves that a backup's tar is a whole one, at any length, and never all in memory."""

from __future__ import annotations

import io
import tarfile
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from appliance import seal
from appliance.core.moment import Moment
from appliance.service import backup
from appliance.service.backup_tar import TarStream
from appliance.store.opening import open_store

NOW = Moment(datetime(2026, 11, 22, 3, 0, tzinfo=UTC), "boot-one", 1000, "run", "ntp")


def drained(stream: TarStream, most: int) -> bytes:
    return b"".join(iter(lambda: stream.read(most), b""))


@pytest.mark.parametrize("most", [1, 500, 8192, 1 << 20])
def test_it_is_read_as_any_tar(tmp_path: Path, most: int) -> None:
    """Bytes and files of every length around a block, in whatever portions they are asked for."""
    wanted = {f"sealed/v/{size}": bytes([size % 251]) * size for size in (0, 1, 511, 512, 513, 999)}
    (tmp_path / "file").write_bytes(b"y" * 70_000)
    parts = [*wanted.items(), ("from-a-file", tmp_path / "file")]
    with tarfile.open(fileobj=io.BytesIO(drained(TarStream(parts), most))) as tar:
        found = {m.name: tar.extractfile(m).read() for m in tar}  # type: ignore[union-attr]
    assert found == {**wanted, "from-a-file": b"y" * 70_000}


def test_what_goes_meanwhile_is_left_out_and_so_is_a_link(tmp_path: Path) -> None:
    """A visit ends during the night's backup; a link would lead to a key of the room that reads."""
    (tmp_path / "key").write_bytes(b"a key")
    (tmp_path / "link").symlink_to(tmp_path / "key")
    parts = [("gone", tmp_path / "gone"), ("link", tmp_path / "link"), ("there", b"x")]
    with tarfile.open(fileobj=io.BytesIO(drained(TarStream(parts), 512))) as tar:
        assert tar.getnames() == ["there"]


def test_a_file_that_is_cut_while_it_is_read_is_told(tmp_path: Path) -> None:
    """Rather no backup than one with a page of somebody else's bytes in it."""
    path = tmp_path / "page.age"
    path.write_bytes(b"x" * 300_000)
    stream = TarStream([("page.age", path)])
    stream.read(512)
    path.write_bytes(b"")
    with pytest.raises(OSError, match="shorter"):
        drained(stream, 8192)
    with pytest.raises(OSError, match="sealing stopped"):
        seal.seal_stream(Failing(), io.BytesIO(), [seal.new_identity()[1]])


class Failing:
    """A card that does not answer."""

    def read(self, most: int, /) -> bytes:
        raise OSError(5, "Input/output error")


def test_a_house_full_of_papers_is_never_in_memory(tmp_path: Path) -> None:
    """64 MiB of them cost a few; it was three times their size, on a box of 2 GB."""
    folder = tmp_path / "sealed/visit-1"
    folder.mkdir(parents=True)
    for n in range(64):
        (folder / f"{n}.age").write_bytes(bytes([n]) * (1 << 20))
    store = open_store(tmp_path)
    secret, public = seal.new_identity()
    with (tmp_path / "out").open("wb") as out:
        tracemalloc.start()
        backup.write_backup(
            out, store, NOW, data_dir=tmp_path, settings="", house="hien-a", to=[public]
        )
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    store.close()
    assert peak < 8 << 20, peak
    found = backup.open_backup((tmp_path / "out").read_bytes(), secret)
    assert len(found) == 67 and found["sealed/visit-1/7.age"] == bytes([7]) * (1 << 20)
