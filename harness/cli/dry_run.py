"""What a run would ask, without asking it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from harness.plan import Case


def planned(cases: Sequence[Case], as_json: bool) -> str:
    """What a run would ask, a line for each case."""
    rows = [
        {
            "case": case.id,
            "control": f"{case.control.credential} for {case.control.operation} at {case.control.place}"
            if case.control
            else None,
            "touches": sorted(case.touches),
            "left_out": case.left_out.verdict if case.left_out else None,
            "reason": case.left_out.reason if case.left_out else None,
        }
        for case in cases
    ]
    if as_json:
        return json.dumps(rows) + "\n"
    lines = []
    for row in rows:
        touches = f"; touches: {', '.join(row['touches'])}" if row["touches"] else ""
        told = (
            f"{row['left_out']}: {row['reason']}"
            if row["left_out"]
            else f"control: {row['control'] or 'itself'}"
        )
        lines.append(f"{row['case']}\n    {told}{touches}\n")
    asked = sum(not row["left_out"] for row in rows)
    return "".join(lines) + f"{asked} of {len(rows)} cases would be asked\n"
