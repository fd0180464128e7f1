"""Whether the main operation is guarded at all, and its schema tells an accepted answer from a refusal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

from harness.assemble import assemble
from harness.checks import bodies
from harness.checks.answers import accepted_statuses
from harness.diagnosis.advice import Advice
from harness.errors import InputError
from harness.exchange import Answer, Lane, NoAnswer
from harness.model import Operation
from harness.names import OWN, PROTECTED
from harness.plan import Presentation
from harness.setting import Setting


async def unguarded(setting: Setting, lane: Lane) -> Advice | None:
    """What a request without a credential shows; None where all is well, or nothing can be said."""
    operation = setting.profile.operations.get(PROTECTED)
    place = (operation.at if operation else None) or OWN
    if operation is None or operation.method != "GET" or place not in setting.target.places:
        return None
    sent = Presentation(None, place, PROTECTED)
    try:
        made = assemble(setting.profile, setting.target, sent, None, None, "", Random(0))
        answer = await lane.send(made.request, purpose="setup")
    except (InputError, NoAnswer):
        return None
    if answer.status in accepted_statuses(operation):
        says = "'protected' is answered without any credential, as if accepted"
        step = "Choose one that needs a credential; where this one should, the run will tell."
        return Advice(operation.where, says, step)
    if _fits(answer, operation):
        says = f"its refusal fits {_schemas(operation)} too, which is to describe what is accepted alone"
        return Advice(operation.where, says, "Write what only an accepted answer has under required: in it.")
    return None


def _fits(answer: Answer, operation: Operation) -> bool:
    """Whether the answer is as every schema of what is accepted has it."""
    files = [Path(each.args["file"]) for each in operation.accepted if each.check == "schema"]
    try:
        value = answer.json()
    except ValueError:
        return False
    return bool(files) and not any(bodies.errors(file, value) for file in files)


def _schemas(operation: Operation) -> str:
    return " and ".join(_named(operation)) or "its schema"


def _named(operation: Operation) -> Iterator[str]:
    for each in operation.accepted:
        if each.check == "schema":
            yield f"schemas/{each.args['is']}"
