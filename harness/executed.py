"""What of the suite language this version carries out; the rest is planned, and says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from harness.model import Scenario, Step
from harness.names import CREDENTIAL, PARAM
from harness.plan import AT_LEAST, AT_MOST

_PRESENTED = frozenset(
    {"on", "at", "but", "without", "times", "together", "accepted", "refused", "settles", "observed"}
    | {"otherwise", "checks", "proves"}
)
_OF_A_VERB = frozenset({"of", "with", "but", "without", "observed", "checks", "proves"})

EXECUTED: Mapping[str, frozenset[str]] = {
    "present": _PRESENTED | {"from", "origin", "until", "keep", "by"},
    "redeem": _PRESENTED | {"keep"},
    "send": (_PRESENTED - {"on", "settles"}) | {"from", "origin", "keep"},
    "preflight": (_PRESENTED - {"on", "settles"}) | {"from", "origin", "asks"},
    "obtain": _OF_A_VERB | {"as", "times", "together"},
    "do": _OF_A_VERB | {"refused"},
    "alike": frozenset({"alike", "among"}),
}
"""The verbs that `course.py` knows, each with the further keys of a step that it carries out."""

_COMPARED = frozenset({"on", "at", "from", "origin", "asks", "but", "without", "observed"})
"""The keys of a step under among that are looked at: what comes of it is compared, and nothing else."""

_SPOILS_OF_VERBS = (CREDENTIAL, PARAM)
"""The spoils that change what a lifecycle verb sends."""


def not_executed(scenario: Scenario) -> str | None:
    """The first key of `scenario` that this version does not execute, and where it stands."""
    for step in scenario.steps:
        for each, compared in ((step, False), *((branch, True) for branch in step.branches.values())):
            if unknown := next(_unknown(each, compared), None):
                return f"this version cannot execute '{unknown}' ({each.where})"
    return None


def _unknown(step: Step, compared: bool) -> Iterator[str]:
    """What is not carried out of a step, or of one that is compared with others."""
    if step.verb not in EXECUTED or (compared and step.verb not in ("present", "redeem", "preflight")):
        yield step.verb
        return
    known = EXECUTED[step.verb] & _COMPARED if compared else EXECUTED[step.verb]
    yield from (key for key in _keys(step) if key not in known)
    if step.spoil and step.verb in ("obtain", "do") and step.spoil.part.split(".")[0] not in _SPOILS_OF_VERBS:
        yield step.spoil.part
    yield from _unmatched(step)


def _keys(step: Step) -> Iterator[str]:
    """The keys with which a step is written, beside its verb."""
    yield from step.options
    if step.spoil:
        yield "without" if step.spoil.removed else "but"
    if step.outcome and "until" not in step.options:
        yield step.outcome.kind
    written = {
        "on": step.on is not None,
        "at": step.at is not None,
        "times": step.times != 1,
        "together": step.together,
        "among": bool(step.branches),
        "checks": bool(step.expects),
        "proves": step.proves is not None,
    }
    yield from (key for key, is_written in written.items() if is_written)


def _unmatched(step: Step) -> Iterator[str]:
    """Keys that say something only together with, or without, another one."""
    outcome = step.outcome
    counted = bool(outcome and outcome.options.keys() & {AT_MOST, AT_LEAST})
    repeated = step.times != 1 or step.together
    until = step.options.get("until")
    if until and (outcome is None or outcome.reason != until.get("refused") or repeated or step.proves == ()):
        yield "until"
    if "otherwise" in step.options and (not counted or until or step.proves == ()):
        yield "otherwise"
    if counted and step.proves == ():
        yield "proves"
    settles = outcome is not None and outcome.kind == "settles"
    if settles and repeated:
        yield "times" if step.times != 1 else "together"
    if "keep" in step.options and (settles or counted or until):
        yield "keep"  # of which of all those answers?
