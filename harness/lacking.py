"""What keeps a case from being run: what the profile does not have, or this deployment lacks or forbids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from harness import templates
from harness.errors import did_you_mean, mistake, quoted
from harness.model import Operation, Place, Profile, Scenario, Spoil, Target
from harness.names import GRANT, Named, used_by, vocabulary
from harness.plan import LeftOut, Presentation

_TEMPLATES: Mapping[str, frozenset[str]] = {
    "field": frozenset({"scheme", "value", "unknown"}),
    "path": frozenset({"path"}),
    "add": frozenset(),
}
"""The spoils whose values are templates, each with the names that only it has."""


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

    def _undeclared(self, need: str) -> LeftOut | None:
        """What the profile has and the target neither gives nor declares absent."""
        profile, target = self.profile, self.target
        if need in profile.credentials and need not in target.credentials:
            line = f"credentials: {need}: {{env: {need.upper().replace('-', '_')}}}"
        elif need in profile.places and need not in target.places:
            line = f"places: {need}: {{url: …}}"
        elif need in profile.addresses and need not in target.addresses:
            line = f"addresses: {need}: <an address of this machine>"
        elif need in profile.origins and need not in target.origins:
            line = f"origins: {need}: https://…"
        else:
            return None
        return LeftOut(
            "inconclusive",
            f"the target gives no {need}; add `{line}` to {target.where.path}, or `absent: {need}: <reason>`",
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
                found = self._unfilled_spoil(spoil, known)
            if found:
                return found
        return None

    def _unfilled_operation(self, operation: str, place: Place, known: set[str]) -> LeftOut | None:
        for each in self._with_others(operation):
            for name in _templated((each.path, dict(each.headers), each.body)):
                if name not in known and not name.startswith(GRANT):
                    return LeftOut(
                        "inconclusive",
                        f"the place {place.name} has no '{name}', which {each.name} needs; "
                        f"add `{name}: …` to it ({place.where})",
                    )
        return None

    def _unfilled_spoil(self, spoil: Spoil, known: set[str]) -> LeftOut | None:
        if spoil.part not in _TEMPLATES:
            return None
        known |= _TEMPLATES[spoil.part]
        for name in _templated(spoil.change):
            section, _, entry = name.partition(".")
            if name not in known and entry in self._sections().get(section, ()):
                return self._undeclared(entry)
            if name not in known:
                hint = did_you_mean(name, sorted(known))
                raise mistake(f"unknown name {quoted(name)} in '${{…}}'", spoil.where, hint)
        return None

    def _with_others(self, name: str) -> list[Operation]:
        """An operation, and those that are done beside it."""
        own = self.profile.operations[name]
        others = (own.after, own.undo, own.effect.on if own.effect else None)
        return [own, *(self.profile.operations[each] for each in others if each)]

    def _sections(self) -> Mapping[str, Mapping[str, str]]:
        return {"addresses": self.profile.addresses, "origins": self.profile.origins}

    def _variables(self, place: Place) -> set[str]:
        """The names that a template may use at `place`."""
        known = {"unique", "url", "host", *place.variables}
        known |= {f"limits.{name}" for name in self.profile.limits}
        known |= {f"addresses.{name}" for name in self.target.addresses}
        known |= {f"origins.{name}" for name in self.target.origins}
        for each in self.target.places.values():
            known |= {f"place.{each.name}.{name}" for name in ("url", "host", *each.variables)}
        return known

    def forbidden(self, touches: frozenset[str]) -> LeftOut | None:
        """What a production target does not allow."""
        if self.target.environment != "production" or touches <= self.target.allow:
            return None
        missing = ", ".join(sorted(touches - self.target.allow))
        return LeftOut(
            "inconclusive",
            f"the target is production and does not allow what this touches ({missing}); "
            f"add `allow: [{missing}]` to {self.target.where.path}",
        )


def _templated(value: Any) -> Iterator[str]:
    """The names in all templates of `value`, made of JSON's types."""
    if isinstance(value, str):
        yield from templates.names(value)
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _templated(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _templated(each)
