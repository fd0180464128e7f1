"""Who opens what: the credentials that an operation accepts, where, and which operations are meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from harness.model import CredentialKind, Profile, Step, Target
from harness.names import EVERY, EVERY_PUBLIC, MANAGES, NOTHING, OWN, PROTECTED, REDEEMED_BY
from harness.plan import PlannedStep, Presentation


@dataclass(frozen=True, slots=True)
class Openers:
    """What a profile and a target tell of it, while one scenario is made concrete."""

    profile: Profile
    target: Target
    local: Mapping[str, str]
    """What the scenario has issued: its name for it -> the credential that it is one of."""

    def kind(self, credential: str) -> CredentialKind:
        return self.profile.credentials[self.local.get(credential, credential)]

    def presented(self, step: Step) -> Iterator[tuple[CredentialKind, str]]:
        """What `step` presents to which operation; for nothing the credential that is left out."""
        if step.subject == NOTHING:
            for operation in self.operations(step.on or PROTECTED):
                if kind := self.right_one(operation, step.at):
                    yield kind, operation
            return
        for kind in self.meant(step):
            redeemed_by = kind.options.get(REDEEMED_BY) if step.verb == "redeem" else None
            on = step.on or redeemed_by or PROTECTED
            for operation in self.operations(on):
                if operation == on or self.takes(operation, kind):
                    yield kind, operation

    def meant(self, step: Step) -> list[CredentialKind]:
        """The credentials by the name that `step` uses, which may be that of their mechanism."""
        credentials = self.profile.credentials
        if step.subject in self.local:
            return [replace(credentials[self.local[step.subject]], name=step.subject)]
        if step.subject in credentials:
            return [credentials[step.subject]]
        every = (kind for kind in credentials.values() if not kind.options.get(MANAGES))
        alike = [kind for kind in every if step.subject == kind.mechanism]
        return [kind for kind in alike if self.home(kind.name) == (step.at or OWN)] or alike

    def right_one(self, operation: str, at: str | None = None) -> CredentialKind | None:
        """A credential that `operation` accepts: one of the place, and that the target gives, if there is."""
        beside = {each.beside for each in self.profile.operations.values()}
        kinds = [kind for kind in self.profile.credentials.values() if self.takes(operation, kind)]
        fitting = [kind for kind in kinds if not kind.options.get(MANAGES) and kind.name not in beside]
        here = [kind for kind in fitting if self.home(kind.name) == (at or OWN)] or fitting
        return min(here, key=lambda kind: kind.name not in self.target.credentials, default=None)

    def takes(self, name: str, kind: CredentialKind) -> bool:
        """Whether an operation accepts a credential such as this, as far as the profile tells."""
        operation = self.profile.operations.get(name)
        known_as = self.local.get(kind.name, kind.name)
        if operation and operation.takes is not None:
            return known_as in operation.takes
        own = kind.options.get(REDEEMED_BY)
        return own == name if own or name in self.redeeming() else True

    def redeeming(self) -> set[str]:
        """The operations at which a credential is redeemed."""
        kinds = self.profile.credentials.values()
        return {kind.options[REDEEMED_BY] for kind in kinds if kind.options.get(REDEEMED_BY)}

    def operations(self, name: str) -> list[str]:
        """The operations that are meant by `name`, of those that the target has.

        A public one that takes something all the same, or is found elsewhere, such as a token endpoint, is
        asked by suites of its own.
        """
        if name not in (EVERY, EVERY_PUBLIC):
            return [name]
        there = [each for each in self.profile.operations.values() if each.name not in self.target.absent]
        if name == EVERY:
            return [each.name for each in there if not each.public]
        redeeming = self.redeeming()
        return [
            each.name
            for each in there
            if each.public
            and each.name not in redeeming
            and not (each.takes or each.beside or each.at not in (None, OWN))
        ]

    def home(self, credential: str) -> str:
        """The place where `credential` is accepted."""
        credential = self.local.get(credential, credential)
        reference = self.target.credentials.get(credential)
        return (reference and reference.at) or self.profile.credentials[credential].at

    def right_place(self, credential: str, operation: str) -> str:
        """The place where `credential` is accepted for `operation`."""
        return self.profile.operations[operation].at or self.home(credential)

    def right_presentation(self, operation: str, at: str | None = None) -> Presentation | None:
        """What `operation` is to accept of somebody; None where the profile has nobody for it."""
        kind = self.right_one(operation, at)
        if kind is None:
            return None
        return Presentation(kind.name, self.right_place(kind.name, operation), operation)

    def is_unspoiled(self, planned: PlannedStep) -> bool:
        """Whether the step presents a credential just as it must be accepted."""
        sent = planned.sent
        if sent is None or sent.credential is None or planned.step.spoil or sent.address or sent.origin:
            return False
        return sent.place == self.right_place(sent.credential, sent.operation)
