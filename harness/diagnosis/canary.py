"""A canary that some who are accepted are not served: their answers would read as somebody else's data."""

from __future__ import annotations

from harness.asking import Ask, Asker
from harness.checks.answers import accepted_statuses
from harness.credentials import CannotSpoil
from harness.diagnosis.advice import Advice
from harness.errors import InputError
from harness.exchange import Lane
from harness.names import PROTECTED
from harness.plan import Presentation
from harness.setting import Inconclusive, Setting


async def canary_of_others(setting: Setting, lane: Lane, name: str) -> Advice | None:
    """What is wrong with the canary of a credential's place, where `protected` serves it without.

    None where it is served with it, or with that of another place: whose data it is served is then for the
    cases to tell.
    """
    canaries, home = setting.target.canary, setting.home(name)
    if home not in canaries:
        return None
    try:
        asked = await Asker(setting, lane, []).ask(Ask(Presentation(name, home, PROTECTED), "setup"), "")
    except (Inconclusive, CannotSpoil, InputError):
        return None
    answer = asked.answer
    if answer is None or answer.status not in accepted_statuses(setting.profile.operations[PROTECTED]):
        return None
    if any(map(answer.holds, canaries.values())):
        return None
    return Advice(
        setting.target.credentials[name].where,
        f"'protected' accepts the credential '{name}', and the canary of {home} is not in the answer",
        f"Write a canary that every credential of {home} is served, or take it out.",
    )
