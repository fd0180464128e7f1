"""The command `authconform`: one module for each of its commands, imported when it is called."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from harness import __version__
from harness.errors import AuthconformError, did_you_mean, mistake, quoted

_COMMANDS = {
    "run": "harness.cli.run",
    "init": "harness.cli.init",
    "doctor": "harness.cli.doctor",
    "list": "harness.cli.listing",
    "serve": "harness.cli.serve",
    "lint": "harness.cli.lint",
    "prove": "harness.cli.prove",
    "report": "harness.cli.report",
    "diff": "harness.cli.diff",
    "baseline": "harness.cli.baseline",
    "keygen": "harness.cli.keygen",
    "certify": "harness.cli.certify",
    "verify": "harness.cli.verify",
}
"""Command -> the module whose `command` it is."""


class _Commands(click.Group):
    """Imports a command only when it is asked for: the others would cost a third of a second."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(_COMMANDS[name]).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _COMMANDS:
            hint = did_you_mean(args[0], _COMMANDS)
            raise mistake(f"there is no command {quoted(args[0])}", None, hint)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; exit with 3 where nobody reads what it says any more, as of `| head`."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is still to be flushed
            sys.exit(3)


@click.command(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="authconform")
def cli() -> None:
    """Ask a running API whether its authentication does what its documentation and the standards say.

    Begin with: authconform run --profile originchain

    Exit codes: 0 it conforms, 1 it does not, 2 the command or a file is wrong, 3 inconclusive.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit with its code; our own errors become a message without a traceback."""
    gc.disable()  # nothing is to be collected while modules load; a run turns it on again
    try:
        sys.exit(cli.main(arguments, prog_name="authconform", standalone_mode=False) or 0)
    except AuthconformError as error:
        click.echo(f"authconform: {error}", err=True)
        sys.exit(error.exit_code)
    except click.Abort:
        click.echo("authconform: interrupted", err=True)
        sys.exit(3)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
