"""This file proves that a benchmark of many rounds goes on where it was cut off, and never lies."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import rounds

CALLS: list[int] = []


def square(number: int) -> int:
    CALLS.append(number)
    if number == 13:
        raise KeyboardInterrupt
    return number * number


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    CALLS.clear()
    monkeypatch.setenv("HIEN_BENCH_KEEP", str(tmp_path))
    monkeypatch.delenv("HIEN_BENCH_JOBS", raising=False)
    monkeypatch.delenv("HIEN_BENCH_SEED", raising=False)
    return tmp_path


def test_rounds_that_were_done_are_not_done_again() -> None:
    """A run that was cut off at its third round does only the third and the fourth afterwards."""
    with pytest.raises(KeyboardInterrupt):
        rounds.spread(square, [2, 3, 13, 4])
    assert rounds.spread(square, [2, 3, 4]) == [4, 9, 16]
    assert CALLS == [2, 3, 13, 4]


def test_a_round_cut_off_while_it_was_written_is_done_again(kept: Path) -> None:
    """The power went in the middle of the last line."""
    rounds.spread(square, [2, 3])
    (file,) = kept.iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert rounds.spread(square, [2, 3, 4]) == [4, 9, 16]
    assert CALLS == [2, 3, 3, 4]
    assert rounds.spread(square, [4, 3]) == [16, 9]
    assert CALLS == [2, 3, 3, 4]


def test_other_scenes_and_other_code_begin_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures of an older finder, or of other seeds, never count for this one."""
    rounds.spread(square, [2])
    monkeypatch.setenv("HIEN_BENCH_SEED", "7")
    rounds.spread(square, [2])
    monkeypatch.setattr(rounds, "code_from", lambda start: "another")
    rounds.spread(square, [2])
    assert CALLS == [2, 2, 2]


def test_the_code_of_a_round_is_all_that_it_imports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change three imports away changes the name; one in a file not used does not."""
    monkeypatch.setattr(rounds, "ROOT", tmp_path)
    folder = tmp_path / "bench"
    folder.mkdir()
    (folder / "a.py").write_text("from bench import b\n")
    (folder / "b.py").write_text("import bench.c\n")
    (folder / "c.py").write_text("x = 1\n")
    before = rounds.code_from(folder / "a.py")
    (folder / "d.py").write_text("y = 1\n")
    assert rounds.code_from(folder / "a.py") == before
    (folder / "c.py").write_text("x = 2\n")
    assert rounds.code_from(folder / "a.py") != before
