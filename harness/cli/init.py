"""`authconform init`: first drafts of a profile and a target, from a document, a profile, or a person."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from harness import fetching, openapi, positions
from harness.checks.bodies import FORMATS
from harness.cli import asked, known, options
from harness.errors import escaped, mistake
from harness.outline import Outline, outlined, profile_text, schema_text, target_text

PROFILE_FILE, TARGET_FILE = "profile.yaml", "target.yaml"
_MOST_NOTES = 20


@click.command("init")
@click.option(
    "--openapi",
    "document",
    metavar="FILE-OR-URL",
    help="An OpenAPI document, 3.0 or 3.1, that describes the API.",
)
@click.option("--profile", metavar="NAME", help="Write a target for this profile.")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path(),
    help="Where the files go; the current folder where absent.",
)
@click.option("--force", is_flag=True, help="Write over files that are there.")
def command(document: str | None, profile: str | None, out: Path, force: bool) -> int:
    """Write first drafts of a profile and a target.

    With --openapi they are made from the document, with --profile a target for that profile, and without
    either from the answers to a few questions. What only a person can know stands in them as a comment that
    begins with QUESTION. No secret is asked for, and none is written.
    """
    if document and profile:
        options.alone("--openapi", profile=profile)
    if profile:
        _write({out / TARGET_FILE: known.target_text(profile)}, force)
        _what_next(out)
        return 0
    if document:
        _free(out, force)  # before a document is fetched
        outline, notes = _from_document(document)
    else:
        _somebody()
        _free(out, force)
        outline, notes = asked.outline(), []
    files = {out / PROFILE_FILE: profile_text(outline), out / TARGET_FILE: target_text(outline)}
    for name, schema in outline.schemas.items():
        files[out / "schemas" / name] = schema_text(schema)
    _write(files, force)
    for note in notes[:_MOST_NOTES]:
        click.echo(f"left aside: {escaped(note)}")
    if len(notes) > _MOST_NOTES:
        click.echo(f"left aside: {len(notes) - _MOST_NOTES} more of the like")
    _what_next(out)
    return 0


def _from_document(source: str) -> tuple[Outline, list[str]]:
    """The outline that an OpenAPI document makes, and what of it could not be used."""
    is_url = fetching.is_url(source)
    shown = source if is_url else positions.display(Path(source))
    root = openapi.parse(fetching.content(source), shown)
    described = openapi.survey(root, shown, source if is_url else None)
    name = None if described.title else Path(source.partition("?")[0]).stem
    return outlined(described, name, Path(shown.partition("?")[0]).name or shown, FORMATS)


def _somebody() -> None:
    """InputError where nobody is at the terminal to answer questions."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise mistake(
            "init asks its questions in a terminal, and this is none",
            None,
            "Give --openapi FILE-OR-URL, or --profile NAME for a profile that authconform list profiles has.",
        )


def _free(out: Path, force: bool) -> None:
    """InputError where files would be written over."""
    _not_there([out / PROFILE_FILE, out / TARGET_FILE], force)


def _not_there(paths: list[Path], force: bool) -> None:
    if there := [positions.display(path) for path in paths if path.exists()]:
        if not force:
            verb = "is" if len(there) == 1 else "are"
            hint = "Give --out for another folder, or --force to write over."
            raise mistake(f"{', '.join(there)} {verb} there already", None, hint)


def _write(files: Mapping[Path, str], force: bool) -> None:
    """Write all of them or, where one is there already and not to be written over, none."""
    _not_there(list(files), force)
    for path, text in files.items():
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            reason = f"{path.parent} is a file" if path.parent.is_file() else error.strerror or str(error)
            message = f"{positions.display(path)} cannot be written: {reason}"
            raise mistake(message, None, "Give another folder with --out.") from None
        count = sum(line.lstrip("# ").startswith("QUESTION:") for line in text.splitlines())
        told = f", {count} question{'' if count == 1 else 's'}" if count else ""
        click.echo(f"wrote {positions.display(path)}{told}")


def _what_next(out: Path) -> None:
    target = positions.display(out / TARGET_FILE)
    click.echo(f"Answer what begins with QUESTION, then: authconform doctor --target {target}")
