"""Everything a run needs from files: requirements, profile, target, and the suites as they are asked for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from harness import inventory, names, positions, profiles, shipped, specs, suites, targets
from harness.checks import CHECKS
from harness.checks.bodies import compile_schema
from harness.credentials import MECHANISMS, wrong_settings
from harness.errors import InputError, Mistake, did_you_mean, mistake, quoted
from harness.exchange import tls
from harness.inventory import Inventory
from harness.model import Listening, Place, Profile, Requirement, Suite, Target, Tls
from harness.plan import Case
from harness.planner import plan

TARGET_FILE = "target.yaml"
DOCUMENT_FILE = "openapi.yaml"
"""Beside a profile that comes with the program: what its bundled server serves."""
BESIDE = ("requirements.yaml", DOCUMENT_FILE, "openapi.json")
"""What belongs to a profile, by its name, where it lies in the same folder."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a run is about: a target file, or a profile with its bundled target.

    `base_url` is the address of that target's server where it is not to be started; `faults` are those
    that it is to be started with. `insecure` agrees to a target that believes every certificate.
    """

    target: Path | None = None
    profile: str | None = None
    base_url: str | None = None
    faults: tuple[str, ...] = ()
    insecure: bool = False
    inventory: Inventory | None = None
    """The API's own document, each operation of which is to be asked."""


class Inputs:
    """The files of one run, read and checked. InputError where one is wrong."""

    def __init__(self, choice: Choice) -> None:
        self.choice = choice
        self.specs_folder = shipped.folder("specs")
        self.suites_folder = shipped.folder("suites")
        self.written = positions.read(self._target_path())
        target = targets.build(self.written)
        self.target = _moved(target, choice.base_url) if choice.base_url else target
        self.profile_path = self._profile_path()
        own = specs.beside(self.profile_path, self.specs_folder)
        self.requirements: Mapping[str, Requirement] = specs.load(self.specs_folder, own)
        self.profile = load_profile(self.profile_path, self.specs_folder, self.requirements)
        if mistakes := list(targets.mistakes_against(self.target, self.profile, self.written)):
            raise InputError(mistakes)
        if choice.base_url:
            self.target = _with_homes(self.target, self.profile)
        self.target = self._located(self.target)
        for file in _schemas(self.profile):
            compile_schema(file)
        self.target = targets.with_obtainable(self.target, self.profile)
        if self.bundled and self.target.listener is None:
            self.target = replace(self.target, listener=Listening())
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
            suite, mistakes = suites.examine(positions.read(path), self.vocabulary)
            mistakes += self.unknown_names(suite) if suite else []
            if mistakes or suite is None:
                raise InputError(sorted(mistakes, key=lambda each: each.where.line if each.where else 0))
            for other in self._suites.values():
                if other.id == suite.id:
                    message = f"a second suite {quoted(suite.id)}, the first is {other.path}"
                    raise mistake(message, suite.where, "Give it another id.")
            for file in _own_schemas(suite):
                compile_schema(file)
            self._suites[path] = suite
        return self._suites[path]

    def cases(self, path: Path) -> Sequence[Case]:
        """The cases of the suite in the file `path`."""
        suite = self.suite(path)
        if any(map(inventory.speaks_of, suite.scenarios)):
            return list(inventory.cases(suite, self.profile, self.target, self.listed))
        return plan([suite], self.profile, self.target).cases

    @property
    def listed(self) -> Sequence[inventory.Listed] | None:
        """The operations of the API's document that need a credential; None where there is no document."""
        return self._listed[0] if self.document else None

    @property
    def left_aside(self) -> Sequence[str]:
        """What of that document cannot be asked, each with its reason."""
        return self._listed[1] if self.choice.inventory else ()

    @cached_property
    def _listed(self) -> tuple[Sequence[inventory.Listed], Sequence[str]]:
        assert self.document is not None
        return inventory.listed(self.document, self.profile, self.target)

    @cached_property
    def document(self) -> Inventory | None:
        """The API's own document: the given one, else that which lies beside the profile of a bundled server.

        It is read when a suite first speaks of it.
        """
        file = self.profile_path.parent / DOCUMENT_FILE
        if self.choice.inventory or not self.bundled or not file.is_file():
            return self.choice.inventory
        return inventory.inventory(file.read_bytes(), positions.display(file))

    def unknown_names(self, suite: Suite) -> list[Mistake]:
        """The names in `suite` that no profile has: a misspelling must not read as absence."""
        return unknown_names(suite, names.vocabulary(self.profile), lambda: self._names_of_others)

    @cached_property
    def _names_of_others(self) -> frozenset[names.Named]:
        return names_of_shipped(self.specs_folder, self.requirements)

    def secrets(self) -> dict[str, str]:
        """The secret of each configured credential. InputError where one cannot be had."""
        try:
            return targets.secrets(self.target, os.environ, self.folder)
        except InputError as error:
            if self.choice.base_url is None:
                raise
            message = f"with --base-url the secrets come from the variables that {self._target_shown} names"
            hint = "Set them, or give a target file of your own with --target."
            raise InputError([*error.mistakes, Mistake(None, message, hint)]) from None

    def agreed(self) -> None:
        """InputError where only one of the target and the command line wants certificates not verified."""
        written = self.target.tls
        if not written.verify and not self.choice.insecure:
            message = "the target has certificates not verified, which the command line has to agree to"
            hint = "Trust its authority instead: tls: {ca: FILE}; or give --insecure."
            raise mistake(message, written.where, hint)
        if self.choice.insecure and written.verify:
            hint = "Write tls: {verify: false} in the target if you mean it, or leave --insecure out."
            raise mistake("--insecure is given, and the target has certificates verified", None, hint)

    def suite_digest(self) -> str:
        """SHA-256 over the suite files that were read, by their ids."""
        read = {suite.id: path for path, suite in self._suites.items()}
        return _digest(path for _, path in sorted(read.items()))

    def suite_digests(self) -> Mapping[str, str]:
        """SHA-256 of each suite file that was read, by the suite's id."""
        return {suite.id: _digest_of(path) for path, suite in self._suites.items()}

    def profile_digest(self) -> str:
        """SHA-256 over what says what the API must do: the profile, those it extends, and what they name.

        The API's document is one of those where it is given. Whatever else lies beside them, a target with
        its secrets among it, has no part in it.
        """
        read = profiles.files(self.profile_path, self.specs_folder)
        beside = (path.parent / name for path in read for name in BESIDE)
        digest = _digest([*read, *filter(Path.is_file, beside), *_schemas(self.profile)])
        if document := self.choice.inventory:
            return hashlib.sha256(f"{digest} {document.digest}".encode()).hexdigest()
        return digest

    def _located(self, target: Target) -> Target:
        """`target` with what it names beside it where that really is. InputError where it is not."""
        given = target.import_from
        import_from = None if given is None else str((self.folder / given).resolve())
        if import_from is not None and not Path(import_from).is_dir():
            message = f"there is no folder {quoted(str(given))}, from which functions are to be imported"
            raise mistake(message, self.written.where("import-from"), "Check the path.")
        folder = self.folder.resolve()
        return replace(target, tls=self._tls(target.tls), folder=folder, import_from=import_from)

    def _tls(self, written: Tls) -> Tls:
        """How the target wants TLS, ready to be used; InputError where one of its files is not."""
        found = targets.located(written, self.folder)
        if found.ca or found.client_certificate:
            tls.context(found)
        return found

    @property
    def _target_shown(self) -> str:
        return positions.display(self._target_path())

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
    return profiles.load(path, folder, profiles.Vocabulary(requirements, CHECKS, MECHANISMS, wrong_settings))


