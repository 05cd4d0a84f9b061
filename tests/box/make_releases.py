"""This file makes what the box is given beside the first release: bundles, good and bad."""

from __future__ import annotations

import sys
from pathlib import Path


def main() -> None:
    out = Path(sys.argv[2])
    out.mkdir(parents=True)


if __name__ == "__main__":
    main()
