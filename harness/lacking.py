"""What keeps a case from being run: what the profile does not have, or this deployment lacks or forbids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness import production, templates
from harness.errors import did_you_mean, mistake, quoted
from harness.model import LifecycleVerb, Operation, Place, Profile, Scenario, Spoil, Step, Target
from harness.names import (
    CREDENTIAL,
    DEFAULT_ADDRESS,
    GRANT,
    KEPT,
    LISTENER,
    PROTECTED,
    PROTECTED_PATH,
    REFER,
    Named,
    used_by,
    verb_for,
    vocabulary,
)
from harness.plan import LeftOut, Presentation
from harness.production import Touched

NAME = "name"
"""The value of `with` by which a lifecycle verb is told what to call a credential."""

_TEMPLATES: Mapping[str, frozenset[str]] = {
    "field": frozenset({"scheme", "value", "unknown", "field", "unknown-field"}),
    "path": frozenset({"path", "path.upper", "path.encoded"}),
    "target": frozenset({"path", "scheme"}),
    "add": frozenset({"fresh-address", PROTECTED_PATH}),
}
"""The spoils whose values are templates, each with the names that only it has."""

_PROGRAMS: Mapping[str, str] = {"command": "a command", "call": "a function"}
"""The kinds of lifecycle verbs that a program does: whatever the API answers to it is not seen."""
_OF_AN_ANSWER = frozenset({"status", "headers", "schema"})
"""The checks of suites that need an answer to a lifecycle verb; others look at what was issued or printed."""


class Lacking:
    """Looks for what a profile and one of its targets lack."""

    def __init__(self, profile: Profile, target: Target) -> None:
        self.profile = profile
        self.target = target
        self.names = vocabulary(profile)

    def unmet(self, scenario: Scenario, verbs: Sequence[str]) -> LeftOut | None:
        """What the scenario itself names, or does by `verbs`, and is not to be had."""
        needs: list[Named] = [*used_by(scenario), *(("lifecycle verb", verb) for verb in verbs)]
        for sort, name in needs:
            if (sort, name) not in self.names:
                what = f"{sort} '{name}'" if sort and sort != name else f"'{name}'"
                return LeftOut("not-applicable", f"the profile {self.profile.name} has no {what}")
        return self.of([name for _, name in needs])

    def of(self, names: Sequence[str]) -> LeftOut | None:
        """Which of these parts of the profile the target does not have."""
        for name in names:
            if name in self.target.absent:
                return LeftOut("not-applicable", f"{name}: {self.target.absent[name]}")
        return next((lacking for name in names if (lacking := self._undeclared(name))), None)

    def unheard(self, spoils: Sequence[Spoil | None]) -> LeftOut | None:
        """That a change leads to an address of ours, and the target can reach none."""
        if self.target.listener is not None or all(each is None or each.part != REFER for each in spoils):
            return None
        reason = self.target.absent.get(LISTENER) or (
            "the target gives no address at which it can call us; where it can reach this machine "
            f"add `{LISTENER}: {{url: http://<address>:<port>}}` to {self.target.where.path}"
        )
        return LeftOut("not-applicable", f"{LISTENER}: {reason}")

    def unable(self, scenario: Scenario) -> LeftOut | None:
        """What a step asks of a lifecycle verb that has no meaning for it, as this deployment does it.

        Or that a step goes by a limit of which the profile says nothing.
        """
        for step in scenario.steps:
            if lacking := self._unlimited(step):
                return lacking
            name = verb_for(step, self.profile)
            verb = self.target.lifecycle.get(name or "") or self.profile.lifecycle.get(name or "")
            if verb and (reason := _meaningless(step, verb)):
                return LeftOut("not-applicable", f"{reason} ({verb.where})")
        return None

    def _unlimited(self, step: Step) -> LeftOut | None:
        options = step.outcome.options if step.outcome else {}
        for name in templates.names_in((dict(step.options), dict(options))):
            section, _, limit = name.partition(".")
            if section == "limits" and limit not in self.profile.limits:
                told = f"the profile {self.profile.name} says nothing of limits.{limit}"
                line = f"add `limits: {{{limit}: …}}` to {self.profile.where.path}"
                return LeftOut("inconclusive", f"{told}; {line}")
        return None

    def _undeclared(self, need: str) -> LeftOut | None:
        """What the profile has and the target neither gives nor declares absent."""
        profile, target = self.profile, self.target
        if need in profile.credentials and need not in target.credentials:
            return self._not_given("credentials", need)
        if need in profile.places and need not in target.places:
            return self._not_given("places", need)
        if need in profile.addresses and need not in target.addresses:
            return self._not_given("addresses", need)
        if need in profile.origins and need not in target.origins:
            return self._not_given("origins", need)
        return None

    def _not_given(self, section: str, need: str) -> LeftOut:
        wanted = {
            "credentials": f"{{env: {need.upper().replace('-', '_')}}}",
            "places": "{url: …}",
            "addresses": "<an address of this machine>",
            "origins": "https://…",
        }
        path = self.target.where.path
        return LeftOut(
            "inconclusive",
            f"the target gives no {need}; add `{section}: {need}: {wanted[section]}` to {path}, "
            f"or `absent: {need}: <reason>`",
        )

    def unfilled(self, asked: Sequence[tuple[Presentation | None, Spoil | None]]) -> LeftOut | None:
        """A name in a template of an operation, or of a spoil, that has no value here.

        InputError for one that no target could add.
        """
        for sent, spoil in asked:
            if sent is None:
                continue
            moved = spoil is not None and spoil.part == "variables"
            place = self.target.places[spoil.change if spoil and moved else sent.place]
            known = self._variables(place)
            found = self._unfilled_operation(sent.operation, place, known)
            if spoil and not found:
                found = self._unfilled_spoil(spoil, place, known)
            if found:
                return found
        return None

    def _unfilled_operation(self, operation: str, place: Place, known: set[str]) -> LeftOut | None:
        for each in self._with_others(operation):
            for name in used_in_operation(each):
                if name in known or name.startswith((GRANT, KEPT)):
                    continue
                return self._of_section(name) or LeftOut(
                    "inconclusive",
                    f"the place {place.name} has no '{name}', which {each.name} needs; "
                    f"add `{name}: …` to it ({place.where})",
                )
        return None

    def _unfilled_spoil(self, spoil: Spoil, place: Place, known: set[str]) -> LeftOut | None:
        if spoil.part not in _TEMPLATES:
            return None
        used = list(templates.names_in(spoil.change))
        known |= _TEMPLATES[spoil.part]
        if PROTECTED not in self.profile.operations:
            known.discard(PROTECTED_PATH)
        elif PROTECTED_PATH in used and (lacking := self._unfilled_operation(PROTECTED, place, known)):
            return lacking
        for name in used:
            if name in known or name.startswith(KEPT):
                continue
            if lacking := self._of_section(name):
                return lacking
            hint = did_you_mean(name, sorted(known))
            raise mistake(f"unknown name {quoted(name)} in '${{…}}'", spoil.where, hint)
        return None

    def _of_section(self, name: str) -> LeftOut | None:
        """That the target does not give an address, an origin or a variable to which a template leads."""
        section, _, entry = name.partition(".")
        if section == "place":
            return self._of_place(*entry.partition(".")[::2])
        sections = {
            "addresses": {DEFAULT_ADDRESS, *self.profile.addresses},
            "origins": {*self.profile.origins},
        }
        return self._not_given(section, entry) if entry in sections.get(section, ()) else None

    def _of_place(self, name: str, variable: str) -> LeftOut | None:
        """That a place has no such variable, for which a line of the target is wanting, or an operation."""
        if name not in self.profile.places:
            return None
        if name not in self.target.places:
            return self._not_given("places", name)
        if not any(variable in used_in_operation(each) for each in self.profile.operations.values()):
            return LeftOut(
                "not-applicable", f"no operation of the profile {self.profile.name} has a {variable}"
            )
        where = self.target.places[name].where
        return LeftOut(
            "inconclusive", f"the place {name} has no '{variable}'; add `{variable}: …` to it ({where})"
        )

    def _with_others(self, name: str) -> list[Operation]:
        """An operation, and those that are done beside it."""
        own = self.profile.operations[name]
        others = (own.after, own.undo, own.effect.on if own.effect else None)
        return [own, *(self.profile.operations[each] for each in others if each)]

    def _variables(self, place: Place) -> set[str]:
        """The names that a template may use at `place`."""
        known = {"unique", "url", "host", *place.variables}
        known |= {f"limits.{name}" for name in self.profile.limits}
        known |= {f"addresses.{name}" for name in self.target.addresses}
        known |= {f"origins.{name}" for name in self.target.origins}
        for each in self.target.places.values():
            known |= {f"place.{each.name}.{name}" for name in ("url", "host", *each.variables)}
        return known

    def forbidden(self, touched: Touched) -> LeftOut | None:
        """What a production target does not allow."""
        reason = production.forbidden(touched, self.target)
        return LeftOut("inconclusive", reason) if reason else None


def used_in_operation(operation: Operation) -> list[str]:
    """The names in the templates of an operation."""
    return list(templates.names_in((operation.path, dict(operation.headers), operation.body)))


def needs_of(verb: LifecycleVerb) -> list[str]:
    """The credentials and places that a lifecycle verb makes use of."""
    visits = verb.what if verb.kind == "visits" else ()
    named = [verb.at, verb.credential]
    named += (visit.get(key) for visit in visits for key in ("at", "credential"))
    secrets = (name.split(".") for name in _names_in(verb))
    named += (parts[1] for parts in secrets if parts[0] == "secrets" and len(parts) > 1)
    return [name for name in dict.fromkeys(named) if name]


def _meaningless(step: Step, verb: LifecycleVerb) -> str | None:
    """Why `step` cannot ask this of `verb`; None where it can.

    Some credentials have no name, such as what a log-in gives. A verb that presents no credential beside the
    request, but proves in it who asks, remains as it is without one. And what a program does shows no answer.
    """
    if program := _PROGRAMS.get(verb.kind):
        refused = step.outcome is not None and step.outcome.kind == "refused"
        if refused or any(each.check in _OF_AN_ANSWER for each in step.expects):
            return f"'{verb.name}' is done by {program}, and no answer to it is seen"
    if NAME in step.options.get("with", {}) and verb.kind != "call" and NAME not in _names_in(verb):
        return f"'{verb.name}' gives no name to what it issues"
    if step.spoil is None or step.spoil.part != CREDENTIAL or verb.credential is not None:
        return None
    in_fields = templates.names_in(dict(verb.headers))
    if any(each.startswith("secrets.") for each in _names_in(verb)) or any(
        each.startswith("of.") for each in in_fields
    ):
        return f"'{verb.name}' says by itself who asks, and presents no credential that could be another"
    return None


def _names_in(verb: LifecycleVerb) -> list[str]:
    return list(templates.names_in((verb.what, verb.body, dict(verb.headers), verb.defaults)))
