"""Make a scenario concrete for each operation of a document, in the planner's own way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from harness.errors import quoted
from harness.inventory.operations import Listed
from harness.model import Operation, Profile, Scenario, Step, Suite, Target
from harness.names import CREDENTIAL, DOCUMENTED, NOTHING, OWN, PROTECTED, roles
from harness.plan import Case, LeftOut, Presentation
from harness.planner import plan
from harness.templates import names

NO_DOCUMENT = "no OpenAPI document is given, which would list the operations: run with --openapi FILE-OR-URL"


def speaks_of(scenario: Scenario) -> bool:
    """Whether a scenario asks each operation of the API's document."""
    return any(step.on == DOCUMENTED for step in scenario.steps)


def cases(suite: Suite, profile: Profile, target: Target, listed: Sequence[Listed] | None) -> Iterator[Case]:
    """The cases of `suite`, in which some scenarios speak of the document's operations.

    `listed` is None where no document is given.
    """
    planning = _Planning(suite, profile, target, listed or ())
    for scenario in suite.scenarios:
        if not speaks_of(scenario):
            yield from planning.plain(scenario, profile)
        elif listed is None:
            yield _left_out(scenario, LeftOut("not-applicable", NO_DOCUMENT))
        else:
            yield from planning.of_each(scenario)


class _Planning:
    def __init__(self, suite: Suite, profile: Profile, target: Target, listed: Sequence[Listed]) -> None:
        self.suite = suite
        self.profile = profile
        self.target = target
        self.listed = listed
        self.roles = roles(profile)

    def plain(self, scenario: Scenario, profile: Profile) -> Sequence[Case]:
        """As the planner has it."""
        return plan([replace(self.suite, scenarios=(scenario,))], profile, self.target).cases

    def of_each(self, scenario: Scenario) -> Iterator[Case]:
        """The cases of a scenario, one for each operation that it is about, or one that says why none."""
        control = self.control(scenario)
        found = False
        for each in self.asked(scenario.steps[0]):
            subject = self.subject(scenario.steps[0], each)
            if subject is not None:
                found = True
                yield self.case(scenario, each, subject, control)
        if not found:
            subject = scenario.steps[0].subject
            reason = f"no operation that the document protects takes {quoted(str(subject))} of this profile"
            yield _left_out(scenario, LeftOut("not-applicable", reason))

    def asked(self, step: Step) -> Iterator[Listed]:
        """The operations that a step is about: where it changes the method, one for each path."""
        method = str(step.spoil.change) if step.spoil and step.spoil.part == "method" else None
        if method is None:
            yield from self.listed
            return
        taken: set[str] = set()
        for each in sorted(self.listed, key=lambda each: each.operation.method != "GET"):
            # HEAD is GET without its content; of a path that cannot be got it says nothing
            meant = method == "OPTIONS" or each.operation.method == "GET"
            if meant and each.path not in taken and method not in each.methods:
                taken.add(each.path)
                yield replace(each, operation=_bare(each.operation, method, each.path))

    def subject(self, step: Step, each: Listed) -> str | None:
        """The credential by which the step presents itself to an operation; None where it takes none such."""
        takes = each.operation.takes or frozenset()
        subject = str(step.subject)
        if subject == NOTHING:
            return NOTHING
        own = [name for name in takes if self.home(name) == OWN]
        kinds = [kind for kind in self.profile.credentials.values() if kind.name in own]
        if subject != CREDENTIAL:
            kinds = [kind for kind in kinds if kind.mechanism == subject]
        elif not each.part.is_safe and step.spoil is None:
            return NOTHING  # nothing is to be changed by right
        given = sorted(kinds, key=lambda kind: kind.name not in self.target.credentials)
        if given:
            return given[0].name
        other = self.roles.get(subject, subject)
        return other if other in takes and self.home(other) != OWN else None

    def home(self, credential: str) -> str:
        reference = self.target.credentials.get(credential)
        return (reference and reference.at) or self.profile.credentials[credential].at

    def case(self, scenario: Scenario, each: Listed, subject: str, control: Presentation | None) -> Case:
        """The case of one operation, with a control that is known to be accepted."""
        operation = each.operation
        step = replace(scenario.steps[0], subject=subject, on=operation.name)
        label = ",".join(name for name in (scenario.variant, each.label) if name)
        title = f"{scenario.title}: {operation.name}"
        concrete = replace(scenario, variant=label, title=title, steps=(step,))
        profile = replace(self.profile, operations={**self.profile.operations, operation.name: operation})
        (case,) = self.plain(concrete, profile)
        case = replace(case, title=title, operations={operation.name: operation})
        if case.left_out:
            return case
        is_foreign = subject != NOTHING and self.home(subject) != OWN
        if reason := self.unsuited(each, is_foreign, control):
            return replace(case, control=None, left_out=LeftOut("not-applicable", reason))
        if is_foreign and control:
            control = replace(control, credential=subject, place=self.home(subject))
        return replace(case, control=control)

    def unsuited(self, each: Listed, is_foreign: bool, control: Presentation | None) -> str | None:
        """Why an operation is not asked; None where it is."""
        if control is None:
            return f"the profile {self.profile.name} has no '{PROTECTED}', which would be the control"
        if not is_foreign:
            return None
        if not (each.part.is_safe or each.part.is_known):
            return f"{each.operation.name} may change what is the other's; the profile does not describe it"
        own, other = (self.target.places.get(place) for place in (OWN, "other"))
        if own is None or other is None or own.url != other.url:
            return None
        named = names(each.operation.path)
        if any(own.variables.get(name) != other.variables.get(name) for name in named):
            return None
        return f"{each.operation.name} names no instance: it asks for whatever belongs to the credential"

    def control(self, scenario: Scenario) -> Presentation | None:
        """The presentation of a right credential to the profile's own protected operation."""
        if PROTECTED not in self.profile.operations:
            return None
        step = replace(scenario.steps[0], verb="present", subject=NOTHING, spoil=None, on=PROTECTED, at=None)
        plain = replace(scenario, variant=None, needs=(), touches=frozenset(), steps=(step,))
        return self.plain(plain, self.profile)[0].control


def _bare(operation: Operation, method: str, path: str) -> Operation:
    """An operation's path, which another method asks for: nothing is changed, and nothing sent along."""
    got = operation.method == "GET"
    return replace(
        operation,
        name=f"{method} {path}",
        method="GET",
        body=None,
        body_type=None,
        after=operation.after if got else None,
        undo=operation.undo if got else None,
        effect=None,
        touches=operation.touches if got else frozenset(),
        says_touches=True,
    )


def _left_out(scenario: Scenario, left_out: LeftOut) -> Case:
    return Case(
        id=scenario.id + (f"[{scenario.variant}]" if scenario.variant else ""),
        scenario=scenario,
        title=scenario.title,
        steps=(),
        control=None,
        touches=scenario.touches,
        left_out=left_out,
    )
