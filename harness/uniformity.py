"""Ask for several causes of refusal in turn, and compare what came."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

from harness.asking import Ask, Asker, Setting
from harness.exchange import Answer, Lane
from harness.model import Exchange
from harness.plan import PlannedStep

ROUNDS = 3
"""How often each cause is asked for: what differs between its own answers is volatile."""


async def interleaved(
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
