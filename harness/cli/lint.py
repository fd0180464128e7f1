"""`authconform lint`: every mistake in suites, profiles, targets and requirements, without a request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from harness import positions, profiles, shapes, shipped, specs, suites, targets
from harness.checks import CHECKS
from harness.errors import InputError, Mistake, mistake
from harness.inputs import load_profile

_KINDS = {"suite": "suite", "profile": "profile", "target": "places", "requirements": "specification"}
"""Kind of file -> a key that only it has; a target names a profile too, so places comes before it."""


@click.command("lint")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> int:
    """Check files of authconform; a folder stands for the suites, profiles and targets in it."""
    mistakes: list[Mistake] = []
    paths = [path for file in files for path in _files(file)]
    for path in paths:
        try:
            kind = _check(path)
        except InputError as error:
            mistakes += error.mistakes
        else:
            click.echo(f"{positions.display(path)}: a good {kind} file")
    if mistakes:
        raise InputError(mistakes)
    return 0


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    found = [
        *suites.find(path),
        *sorted(path.rglob("profile.yaml")),
        *sorted(path.rglob("requirements.yaml")),
    ]
    found += sorted(path.rglob("target.yaml"))
    if not found:
        raise mistake(f"{positions.display(path)} holds no file of authconform", None, "Name the files.")
    yield from found


def _check(path: Path) -> str:
    """The kind of a file that is as it must be. InputError has its mistakes."""
    document = positions.read(path)
    kind = _kind(path, document)
    folder = shipped.folder("specs")
    requirements = specs.load(folder)
    if kind == "suite":
        suites.build(document, suites.Vocabulary(requirements, CHECKS))
    elif kind == "profile":
        load_profile(path, folder, requirements)
    elif kind == "target":
        target = targets.build(document)
        name = target.profile
        of_target = profiles.path_of(name, folder, target.where)
        profile = load_profile(
            of_target if of_target.is_absolute() else path.parent / of_target, folder, requirements
        )
        if mistakes := list(targets.mistakes_against(target, profile)):
            raise InputError(mistakes)
    elif mistakes := shapes.check(document, shapes.load_schema("requirements")):
        raise InputError(mistakes)
    return kind


def _kind(path: Path, document: positions.Document) -> str:
    keys = document.value if isinstance(document.value, dict) else {}
    for kind in ("suite", "target", "requirements", "profile"):
        if _KINDS[kind] in keys and not (kind == "target" and "operations" in keys):
            return "profile" if kind == "target" and path.name == "profile.yaml" else kind
    raise mistake(
        "this is no file of authconform",
        document.where(),
        "It must begin with suite:, profile: or specification:.",
    )
