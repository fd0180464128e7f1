"""`authconform baseline`: accept findings of a run for the time being."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import click

from harness import baselines, shipped, specs, terminal
from harness.cli.run_folder import run_file
from harness.errors import InputError, Mistake, did_you_mean, mistake, quoted
from harness.model import Acceptance, Where
from harness.report.accepting import AGAINST, named
from harness.report.record import Run, read

FILE = Path("authconform-baseline.yaml")


@click.group("baseline", short_help="Accept findings of a run for the time being.")
def command() -> None:
    """Accept findings for the time being: authconform run --baseline FILE asks them all the same.

    An accepted finding does not fail a run. An entry that no longer fails, or has expired, does.
    """


@command.command("add")
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.argument("what", metavar="CASE-OR-REQUIREMENT")
@click.option("--reason", metavar="TEXT", help="Why it is accepted; asked for at the terminal.")
@click.option("--owner", metavar="NAME", help="Who answers for it; asked for at the terminal.")
@click.option(
    "--expires", metavar="DATE", help="The last day, such as 2027-03-31; asked for at the terminal."
)
@click.option("--ticket", metavar="ID", help="Where it is followed up.")
@click.option(
    "--file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=FILE,
    show_default=True,
    help="The baseline, which is made where there is none.",
)
def add(
    run: Path,
    what: str,
    reason: str | None,
    owner: str | None,
    expires: str | None,
    ticket: str | None,
    file: Path,
) -> int:
    """Write an entry for a finding of RUN, a run folder or its run.jsonl.

    For a case, each requirement that it fails gets an entry: whatever else comes to fail in it is not
    accepted. A requirement is accepted in every case, those to come too.
    """
    found = read(run_file(run))
    pairs = list(_found(found, what))
    reason, owner, expires = _answers(
        {"reason": ("Why is it accepted?", reason), "owner": ("Who answers for it?", owner),
         "expires": ("Until which day, such as 2027-03-31?", expires)}
    )  # fmt: skip
    day = _day(expires)
    nowhere = Where(str(file), 1)
    entries = [
        Acceptance(requirement, case, reason, owner, ticket, day, nowhere) for requirement, case in pairs
    ]
    requirements = {*specs.load(shipped.folder("specs")), *found.start.requirements}  # an author's own too
    for entry in baselines.add(file, entries, requirements):
        click.echo(f"{entry.where}: {named(entry)} is accepted until {entry.expires}")
    return 0


def _found(run: Run, what: str) -> Iterator[tuple[str, str | None]]:
    """The requirement and the case of each entry. InputError where the run has nothing against `what`."""
    against = [
        (finding.id, outcome.case)
        for outcome in run.outcomes
        for finding in outcome.requirements
        if finding.verdict in AGAINST
    ]
    of_case = [(requirement, case) for requirement, case in against if case == what]
    if of_case:
        yield from of_case
    elif any(requirement == what for requirement, _ in against):
        yield what, None
    else:
        known = dict.fromkeys(name for pair in against for name in pair)
        hint = did_you_mean(what, known) if known else "Nothing fails in it."
        raise mistake(f"nothing in this run is against {quoted(what)}", None, hint)


def _answers(questions: dict[str, tuple[str, str | None]]) -> list[str]:
    """Each answer as it was given, or else as a person at the terminal gives it.

    InputError with each that is missing where nobody is there.
    """
    found: dict[str, str | None] = {}
    for name, (question, given) in questions.items():
        found[name] = given if given is not None else asyncio.run(terminal.ask(question, hidden=False))
        if not (found[name] or "").strip():
            missing = [
                each for each in questions if not (found.get(each) or questions[each][1] or "").strip()
            ]
            raise InputError([Mistake(None, f"--{each} is missing") for each in missing])
    return [str(value) for value in found.values()]


def _day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise mistake(f"{quoted(text)} is no day", None, "Write it as 2027-03-31.") from None
    if day < datetime.now(UTC).date():
        raise mistake(f"{day} is past", None, "Give a day on which it is still accepted.")
    return day
