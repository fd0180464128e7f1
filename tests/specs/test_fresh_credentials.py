"""A credential may take a while until it is known everywhere: no scenario calls that a fault."""

from __future__ import annotations

from collections.abc import Iterator

from harness import shipped, specs, suites
from harness.checks import CHECKS
from harness.model import Scenario, Step

FOLDER = shipped.folder("suites")
MANAGED = ("credential", "fresh-test-token")
"""What is issued by a management of credentials; a token that an exchange grants has to work at once."""


def hasty(scenario: Scenario) -> Iterator[Step]:
    """The steps that must be accepted although nothing has waited since their credential was issued."""
    new: set[str] = set()
    for step in scenario.steps:
        kind = step.outcome.kind if step.outcome else None
        if step.verb == "obtain" and step.subject in MANAGED:
            new.add(str(step.options.get("as", step.subject)))
        elif kind == "settles" or (kind == "accepted" and step.proves == ()):
            new.clear()  # both last as long as is allowed, for whatever was issued before
        elif kind == "accepted" and step.subject in new:
            yield step


# What is only assumed makes a case inconclusive where it is not so; what is asserted would be a false alarm.
def test_no_scenario_is_hasty() -> None:
    vocabulary = suites.Vocabulary(specs.load(shipped.folder("specs")), CHECKS)
    scenarios = [each for path in suites.find(FOLDER) for each in suites.load(path, vocabulary).scenarios]
    assert any(step.subject in MANAGED for each in scenarios for step in each.steps)
    assert [str(step.where) for each in scenarios for step in hasty(each)] == []
