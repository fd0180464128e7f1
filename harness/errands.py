"""The steps that change something: have credentials issued, and do the other lifecycle verbs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from harness.checks import Facts, Held
from harness.checks.answers import named_status
from harness.checks.issued import OF_WHAT_WAS_OBTAINED, held_of
from harness.credentials import CannotSpoil
from harness.gives import SECRET
from harness.judge import Judgement, combined, judge
from harness.lifecycle import Done, Errand, entered, used_names, verb_of
from harness.model import CredentialRef, Operation
from harness.names import NOTHING, USING, issuing_verb, verb_for
from harness.plan import Case, PlannedStep
from harness.renewal import keep_private, perform_ready
from harness.setting import TRANSIENT, Inconclusive, Setting
from harness.stage import Stage, all_statuses
from harness.templates import render


async def obtain(stage: Stage, planned: PlannedStep) -> Judgement:
    """Have credentials issued, and judge the answers that show them."""
    step = planned.step
    name = step.options.get("as", step.subject)
    kind = stage.setting.profile.credentials[str(step.subject)]
    verb = issuing_verb(kind)
    errand = replace(_errand(stage, planned, verb), issues=name)
    errand = replace(errand, credential=errand.credential or kind.options.get(USING))
    if step.together:
        done = await asyncio.gather(
            *(_perform(stage, errand) for _ in range(step.times)), return_exceptions=True
        )
        dones = [_or_raise(each) for each in done]
    else:
        dones = [await _perform(stage, errand) for _ in range(step.times)]
    if step.outcome and step.outcome.kind == "observed":
        _taken(dones)
    obtained = tuple(
        _hold(stage, errand, name if number == 0 else f"{name}-{number + 1}", str(step.subject), done)
        for number, done in enumerate(dones)
    )
    return combined(_judged(stage, planned, done, obtained if done is dones[-1] else ()) for done in dones)


def _taken(dones: Sequence[Done]) -> None:
    """CannotSpoil where what is asked for may be refused, and is."""
    for done in dones:
        if done.answer and not done.accepted and done.answer.status not in TRANSIENT:
            raise CannotSpoil(f"the API issues none of this kind: {named_status(done.answer.status)}")


def _hold(stage: Stage, errand: Errand, name: str, kind_name: str, done: Done) -> Held:
    """Keep what was issued under `name`. What was asked for is what it should be, whatever was given."""
    setting = stage.setting
    asked = {each: value for each, value in errand.values.items() if each in errand.wanted}
    kind = replace(setting.profile.credentials[kind_name], name=name)
    if not done.accepted:
        raise Inconclusive(f"no {kind_name} was issued: {_answered(setting, errand, done)}")
    if SECRET not in done.given:
        raise Inconclusive(f"'{issuing_verb(kind)}' gives no secret; add gives: {{secret: …}} to it")
    secret = str(done.given[SECRET])
    at = setting.home(kind_name)
    reference = CredentialRef(name, "value", "", name.upper().replace("-", "_"), at, True, kind.where)
    setting.redactor.learn(name, secret)
    stage.setting = replace(
        setting,
        profile=replace(setting.profile, credentials={**setting.profile.credentials, name: kind}),
        target=replace(setting.target, credentials={**setting.target.credentials, name: reference}),
        secrets={**setting.secrets, name: secret},
        given={**setting.given, name: done.given},
    )
    keep_private(setting, kind, done.given)
    held = held_of(name, secret, kind, setting.secrets.get(kind_name), {**done.given, **asked})
    stage.held[name], stage.given[name] = held, done.given
    return held


async def do(stage: Stage, planned: PlannedStep) -> Judgement:
    """Do a lifecycle verb and judge its answer; without a word on it, it must have been done.

    Of a spoiled one it is enough that there are checks of its answer.
    """
    errand = _errand(stage, planned, str(planned.step.subject))
    if errand.spoil is not None:
        await _unspoiled(stage, errand)
    done = await _perform(stage, errand)
    step, status = planned.step, done.answer.status if done.answer else 0
    explicit = any(each.check == "status" for each in step.expects)
    judged = explicit or (step.spoil is not None and step.expects)
    if step.outcome is None and not judged and not done.accepted:
        raise Inconclusive(f"'{step.subject}' was not done: {_answered(stage.setting, errand, done)}")
    if status in TRANSIENT and not done.accepted and status not in all_statuses(stage.expectations(planned)):
        raise Inconclusive(f"{named_status(status)} says nothing of whether '{step.subject}' may be done")
    return _judged(stage, planned, done, ())


async def _unspoiled(stage: Stage, errand: Errand) -> None:
    """Do the verb as it is before it is changed: its control. Inconclusive where that is not done."""
    done = await _perform(stage, replace(errand, spoil=None))
    if not done.accepted:
        answered = _answered(stage.setting, errand, done)
        raise Inconclusive(f"the control was not done: '{errand.verb}' without the change: {answered}")


def _answered(setting: Setting, errand: Errand, done: Done) -> str:
    """What a verb that was not done was answered with, and whether that is for want of a credential."""
    if done.answer is None:
        return "nothing"
    verb, status = verb_of(setting, errand.verb), named_status(done.answer.status)
    in_body = any(name.startswith("secrets.") for name in used_names(verb))
    authenticates = errand.credential or verb.credential or in_body
    if done.answer.status != HTTPStatus.UNAUTHORIZED or verb.kind != "request" or authenticates:
        return status
    return f"{status}, and it presents no credential: write credential: NAME there ({verb.where})"


def _errand(stage: Stage, planned: PlannedStep, verb: str) -> Errand:
    spoil = planned.step.spoil
    other = None
    if spoil and spoil.part == "credential":
        other, spoil = NOTHING if spoil.removed else str(spoil.change), None
    wanted = frozenset(planned.step.options.get("with", {}))
    return Errand(verb, _values(stage, planned), stage.case.id, other, wanted, spoil)


async def _perform(stage: Stage, errand: Errand) -> Done:
    done = await perform_ready(stage.setting, stage.lane, stage.exchanges, errand)
    stage.changed_at, stage.by_hand, stage.done = done.returned, done.manual, done.accepted
    return done


def _values(stage: Stage, planned: PlannedStep) -> dict[str, Any]:
    """The values that a verb's templates may use: of the step, and of what it is done to."""
    step = planned.step
    names = {"once": stage.once, **stage.kept}
    values: dict[str, Any] = dict(names)
    for name, value in step.options.get("with", {}).items():
        values[name] = render(value, names, step.where) if isinstance(value, str) else value
    of = str(step.options.get("of", ""))
    if of in stage.given:
        values |= {f"of.{name}": value for name, value in stage.given[of].items() if name != SECRET}
    elif of in stage.setting.target.places:
        place = stage.setting.target.places[of]
        values |= {f"of.{name}": value for name, value in place.variables.items()} | {"of.url": place.url}
    return values


