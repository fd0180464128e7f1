"""`authconform doctor`: can this target be tested, and what would let more of it be?"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import click

from harness import diagnosis, lifecycle, positions, preflight, programs, shipped, suites, targets
from harness.cli import encryption, gaps, more
from harness.errors import InputError, Mistake, TargetError
from harness.exchange import Answer, Lane, Network, Redactor
from harness.inputs import Choice, Inputs
from harness.model import Place
from harness.names import OWN
from harness.outline import QUESTION
from harness.renewal import can_be_obtained, renew
from harness.setting import Inconclusive, Setting


@click.command("doctor")
@click.option(
    "--target", metavar="FILE", required=True, type=click.Path(path_type=Path), help="The target to look at."
)
@click.option(
    "--insecure", is_flag=True, help="Agree to a target with tls: {verify: false}: anybody could answer."
)
def command(target: Path, insecure: bool) -> int:
    """See whether a target can be tested, and what it lacks.

    Its places are reached and its credentials tried; what is wrong is told with its line and the next step,
    each thing missing with the number of scenarios that it would unlock, and the line to add.
    """
    inputs = Inputs(Choice(target=target, insecure=insecure))
    inputs.agreed()
    asked = [inputs.suite(path) for path in suites.find(shipped.folder("suites"))]
    secrets, unset = _secrets(inputs)
    click.echo(f"{target}: {inputs.profile.title}, {inputs.target.environment}")
    redactor = Redactor()
    for name, secret in secrets.items():
        redactor.learn(name, secret, env=inputs.target.credentials[name].env)
    setting = Setting(inputs.profile, inputs.target, secrets, inputs.requirements, redactor, seed=0)
    unset += _programs(inputs)
    troubles = asyncio.run(_try(setting))
    for each in unset:
        click.echo(f"  no   {each}")
    for line in _questions(target, inputs.profile_path):
        click.echo(f"  ask  {line}")
    for gap in gaps.of(asked, inputs.profile, inputs.target):
        click.echo(f"  gap  {gap}")
    if OWN in inputs.target.places:
        for addition in more.of(asked, inputs.profile, inputs.target):
            click.echo(f"  more {addition}")
    some, all_of_them = gaps.asked(asked, inputs.profile, inputs.target)
    click.echo(f"{some} of {all_of_them} scenarios can be asked")
    click.echo(_next_step(target, bool(unset or troubles), some))
    if unset:
        return InputError.exit_code
    return TargetError.exit_code if troubles or not some else 0


def _secrets(inputs: Inputs) -> tuple[dict[str, str], list[Mistake]]:
    """The secrets that can be had, and what is wrong with the others."""
    found: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for name, reference in inputs.target.credentials.items():
        one = replace(inputs.target, credentials={name: reference})
        try:
            found |= targets.secrets(one, os.environ, inputs.folder)
        except InputError as error:
            mistakes += error.mistakes
    return found, mistakes


def _programs(inputs: Inputs) -> list[Mistake]:
    """The commands and functions of lifecycle verbs that are not to be had."""
    try:
        programs.check(lifecycle.all_verbs(inputs.profile, inputs.target), inputs.target)
    except InputError as error:
        return list(error.mistakes)
    return []


def _questions(*paths: Path) -> Iterator[str]:
    """The questions of `authconform init` that nobody has answered yet, by file."""
    for path in paths:
        lines = path.read_text(encoding="utf-8").splitlines()
        open_ones = [n for n, line in enumerate(lines, 1) if line.lstrip().startswith(QUESTION)]
        if open_ones:
            shown = ", ".join(map(str, open_ones))
            what = "questions are open, on lines" if len(open_ones) > 1 else "question is open, on line"
            yield f"{positions.display(path)}: {len(open_ones)} {what} {shown}"


def _next_step(target: Path, has_troubles: bool, askable: int) -> str:
    if has_troubles:
        return "next: mend what 'no' stands before, the first one first"
    if not askable:
        return "next: give what most scenarios need, the first gap first"
    return f"next: authconform run --target {positions.display(target)}"


async def _reach(setting: Setting, lane: Lane) -> dict[str, Answer]:
    """What answers at the places where something does, after telling how it went."""
    target = setting.target
    answers: dict[str, Answer] = {}
    if way := diagnosis.way(target.proxy, os.environ):
        click.echo(f"  yes  {way}")
    for name, place in target.places.items():
        try:
            answers[name] = await preflight.reach(setting, lane, name)
        except TargetError as error:
            click.echo(f"  no   place {name}: {error}")
            continue
        click.echo(f"  yes  place {name}: {place.url} answers")
        received = time.time() - (lane.now() - answers[name].timing.headers)
        for line in _odd(answers[name], place, received):
            click.echo(line)
        sent = [credential for credential in target.credentials if setting.home(credential) == name]
        if warning := encryption.in_the_clear(place, target, sent):
            click.echo(warning)
    for line in encryption.certificates(answers):
        click.echo(line)
    return answers


def _odd(answer: Answer, place: Place, received: float) -> Iterator[str]:
    """What is odd about an answer of `place` whose head came at `received`, seconds since the epoch."""
    if found := diagnosis.skew(answer, received):
        step = "Set whichever is wrong: tokens with a time in them are judged by it."
        yield f"  warn place {place.name}: {found}. {step}"
    if advice := diagnosis.moved(answer, place):
        yield f"  warn place {place.name}: {advice.says}. {advice.where}: {advice.next_step}"


async def _unguarded(setting: Setting, lane: Lane, reached: Mapping[str, Answer]) -> None:
    if OWN in reached and (advice := await diagnosis.unguarded(setting, lane)):
        click.echo(f"  warn {advice.where}: {advice.says}. {advice.next_step}")


async def _try(setting: Setting) -> int:
    """Try every place and credential, tell how it went, and count the troubles."""
    target = setting.target
    network = Network(redactor=setting.redactor, resolve=target.resolve, trust=target.tls, proxy=target.proxy)
    lane = network.lane()
    try:
        reached = await _reach(setting, lane)
        troubles = len(setting.target.places) - len(reached)
        for name in setting.target.credentials:
            home = setting.home(name)
            obtained = setting.target.credentials[name].source == "obtained"
            if obtained and not can_be_obtained(setting, name):
                continue
            try:
                await renew(setting, lane, [name], [])
            except Inconclusive as error:
                troubles += 1
                click.echo(setting.redactor.text(f"  no   {error}"))
                continue
            if home not in reached or name not in setting.secrets:
                continue
            if preflight.manages(setting, name):
                click.echo(f"  yes  credential {name}: used for {_used_for(setting, name)}")
                continue
            reason: str | None
            try:
                refused = await preflight.try_credential(setting, lane, name)
                reason = None if refused is None else str(refused)
            except InputError as error:
                reason = f"credential {name}: cannot be tried: {error}"
            troubles += reason is not None
            told = f"  no   {reason}" if reason else f"  yes  credential {name}: accepted at {home}"
            click.echo(setting.redactor.text(told))
        await _unguarded(setting, lane, reached)
    finally:
        await network.aclose()
    return troubles


def _used_for(setting: Setting, credential: str) -> str:
    """What a credential of the management plane does, which is not tried: it would change something."""
    target, profile = setting.target, setting.profile
    verbs = [name for name in profile.lifecycle if name not in target.lifecycle]
    done = [*target.lifecycle.values(), *(profile.lifecycle[name] for name in verbs)]
    used = sorted(verb.name for verb in done if verb.credential == credential)
    return f"the lifecycle alone ({', '.join(used)})" if used else "the lifecycle alone, and no verb names it"
