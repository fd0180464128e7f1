"""What `list` shows of one profile is what applies to it."""

from __future__ import annotations

import json
from typing import Any

from deployment import Told


def listed(told: Told, *arguments: str) -> list[Any]:
    code, said = told.of("list", *arguments, "--json")
    assert code == 0, said
    found = json.loads(said)
    assert isinstance(found, list)
    return found


# A suite that asks nothing of a profile is not among its suites, and the others count what they ask.
def test_suites_of_a_profile(told: Told) -> None:
    every = {each["id"]: each["scenarios"] for each in listed(told, "suites")}
    some = {each["id"]: each["scenarios"] for each in listed(told, "suites", "--profile", "originchain")}
    scenarios = listed(told, "scenarios", "--profile", "originchain")

    assert "jwt/claims" in every and "jwt/claims" not in some
    assert some.keys() == {each["suite"] for each in scenarios}
    assert sum(some.values()) == len(scenarios)
    assert all(some[name] <= every[name] for name in some)
