"""Decide what is asked: suites, a profile and a target become cases. Pure: no request, no clock, no file.

A scenario is made concrete once for each variant under `each:`, each operation where it says `on: every`,
and each credential where it names a mechanism. What does not apply is planned too, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from harness import production, written_out
from harness.executed import not_executed
from harness.lacking import Lacking, needs_of
from harness.model import CredentialKind, LifecycleVerb, Profile, Scenario, Step, Suite, Target
from harness.names import (
    BESIDE,
    CREDENTIAL,
    EVERY,
    EVERY_PUBLIC,
    NOTHING,
    OWN,
    PROTECTED,
    USING,
    companions,
    issuing_verb,
    named_after,
    roles,
    verb_for,
)  # fmt: skip
from harness.openers import Openers
from harness.plan import ROUNDS, Case, LeftOut, Plan, PlannedStep, Presentation, presenting

_OF_A_SECRET = frozenset({"value", "password", "pair", "encoded", "charset"})
"""The spoils of Basic that leave the user's name and make the password a wrong one."""
_OF_A_TOKEN = {"field": "Authorization", "scheme": "Bearer"}
"""Where a token goes for which a profile says nothing else."""
_OWN_WAYS = frozenset({"cookie", "query", "form", "json", "template"})


def plan(suites: Iterable[Suite], profile: Profile, target: Target) -> Plan:
    """The cases of `suites` for `target`, those that cannot be run included."""
    planner = _Planner(profile, target)
    scenarios = (scenario for suite in suites for scenario in suite.scenarios)
    return Plan(tuple(case for scenario in scenarios for case in planner.cases(scenario)))


