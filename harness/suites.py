"""Read suite files: YAML -> scenarios, with every mistake of a file at once."""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, get_args

from harness import positions, shapes
from harness.errors import InputError, Mistake, did_you_mean, quoted
from harness.expectations import OF_CREDENTIALS, expectation, missing_settings, wrong_settings
from harness.model import Expectation, Outcome, Scenario, Spoil, Step, Suite, Verb, Where
from harness.names import DOCUMENTED, KEPT, NOTHING
from harness.positions import Document, Key
from harness.refusals import REASONS
from harness.templates import names_in

SUFFIX = ".suite.yaml"

VERBS: tuple[str, ...] = get_args(Verb)
OUTCOMES = ("accepted", "refused", "settles", "observed")
EXPLICIT = ("status", "headers", "schema", "json")
"""Checks that may be written as keys of a step."""
OPTIONS = ("from", "as", "of", "origin", "asks", "until", "otherwise", "with", "keep", "by")

_NEEDS_OUTCOME = ("present", "redeem", "send")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a suite may use, whatever the profile."""

    requirements: Collection[str]
    checks: Collection[str]
    reasons: Collection[str] = tuple(REASONS)


def find(folder: Path, pattern: str = f"*{SUFFIX}") -> list[Path]:
    """All suite files below `folder`, or those whose name is like `pattern`, sorted.

    Hidden folders, and those of installed packages, are passed over.
    """
    found: list[Path] = []
    for below, folders, files in os.walk(folder):
        if "pyvenv.cfg" in files and Path(below) != folder:
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
        found += (Path(below) / name for name in files if fnmatchcase(name, pattern))
    return sorted(found)


def load(path: Path, vocabulary: Vocabulary) -> Suite:
    """The suite in the file `path`. InputError has all its mistakes."""
    return build(positions.read(path), vocabulary)


def build(document: Document, vocabulary: Vocabulary) -> Suite:
    """The suite that `document` holds. InputError has all its mistakes."""
    suite, mistakes = examine(document, vocabulary)
    if mistakes or suite is None:
        raise InputError(mistakes)
    return suite


def examine(document: Document, vocabulary: Vocabulary) -> tuple[Suite | None, list[Mistake]]:
    """As much of the suite in `document` as has the right shape, and all mistakes in their order.

    None where not even the suite as a whole has it.
    """
    mistakes = shapes.check(document, shapes.load_schema("suite"))
    misshapen = _misshapen(document, mistakes)
    if misshapen is None:
        return None, mistakes
    reader = _Reader(document, vocabulary, misshapen)
    suite = reader.suite()
    return suite, sorted([*mistakes, *reader.mistakes], key=lambda each: each.where.line if each.where else 0)


def _misshapen(document: Document, mistakes: Sequence[Mistake]) -> frozenset[int] | None:
    """The scenarios, by their position, that the mistakes of shape are in; None where one is in none."""
    if not mistakes:
        return frozenset()
    value = document.value
    scenarios = value.get("scenarios") if isinstance(value, dict) else None
    if not isinstance(scenarios, list) or not {"suite", "title"} <= value.keys():
        return None
    first = document.where("scenarios").line
    begins = [document.where("scenarios", index).line for index in range(len(scenarios))]
    found = set()
    for each in mistakes:
        line = each.where.line if each.where else 0
        if line < first or not begins or line < begins[0]:
            return None
        found |= {index for index, begin in enumerate(begins) if begin == line}
        found.add(bisect_right(begins, line) - 1)
    # what stands behind the last scenario is not told from what is in it
    return None if any(document.where(key).line > begins[-1] for key in value) else frozenset(found)


@dataclass(frozen=True, slots=True)
class _Part:
    """A mapping of the document, perhaps put together from several, that knows where each key stands."""

    entries: Mapping[str, Any]
    paths: Mapping[str, tuple[Key, ...]]
    path: tuple[Key, ...]

    def under(self, key: str) -> tuple[Key, ...]:
        return self.paths.get(key, (*self.path, key))


class _Reader:
    """Builds the records of one document and collects the mistakes that no schema can tell."""

    def __init__(self, document: Document, vocabulary: Vocabulary, passed_over: Collection[int] = ()) -> None:
        self.document = document
        self.passed_over = passed_over
        """The scenarios, by their position, that are not read."""
        self.vocabulary = vocabulary
        self.mistakes: list[Mistake] = []

    def suite(self) -> Suite:
        root = self.document.value
        scenarios: list[Scenario] = []
        seen: dict[str, Where] = {}
        for index, entry in enumerate(root["scenarios"]):
            if index in self.passed_over:
                continue
            path: tuple[Key, ...] = ("scenarios", index)
            first = seen.setdefault(entry["id"], self.document.where(*path))
            if first != self.document.where(*path):
                self.wrong(
                    (*path, "id"),
                    f"a second scenario {quoted(entry['id'])}, the first is on line {first.line}",
                )
            scenarios += self.scenarios(entry, path)
        return Suite(
            id=root["suite"],
            title=root["title"],
            path=self.document.path,
            scenarios=tuple(scenarios),
            where=self.document.where("suite"),
        )

    def scenarios(self, entry: Mapping[str, Any], path: tuple[Key, ...]) -> Iterator[Scenario]:
        base = _part(entry, path)
        if "each" not in entry:
            yield self.scenario(base, None)
            return
        for name, variant in entry["each"].items():
            yield self.scenario(_merged(base, _part(variant, (*path, "each", name))), name)

    def scenario(self, part: _Part, variant: str | None) -> Scenario:
        root, entry = self.document.value, part.entries
        requires = _strings(entry["requires"])
        for each in requires:
            self.known(each, self.vocabulary.requirements, "requirement", part.under("requires"))
        if "control" in entry and "because" not in entry:
            self.wrong(part.under("control"), "control: none needs a reason", "Add because: …")
        if "because" in entry and "control" not in entry:
            self.wrong(part.under("because"), "'because' without 'control: none'", "Add it, or a comment.")
        steps = tuple(self.steps(part))
        self.kept(steps)
        self.issued(steps)
        self.documented(steps)
        where = part.path if variant else (*part.path, "id")
        return Scenario(
            id=f"{root['suite']}/{entry['id']}",
            suite=root["suite"],
            title=entry.get("title", entry["id"].replace("-", " ")),
            requires=requires,
            needs=(*root.get("needs", ()), *entry.get("needs", ())),
            touches=frozenset((*root.get("touches", ()), *entry.get("touches", ()))),
            steps=steps,
            variant=variant,
            control="control" not in entry,
            because=entry.get("because"),
            no_fault=entry.get("no_fault"),
            where=self.document.where(*where),
        )

    def kept(self, steps: Sequence[Step]) -> None:
        """Tell of what is used of what was kept, and was not kept before."""
        known: set[str] = set()
        for step in steps:
            written = (
                step.subject,
                step.spoil and step.spoil.change,
                step.options,
                [e.args for e in step.expects],
            )
            for name in names_in(written):
                if name.startswith(KEPT) and name not in known:
                    message = f"no step before this one keeps {quoted(name.removeprefix(KEPT))}"
                    self.tell(Mistake(step.where, message, did_you_mean(name, known)))
            known |= {f"{KEPT}{name}" for name in step.options.get("keep", {})}

    def documented(self, steps: Sequence[Step]) -> None:
        """Tell of `on: documented` in a step that does not stand alone, and present something."""
        for step in steps:
            for each in (step, *step.branches.values()):
                if each.on == DOCUMENTED and (len(steps) > 1 or each is not step or step.verb != "present"):
                    hint = "Write a scenario of one step for it."
                    self.tell(Mistake(each.where, "'on: documented' goes with one step that presents", hint))

    def issued(self, steps: Sequence[Step]) -> None:
        """Tell of checks that look for a credential which no step has had issued by then."""
        known: set[str] = set()
        for step in steps:
            if step.verb == "obtain":
                name = str(step.options.get("as", step.subject))
                known |= {name, *(f"{name}-{number}" for number in range(2, step.times + 1))}
            for each in step.expects:
                name = str(each.args.get("of", ""))
                if each.check in OF_CREDENTIALS and name and name not in known:
                    message = f"no step up to this one obtains {quoted(name)}"
                    self.tell(Mistake(each.where, message, did_you_mean(name, known)))

    def steps(self, part: _Part) -> Iterator[Step]:
        inline = [key for key in _STEP_KEYS if key in part.entries]
        if "steps" not in part.entries:
            yield self.step(part)
            return
        if inline:
            self.wrong(
                part.under(inline[0]),
                f"{quoted(inline[0])} stands beside 'steps'",
                "Write it in one of the steps.",
            )
        for index, entry in enumerate(part.entries["steps"]):
            yield self.step(_part(entry, (*part.under("steps"), index)))

    def step(self, part: _Part) -> Step:
        entry = part.entries
        verb = self.one_of(VERBS, part, "a step does one thing") or "present"
        outcome = self.outcome(part, verb)
        return Step(
            verb=verb,  # type: ignore[arg-type]  # one of VERBS, which are Verb's own
            subject=tuple(entry[verb]) if verb == "alike" and verb in entry else entry.get(verb),
            on=entry.get("on"),
            at=entry.get("at"),
            options={key: entry[key] for key in OPTIONS if key in entry},
            times=entry.get("times", 1),
            together=entry.get("together", False),
            spoil=self.spoil(part),
            outcome=outcome,
            expects=(*self.checks(part), *self.explicit(part)),
            branches=self.branches(part, verb),
            where=self.document.where(*part.under(verb)),
            proves=self.proves(part),
        )

    def proves(self, part: _Part) -> tuple[str, ...] | None:
        """The requirements that a step names for itself."""
        if "proves" not in part.entries or part.entries["proves"] == NOTHING:
            return () if "proves" in part.entries else None
        own = _strings(part.entries["proves"])
        for each in own:
            self.known(each, self.vocabulary.requirements, "requirement", part.under("proves"))
        return own

    def outcome(self, part: _Part, verb: str) -> Outcome | None:
        entry = part.entries
        for key in ("until", "otherwise"):
            if "refused" in entry.get(key, ()):
                self.reason(entry[key]["refused"], (*part.under(key), "refused"))
        if verb == "alike":
            for key in OUTCOMES:
                if key in entry:
                    hint = "Remove it: what must come of them is 'alike'."
                    self.wrong(part.under(key), f"{quoted(key)} beside 'alike'", hint)
            return Outcome("alike", None, {}, self.document.where(*part.under("alike")))
        written = [key for key in OUTCOMES if key in entry]
        if not written and "until" in entry:
            reason = entry["until"].get("refused")
            kind = "refused" if reason else "accepted"
            return Outcome(kind, reason, {}, self.document.where(*part.under("until")))  # type: ignore[arg-type]
        if not written:
            if verb in _NEEDS_OUTCOME and not any(key in entry for key in EXPLICIT):
                ways = (*EXPLICIT, "accepted", "refused") if verb == "send" else OUTCOMES
                self.wrong(part.path, "a step without an outcome", f"Add one of {', '.join(ways)}.")
            return None
        kind = self.one_of(OUTCOMES, part, "a step has one outcome") or written[0]
        value = entry[kind]
        options = value if isinstance(value, dict) else {}
        reason = value if kind == "refused" else options.get("refused")
        if reason is not None:
            self.reason(reason, (*part.under(kind), *(["refused"] if kind == "settles" else [])))
        if kind == "observed":
            options = {"what": value}
        return Outcome(kind, reason, options, self.document.where(*part.under(kind)))  # type: ignore[arg-type]

    def spoil(self, part: _Part) -> Spoil | None:
        entry = part.entries
        if "but" in entry and "without" in entry:
            self.wrong(part.under("without"), "'but' and 'without' in one step", "Change one thing only.")
        if "without" in entry:
            return Spoil(entry["without"], None, True, self.document.where(*part.under("without")))
        if "but" in entry:
            ((name, change),) = entry["but"].items()
            return Spoil(name, change, False, self.document.where(*part.under("but"), name))
        return None

    def checks(self, part: _Part) -> Iterator[Expectation]:
        for index, entry in enumerate(part.entries.get("checks", ())):
            path = (*part.under("checks"), index)
            name, settings = (entry, {}) if isinstance(entry, str) else next(iter(entry.items()))
            if isinstance(settings, str):
                settings = {"requirement": settings}
            self.known(name, self.vocabulary.checks, "check", path)
            if requirement := settings.get("requirement"):
                self.known(requirement, self.vocabulary.requirements, "requirement", (*path, name))
            yield self.expectation(name, settings, path)

    def explicit(self, part: _Part) -> Iterator[Expectation]:
        for key in EXPLICIT:
            if key in part.entries:
                yield self.expectation(key, {"is": part.entries[key]}, part.under(key))

    def expectation(self, check: str, settings: Mapping[str, Any], path: tuple[Key, ...]) -> Expectation:
        wrong: list[tuple[str, str | None]] = [(each, None) for each in missing_settings(check, settings)]
        wrong += wrong_settings(check, settings)
        for message, hint in wrong:
            self.wrong(path, message, hint)
        if check == "schema" and not wrong:
            file = self.document.folder / settings["is"]
            if not file.is_file():
                message = f"there is no schema file {positions.display(file)}"
                self.wrong(path, message, "It lies beside the suite.")
            settings = {**settings, "file": str(file)}
        return expectation(check, settings, self.document.where(*path))

    def branches(self, part: _Part, verb: str) -> Mapping[str, Step]:
        if verb != "alike":
            if "among" in part.entries:
                self.wrong(part.under("among"), "'among' without 'alike'", "Say what must be alike.")
            return {}
        if "among" not in part.entries:
            self.wrong(part.path, "'alike' without 'among'", "Name the steps that are compared.")
            return {}
        path = part.under("among")
        return {
            name: self.compared(_part(entry, (*path, name))) for name, entry in part.entries["among"].items()
        }

    def compared(self, part: _Part) -> Step:
        """A step under `among`: its outcome is the comparison, so it has none of its own."""
        for key in OUTCOMES:
            if key in part.entries:
                message = f"{quoted(key)} in a step under 'among'"
                self.wrong(part.under(key), message, "Remove it: what must come of them is 'alike'.")
        entries = {key: value for key, value in part.entries.items() if key not in OUTCOMES}
        return self.step(_Part({**entries, "observed": "compared"}, part.paths, part.path))

    def one_of(self, keys: tuple[str, ...], part: _Part, rule: str) -> str | None:
        written = [key for key in keys if key in part.entries]
        if not written:
            self.wrong(part.path, f"{rule}, this one none", f"Add one of {', '.join(keys)}.")
            return None
        for extra in written[1:]:
            self.wrong(part.under(extra), f"{rule}: {quoted(written[0])} and {quoted(extra)}", "Remove one.")
        return written[0]

    def reason(self, name: str, path: tuple[Key, ...]) -> None:
        self.known(name, self.vocabulary.reasons, "refusal", path)

    def known(self, name: str, names: Collection[str], what: str, path: tuple[Key, ...]) -> None:
        if name not in names:
            self.wrong(path, f"unknown {what} {quoted(name)}", did_you_mean(name, names))

    def wrong(self, path: tuple[Key, ...], message: str, hint: str | None = None) -> None:
        self.tell(Mistake(self.document.where(*path), message, hint))

    def tell(self, found: Mistake) -> None:
        if found not in self.mistakes:  # the variants of one scenario share most of what they say
            self.mistakes.append(found)


_STEP_KEYS = (
    *VERBS, *OUTCOMES, *EXPLICIT, *OPTIONS,
    "among", "proves", "on", "at", "times", "together", "but", "without", "checks",
)  # fmt: skip


def _part(entries: Mapping[str, Any], path: tuple[Key, ...]) -> _Part:
    return _Part(entries, {key: (*path, key) for key in entries}, path)


def _merged(base: _Part, over: _Part) -> _Part:
    return _Part({**base.entries, **over.entries}, {**base.paths, **over.paths}, over.path)


def _strings(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
