"""This file is a process that binds pages into a small PDF: a line of JSON and JPEGs in, a PDF out.

The line: {"title", "made_at": ISO 8601 with its zone, "sizes": bytes of each JPEG}.
"""

from __future__ import annotations

import json
import os
import sys
from datetime import datetime


def main() -> None:
    """Read stdin to its end, write the PDF to stdout; a traceback and 1 when that fails."""
    os.nice(5)
    line = sys.stdin.buffer.readline()
    asked = json.loads(line)
    pages = [sys.stdin.buffer.read(size) for size in asked["sizes"]]
    import cv2

    from appliance.paper.pdf.pdf import make_pdf

    cv2.setNumThreads(1)
    made_at = datetime.fromisoformat(asked["made_at"])
    sys.stdout.buffer.write(make_pdf(pages, title=asked["title"], made_at=made_at, small=True))


if __name__ == "__main__":
    main()
