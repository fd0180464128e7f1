"""Requests that a suite writes out itself: each is an operation made for one case."""

from __future__ import annotations

from collections.abc import Mapping

from harness.model import Expectation, Operation, Scenario, Step
from harness.production import of_method

SEND = "send"


def operations(scenario: Scenario) -> Mapping[str, Operation]:
    """The requests that the steps of `scenario` write out, as operations by their names."""
    made = (operation(step) for step in scenario.steps if step.verb == SEND)
    return {each.name: each for each in made}


def name_of(step: Step) -> str:
    """What messages call the request of a step; no other step's has the same name."""
    return f"{step.subject['request']} ({step.where})"


def operation(step: Step) -> Operation:
    """The request that a step writes out. Nothing is known of it: any success accepts it."""
    written = step.subject
    method, path = written["request"].split(" ", 1)
    kind = next((each for each in ("json", "form", "body") if each in written), None)
    success = Expectation("status", {"is": "2xx"}, None, None, None, step.where)
    return Operation(
        name=name_of(step),
        method=method,
        path=path,
        headers=tuple(written.get("headers", {}).items()),
        body=written[kind] if kind else None,
        body_type="text" if kind == "body" else kind,  # type: ignore[arg-type]  # json or form
        accepted=(success,),
        after=None,
        undo=None,
        effect=None,
        touches=of_method(method),
        public=False,
        at=None,
        where=step.where,
    )