def names_of_shipped(folder: Path, requirements: Collection[str]) -> frozenset[names.Named]:
    """Every name that a suite can use of the profiles in `folder`, whichever is tested."""
    found: set[names.Named] = {("", "prefix")}
    for mechanism in MECHANISMS:
        found |= {("", mechanism), ("credential", mechanism)}
    for name in profiles.names(folder):
        found |= names.vocabulary(load_profile(folder / name / profiles.FILE, folder, requirements))
    return frozenset(found)


def unknown_names(
    suite: Suite, own: frozenset[names.Named], others: Callable[[], frozenset[names.Named]]
) -> list[Mistake]:
    """The names in `suite` that are neither among `own` nor, looked at only then, among `others`."""
    unknown = {named: where for named, where in names.used_in(suite).items() if named not in own}
    known = own | others() if unknown else own
    mistakes = []
    for (sort, name), where in unknown.items():
        if (sort, name) not in known:
            alike = sorted(each for of, each in known if of == sort)
            what = f"the {sort} {quoted(name)}" if sort else quoted(name)
            mistakes.append(Mistake(where, f"no profile has {what}", did_you_mean(name, alike)))
    return mistakes


def shipped_suites() -> Mapping[str, str]:
    """SHA-256 of each suite that comes with the program, by the suite's id."""
    folder = shipped.folder("suites")
    return {
        path.relative_to(folder).as_posix().removesuffix(suites.SUFFIX): _digest_of(path)
        for path in suites.find(folder)
    }


def _with_homes(target: Target, profile: Profile) -> Target:
    """`target` without the credentials of places that it does not have."""
    credentials = {
        name: reference
        for name, reference in target.credentials.items()
        if (reference.at or profile.credentials[name].at) in target.places
    }
    return replace(target, credentials=credentials)


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


def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
