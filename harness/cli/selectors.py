"""What the selectors of `authconform run` mean: files to collect, and names that choose among their cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import shipped, suites
from harness.errors import mistake, quoted


@dataclass(frozen=True, slots=True)
class Asked:
    """What the selectors mean: the files and folders to be collected, and what chooses among their cases.

    `own` are those files and folders that the user named, `names` everything else.
    """

    files: tuple[Path, ...]
    own: tuple[Path, ...]
    names: tuple[str, ...]


def split(selectors: Sequence[str]) -> Asked:
    """What is to be collected, and what is to be chosen from it.

    A path that is there is the user's own, even where a suite of ours is called so. InputError for one that
    holds no suite.
    """
    folder = shipped.folder("suites")
    own: list[Path] = []
    names: list[str] = []
    for selector in selectors:
        path = Path(selector)
        if path.is_file() and path.name.endswith(suites.SUFFIX):
            own.append(path)
        elif path.is_dir() and suites.find(path):
            own.append(path)
        elif path.exists() and not _is_shipped_folder(selector):
            raise mistake(
                f"there is no suite in {quoted(selector)}", None, f"A suite's name ends in {suites.SUFFIX}."
            )
        elif _is_path(selector):
            raise mistake(f"there is no file or folder {quoted(selector)}", None, "Check the path.")
        else:
            names.append(selector)
    ours = (_files_of(names, folder) or [folder]) if names or not own else []
    return Asked((*own, *ours), tuple(own), tuple(names))


def _is_shipped_folder(selector: str) -> bool:
    """Whether `selector` names a folder of our suites, such as `bearer` or `suites/bearer/`."""
    inside = Path(selector.removeprefix("suites/"))
    if inside.is_absolute() or not inside.parts or ".." in inside.parts:
        return False
    return (shipped.folder("suites") / inside).is_dir()


def _is_path(selector: str) -> bool:
    """Whether `selector` can only be meant as a path of the user's own."""
    if selector.startswith((".", "/", "~")):
        return True
    ours = shipped.folder("suites") / selector.removeprefix("suites/")
    return selector.endswith(suites.SUFFIX) and not ours.is_file()


def _files_of(names: Sequence[str], folder: Path) -> list[Path]:
    """The suite files that `names` can only mean, where all of them say so: the others need not be read."""
    found: set[Path] = set()
    for name in names:
        stem = name.removeprefix("suites/").removesuffix(suites.SUFFIX).partition("[")[0].rstrip("/")
        of_name = [
            path
            for path in suites.find(folder)
            if (suite := path.relative_to(folder).as_posix().removesuffix(suites.SUFFIX))
            and (suite == stem or suite.startswith(f"{stem}/") or stem.startswith(f"{suite}/"))
        ]
        if not of_name:
            return []
        found.update(of_name)
    return sorted(found)
