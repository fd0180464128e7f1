"""Options that several commands share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

FAILING = ("must", "should", "inconclusive")
"""What can fail a run."""

F = TypeVar("F", bound=Callable[..., Any])


def about(command: F) -> F:
    """What a run is about: a target file, or a profile and its bundled server."""
    return _with(
        command,
        click.option("--target", metavar="FILE", type=click.Path(path_type=Path), help="The target to test."),
        click.option("--profile", metavar="NAME", help="Test the bundled server of this profile."),
        click.option(
            "--base-url",
            metavar="URL",
            help="Test this address in the bundled server's place; the secrets come from the variables "
            "that specs/NAME/target.yaml names, such as ORIGINCHAIN_TOKEN.",
        ),
        click.option(
            "--fault", "faults", metavar="ID", multiple=True, help="Start the bundled server with this fault."
        ),
    )


def inventory(command: F) -> F:
    """The document that lists what is to be asked."""
    return _with(
        command,
        click.option(
            "--openapi",
            "document",
            metavar="FILE-OR-URL",
            help="The API's OpenAPI document, 3.0 or 3.1: each operation that it protects is asked too.",
        ),
    )


def run_folder(command: F) -> F:
    """Where a run is written, and what is printed of it."""
    return _with(
        command,
        click.option(
            "--out",
            metavar="DIR",
            type=click.Path(path_type=Path),
            help="The run folder; default reports/<start>-<profile>.",
        ),
        click.option(
            "--json", "as_json", is_flag=True, help="Print the run's end line as JSON, and nothing else."
        ),
        click.option("--dry-run", is_flag=True, help="Print what would be asked, and ask nothing."),
    )


def settings(command: F) -> F:
    """How it is asked: the fields of `running.Settings`, by their names."""
    return _with(
        command,
        click.option(
            "--concurrency",
            metavar="N",
            type=click.IntRange(1, 256),
            default=8,
            show_default=True,
            help="Batches under way at a time.",
        ),
        click.option(
            "--rate",
            metavar="N",
            type=click.FloatRange(0.001, 100_000),
            callback=_number,
            help="At most N requests per second.",
        ),
        click.option("--seed", metavar="N", type=int, help="Make invented values repeatable."),
        click.option(
            "--trials",
            metavar="N",
            type=click.IntRange(1, 100),
            default=3,
            show_default=True,
            help="Times that a change, such as a revocation, is made and measured.",
        ),
        click.option("--thorough", is_flag=True, help="20 trials, each watched for half a minute more."),
        click.option("--strict", is_flag=True, help="A SHOULD not met fails the run too."),
        click.option(
            "--fail-on",
            "fail_on",
            metavar="WHAT",
            type=click.Choice(FAILING),
            multiple=True,
            help="What exits with 1: must, always; should, as with --strict; inconclusive, in place of 3. "
            "May be given several times.",
        ),
        click.option(
            "--baseline",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Accept the findings that this file names; see authconform baseline.",
        ),
    )


def as_in_pytest(command: F) -> F:
    """What pytest itself does: `chosen_as_in_pytest` hands it on."""
    return _with(
        command,
        click.option(
            "-k", "keyword", metavar="EXPRESSION", help="Only cases whose name matches, as in pytest."
        ),
        click.option(
            "-m",
            "marker",
            metavar="EXPRESSION",
            help="Only cases so marked (must, should, …), as in pytest.",
        ),
        click.option("-x", "--exitfirst", is_flag=True, help="Stop at the first case that fails."),
        click.option(
            "-v",
            "--verbose",
            is_flag=True,
            help="A line for each case, and the name of all that does not apply.",
        ),
    )


def _number(context: click.Context, option: click.Parameter, value: float | None) -> float | None:
    """`value`, unless it is none that can be compared: no range keeps that out."""
    if value is not None and math.isnan(value):
        raise click.BadParameter("nan is not a number.", context, option)
    return value


def _with(command: F, *options: Callable[[F], F]) -> F:
    """`command` with these options, which its help tells in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def arguments(settings: Mapping[str, Any]) -> list[str]:
    """The options as another process is given them; what was not given is left out."""
    found: list[str] = []
    for name, value in settings.items():
        option = f"--{name.replace('_', '-')}"
        if isinstance(value, tuple):
            found += (f"{option}={each}" for each in value)
        elif value is not None and value is not False:
            found.append(option if value is True else f"{option}={value}")
    return found


def gated(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of `running.Settings`, of which --fail-on is two."""
    fields = dict(settings)
    fail_on = fields.pop("fail_on")
    fields["strict"] = fields["strict"] or "should" in fail_on
    return fields | {"unknown_fails": "inconclusive" in fail_on}


def chosen_as_in_pytest(keyword: str | None, marker: str | None, exitfirst: bool, verbose: bool) -> list[str]:
    """The arguments of pytest that these options are."""
    chosen = ["-k", keyword] if keyword else []
    chosen += ["-m", marker] if marker else []
    return chosen + ["-x"] * exitfirst + ["-vv"] * verbose


def alone(option: str, **others: object) -> None:
    """click.UsageError where `option` is given together with one of `others`, which it has no use for."""
    given = [f"--{name.replace('_', '-')}" for name, value in others.items() if value]
    if given:
        raise click.UsageError(f"{option} does not go with {', '.join(given)}: leave one of them out.")


def checked(target: Path | None, profile: str | None, base_url: str | None, faults: tuple[str, ...]) -> None:
    """click.UsageError for options that contradict each other."""
    if target and profile:
        raise click.UsageError("--target and --profile are two ways to say what is tested: give one of them.")
    if target and base_url:
        raise click.UsageError("--base-url goes with --profile; a target file has its own addresses.")
    if faults and (target or base_url):
        raise click.UsageError("--fault needs the bundled server: give --profile alone.")
