"""This file does what cloud-init does with a card's user-data at each start of the machine.

`bootcmd` each time; `runcmd` once, and marked as done before it begins, so a power cut amid it is
not made good by cloud-init (cloudinit/helpers.py, FileSemaphores). The rest of it is not ours.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

USER_DATA = Path("/boot/firmware/user-data")
MARK = Path("/var/lib/cloud/instance/sem/config_runcmd")


def main() -> None:
    data = json.loads(USER_DATA.read_text("utf-8").partition("\n")[2])
    for command in data["bootcmd"]:
        subprocess.run(command, check=False)
    if MARK.exists():
        return
    MARK.parent.mkdir(parents=True, exist_ok=True)
    MARK.write_text(f"{os.getpid()}\n")
    # What a flush of anybody's would do: the worst moment for a cut.
    os.sync()
    for command in data["runcmd"]:
        subprocess.run(command, check=False)


if __name__ == "__main__":
    main()
