"""Read the requirements: what must be true, as `specs/` says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness import positions, shapes
from harness.errors import InputError, Mistake, mistake, quoted
from harness.model import Requirement
from harness.positions import Document

FILE = "requirements.yaml"


def load(folder: Path, own: Path | None = None) -> Mapping[str, Requirement]:
    """The requirements of every `<specification>/requirements.yaml` below `folder`, by id, and of `own`.

    An id is `<specification>/<key>`. As a specification is named like its folder, no two files can have
    the same one; that in `own`, an author's file, must be another. InputError has the mistakes of all files.
    """
    if not folder.is_dir():
        told = f"{positions.display(folder)}: there is no such folder"
        raise mistake(told, None, "It must hold <specification>/requirements.yaml.")
    requirements: dict[str, Requirement] = {}
    mistakes: list[Mistake] = []
    for path in [*sorted(folder.glob(f"*/{FILE}")), *([own] if own else [])]:
        try:
            requirements |= {each.id: each for each in _read(path, None if path == own else folder)}
            if path == own:
                _check_own(path, folder)
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return requirements


def beside(profile: Path, folder: Path) -> Path | None:
    """The author's own requirements that lie beside his `profile`; None for a profile in `folder`."""
    found = profile.parent / FILE
    shipped = profile.resolve().is_relative_to(folder.resolve())
    return found if found.is_file() and not shipped else None


def _check_own(path: Path, folder: Path) -> None:
    """InputError where an author's specification has the name of one that comes with authconform."""
    document = positions.read(path)
    name = document.value["specification"]
    if (folder / name / FILE).is_file():
        message = f"the specification {quoted(name)} comes with authconform"
        raise mistake(message, document.where("specification"), "Give yours another name.")


def _read(path: Path, folder: Path | None) -> Iterator[Requirement]:
    """The requirements of one file; in a `folder` of specifications it must be named like its own."""
    document = positions.read(path)
    mistakes = shapes.check(document, shapes.load_schema("requirements"))
    if folder and not mistakes and document.value["specification"] != path.parent.name:
        mistakes.append(_named_unlike_folder(document, path.parent.name))
    if mistakes:
        raise InputError(mistakes)
    for key in document.value["requirements"]:
        yield _requirement(document, key)


def _named_unlike_folder(document: Document, folder: str) -> Mistake:
    name = quoted(document.value["specification"])
    message = f"the specification {name} lies in the folder {quoted(folder)}"
    return Mistake(document.where("specification"), message, "Give both the same name.")


def _requirement(document: Document, key: str) -> Requirement:
    entry = document.value["requirements"][key]
    return Requirement(
        id=f"{document.value['specification']}/{key}",
        level=entry["level"],
        basis=entry["basis"],
        says=entry["says"],
        sources=tuple(entry.get("sources", ())),
        catalogue=tuple(entry.get("catalogue", ())),
        not_tested=entry.get("not_tested"),
        resolution=entry.get("resolution"),
        where=document.where("requirements", key),
        why=entry.get("why"),
        fix=entry.get("fix"),
    )
