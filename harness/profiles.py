"""Read profiles: the contract of one API family, with what it takes over from those that it extends."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness import positions, shapes
from harness.errors import InputError, Mistake, did_you_mean, mistake, quoted
from harness.expectations import ATTRIBUTION, expectation, is_pattern, missing_settings, wrong_settings
from harness.model import CredentialKind, Effect, Expectation, LifecycleVerb, Operation, Profile, Where
from harness.names import OBTAINED_BY, OWN, REDEEMED_BY, USING
from harness.positions import Document, Key
from harness.refusals import REASONS, lineage
from harness.verbs import misplaced, verb

FILE = "profile.yaml"
_THE_API = "The API under test."
GRANT_KIND = "grant"
"""The kind of credential that is a parameter of a token request, named after it where nothing is said."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a profile may use."""

    requirements: Collection[str]
    checks: Collection[str]
    mechanisms: Collection[str]
    wrong_settings: Callable[[str, Mapping[str, Any]], Iterator[tuple[str, str, str | None]]] | None = None
    """What is wrong with the settings of a credential of a mechanism: the key, what, and the next step."""


def names(folder: Path) -> list[str]:
    """The profiles that lie in `folder`, by name."""
    return sorted(path.parent.name for path in folder.glob(f"*/{FILE}"))


def path_of(name: str, folder: Path, where: Where | None = None) -> Path:
    """The file of the profile called `name` in `folder`, or the file that `name` is the path of.

    InputError, with the nearest name, where there is none.
    """
    if name.endswith((".yaml", ".yml")):
        return Path(name)
    known = names(folder)
    if name not in known:
        raise mistake(f"unknown profile {quoted(name)}", where, did_you_mean(name, known))
    return folder / name / FILE


def load(path: Path, folder: Path, vocabulary: Vocabulary) -> Profile:
    """The profile in the file `path`; those it extends are looked for in `folder`.

    InputError has all mistakes.
    """
    chain = _chain(path, folder)
    reader = _Reader(chain, vocabulary)
    profile = reader.profile()
    if reader.mistakes:
        raise InputError(sorted(reader.mistakes, key=lambda each: (str(each.where), each.message)))
    return profile


def files(path: Path, folder: Path) -> list[Path]:
    """The file of a profile and those of the profiles that it extends, the most general first."""
    return [below / Path(document.path).name for document, below in _chain(path, folder)]


def _chain(path: Path, folder: Path) -> list[tuple[Document, Path]]:
    """The profile's document and those it extends, the most general first, each with its folder."""
    chain: list[tuple[Document, Path]] = []
    seen: set[Path] = set()
    while True:
        document = positions.read(path)
        if mistakes := shapes.check(document, shapes.load_schema("profile")):
            raise InputError(mistakes)
        if path.resolve() in seen:
            raise mistake("a profile that extends itself", document.where("extends"), "Break the circle.")
        seen.add(path.resolve())
        chain.insert(0, (document, path.parent))
        extends = document.value.get("extends")
        if extends is None:
            return chain
        path = path_of(extends, folder, document.where("extends"))


@dataclass(frozen=True, slots=True)
class _Entry:
    """What one profile of the chain says under a name, and where."""

    value: Any
    document: Document
    keys: tuple[Key, ...]
    folder: Path

    @property
    def where(self) -> Where:
        return self.document.where(*self.keys)


