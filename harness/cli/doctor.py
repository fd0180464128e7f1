"""`authconform doctor`: can this target be tested, and what would let more of it be?"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click

from harness import preflight, shipped, suites
from harness.asking import Setting
from harness.errors import TargetError
from harness.exchange import Network, Redactor
from harness.inputs import Choice, Inputs
from harness.plan import Case


@click.command("doctor")
@click.option(
    "--target", metavar="FILE", required=True, type=click.Path(path_type=Path), help="The target to look at."
)
def command(target: Path) -> int:
    """Look at a target: its places, its credentials, and each missing need with what it would unlock."""
    inputs = Inputs(Choice(target=target))
    secrets = inputs.secrets()
    cases = [case for path in suites.find(shipped.folder("suites")) for case in inputs.cases(path)]
    click.echo(f"{target}: {inputs.profile.title}, {inputs.target.environment}")
    redactor = Redactor()
    for name, secret in secrets.items():
        redactor.learn(name, secret, env=inputs.target.credentials[name].env)
    setting = Setting(inputs.profile, inputs.target, secrets, inputs.requirements, redactor, seed=0)
    troubles = asyncio.run(_try(setting))
    _tell_missing(cases)
    asked = sum(case.left_out is None for case in cases)
    click.echo(f"{asked} of {len(cases)} cases can be asked")
    return TargetError.exit_code if troubles or not asked else 0


async def _try(setting: Setting) -> int:
    """Try every place and credential, tell how it went, and count the troubles."""
    network = Network(redactor=setting.redactor, resolve=setting.target.resolve)
    lane = network.lane()
    troubles = 0
    reached: set[str] = set()
    try:
        for name, place in setting.target.places.items():
            try:
                await preflight.reach(setting, lane, name)
            except TargetError as error:
                troubles += 1
                click.echo(f"  no   place {name}: {error}")
            else:
                reached.add(name)
                click.echo(f"  yes  place {name}: {place.url} answers")
        for name in setting.target.credentials:
            home = preflight.home(setting, name)
            if home not in reached:
                continue
            reason = await preflight.try_credential(setting, lane, name)
            troubles += reason is not None
            told = f"  no   {reason}" if reason else f"  yes  credential {name}: accepted at {home}"
            click.echo(setting.redactor.text(told))
    finally:
        await network.aclose()
    return troubles


def _tell_missing(cases: Sequence[Case]) -> None:
    missing = Counter(
        case.left_out.reason for case in cases if case.left_out and case.left_out.verdict == "inconclusive"
    )
    for reason, count in missing.most_common():
        click.echo(f"  gap  {reason} (unlocks {count} {'case' if count == 1 else 'cases'})")