def _judged(stage: Stage, planned: PlannedStep, done: Done, obtained: tuple[Held, ...]) -> Judgement:
    """Judge the answer to a verb, and what was `obtained` by it.

    Inconclusive where a person or a program did it and an expectation needs more than what was said.
    """
    verb = verb_for(planned.step, stage.setting.profile) or ""
    expectations = [
        each for each in stage.expectations(planned) if obtained or each.check not in OF_WHAT_WAS_OBTAINED
    ]
    answer = done.answer or entered(done, verb, expectations)
    if answer is None:
        return Judgement()
    facts = Facts(
        operation=_as_operation(verb, stage.case),
        method="",
        mechanism="",
        place="",
        home="",
        canaries=stage.setting.target.canary,
        refusal_statuses=all_statuses(expectations),
        obtained=obtained,
        held=stage.held,
        values=done.values,
    )
    return judge(answer, expectations, facts, stage.setting.requirements)


def _or_raise(done: Done | BaseException) -> Done:
    if isinstance(done, BaseException):
        raise done
    return done


def _as_operation(verb: str, case: Case) -> Operation:
    """A lifecycle verb as checks see it: an operation of which nothing is known but its name."""
    return Operation(
        name=verb, method="", path="", headers=(), body=None, body_type=None, accepted=(), after=None,
        undo=None, effect=None, touches=frozenset(), public=False, at=None, where=case.where,
    )  # fmt: skip
