"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def about(command: F) -> F:
    """What a run is about: a target file, or a profile and its bundled server."""
    for option in (
        click.option(
            "--fault", "faults", metavar="ID", multiple=True, help="Start the bundled server with this fault."
        ),
        click.option(
            "--base-url",
            metavar="URL",
            help="Test this address in the bundled server's place; the secrets come from the variables "
            "that specs/NAME/target.yaml names, such as ORIGINCHAIN_TOKEN.",
        ),
        click.option("--profile", metavar="NAME", help="Test the bundled server of this profile."),
        click.option("--target", metavar="FILE", type=click.Path(path_type=Path), help="The target to test."),
    ):
        command = option(command)
    return command


def checked(target: Path | None, profile: str | None, base_url: str | None, faults: tuple[str, ...]) -> None:
    """click.UsageError for options that contradict each other."""
    if target and profile:
        raise click.UsageError("--target and --profile are two ways to say what is tested: give one of them.")
    if target and base_url:
        raise click.UsageError("--base-url goes with --profile; a target file has its own addresses.")
    if faults and (target or base_url):
        raise click.UsageError("--fault needs the bundled server: give --profile alone.")
