"""This file does what the ward asks: each job once, audited, and answered in the same commit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from appliance.core.moment import Moment
from appliance.errors import HienError
from appliance.service import dossiers, from_afar, postings, proof_watch, slips
from appliance.service import help as help_service
from appliance.service.report import tell
from appliance.store.database import Store

OPS = (
    "answer_help",
    "close_help",
    "test_slip",
    "dossier_status",
    "proof_draft",
    "post_notice",
    "take_down_notice",
    *from_afar.OPS,
)
ZONE = "Asia/Ho_Chi_Minh"  # the ward speaks of days in its own country
# What a notice says leaves the house with the notice: the audit keeps the rest.
_NOT_KEPT = ("text",)


def known(store: Store, job_id: str) -> str | None:
    """The state a job ended in, or None when it has not been seen."""
    state = store.value("SELECT state FROM ward_commands WHERE job_id = ?", job_id)
    return str(state) if state is not None else None


def run_command(
    store: Store,
    now: Moment,
    *,
    job_id: str,
    op: str,
    args: Mapping[str, Any],
    box: from_afar.Box | None = None,
) -> tuple[str, str]:
    """Do one job; (state, code) with state done or rejected. The same job again changes nothing.

    `box`: the machine, for the operations that are about it.
    """
    with store.write():
        before = store.one("SELECT state, code FROM ward_commands WHERE job_id = ?", job_id)
        if before is not None:
            return before["state"], before["code"]
        state, code, answer = "done", "", {}
        try:
            answer = _do(store, now, job_id, op, args, box)
        except HienError as e:
            state, code = "rejected", e.code
        except (KeyError, TypeError, ValueError):
            state, code = "rejected", "bad_args"
        _record(store, now, job_id, op, args, state, code, answer)
    return state, code


def reject(store: Store, now: Moment, *, job_id: str, op: str, code: str) -> None:
    """A job that is not even tried: expired, or not for this house."""
    with store.write():
        if known(store, job_id) is None:
            _record(store, now, job_id, op, {}, "rejected", code)


def _do(
    store: Store,
    now: Moment,
    job_id: str,
    op: str,
    args: Mapping[str, Any],
    box: from_afar.Box | None,
) -> from_afar.Answer:
    """What the ward is told beside that it was done."""
    if op == "answer_help":
        help_service.answer(
            store,
            now,
            str(args["call"]),
            who=str(args.get("who", "")),
            eta_min=int(args["eta_min"]),
            by_ward=True,
        )
    elif op == "close_help":
        help_service.close(store, now, str(args["call"]))
    elif op == "test_slip":
        slips.ask_test_slip(store, now, job_id, {})
    elif op == "dossier_status":
        dossiers.by_ward(store, now, str(args["code"]), int(args["status"]))
    elif op == "proof_draft":
        proof_watch.begin_by_code(store, now, str(args["code"]))
    elif op == "post_notice":
        hung = postings.put_up(
            store,
            now,
            key=f"ward:{job_id}",
            title=str(args["title"]),
            text=str(args["text"]),
            working_days=int(args["days"]),
            zone=ZONE,
            by_ward=True,
        )
        return {"posting": hung["id"], "last_on": hung["last_on"]}
    elif op == "take_down_notice":
        postings.take_down(store, now, int(args["posting"]), zone=ZONE)
    elif op in from_afar.OPS:
        return from_afar.do(store, now, box, op, args, ZONE)
    else:
        raise HienError(f"unknown command {op[:40]!r}", code="unknown_op")
    return {}


def _record(
    store: Store,
    now: Moment,
    job_id: str,
    op: str,
    args: Mapping[str, Any],
    state: str,
    code: str,
    answer: from_afar.Answer | None = None,
) -> None:
    store.insert(
        "ward_commands",
        {
            "job_id": job_id,
            "op": op[:40],
            "args": json.dumps(
                {k: v for k, v in args.items() if k not in _NOT_KEPT}, ensure_ascii=False
            )[:2000],
            "state": state,
            "code": code,
            "got_at": now.at_text,
        },
    )
    d: dict[str, Any] = {"type": "command", "job": job_id, "op": op[:40], "state": state}
    tell(store, now, "ops", {**d, "code": code} | ({"answer": answer} if answer else {}))
