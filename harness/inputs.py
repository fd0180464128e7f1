"""Everything a run needs from files: requirements, profile, target, and the suites as they are asked for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from harness import names, positions, profiles, shipped, specs, suites, targets
from harness import plan as planning
from harness.checks import CHECKS
from harness.checks.bodies import compile_schema
from harness.credentials import MECHANISMS
from harness.errors import InputError, Mistake, did_you_mean, mistake, quoted
from harness.model import Place, Profile, Requirement, Suite, Target

TARGET_FILE = "target.yaml"


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run is about: a target file, or a profile with its bundled target.

    `base_url` is the address of that target's server where it is not to be started; `faults` are those
    that it is to be started with.
    """

    target: Path | None = None
    profile: str | None = None
    base_url: str | None = None
    faults: tuple[str, ...] = ()


class Inputs:
    """The files of one run, read and checked. InputError where one is wrong."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.specs_folder = shipped.folder("specs")
        self.suites_folder = shipped.folder("suites")
        written = positions.read(self._target_path())
        target = targets.build(written)
        self.target = _moved(target, choice.base_url) if choice.base_url else target
        self.profile_path = self._profile_path()
        self.requirements: Mapping[str, Requirement] = specs.load(self.specs_folder)
        self.profile = load_profile(self.profile_path, self.specs_folder, self.requirements)
        if mistakes := list(targets.mistakes_against(self.target, self.profile, written)):
            raise InputError(mistakes)
        for file in _schemas(self.profile):
            compile_schema(file)
        self._suites: dict[Path, Suite] = {}

    @property
    def bundled(self) -> bool:
        """Whether the target's server is to be started by its provider."""
        return self.choice.target is None and self.choice.base_url is None

    @property
    def target_shown(self) -> str:
        """What reports call the target."""
        if self.bundled:
            return "bundled server"
        return self.choice.base_url or str(self.choice.target)

    @property
    def folder(self) -> Path:
        """What the target's references to files are relative to."""
        return self.choice.target.parent if self.choice.target else Path.cwd()

    @cached_property
    def vocabulary(self) -> suites.Vocabulary:
        """The names that suites may use."""
        return suites.Vocabulary(self.requirements, CHECKS)

    def suite(self, path: Path) -> Suite:
        """The suite in the file `path`, read once. InputError has its mistakes."""
        path = path.resolve()
        if path not in self._suites:
            suite = suites.load(path, self.vocabulary)
            self.check_names(suite)
            for other in self._suites.values():
                if other.id == suite.id:
                    message = f"a second suite {quoted(suite.id)}, the first is {other.path}"
                    raise mistake(message, suite.where, "Give it another id.")
            for file in _own_schemas(suite):
                compile_schema(file)
            self._suites[path] = suite
        return self._suites[path]

    def cases(self, path: Path) -> Sequence[planning.Case]:
        """The cases of the suite in the file `path`."""
        return planning.plan([self.suite(path)], self.profile, self.target).cases

    def check_names(self, suite: Suite) -> None:
        """InputError for a name in `suite` that no profile has: a misspelling must not read as absence."""
        own = names.vocabulary(self.profile)
        unknown = {named: where for named, where in names.used_in(suite).items() if named not in own}
        if not unknown:
            return
        known = own | self._names_of_others
        mistakes = []
        for (sort, name), where in unknown.items():
            if (sort, name) not in known:
                alike = sorted(each for of, each in known if of == sort)
                what = f"the {sort} {quoted(name)}" if sort else quoted(name)
                mistakes.append(Mistake(where, f"no profile has {what}", did_you_mean(name, alike)))
        if mistakes:
            raise InputError(mistakes)

    @cached_property
    def _names_of_others(self) -> frozenset[names.Named]:
        found: set[names.Named] = {("", "prefix")}
        for mechanism in MECHANISMS:
            found |= {("", mechanism), ("credential", mechanism)}
        for name in profiles.names(self.specs_folder):
            path = self.specs_folder / name / profiles.FILE
            found |= names.vocabulary(load_profile(path, self.specs_folder, self.requirements))
        return frozenset(found)

    def secrets(self) -> Mapping[str, str]:
        """The secret of each configured credential. InputError where one cannot be had."""
        return targets.secrets(self.target, os.environ, self.folder)

    def suite_digest(self) -> str:
        """SHA-256 over the suite files that were read, by their ids."""
        read = {suite.id: path for path, suite in self._suites.items()}
        return _digest(path for _, path in sorted(read.items()))

    def profile_digest(self) -> str:
        """SHA-256 over the profile's own files."""
        return _digest(sorted(path for path in self.profile_path.parent.rglob("*") if path.is_file()))

    def _target_path(self) -> Path:
        choice = self.choice
        if choice.target is not None:
            return choice.target
        if choice.profile is None:
            known = ", ".join(profiles.names(self.specs_folder))
            raise mistake(
                "neither a target nor a profile is given",
                None,
                f"Add --target FILE, or --profile NAME for a bundled server. Known profiles: {known}.",
            )
        path = profiles.path_of(choice.profile, self.specs_folder).parent / TARGET_FILE
        if not path.is_file():
            raise mistake(
                f"the profile {quoted(choice.profile)} has no bundled target", None, "Give --target FILE."
            )
        return path

    def _profile_path(self) -> Path:
        name = self.target.profile
        path = profiles.path_of(name, self.specs_folder, self.target.where)
        return path if path.is_absolute() else self.folder / path


def load_profile(path: Path, folder: Path, requirements: Collection[str]) -> Profile:
    """The profile in the file `path`; those it extends are in `folder`. InputError has its mistakes."""
    return profiles.load(path, folder, profiles.Vocabulary(requirements, CHECKS, MECHANISMS))


def _moved(target: Target, base_url: str) -> Target:
    """The bundled target at another address.

    An IP address or localhost is where every place is then found, under its own name. A host name is the
    name of `own`; the other places have none.
    """
    split = urlsplit(base_url)
    try:
        port = split.port
    except ValueError:
        port = -1
    if split.scheme not in ("http", "https") or not split.hostname or port == -1:
        raise mistake(f"{quoted(base_url)} is not an http or https URL", None, "Write http://HOST:PORT.")
    if (
        split.hostname != "localhost"
        and not split.hostname.replace(".", "").isdigit()
        and ":" not in split.hostname
    ):
        own = replace(target.places[names.OWN], url=base_url.rstrip("/"))
        return replace(target, places={names.OWN: own}, provider=None)
    suffix = f":{port}" if port else ""
    places: dict[str, Place] = {}
    resolve: dict[str, str] = {}
    for name, place in target.places.items():
        host = urlsplit(place.url).hostname or ""
        places[name] = replace(place, url=f"{split.scheme}://{host}{suffix}")
        resolve[host] = split.hostname
    return replace(target, places=places, resolve=resolve, provider=None)


def _schemas(profile: Profile) -> Iterable[Path]:
    described = [
        expectation for operation in profile.operations.values() for expectation in operation.accepted
    ]
    described += (expectation for refusal in profile.refusals.values() for expectation in refusal)
    return sorted({Path(each.args["file"]) for each in described if "file" in each.args})


def _own_schemas(suite: Suite) -> Iterable[Path]:
    expected = [each for scenario in suite.scenarios for step in scenario.steps for each in step.expects]
    return sorted({Path(each.args["file"]) for each in expected if "file" in each.args})


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