class _Planner:
    """Makes scenarios concrete for one profile and target."""

    def __init__(self, profile: Profile, target: Target) -> None:
        self.profile = self.described = profile
        """As it is described, and with the requests that the scenario at hand writes out itself."""
        self.target = target
        self.lacking = Lacking(profile, target)
        self.roles = roles(profile)
        self.openers = Openers(profile, target, {})
        """Who opens what in the scenario at hand."""

    def cases(self, scenario: Scenario) -> Iterator[Case]:
        scenario = named_after(scenario, self.roles)
        own = written_out.operations(scenario)
        self.profile = self.lacking.profile = replace(
            self.described, operations={**self.described.operations, **own}
        )
        self.openers = Openers(self.profile, self.target, _issued_by(scenario))
        left_out = self.lacking.unmet(scenario, self.verb_names(scenario)) or self.lacking.unable(scenario)
        if reason := None if left_out else not_executed(scenario):
            left_out = LeftOut("inconclusive", reason)
        if left_out:
            yield self.case(scenario, (), left_out)
            return
        scenario = self.documented(scenario)
        choices = [self.concrete(step) for step in scenario.steps]
        if not all(choices):
            sort = "public" if any(step.on == EVERY_PUBLIC for step in scenario.steps) else "protected"
            what = f"{sort} operation" if self.profile.credentials else "credential"
            reason = f"the profile {self.profile.name} has no {what}"
            yield self.case(scenario, (), LeftOut("not-applicable", reason))
        for chosen in product(*choices):
            yield self.case(scenario, chosen, self.lacking.of(self.resolved(scenario, chosen)))

    def case(self, scenario: Scenario, chosen: tuple[PlannedStep, ...], left_out: LeftOut | None) -> Case:
        labels = [scenario.variant] if scenario.variant else []
        for planned, step in zip(chosen, scenario.steps, strict=False):
            if planned.sent and step.on in (EVERY, EVERY_PUBLIC):
                labels.append(planned.sent.operation)
            if planned.sent and planned.sent.credential not in (None, *_named_in(step)):
                labels.append(str(planned.sent.credential))
        wrong_secrets = self.wrong_secrets(chosen)
        touches = scenario.touches | self.operation_touches(chosen) | self.verb_touches(scenario, chosen)
        touches |= {"locks"} if wrong_secrets else frozenset()
        left_out = left_out or self.unheard(chosen)
        left_out = left_out or self.unfilled(scenario, chosen) or self.forbidden(scenario, chosen, touches)
        return Case(
            id=scenario.id + (f"[{','.join(labels)}]" if labels else ""),
            scenario=scenario,
            title=scenario.title + (f" ({', '.join(labels)})" if labels else ""),
            steps=chosen,
            control=self.control(scenario, chosen) if not left_out else None,
            touches=touches,
            left_out=left_out,
            operations=written_out.operations(scenario),
            wrong_secrets=wrong_secrets,
        )

    # --- names resolved --------------------------------------------------------------------------

    def concrete(self, step: Step) -> list[PlannedStep]:
        """The ways to resolve the names of `step`, one for each credential and operation meant."""
        if step.verb == "alike":
            ways = {name: self.concrete(branch) for name, branch in step.branches.items()}
            first = {name: each[0] for name, each in ways.items() if each}
            return [PlannedStep(step, None, "", first)] if len(first) == len(ways) else []
        address, origin = step.options.get("from"), step.options.get("origin")
        if step.verb == "preflight":
            place = step.at or self.profile.operations[step.subject].at or OWN
            asks = tuple(step.options.get("asks", ()))
            return [PlannedStep(step, Presentation(None, place, step.subject, address, origin, asks), "")]
        if step.verb == written_out.SEND:
            return [self.written_out(step)]
        if step.verb not in ("present", "redeem"):
            return [PlannedStep(step, None, "")]
        found = []
        for kind, operation in self.openers.presented(step):
            place = step.at or self.openers.right_place(kind.name, operation)
            name = None if step.subject == NOTHING else kind.name
            sent = Presentation(name, place, operation, address, origin)
            found.append(PlannedStep(step, sent, _challenged_for(kind)))
        return found

    def written_out(self, step: Step) -> PlannedStep:
        """The step that sends a request which the suite writes out itself."""
        name = step.subject.get(CREDENTIAL)
        place = step.at or (self.openers.home(name) if name else OWN)
        operation = written_out.name_of(step)
        sent = Presentation(name, place, operation, step.options.get("from"), step.options.get("origin"))
        return PlannedStep(step, sent, _challenged_for(self.openers.kind(name)) if name else "")

    def documented(self, scenario: Scenario) -> Scenario:
        """`scenario`, proving also what this API's own document says of what it proves."""
        steps = tuple(
            replace(step, proves=step.proves and self.with_documents(step.proves)) for step in scenario.steps
        )
        return replace(scenario, requires=self.with_documents(scenario.requires), steps=steps)

    def with_documents(self, requirements: Sequence[str]) -> tuple[str, ...]:
        own = (each for name in requirements for each in self.profile.documents.get(name, ()))
        return tuple(dict.fromkeys((*requirements, *own)))

    # --- controls --------------------------------------------------------------------------------

    def control(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> Presentation | None:
        """The unspoiled presentation: the credential at its own place. None where a case is one itself."""
        sent = [planned for planned in chosen if planned.sent] or presenting(chosen)
        if not scenario.control or not sent:
            return None
        first = sent[0]
        assert first.sent is not None
        if chosen == (first,) and self.openers.is_unspoiled(first):
            return None
        if first.sent.credential in self.openers.local or any(
            planned.step.verb == "do" for planned in chosen
        ):
            # it comes or goes in the course of the case: another one stands by
            return self.openers.right_presentation(PROTECTED)
        if first.step.verb == written_out.SEND and not (first.step.spoil and first.sent.credential):
            # of such a request nobody knows what accepts it
            known = PROTECTED in self.profile.operations
            return self.openers.right_presentation(PROTECTED) if known else None
        operation, name = first.sent.operation, first.sent.credential
        if name is None:
            return self.openers.right_presentation(operation, first.step.at)
        return Presentation(name, self.openers.right_place(name, operation), operation)

    # --- what a case needs and touches -----------------------------------------------------------

    def verb_names(self, scenario: Scenario) -> list[str]:
        """The lifecycle verbs that a scenario's steps do."""
        return [name for step in scenario.steps if (name := verb_for(step, self.profile))]

    def verbs(self, scenario: Scenario) -> list[LifecycleVerb]:
        """The same, as this deployment does them."""
        known = {**self.profile.lifecycle, **self.target.lifecycle}
        return [known[name] for name in self.verb_names(scenario) if name in known]

    def resolved(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> list[str]:
        """The credentials and places that a case comes to need once its names are resolved."""
        names = list(self.presented_names(scenario, chosen))
        for verb in (*self.verbs(scenario), *self.obtaining(names)):
            names += needs_of(verb)
        return names

    def presented_names(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> Iterator[str]:
        """The credentials that a case and its control present, with their places; not what it has issued."""
        found = [planned.sent for planned in presenting(chosen) if planned.sent]
        if control := self.control(scenario, chosen):
            found.append(control)
        for sent in found:
            names = (sent.credential, sent.place, self.profile.operations[sent.operation].beside)
            yield from (each for each in names if each and each not in self.openers.local)
        for planned in presenting(chosen):
            yield from (each for each in companions(planned.step.spoil) if each not in self.openers.local)

    def obtaining(self, credentials: Iterable[str]) -> list[LifecycleVerb]:
        """The verbs by which a run obtains those of `credentials` that the target does not give itself."""
        known = {**self.profile.lifecycle, **self.target.lifecycle}
        found: dict[str, LifecycleVerb] = {}
        waiting = list(credentials)
        while waiting:
            name = waiting.pop()
            reference = self.target.credentials.get(name)
            if reference is None or reference.source != "obtained" or reference.name in found:
                continue
            kind = self.profile.credentials[reference.name]
            verb = known[issuing_verb(kind)]
            found[reference.name] = replace(verb, credential=kind.options.get(USING, verb.credential))
            waiting += needs_of(found[reference.name])
        return list(found.values())

    def unfilled(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> LeftOut | None:
        asked = [(planned.sent, planned.step.spoil) for planned in presenting(chosen)]
        return self.lacking.unfilled([*asked, (self.control(scenario, chosen), None)])

    def unheard(self, chosen: Sequence[PlannedStep]) -> LeftOut | None:
        """That the target could not call us, where a step is to show whether it does."""
        return self.lacking.unheard([planned.step.spoil for planned in presenting(chosen)])

    def operation_touches(self, chosen: Sequence[PlannedStep]) -> frozenset[str]:
        """What the operations change; a preflight and a request that is compared do none of it."""
        sent = [planned.sent for planned in presenting(chosen) if planned.sent and planned.sent.asks is None]
        return frozenset(
            touched for each in sent for touched in self.profile.operations[each.operation].touches
        )

    def verb_touches(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> frozenset[str]:
        """What the verbs change that a case does, or by which a run obtains what it presents."""
        verbs = (*self.verbs(scenario), *self.obtaining(self.presented_names(scenario, chosen)))
        return frozenset(touched for verb in verbs for touched in verb.touches)

    def forbidden(
        self, scenario: Scenario, chosen: Sequence[PlannedStep], touches: frozenset[str]
    ) -> LeftOut | None:
        """What a production target does not allow of all that the case does, its control included."""
        if not production.is_production(self.target):
            return None
        sent = [planned.sent for planned in presenting(chosen)] + [self.control(scenario, chosen)]
        operations = [each.operation for each in sent if each and each.asks is None]
        verbs = (*self.verbs(scenario), *self.obtaining(self.presented_names(scenario, chosen)))
        touched = production.Touched(touches) | production.of_verbs(verbs)
        touched |= production.of_operations(operations, self.profile)
        for planned in chosen:
            for each in (planned, *planned.branches.values()):
                touched |= production.of_step(each.step)
        return self.lacking.forbidden(touched)

    def wrong_secrets(self, chosen: Sequence[PlannedStep]) -> int:
        """How often `chosen` try a wrong password for a user who is right, and may be locked out for it."""
        found = 0
        for planned in chosen:
            for each in (planned, *planned.branches.values()):
                if any(self.locks(name, part) for name, part in _spoiled(each)):
                    found += ROUNDS if planned.branches else self.attempts(each.step)
        return found

    def attempts(self, step: Step) -> int:
        """How often at most a step is done."""
        if "until" not in step.options:
            return step.times
        written = str(step.options["until"]["at_most"])
        limit = self.profile.limits.get(written.removeprefix("${limits.").removesuffix("}"), written)
        return int(float(limit))

    def locks(self, credential: str, part: str) -> bool:
        """Whether another value of this part is a wrong secret for a user who may be locked out for it."""
        kind = self.profile.credentials[self.openers.local.get(credential, credential)]
        return kind.mechanism == "basic" and part in _OF_A_SECRET and bool(kind.options.get("locks", True))


def _challenged_for(kind: CredentialKind) -> str:
    """The mechanism that a challenge to such a credential must name; none where it goes by a way of its own.

    A token in a cookie, or after another scheme than Bearer, is not one of which RFC 6750 speaks.
    """
    options = kind.options
    field, scheme = (str(options.get(key, usual)).lower() for key, usual in _OF_A_TOKEN.items())
    own_way = options.keys() & _OWN_WAYS or (field, scheme) != ("authorization", "bearer")
    return "" if own_way and kind.mechanism != "basic" else kind.mechanism


def _spoiled(planned: PlannedStep) -> Iterator[tuple[str, str]]:
    """The credentials that a step presents with a change, each with the part that is changed."""
    spoil = planned.step.spoil
    if spoil is None or planned.sent is None:
        return
    if spoil.part == BESIDE and isinstance(spoil.change, Mapping):
        yield from ((name, part) for name, own in spoil.change.items() for part in own)
    elif planned.sent.credential:
        yield planned.sent.credential, spoil.part


def _named_in(step: Step) -> tuple[Any, ...]:
    """The credential that a step names itself, which its title need not say."""
    return (step.subject.get(CREDENTIAL),) if step.verb == written_out.SEND else (step.subject,)


def _issued_by(scenario: Scenario) -> Mapping[str, str]:
    """The names that a scenario gives what it has issued, each with the credential that it is one of."""
    return {
        step.options.get("as", step.subject): step.subject for step in scenario.steps if step.verb == "obtain"
    }
