"""Read the requirements: what must be true, as `specs/` says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from harness import positions, shapes
from harness.errors import InputError, Mistake, mistake, quoted
from harness.model import Requirement
from harness.positions import Document


def load(folder: Path) -> Mapping[str, Requirement]:
    """The requirements of every `<specification>/requirements.yaml` below `folder`, by id.

    An id is `<specification>/<key>`. As a specification is named like its folder, no two files can have
    the same one. InputError has the mistakes of all files.
    """
    if not folder.is_dir():
        told = f"{positions.display(folder)}: there is no such folder"
        raise mistake(told, None, "It must hold <specification>/requirements.yaml.")
    requirements: dict[str, Requirement] = {}
    mistakes: list[Mistake] = []
    for path in sorted(folder.glob("*/requirements.yaml")):
        try:
            requirements |= {each.id: each for each in _read(path)}
        except InputError as error:
            mistakes += error.mistakes
    if mistakes:
        raise InputError(mistakes)
    return requirements


def _read(path: Path) -> Iterator[Requirement]:
    document = positions.read(path)
    mistakes = shapes.check(document, shapes.load_schema("requirements"))
    if not mistakes and document.value["specification"] != path.parent.name:
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
    )
