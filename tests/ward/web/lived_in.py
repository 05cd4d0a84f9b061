"""This file is a console in use: houses with every trouble, papers, notices, answers, an audit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from appliance.sync.protocol import utc_text
from tests.ward.web.conftest import HOUSE
from tests.ward.web.test_dossiers import DOSSIER, Papers
from ward.store import alarms, aside, audit, boots, history, intake, jobs, wanted
from ward.store.history import Step

NAMES = ("Nhà văn hóa tổ 17", "Nhà sinh hoạt tổ 3", "Nhà văn hóa Bến Hiên", "Trạm dân phố 8")
LOG = [
    "2026-11-24 08:58:01 web INFO hien.web: đã bật, chờ ở cổng 80",
    "2026-11-24 08:59:12 devices WARNING hien.devices.printer: máy in hết giấy",
    "2026-11-24 09:00:00 sync INFO hien.sync.intake: command done",
] * 8


class LivedIn(Papers):
    """Some houses, with what an officer and IT meet in a week."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for n, name in enumerate(NAMES):
            self.says("hello", f"nha-{17 + n}", name=name, sw="0.1.0", model="Raspberry Pi 4",
                      roster_ver=2, config_ver=1, catalogue_ver=1)  # fmt: skip
            self.says("queue", f"nha-{17 + n}", waiting=3 * n, longest_wait_s=600 * n)
            self.says(
                "health", f"nha-{17 + n}", printer_ok=int(n != 1), camera_ok=1, soc_temp_c=52.0 + n,
                printer_code="paper_out" if n == 1 else "", disk_free_mib=21_000, uptime_s=86_400,
                outbox_rows=0, undervolt_now=0, undervolt_count_boot=n, set_aside=int(n == 0) * 2,
                cert_days=300 - 97 * n, mem_avail_mib=900, wifi_rssi_dbm=-58,
            )  # fmt: skip
        self.board.status("nha-20", "offline")
        self.event("queue", type="taken", number=12, service="co-em-be")
        self.event("ops", type="slip", kind="ticket", state="printed", code="")
        self.event("ops", type="remark", topic="traffic", text="Đèn đường trước nhà hay tắt.")
        self.event("help", type="called", call="c1", source="button")
        self.event("help", "nha-18", type="called", call="c2", source="tablet")
        self.event("help", "nha-18", type="answered", call="c2", who="Cô Hạnh", eta_min=10)
        at = history.minutes(self.now)
        with self.store.write() as db:
            history.keep(db, [
                Step(HOUSE, at - m, waiting=m // 7 % 9, longest_s=60 * (m % 40), temp_c=50 + m % 9)
                for m in range(900)
            ])  # fmt: skip
            for boot in ("boot-a", "boot-b", "boot-a"):
                boots.seen(db, "nha-19", boot, utc_text(self.now))
            alarms.begin(db, "paper_out", "nha-18", "", self.now, self.now)
            alarms.turn(db, 1, "Chị Hạnh", None, self.now)
            alarms.said(db, alarms.claim(db, self.now), True, self.now)
            aside.keep(db, [aside.refuse("houses/v1/nha-17/up/ops", "bad_json", b"{")], self.at())
            wanted.put(db, HOUSE, "roster", {"volunteers": []}, "it", self.now)
            wanted.put(db, "nha-18", "config", {"data.keep_sealed_h": 48}, "it", self.now, 1)
            audit.note(db, self.now, "it", "reboot", HOUSE, "3f0a")
            audit.note(db, self.now, "officer", "answer_help", "nha-18", "Cô Hạnh, 10 phút")
        self.lay("d9876543210fedcba98")
        with self.store.write() as db:
            intake.mark(db, HOUSE, "d9876543210fedcba98", "supplement",
                        "Ảnh chụp chưa rõ: chụp lại trang đó.", "officer", self.now)  # fmt: skip
        numbers = {"called": [[12, 2], [11, 1], [9, 3]], "next": [13, 14], "waiting": 2, "help": 1}
        kept = [("dossier", "not_ours", 2), ("report", "too_large", 1)]
        items = [
            {"id": n, "kind": kind, "reason": why, "tries": tries, "at": self.at()}
            for n, (kind, why, tries) in enumerate(kept)
        ]
        self.jobs = {
            "wall": self.did("wall", at=self.at(), notices=1, **numbers),
            "logs": self.did("logs", lines=LOG),
            "aside_list": self.did("aside_list", items=items),
            "post_notice": self.did("post_notice", posting=3, last_on="2026-12-01"),
        }
        self.now += timedelta(minutes=2)

    def at(self) -> str:
        return utc_text(self.now)

    def did(self, op: str, **answer: Any) -> str:
        """A command a house has done and answered."""
        args = {"title": "Lịch tiếp công dân tháng 12", "text": "…", "days": 5}
        with self.store.write() as db:
            job = jobs.create(
                db, HOUSE, op, args if op == "post_notice" else {}, "it", self.now
            ).job
        self.event("ops", type="command", job=job, op=op, state="done", code="", answer=answer)
        return job

    def pages(self) -> dict[str, str]:
        """A name for each page worth looking at, and its path."""
        house, paper = f"/house/{HOUSE}", f"/dossiers/{HOUSE}/{DOSSIER}"
        return {
            "fleet": "/",
            "house": house,
            "house-twice": "/house/nha-19",
            "confirm": f"{house}/do/reboot",
            "wall": f"{house}/job/{self.jobs['wall']}",
            "logs": f"{house}/job/{self.jobs['logs']}",
            "aside": f"{house}/job/{self.jobs['aside_list']}",
            "dossiers": "/dossiers?show=all",
            "dossier": paper,
            "dossier-inside": f"{paper}/inside",
            "notices": "/notices",
            "alarms": "/alarms",
            "conflicts": "/conflicts",
            "wishes": "/wishes",
            "roster": f"/wishes/roster?house={HOUSE}",
            "audit": "/audit",
            "export": "/export",
            "sign-in": "/sign-in",
        }
