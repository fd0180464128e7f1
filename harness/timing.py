"""Ask for several causes of refusal, in an order drawn by lot, and judge whether one is answered faster."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from statistics import median
from typing import Any

from harness import durations
from harness.asking import Ask, Asker
from harness.checks import Mismatch
from harness.checks.answers import accepted_statuses, named_status
from harness.exchange import Answer, Lane
from harness.judge import Judgement, judged
from harness.measure import timing
from harness.model import Exchange, Expectation, Level, Requirement
from harness.plan import WRONG_SECRETS, Case, PlannedStep, Presentation
from harness.setting import TRANSIENT, Inconclusive, Setting

BLOCK_SECONDS = 1.3
"""After which a block ends, with the answers that it has, if they show enough."""
LONGEST_BLOCK = 10.0
"""Seconds in which it must have them."""
LIMIT = "timing"
"""The limit of a profile, such as 0.5ms, that stands in place of the usual floor."""
LEAST_WINDOWS = 4
"""Windows of a block, at least."""


class Unclear(Inconclusive):
    """The times vary so much that no difference which matters could have been seen; `measured` has them."""

    def __init__(self, message: str, measured: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.measured = measured


async def timed(
    setting: Setting, lane: Lane, exchanges: list[Exchange], planned: PlannedStep, case: Case
) -> tuple[Judgement, Mapping[str, Any]]:
    """Ask for each cause many times, and judge whether their answers take equally long.

    The second value is what was measured, for the run file. It is measured when nothing else is.
    Inconclusive where the causes are not answered in one way, or too slowly, or the account has been locked.
    """
    floor = _floor(setting)
    stopwatch = _Stopwatch(setting, lane, planned, case)
    blocks: list[timing.Block] = []
    try:
        async with setting.company.alone():
            await stopwatch.window()  # to warm up: the first of anything takes longer
            stopwatch.check_kinds()
            while timing.unsettled(blocks, floor):
                blocks.append(await stopwatch.block())
    finally:
        exchanges += stopwatch.evidence()
    measured = {"timing": timing.measurement(blocks, floor)}
    pairs = timing.compare(blocks, floor)
    if timing.verdict(pairs) == "unclear":
        raise Unclear(timing.says(pairs, blocks, floor), measured)
    found = [Mismatch(*each) for each in _told(pairs, blocks)]
    expectations = [_alike(setting.requirements[name], planned) for name in case.scenario.requires]
    return judged([(each, found) for each in expectations], setting.requirements), measured


class _Stopwatch:
    """Asks for the causes on one lane, one after the other, and knows how long each answer took."""

    def __init__(self, setting: Setting, lane: Lane, planned: PlannedStep, case: Case) -> None:
        self.setting = setting
        self.lane = lane
        self.branches = planned.branches
        self.case = case.id
        self.asker = Asker(setting, lane, [])
        self.order = Random(f"{setting.seed}/{case.id}/order")
        self.controls = _controls(setting, self.branches) if case.wrong_secrets else []
        self.turns = 0
        self.answers: dict[str, list[Answer]] = {name: [] for name in self.branches}

    async def block(self) -> timing.Block:
        """One block: as many windows as there is time for."""
        windows: list[Mapping[str, list[float]]] = []
        began = self.lane.now()
        while len(windows) < timing.WINDOWS:
            windows.append(await self.window())
            took = self.lane.now() - began
            if len(windows) < LEAST_WINDOWS and took > LONGEST_BLOCK:
                count = len(windows) * timing.TURNS
                raise Inconclusive(f"too slow to compare: {count} answers to each cause took {took:.0f} s")
            if len(windows) >= LEAST_WINDOWS and took > BLOCK_SECONDS:
                # a machine with much else to do: more answers show what so few would not
                if took > LONGEST_BLOCK or timing.is_fine(windows):
                    break
        await self.control()  # so that nobody's account is left with wrong secrets
        return windows

    async def window(self) -> Mapping[str, list[float]]:
        """One window: how long the answers to each cause took."""
        found: dict[str, list[float]] = {name: [] for name in self.branches}
        for name in timing.deal(self.branches, self.order):
            if self.turns % WRONG_SECRETS == 0:  # whichever they were: by lot too
                await self.control()
            found[name].append(seconds(await self.ask(name)))
            self.turns += 1
        return found

    async def ask(self, name: str) -> Answer:
        """The answer to a cause. Inconclusive where it is not answered as it was before."""
        planned, number = self.branches[name], len(self.answers[name])
        assert planned.sent is not None
        random = Random(f"{self.setting.seed}/{self.case}/{name}/{number}")
        answer = await self.answer(Ask(planned.sent, "case", planned.step.spoil, self.case, random=random))
        status, cause = named_status(answer.status), timing.named(name)
        if answer.status in TRANSIENT or answer.status >= 500:
            raise Inconclusive(f"{cause} was answered with {status}, request {self.turns + 1} of its kind")
        earlier = self.answers[name]
        if earlier and earlier[0].status != answer.status:
            was = named_status(earlier[0].status)
            locked = "account locked by us: " if self.controls else ""
            raise Inconclusive(f"{locked}{cause} was answered with {was}, then with {status}")
        earlier.append(answer)
        return answer

    async def control(self) -> None:
        """Present what is right wherever a wrong one may be counted. Inconclusive where it is refused."""
        for control in self.controls:
            answer = await self.answer(Ask(control, "control"))
            if answer.status not in accepted_statuses(self.setting.profile.operations[control.operation]):
                reason = (
                    f"account locked by us: after {self.turns} requests, at most {WRONG_SECRETS} in a row "
                    f"with wrong secrets, {control.credential} got {named_status(answer.status)}"
                )
                self.setting.locked[str(control.credential)] = reason
                raise Inconclusive(reason)

    async def answer(self, ask: Ask) -> Answer:
        """One answer; asked once more where none came."""
        asked = await self.asker.ask(ask, "authconform-timing")
        if asked.answer is None:
            asked = await self.asker.ask(ask, "authconform-timing")
        if asked.answer is None:
            raise Inconclusive(f"no answer: {asked.failure}")
        return asked.answer

    def check_kinds(self) -> None:
        """Inconclusive where one cause is accepted and another refused: there is nothing to compare."""
        statuses = {name: each[0].status for name, each in self.answers.items()}
        if len({status // 100 for status in statuses.values()}) > 1:
            told = (f"{timing.named(name)} with {named_status(each)}" for name, each in statuses.items())
            raise Inconclusive(f"not answered in one way: {', '.join(told)}")

    def evidence(self) -> list[Exchange]:
        """The last exchange, of each cause the one that took as long as most, and one control."""
        asked = self.asker.exchanges
        kept = [*[each for each in asked if each.purpose == "control"][:1], *asked[-1:]]
        for answers in self.answers.values():
            if answers:
                middle = median(map(seconds, answers))
                kept.append(min(answers, key=lambda it: abs(seconds(it) - middle)).evidence)
        return sorted({id(each): each for each in kept}.values(), key=lambda it: it.timing.sent)


def seconds(answer: Answer) -> float:
    """How long an answer took: from the request's first byte going out to the head of the response."""
    return answer.timing.headers - answer.timing.sent


