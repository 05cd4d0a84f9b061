"""This file lays two papers under the software camera, drawn by the virtual camera's own hand."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageDraw

SIZE_PX = (4608, 2592)


def main() -> None:
    """Two photos in /scene: a page of lines on a table, turned one way and the other."""
    folder = Path("/scene")
    folder.mkdir(exist_ok=True)
    for number, degrees in enumerate((3, -4)):
        table = Image.new("RGB", SIZE_PX, (74, 56, 42))
        page = Image.new("L", (1500, 2100), 244)
        pen = ImageDraw.Draw(page)
        for line in range(24):
            pen.rectangle((120, 120 + 80 * line, 400 + 37 * line, 150 + 80 * line), fill=30)
        mask = Image.new("L", page.size, 255).rotate(degrees, expand=True)
        turned = page.rotate(degrees, expand=True).convert("RGB")
        corner = ((SIZE_PX[0] - turned.width) // 2, (SIZE_PX[1] - turned.height) // 2)
        table.paste(turned, corner, mask)
        out = io.BytesIO()
        table.save(out, "JPEG", quality=92, subsampling="4:2:0")
        (folder / f"{number}.jpg").write_bytes(out.getvalue())


if __name__ == "__main__":
    main()
