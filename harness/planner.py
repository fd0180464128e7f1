"""Decide what is asked: suites, a profile and a target become cases. Pure: no request, no clock, no file.

A scenario is made concrete once for each variant under `each:`, each operation where it says `on: every`,
and each credential where it names a mechanism. What does not apply is planned too, with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product

from harness.executed import not_executed
from harness.lacking import Lacking
from harness.model import CredentialKind, LifecycleVerb, Profile, Scenario, Step, Suite, Target
from harness.names import EVERY, NOTHING, OWN, PROTECTED, REDEEMED_BY, named_after, roles, verb_for
from harness.plan import ROUNDS, Case, LeftOut, Plan, PlannedStep, Presentation, presenting

_OF_A_SECRET = frozenset({"password", "pair", "encoded", "charset"})
"""The spoils of Basic that leave the user's name and make the password a wrong one."""


def plan(suites: Iterable[Suite], profile: Profile, target: Target) -> Plan:
    """The cases of `suites` for `target`, those that cannot be run included."""
    planner = _Planner(profile, target)
    scenarios = (scenario for suite in suites for scenario in suite.scenarios)
    return Plan(tuple(case for scenario in scenarios for case in planner.cases(scenario)))


class _Planner:
    """Makes scenarios concrete for one profile and target."""

    def __init__(self, profile: Profile, target: Target) -> None:
        self.profile = profile
        self.target = target
        self.lacking = Lacking(profile, target)
        self.roles = roles(profile)
        self.local: Mapping[str, str] = {}
        """What the scenario at hand has issued: its name for it -> the credential that it is one of."""

    def cases(self, scenario: Scenario) -> Iterator[Case]:
        scenario = named_after(scenario, self.roles)
        self.local = _issued_by(scenario)
        left_out = self.lacking.unmet(scenario, self.verb_names(scenario))
        if reason := None if left_out else not_executed(scenario):
            left_out = LeftOut("inconclusive", reason)
        if left_out:
            yield self.case(scenario, (), left_out)
            return
        scenario = self.documented(scenario)
        choices = [self.concrete(step) for step in scenario.steps]
        if not all(choices):
            what = "protected operation" if self.profile.credentials else "credential"
            reason = f"the profile {self.profile.name} has no {what}"
            yield self.case(scenario, (), LeftOut("not-applicable", reason))
        for chosen in product(*choices):
            yield self.case(scenario, chosen, self.lacking.of(self.resolved(scenario, chosen)))

    def case(self, scenario: Scenario, chosen: tuple[PlannedStep, ...], left_out: LeftOut | None) -> Case:
        labels = [scenario.variant] if scenario.variant else []
        for planned, step in zip(chosen, scenario.steps, strict=False):
            if planned.sent and step.on == EVERY:
                labels.append(planned.sent.operation)
            if planned.sent and planned.sent.credential not in (None, step.subject):
                labels.append(str(planned.sent.credential))
        wrong_secrets = self.wrong_secrets(chosen)
        touches = scenario.touches | self.operation_touches(chosen) | self.verb_touches(scenario)
        touches |= {"locks"} if wrong_secrets else frozenset()
        left_out = left_out or self.unfilled(scenario, chosen) or self.lacking.forbidden(touches)
        return Case(
            id=scenario.id + (f"[{','.join(labels)}]" if labels else ""),
            scenario=scenario,
            title=scenario.title + (f" ({', '.join(labels)})" if labels else ""),
            steps=chosen,
            control=self.control(scenario, chosen) if not left_out else None,
            touches=touches,
            left_out=left_out,
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
        if step.verb not in ("present", "redeem"):
            return [PlannedStep(step, None, "")]
        found = []
        for kind in self.presented(step):
            redeemed_by = kind.options.get(REDEEMED_BY) if step.verb == "redeem" else None
            on = step.on or redeemed_by or PROTECTED
            for operation in self.protected_operations(kind) if on == EVERY else [on]:
                place = step.at or self.right_place(kind.name, operation)
                name = None if step.subject == NOTHING else kind.name
                sent = Presentation(name, place, operation, address, origin)
                found.append(PlannedStep(step, sent, kind.mechanism))
        return found

    def presented(self, step: Step) -> list[CredentialKind]:
        """The credentials that `step` presents; for nothing the one that is left out."""
        credentials = self.profile.credentials
        if step.subject in self.local:
            return [replace(credentials[self.local[step.subject]], name=step.subject)]
        if step.subject in credentials:
            return [credentials[step.subject]]
        anonymous = step.subject == NOTHING or step.verb == "preflight"
        meant = [kind for kind in credentials.values() if anonymous or step.subject == kind.mechanism]
        here = [kind for kind in meant if self.home(kind.name) == (step.at or OWN)] or meant
        if anonymous:
            # its control presents it, so it had better be one that the target gives
            return sorted(here, key=lambda kind: kind.name not in self.target.credentials)[:1]
        return here

    def protected_operations(self, kind: CredentialKind) -> list[str]:
        """The operations that need a credential and take one such as this."""
        name = self.local.get(kind.name, kind.name)
        return [
            each.name
            for each in self.profile.operations.values()
            if not each.public
            and each.name not in self.target.absent
            and (each.takes is None or name in each.takes)
        ]

    def home(self, credential: str) -> str:
        """The place where `credential` is accepted."""
        credential = self.local.get(credential, credential)
        reference = self.target.credentials.get(credential)
        return (reference and reference.at) or self.profile.credentials[credential].at

    def right_place(self, credential: str, operation: str) -> str:
        """The place where `credential` is accepted for `operation`."""
        return self.profile.operations[operation].at or self.home(credential)

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
        if chosen == (first,) and self.is_unspoiled(first):
            return None
        if first.sent.credential in self.local or any(planned.step.verb == "do" for planned in chosen):
            # it comes or goes in the course of the case: another one stands by
            bystander = self.presented(replace(first.step, subject=NOTHING, at=None))[0].name
            return Presentation(bystander, self.right_place(bystander, PROTECTED), PROTECTED)
        operation = first.sent.operation
        name = first.sent.credential or self.presented(first.step)[0].name
        return Presentation(name, self.right_place(name, operation), operation)

    def is_unspoiled(self, planned: PlannedStep) -> bool:
        """Whether the step presents a credential just as it must be accepted."""
        sent = planned.sent
        if sent is None or sent.credential is None or planned.step.spoil or sent.address or sent.origin:
            return False
        return sent.place == self.right_place(sent.credential, sent.operation)

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
        found = [planned.sent for planned in presenting(chosen) if planned.sent]
        if control := self.control(scenario, chosen):
            found.append(control)
        names = [name for sent in found for name in (sent.credential, sent.place) if name]
        operations = (self.profile.operations[sent.operation] for sent in found)
        names += (each.beside for each in operations if each.beside)
        for verb in self.verbs(scenario):
            names += (name for name in (verb.at, verb.credential) if name)
        return [name for name in names if name not in self.local]

    def unfilled(self, scenario: Scenario, chosen: Sequence[PlannedStep]) -> LeftOut | None:
        asked = [(planned.sent, planned.step.spoil) for planned in presenting(chosen)]
        return self.lacking.unfilled([*asked, (self.control(scenario, chosen), None)])

    def operation_touches(self, chosen: Sequence[PlannedStep]) -> frozenset[str]:
        """What the operations change; a preflight and a request that is compared do none of it."""
        sent = [planned.sent for planned in presenting(chosen) if planned.sent and planned.sent.asks is None]
        return frozenset(
            touched for each in sent for touched in self.profile.operations[each.operation].touches
        )

    def verb_touches(self, scenario: Scenario) -> frozenset[str]:
        return frozenset(touched for verb in self.verbs(scenario) for touched in verb.touches)

    def wrong_secrets(self, chosen: Sequence[PlannedStep]) -> int:
        """How often `chosen` try a wrong password for a user who is right, and may be locked out for it."""
        found = 0
        for planned in chosen:
            for each in (planned, *planned.branches.values()):
                spoil = each.step.spoil
                if each.sent and each.sent.credential and spoil and self.locks(each, spoil.part):
                    found += ROUNDS if planned.branches else each.step.times
        return found

    def locks(self, planned: PlannedStep, part: str) -> bool:
        assert planned.sent is not None and planned.sent.credential is not None
        name = self.local.get(planned.sent.credential, planned.sent.credential)
        kind = self.profile.credentials[name]
        return kind.mechanism == "basic" and part in _OF_A_SECRET and bool(kind.options.get("locks", True))


def _issued_by(scenario: Scenario) -> Mapping[str, str]:
    """The names that a scenario gives what it has issued, each with the credential that it is one of."""
    return {
        step.options.get("as", step.subject): step.subject for step in scenario.steps if step.verb == "obtain"
    }
