"""What of the suite language this version carries out; the rest is planned, and says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.model import Scenario

VERBS = ("present", "redeem", "obtain", "do", "alike", "preflight")
"""The verbs that `course.py` knows."""
OPTIONS: Mapping[str, Sequence[str]] = {
    "present": ("from", "origin", "until", "otherwise"),
    "redeem": ("otherwise",),
    "preflight": ("from", "origin", "asks"),
    "obtain": ("as", "of", "with"),
    "do": ("of", "with"),
}
"""The further keys of a step that it knows, by verb."""

_OF_VERBS = ("credential", "param")
"""The spoils that change what a lifecycle verb sends."""

_COMPARED = ("present", "redeem", "preflight")


def not_executed(scenario: Scenario) -> str | None:
    """The first key of `scenario` that this version does not execute, and where it stands."""
    compared = [branch for step in scenario.steps for branch in step.branches.values()]
    for step in (*scenario.steps, *compared):
        unknown = [key for key in step.options if key not in OPTIONS.get(step.verb, ())]
        if step.verb not in VERBS or (step in compared and step.verb not in _COMPARED):
            unknown.insert(0, step.verb)
        elif step.verb in ("obtain", "do") and step.spoil and step.spoil.part.split(".")[0] not in _OF_VERBS:
            unknown.append(step.spoil.part)
        if unknown:
            return f"this version cannot execute '{unknown[0]}' ({step.where})"
    return None
