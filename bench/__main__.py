"""This file runs the benchmarks by name: `./hien bench`, `./hien bench tap paper …`."""

from __future__ import annotations

import importlib
import sys

# In the order a visit goes. Each module has main(argv) and prints ratios measured in one run.
NAMES = (
    "tap",
    "slips",
    "machines",
    "paper",
    "hints",
    "idle",
    "wear",
    "ward",
    "consumers",
    "backlog",
    "fleet",
    "day",
    "screens",
    "voice",
)


def main(argv: list[str]) -> int:
    """Run the named benchmarks (arguments after "--" go to them), or all of them."""
    split = argv.index("--") if "--" in argv else len(argv)
    names, rest = argv[:split], argv[split + 1 :]
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"bench: no such benchmark: {', '.join(unknown)}. There are: {', '.join(NAMES)}")
        return 2
    for name in names or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"bench.{name}").main(list(rest))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
