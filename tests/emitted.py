"""This file finds every type of report a house can make, in the code itself."""

from __future__ import annotations

import ast
from pathlib import Path

SERVICE = Path(__file__).resolve().parents[1] / "appliance" / "service"
# Where a type is put together: the function, which of its arguments has the word, what goes before.
PUT_TOGETHER = {
    "appointments": {"_tell": (3, "appointment_"), "_end": (3, "appointment_")},
    "call_next": {"_change": (5, "")},
    "help": {"_end": (3, "")},
    "postings": {"_tell": (3, "")},
    "proof_watch": {"_tell": (3, ""), "_end": (3, "proof_")},
}


def types() -> set[str]:
    """All of them. A module that puts a type together in a new way is an AssertionError."""
    found: set[str] = set()
    for path in sorted(SERVICE.glob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        dynamic = False
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                for key, value in zip(node.keys, node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == "type":
                        if isinstance(value, ast.Constant):
                            found.add(str(value.value))
                        else:
                            dynamic = True
        if dynamic:
            assert path.stem in PUT_TOGETHER, f"teach this file how {path.stem} makes its types"
            found |= _put_together(tree, PUT_TOGETHER[path.stem])
    from appliance.core.proof_watch import ENDINGS

    return found | {f"proof_{ending}" for ending in ENDINGS}


def _put_together(tree: ast.AST, ways: dict[str, tuple[int, str]]) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ways:
            place, before = ways[node.func.id]
            if len(node.args) > place and isinstance(word := node.args[place], ast.Constant):
                found.add(f"{before}{word.value}")
    return found
