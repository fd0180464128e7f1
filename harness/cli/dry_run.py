"""What a run would ask, without asking it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness import templates
from harness.model import Profile, Step
from harness.plan import Case, lane_of
from harness.written_out import SEND


def planned(cases: Sequence[Case], profile: Profile, trials: int, as_json: bool) -> str:
    """What a run would ask, a few lines for each case; what is measured is done `trials` times at most."""
    limits = {f"limits.{name}": str(value) for name, value in profile.limits.items()}
    rows = [_row(case, limits, trials) for case in cases]
    if as_json:
        return json.dumps(rows) + "\n"
    asked = sum(not row["left_out"] for row in rows)
    return "".join(f"{line}\n" for row in rows for line in _told(row)) + (
        f"{asked} of {len(rows)} cases would be asked\n"
    )


def _row(case: Case, limits: Mapping[str, str], trials: int) -> Mapping[str, Any]:
    control, left_out = case.control, case.left_out
    return {
        "case": case.id,
        "steps": [_described(each, limits) for each in case.scenario.steps],
        "trials": trials if not left_out and lane_of(case) == "quiet" else 1,
        "control": f"{control.credential} for {control.operation} at {control.place}" if control else None,
        "touches": sorted(case.touches),
        "left_out": left_out.verdict if left_out else None,
        "reason": left_out.reason if left_out else None,
    }


def _told(row: Mapping[str, Any]) -> Iterator[str]:
    yield row["case"]
    touches = f"; touches: {', '.join(row['touches'])}" if row["touches"] else ""
    if row["left_out"]:
        yield f"    {row['left_out']}: {row['reason']}{touches}"
        return
    if len(row["steps"]) > 1:
        times = f"; up to {row['trials']} times" if row["trials"] > 1 else ""
        yield f"    {', '.join(row['steps'])}{times}"
    yield f"    control: {row['control'] or 'itself'}{touches}"


def _described(step: Step, limits: Mapping[str, str]) -> str:
    """A step in a few words, such as "do revoke of spare"."""
    if step.verb == "alike":
        return f"compare {' with '.join(step.branches)}"
    subject = step.subject["request"] if step.verb == SEND else step.subject
    words = [step.verb, subject if isinstance(subject, str) else ""]
    words += [f"{key} {step.options[key]}" for key in ("as", "of") if key in step.options]
    words += [f"on {step.on}"] if step.on else []
    words += [f"at {step.at}"] if step.at else []
    if step.outcome and step.outcome.kind == "settles":
        within = str(step.outcome.options["within"])
        if set(templates.names(within)) <= limits.keys():
            within = templates.render(within, limits, step.where)
        words.append(f"until {step.outcome.reason or 'accepted'}, within {within}")
    return " ".join(word for word in words if word)