class _Reader:
    """Builds one profile out of its chain and collects the mistakes that no schema can tell."""

    def __init__(self, chain: list[tuple[Document, Path]], vocabulary: Vocabulary) -> None:
        self.chain = chain
        self.vocabulary = vocabulary
        self.mistakes: list[Mistake] = []
        self.places: Mapping[str, str] = {
            OWN: _THE_API,  # which every API has, whoever says so
            **{name: entry.value for name, entry in self.section("places").items()},
        }
        self.operations: Mapping[str, _Entry] = self.section("operations")
        self.documents: Mapping[str, _Entry] = self.section("documents")
        self.credentials: Mapping[str, _Entry] = self.section("credentials")

    def profile(self) -> Profile:
        own = self.chain[-1][0]
        return Profile(
            name=own.value["profile"],
            title=own.value["title"],
            credentials=_with_other_prefixes(
                {name: self.credential(name, entry) for name, entry in self.credentials.items()}
            ),
            places=self.places,
            operations={name: self.operation(name, entry) for name, entry in self.operations.items()},
            refusals=self.refusals(),
            lifecycle={name: self.verb(name, entry) for name, entry in self.section("lifecycle").items()},
            limits={name: entry.value for name, entry in self.section("limits").items()},
            capabilities=frozenset(self.listed("capabilities")),
            redact=tuple(self.redact()),
            where=own.where("profile"),
            documents={name: self.documented(name, entry) for name, entry in self.documents.items()},
            addresses={name: entry.value for name, entry in self.section("addresses").items()},
            origins={name: entry.value for name, entry in self.section("origins").items()},
        )

    def section(self, name: str) -> dict[str, _Entry]:
        """The entries of one section, those of a later profile in the chain in place of an earlier one's.

        What an earlier one keeps to itself is not among them.
        """
        own = self.chain[-1][0]
        return {
            key: _Entry(value, document, (name, key), folder)
            for document, folder in self.chain
            if document is own or name not in document.value.get("keeps", ())
            for key, value in document.value.get(name, {}).items()
        }

    def documented(self, name: str, entry: _Entry) -> tuple[str, ...]:
        """The profile's own statements that say the same as the requirement `name`."""
        own = (entry.value,) if isinstance(entry.value, str) else tuple(entry.value)
        for each in (name, *own):
            self.known(each, self.vocabulary.requirements, "requirement", entry)
        return own

    def verb(self, name: str, entry: _Entry) -> LifecycleVerb:
        for key, message, hint in misplaced(entry.value):
            self.wrong(entry, message, hint, key)
        for index, said in ((None, entry.value), *enumerate(entry.value.get("visits", ()))):
            keys: tuple[Key, ...] = () if index is None else ("visits", index)
            for key, known in (("at", self.places), ("credential", self.credentials)):
                if key in said:
                    self.known(said[key], known, "place" if key == "at" else key, entry, *keys, key)
        return verb(name, entry.value, entry.where)

    def listed(self, name: str) -> Iterator[str]:
        own = self.chain[-1][0]
        for document, _ in self.chain:
            if document is own or name not in document.value.get("keeps", ()):
                yield from document.value.get(name, ())

    def redact(self) -> Iterator[str]:
        for document, folder in self.chain:
            for index, pattern in enumerate(document.value.get("redact", ())):
                if not is_pattern(pattern):
                    entry = _Entry(pattern, document, ("redact", index), folder)
                    self.wrong(entry, f"{quoted(pattern)} is not a regular expression", None)
                yield pattern

    def credential(self, name: str, entry: _Entry) -> CredentialKind:
        settings: dict[str, Any] = dict(entry.value)
        if like := settings.pop("like", None):
            if like in self.credentials and "like" not in self.credentials[like].value:
                settings = {**self.credentials[like].value, **settings}
            else:
                known = [each for each in self.credentials if "like" not in self.credentials[each].value]
                self.known(like, known, "credential", entry, "like")
        kind = settings.pop("kind", None)
        if kind is None and not like:
            self.wrong(entry, f"the credential {quoted(name)} has no kind", "Add kind: or like:.")
        elif kind is not None:
            self.known(kind, self.vocabulary.mechanisms, "kind of credential", entry, "kind")
        at = settings.pop("at", "own")
        self.known(at, self.places, "place", entry, "at")
        if OBTAINED_BY in settings:
            self.known(settings[OBTAINED_BY], self.section("lifecycle"), "lifecycle verb", entry, OBTAINED_BY)
        if REDEEMED_BY in settings:
            self.known(settings[REDEEMED_BY], self.operations, "operation", entry, REDEEMED_BY)
        if USING in settings:
            self.known(settings[USING], self.credentials, "credential", entry, USING)
        if kind == GRANT_KIND:  # whatever name a case gives to one that it has issued
            settings.setdefault("parameter", like or name)
        prefix = settings.pop("prefix", ())
        if kind in self.vocabulary.mechanisms and self.vocabulary.wrong_settings:
            for key, message, hint in self.vocabulary.wrong_settings(kind, settings):
                self.wrong(entry, message, hint, key)
        return CredentialKind(
            name=name,
            mechanism=kind or "",
            at=at,
            prefix=(prefix,) if isinstance(prefix, str) else tuple(prefix),
            options=settings,
            where=entry.where,
        )

    def operation(self, name: str, entry: _Entry) -> Operation:
        value = entry.value
        method, path = value["request"].split(" ", 1)
        for key in ("after", "undo"):
            if key in value:
                self.known(value[key], self.operations, "operation", entry, key)
        if "json" in value and "form" in value:
            self.wrong(entry, f"the operation {quoted(name)} has both 'json' and 'form'", "Keep one.")
        if "at" in value:
            self.known(value["at"], self.places, "place", entry, "at")
        return Operation(
            name=name,
            method=method,
            path=path,
            headers=tuple(value.get("headers", {}).items()),
            body=value.get("json", value.get("form")),
            body_type="json" if "json" in value else "form" if "form" in value else None,
            accepted=tuple(self.accepted(entry)),
            after=value.get("after"),
            undo=value.get("undo"),
            effect=self.effect(entry),
            touches=frozenset(value.get("touches", ())),
            public=value.get("public", False),
            at=value.get("at"),
            where=entry.where,
            takes=self.takes(entry),
            beside=self.beside(entry),
            says_touches="touches" in value,
        )

    def beside(self, entry: _Entry) -> str | None:
        name: str | None = entry.value.get("beside")
        if name is not None:
            self.known(name, self.credentials, "credential", entry, "beside")
        return name

    def takes(self, entry: _Entry) -> frozenset[str] | None:
        """The credentials that an operation names as those which it accepts."""
        for index, name in enumerate(entry.value.get("takes", ())):
            self.known(name, self.credentials, "credential", entry, "takes", index)
        return frozenset(entry.value["takes"]) if "takes" in entry.value else None

    def effect(self, entry: _Entry) -> Effect | None:
        effect = entry.value.get("effect")
        if effect is None:
            return None
        self.known(effect["on"], self.operations, "operation", entry, "effect", "on")
        return Effect(effect["on"], effect.get("shows") or effect["hides"], "shows" in effect)

    def accepted(self, entry: _Entry) -> Iterator[Expectation]:
        for check, settings in entry.value["accepted"].items():
            if not isinstance(settings, dict):
                settings = {"is": settings}
            self.check_settings(check, settings, entry, "accepted", check)
            yield from self.documented_too(self.expectation(check, settings, entry, ("accepted", check)))

    def refusals(self) -> Mapping[str, tuple[Expectation, ...]]:
        """What a refusal looks like, for every reason there is."""
        written: dict[str, dict[str, _Entry | None]] = {}
        for document, folder in self.chain:
            for reason, checks in document.value.get("refusals", {}).items():
                if reason != "default" and reason not in REASONS:
                    place = _Entry(None, document, ("refusals", reason), folder)
                    self.wrong(place, f"unknown refusal {quoted(reason)}", did_you_mean(reason, REASONS))
                for check, settings in checks.items():
                    entry = _Entry(settings, document, ("refusals", reason, check), folder)
                    self.check_settings(check, settings or {}, entry)
                    _overlay(written.setdefault(reason, {}), check, entry)
        return {reason: tuple(self.refusal(reason, written)) for reason in ("default", *REASONS)}

    def refusal(
        self, reason: str, written: Mapping[str, Mapping[str, _Entry | None]]
    ) -> Iterator[Expectation]:
        checks: dict[str, _Entry | None] = {}
        for ancestor in lineage(reason):
            for check, entry in written.get(ancestor, {}).items():
                _overlay(checks, check, self.tolerant(check, checks.get(check), entry))
        for check, entry in checks.items():
            if entry is not None:
                yield from self.documented_too(self.expectation(check, entry.value, entry, ()))

    def tolerant(self, check: str, before: _Entry | None, entry: _Entry | None) -> _Entry | None:
        """What is said of a reason, with the statuses that a nearer profile gives for the one it is like.

        A profile that answers with 403, say, does so where the standards know 400 and 401.
        """
        if check != "status" or not (before and before.value and entry and entry.value):
            return entry
        nearness = [document for document, _ in self.chain].index
        if nearness(entry.document) >= nearness(before.document) or "is" not in entry.value:
            return entry
        both = dict.fromkeys((*_listed(before.value["is"]), *_listed(entry.value["is"])))
        return replace(before, value={**before.value, **entry.value, "is": list(both)})

    def documented_too(self, expectation: Expectation) -> Iterator[Expectation]:
        """`expectation`, and once more for what the API's own document says of the same."""
        yield expectation
        entry = self.documents.get(expectation.requirement or "")
        for own in self.documented(expectation.requirement or "", entry) if entry else ():
            yield replace(expectation, requirement=own)

    def expectation(
        self, check: str, settings: Mapping[str, Any], entry: _Entry, keys: tuple[Key, ...]
    ) -> Expectation:
        for message in missing_settings(check, settings):
            self.wrong(entry, message, None, *keys)
        if check == "schema" and isinstance(name := settings.get("is"), str):
            file = entry.folder / "schemas" / name
            if not file.is_file():
                shown = positions.display(file)
                self.wrong(entry, f"there is no schema file {shown}", "Write it, or mend the name.", *keys)
            settings = {**settings, "file": str(file)}
        return expectation(check, settings, entry.document.where(*entry.keys, *keys))

    def check_settings(self, check: str, settings: Mapping[str, Any], entry: _Entry, *keys: Key) -> None:
        """Tell what is wrong in what one profile writes of a check, at the line where it does."""
        if check not in self.vocabulary.checks:
            self.known(check, self.vocabulary.checks, "check", entry, *keys)
            return
        if requirement := settings.get("requirement"):
            self.known(requirement, self.vocabulary.requirements, "requirement", entry, *keys, "requirement")
        for message, hint in wrong_settings(check, settings):
            self.wrong(entry, message, hint, *keys)

    def known(self, name: str, known: Collection[str], what: str, entry: _Entry, *keys: Key) -> None:
        if name not in known:
            self.wrong(entry, f"unknown {what} {quoted(name)}", did_you_mean(name, known), *keys)

    def wrong(self, entry: _Entry, message: str, hint: str | None, *keys: Key) -> None:
        found = Mistake(entry.document.where(*entry.keys, *keys), message, hint)
        if found not in self.mistakes:  # what a reason lacks is found again for all that are like it
            self.mistakes.append(found)


