"""`authconform doctor`: can this target be tested, and what would let more of it be?"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import click

from harness import preflight, shipped, suites, targets
from harness.cli import encryption, gaps
from harness.errors import InputError, Mistake, TargetError
from harness.exchange import Answer, Lane, Network, Redactor
from harness.inputs import Choice, Inputs
from harness.renewal import renew
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

    Its places are reached and its credentials tried; each thing missing is told with the number of scenarios
    that it would unlock, and the line to add.
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
    troubles = asyncio.run(_try(setting))
    for each in unset:
        click.echo(f"  no   {each}")
    for gap in gaps.of(asked, inputs.profile, inputs.target):
        click.echo(f"  gap  {gap}")
    some, all_of_them = gaps.asked(asked, inputs.profile, inputs.target)
    click.echo(f"{some} of {all_of_them} scenarios can be asked")
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


async def _reach(setting: Setting, lane: Lane) -> dict[str, Answer]:
    """What answers at the places where something does, after telling how it went."""
    target = setting.target
    answers: dict[str, Answer] = {}
    for name, place in target.places.items():
        try:
            answers[name] = await preflight.reach(setting, lane, name)
        except TargetError as error:
            click.echo(f"  no   place {name}: {error}")
            continue
        click.echo(f"  yes  place {name}: {place.url} answers")
        sent = [credential for credential in target.credentials if setting.home(credential) == name]
        if warning := encryption.in_the_clear(place, target, sent):
            click.echo(warning)
    for line in encryption.certificates(answers):
        click.echo(line)
    return answers


async def _try(setting: Setting) -> int:
    """Try every place and credential, tell how it went, and count the troubles."""
    network = Network(redactor=setting.redactor, resolve=setting.target.resolve, trust=setting.target.tls)
    lane = network.lane()
    try:
        reached = await _reach(setting, lane)
        troubles = len(setting.target.places) - len(reached)
        for name in setting.target.credentials:
            home = setting.home(name)
            with suppress(Inconclusive):
                await renew(setting, lane, [name], [])
            if home not in reached or name not in setting.secrets:
                continue
            if preflight.manages(setting, name):
                click.echo(f"  yes  credential {name}: used for {_used_for(setting, name)}")
                continue
            try:
                reason = await preflight.try_credential(setting, lane, name)
            except InputError as error:
                reason = f"credential {name}: cannot be tried: {error}"
            troubles += reason is not None
            told = f"  no   {reason}" if reason else f"  yes  credential {name}: accepted at {home}"
            click.echo(setting.redactor.text(told))
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
