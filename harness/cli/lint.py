"""`authconform lint`: every mistake in files that people write, without a request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import click

from harness import baselines, names, positions, profiles, shapes, shipped, specs, suites
from harness.checks import CHECKS
from harness.errors import InputError, Mistake, mistake
from harness.inputs import TARGET_FILE, Choice, Inputs, load_profile, names_of_shipped, unknown_names
from harness.model import Profile, Requirement
from harness.plan import Case

_KINDS = {
    "suite": "suite",
    "profile": "profile",
    "target": "places",
    "requirements": "specification",
    "baseline": "accepted",
}
"""Kind of file -> a key that only it has; a target names a profile too, so places comes before it."""

_ORDER = ("requirements", "baseline", "profile", "target", "suite")
"""Suites come last: they are looked at as runs of the profiles and targets beside them would."""


@click.command("lint")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path))
def command(files: tuple[Path, ...]) -> int:
    """Find every mistake in files, without a request.

    A folder stands for the suites, profiles, targets and requirements in it. A suite is looked at as a run of
    the targets and profiles given with it would, or else of those that come with authconform.
    """
    lint = _Lint()
    kinds: dict[Path, str] = {}
    for path in dict.fromkeys(path for file in files for path in _files(file)):
        with lint.of(path):
            kinds[path] = _kind(path, positions.read(path))
    for kind in _ORDER:
        for path in kinds:
            if kinds[path] == kind:
                with lint.of(path):
                    lint.check(path, kind)
    for path, kind in kinds.items():
        if not lint.mistakes[path]:
            click.echo(f"{positions.display(path)}: a good {kind} file")
    if mistakes := [each for found in lint.mistakes.values() for each in found]:
        raise InputError(list(dict.fromkeys(mistakes)))
    return 0


class _Lint:
    """Checks files one after the other, and keeps what it learned of them for the suites."""

    def __init__(self) -> None:
        self.folder = shipped.folder("specs")
        self.requirements: Mapping[str, Requirement] = specs.load(self.folder)
        self.mistakes: dict[Path, list[Mistake]] = {}
        self.profiles: list[Profile] = []
        self.targets: list[Inputs] = []

    def of(self, path: Path) -> _Kept:
        """Keep the mistakes of the file `path` that the block ends with."""
        return _Kept(self.mistakes.setdefault(path, []))

    def check(self, path: Path, kind: str) -> None:
        """InputError has the mistakes of the file."""
        if kind == "suite":
            self.suite(path)
        elif kind == "profile":
            if own := specs.beside(path, self.folder):
                self.requirements = {**self.requirements, **specs.load(self.folder, own)}
            self.profiles.append(load_profile(path, self.folder, self.requirements))
        elif kind == "target":
            self.targets.append(Inputs(Choice(target=path)))
        elif kind == "baseline":
            baselines.load(path, self.requirements)
        elif mistakes := shapes.check(positions.read(path), shapes.load_schema("requirements")):
            raise InputError(mistakes)

    def suite(self, path: Path) -> None:
        """Look at a suite as each of the runs would that it may be meant for; one that takes it is enough.

        A run to which nothing in it applies says nothing of it.
        """
        fewest: InputError | None = None
        for look in self.looks:
            try:
                cases = look(path)
            except InputError as error:
                if fewest is None or len(error.mistakes) < len(fewest.mistakes):
                    fewest = error
            else:
                if cases is None or any(_applies(case) for case in cases):
                    return
        if fewest:
            raise fewest

    @cached_property
    def looks(self) -> Sequence[Callable[[Path], Sequence[Case] | None]]:
        """What a suite is held against: the targets given, and the profiles given without one."""
        planned = {inputs.profile_path.resolve() for inputs in self.targets}
        without = [each for each in self.profiles if Path(each.where.path).resolve() not in planned]
        if not self.targets and not without:
            bundled = [name for name in profiles.names(self.folder) if self.is_bundled(name)]
            return [Inputs(Choice(profile=name)).cases for name in bundled]
        return [*(inputs.cases for inputs in self.targets), *(self.against(each) for each in without)]

    def is_bundled(self, profile: str) -> bool:
        return (self.folder / profile / TARGET_FILE).is_file()

    def against(self, profile: Profile) -> Callable[[Path], None]:
        """Look at a suite with the names of a profile that no target was given for."""
        vocabulary = suites.Vocabulary(self.requirements, CHECKS)

        def look(path: Path) -> None:
            suite, mistakes = suites.examine(positions.read(path), vocabulary)
            if suite:
                mistakes += unknown_names(suite, names.vocabulary(profile), lambda: self.names_of_others)
            if mistakes:
                raise InputError(mistakes)

        return look

    @cached_property
    def names_of_others(self) -> frozenset[names.Named]:
        return names_of_shipped(self.folder, self.requirements)


def _applies(case: Case) -> bool:
    return case.left_out is None or case.left_out.verdict != "not-applicable"


class _Kept:
    """A block whose mistakes are kept; all others go their way."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if isinstance(error, InputError):
            self.mistakes += error.mistakes
        return isinstance(error, InputError)


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    patterns = (f"*{suites.SUFFIX}", "*profile.yaml", "requirements.yaml", "*target.yaml", "*baseline.yaml")
    found = [file for pattern in patterns for file in suites.find(path, pattern)]
    if not found:
        raise mistake(f"{positions.display(path)} holds no file of authconform", None, "Name the files.")
    yield from found


def _kind(path: Path, document: positions.Document) -> str:
    keys = document.value if isinstance(document.value, dict) else {}
    for kind in ("suite", "target", "requirements", "profile", "baseline"):
        if _KINDS[kind] in keys and not (kind == "target" and "operations" in keys):
            return "profile" if kind == "target" and path.name == "profile.yaml" else kind
    raise mistake(
        "this is no file of authconform",
        document.where(),
        "It must begin with suite:, profile:, specification: or accepted:.",
    )
