"""This file says which role may do what at the console. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

Role = Literal["officer", "it", "read-only"]
Right = Literal[
    "answer", "take_alarm", "export", "command", "wishes", "conflicts", "audit", "dossiers",
    "notices",
]  # fmt: skip

ROLES: tuple[Role, ...] = get_args(Role)

RIGHTS: dict[Right, frozenset[Role]] = {
    "answer": frozenset({"officer", "it"}),  # tell a house who comes and when; end a call
    "take_alarm": frozenset({"officer", "it"}),  # "I see to it": stops the escalation
    "export": frozenset({"officer", "it", "read-only"}),  # what the pages show anyway, as a table
    "command": frozenset({"it"}),  # make a house do something with its machines
    "wishes": frozenset({"it"}),  # roster, settings and catalogue of houses
    "conflicts": frozenset({"it"}),  # say that a conflict has been looked into
    "audit": frozenset({"it"}),  # read who did what
    "dossiers": frozenset({"officer"}),  # open residents' papers, say what became of them
    "notices": frozenset({"officer", "it"}),  # hang notices on houses' boards, take them down
}


@dataclass(frozen=True)
class Who:
    """Somebody at the console. `name` is what the audit keeps."""

    name: str
    role: Role
    everything: bool = False

    def may(self, right: Right) -> bool:
        return self.everything or self.role in RIGHTS[right]


ANYBODY = Who(
    "bản thử", "it", everything=True
)  # at a console that was opened on purpose, on loopback only
