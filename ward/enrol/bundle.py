"""This file makes what goes onto a house's card: settings, certificates and key in one file."""

from __future__ import annotations

import io
import tarfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from ward.enrol.authority import write

ON_THE_HOUSE = "/etc/hien"
KEYS = "sync"  # below it: the folder only the sync room may look into


@dataclass(frozen=True)
class HouseFile:
    """What a house needs to speak with its ward. `key` empty: it was made on the house."""

    house: str
    name: str
    broker: str
    ca: bytes
    certificate: bytes
    key: bytes = b""
    recipient: str = ""
    intake: str = ""

    def settings(self) -> str:
        """The part of the house's settings that the ward decides, to be joined with the rest."""
        lines = [
            "[house]",
            f'id = "{self.house}"',
            *([f"name = {_quoted(self.name)}"] if self.name else []),
            "",
            "[sync]",
            f"broker = {_quoted(self.broker)}",
            f'ca_file = "{ON_THE_HOUSE}/{KEYS}/ca.crt"',
            f'cert_file = "{ON_THE_HOUSE}/{KEYS}/house.crt"',
            f'key_file = "{ON_THE_HOUSE}/{KEYS}/house.key"',
            *([f'ward_recipient = "{self.recipient}"'] if self.recipient else []),
            *([f"intake = {_quoted(self.intake)}"] if self.intake else []),
        ]
        return "\n".join(lines) + "\n"

    def write(self, path: Path, now: datetime) -> None:
        """A tar with modes set, readable by its owner alone: it holds a private key."""
        members = [
            ("ward.toml", self.settings().encode(), 0o644),
            (f"{KEYS}/ca.crt", self.ca, 0o644),
            (f"{KEYS}/house.crt", self.certificate, 0o644),
            *([(f"{KEYS}/house.key", self.key, 0o600)] if self.key else []),
        ]
        out = io.BytesIO()
        with tarfile.open(fileobj=out, mode="w") as tar:
            for name, data, mode in members:
                info = tarfile.TarInfo(name)
                info.size, info.mode, info.mtime = len(data), mode, int(now.timestamp())
                tar.addfile(info, io.BytesIO(data))
        write(path, out.getvalue(), 0o600)

    def sheet(self, path: Path) -> str:
        """One page for whoever carries the card to the house."""
        certificate = x509.load_pem_x509_certificate(self.certificate)
        mark = certificate.fingerprint(hashes.SHA256()).hex()[:32]
        marks = " ".join(mark[i : i + 4] for i in range(0, len(mark), 4))
        key = (
            "Tệp này có khoá riêng của nhà. Chép xong thì xoá, không gửi qua mạng xã hội."
            if self.key
            else "Khoá riêng đã có sẵn trên máy của nhà và chưa rời khỏi đó."
        )
        return "\n".join(
            [
                f"NHÀ              {self.house}" + (f"  ({self.name})" if self.name else ""),
                f"Nơi nhận tin     {self.broker}",
                f"Chứng thư đến    {certificate.not_valid_after_utc:%d/%m/%Y}",
                f"Dấu nhận dạng    {marks}",
                "",
                f"1. Mở {path.name} trong {ON_THE_HOUSE} của nhà, ghép ward.toml vào hien.toml.",
                "2. Cắm thẻ, bật máy. Nhà hiện trên bảng của phường trong vòng một phút.",
                f"3. {key}",
                f"4. Mất máy hoặc mất thẻ: chạy  hien ward revoke {self.house}",
            ]
        )


def _quoted(text: str) -> str:
    clean = "".join(c for c in text if c.isprintable())
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'