def _with_other_prefixes(kinds: Mapping[str, CredentialKind]) -> Mapping[str, CredentialKind]:
    """Credentials that each know what the others of their mechanism begin with."""
    found = {}
    for name, kind in kinds.items():
        alike = (each for each in kinds.values() if each.mechanism == kind.mechanism)
        others = dict.fromkeys(
            prefix for each in alike for prefix in each.prefix if prefix not in kind.prefix
        )
        found[name] = replace(kind, other_prefixes=tuple(others))
    return found


def _without_foreign_claim(check: str, before: _Entry, entry: _Entry) -> Mapping[str, Any]:
    """What was said `before`, without the requirement that a status of `entry` would not meet.

    Where the standards ask for 401, an API that answers with 403 proves something else than they ask for.
    """
    other = set(_listed(entry.value.get("is", before.value.get("is", [])))) if check == "status" else set()
    if entry.document is before.document or other <= set(_listed(before.value.get("is", []))):
        return dict(before.value)
    return {key: value for key, value in before.value.items() if key not in ATTRIBUTION}


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _overlay(checks: dict[str, _Entry | None], check: str, entry: _Entry | None) -> None:
    """Let `entry` add to, or with null take away, what is said of a check so far."""
    before = checks.get(check)
    if entry is None or entry.value is None:
        checks[check] = None
    elif before is None:
        checks[check] = entry
    else:
        value = {**_without_foreign_claim(check, before, entry), **entry.value}
        checks[check] = _Entry(value, entry.document, entry.keys, entry.folder)