def _controls(setting: Setting, branches: Mapping[str, PlannedStep]) -> list[Presentation]:
    """The right presentation of each credential that the branches spoil."""
    spoiled = [each.sent for each in branches.values() if each.sent and each.step.spoil]
    found = {
        sent.credential: Presentation(sent.credential, setting.home(sent.credential), sent.operation)
        for sent in spoiled
        if sent.credential
    }
    return list(found.values())


def _floor(setting: Setting) -> float:
    """Seconds up to which a difference is no alarm: the profile may know that its callers cannot use more."""
    limit = setting.profile.limits.get(LIMIT)
    try:
        return timing.FLOOR if limit is None else durations.seconds(str(limit))
    except ValueError as error:
        raise Inconclusive(f"limits.{LIMIT} of the profile {setting.profile.name}: {error}") from None


def _told(pairs: tuple[timing.Pair, ...], blocks: list[timing.Block]) -> list[tuple[str, str]]:
    """What was expected and what came, of the two causes furthest apart; nothing where all are alike."""
    differing = [each for each in pairs if each.standing == "differs"]
    if not differing:
        return []
    widest = timing.telling(pairs)
    others = f"; {len(differing) - 1} more of {len(pairs)} pairs differ" if len(differing) > 1 else ""
    expected = f"{timing.named(widest.faster)} and {timing.named(widest.slower)} take equally long"
    return [(expected, timing.contrast(widest, blocks) + others)]


def _alike(requirement: Requirement, planned: PlannedStep) -> Expectation:
    """That the causes take equally long: advice, for what a caller can use depends on where he is."""
    lowered = requirement.level == "MUST"
    level: Level | None = "SHOULD" if lowered else None
    because = "how long answers take is measured from here, and is advice" if lowered else None
    return Expectation("alike", {}, requirement.id, level, because, planned.step.where)
