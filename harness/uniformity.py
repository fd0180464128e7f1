"""Ask for several causes of refusal in turn, and compare what came."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from typing import TypeGuard

from harness.asking import Ask, Asker
from harness.checks import Mismatch, Unchecked
from harness.checks.uniform import differences
from harness.exchange import Answer, Lane
from harness.judge import Judgement, judged
from harness.model import Exchange, Expectation, Level, Requirement
from harness.plan import ROUNDS, Case, PlannedStep
from harness.setting import PAUSE, Inconclusive, Setting

TIMES = 4
"""How often what shows data is asked for while it differs: others may change it in between."""


async def compared(
    setting: Setting, lane: Lane, exchanges: list[Exchange], planned: PlannedStep, case: Case
) -> Judgement:
    """Ask for several causes, `ROUNDS` times each, and judge whether their answers can be told apart.

    Accepted answers differ only where they do so each of `TIMES` times. Inconclusive where they vary so much
    of themselves that nobody could say.
    """
    branches = planned.branches
    answers = await _interleaved(setting, lane, exchanges, branches, case.id)
    without = {name for name, each in branches.items() if each.sent and each.sent.credential is None}
    found = {part: list(differences(answers, [part], without)) for part in planned.step.subject}
    for number in range(1, TIMES):
        if not any(found.values()) or not _show_data(answers):
            break
        # what others change meanwhile shows in these, once before a cause and once after it
        await asyncio.sleep(number * PAUSE)
        answers = await _interleaved(setting, lane, exchanges, branches, case.id)
        again = {part: list(differences(answers, [part], without)) for part in planned.step.subject}
        found = {part: told if found[part] else [] for part, told in again.items()}
    judgement = judged(
        [
            (_alike(part, setting.requirements[name], planned), [each for each in told if _differs(each)])
            for part, told in found.items()
            for name in case.scenario.requires
        ],
        setting.requirements,
    )
    unsaid = [each for told in found.values() for each in told if isinstance(each, Unchecked)]
    if unsaid and not judgement.problems:
        raise Inconclusive(unsaid[0].because)
    return judgement


def _show_data(answers: Mapping[str, Sequence[Answer]]) -> bool:
    """Whether all were accepted, so that they hold what the API keeps, and no refusal."""
    return all(200 <= answer.status < 300 for each in answers.values() for answer in each)


async def _interleaved(
    setting: Setting, lane: Lane, exchanges: list[Exchange], branches: Mapping[str, PlannedStep], case: str
) -> Mapping[str, list[Answer]]:
    """The answers to each branch, asked for in turn so that time and load strike all alike."""
    found: dict[str, list[Answer]] = {name: [] for name in branches}
    asker = Asker(setting, lane, exchanges)
    for number in range(ROUNDS):
        for name, planned in branches.items():
            assert planned.sent is not None
            random = Random(f"{setting.seed}/{case}/{name}/{number}")
            ask = Ask(planned.sent, "case", planned.step.spoil, case, random=random)
            found[name].append((await asker.send(ask)).answer)
    return found


def _alike(part: str, requirement: Requirement, planned: PlannedStep) -> Expectation:
    """That a part of the answers is alike; of fields only that it should be."""
    lowered = part == "headers" and requirement.level == "MUST"
    level: Level | None = "SHOULD" if lowered else None
    because = "fields beside an equal status and body" if lowered else None
    return Expectation("alike", {}, requirement.id, level, because, planned.step.where)


def _differs(found: Mismatch | Unchecked) -> TypeGuard[Mismatch]:
    return isinstance(found, Mismatch)
