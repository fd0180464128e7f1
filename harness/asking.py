"""Ask for one presentation: what must come before it, the request itself, what it did, and cleaning up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from random import Random

from harness import production
from harness.assemble import assemble
from harness.changes import COOKIES, with_cookies
from harness.checks import Facts
from harness.checks.answers import accepted_statuses, named_status
from harness.credentials import CannotSpoil
from harness.drafts import variables
from harness.exchange import Answer, Lane, NoAnswer
from harness.exchange.message import Purpose
from harness.gives import cookies
from harness.judge import first_mismatch, of_acceptance
from harness.listening import Offer
from harness.model import Exchange, Expectation, Operation, Spoil
from harness.names import ONCE, companions
from harness.plan import Presentation
from harness.renewal import Grant, fresh, renew
from harness.setting import TRANSIENT, Inconclusive, Setting, Unanswered, pause_after
from harness.templates import render

_SHUT = frozenset({"connect", "closed"})
_REFUSED = frozenset({401, 403})
KEEPERS = 3
"""Credentials with which the same is tried, at most, where it is done beside a case."""

TOO_MANY_REQUESTS = 429
"""The one status of passing trouble that says that nothing was done (RFC 6585 section 4)."""
NO_ANSWER = "the control got no answer"
"""How the reason begins where a control was neither accepted nor refused."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One presentation to be sent. `declared` are statuses that would be an answer and no passing trouble."""

    sent: Presentation
    purpose: Purpose
    spoil: Spoil | None = None
    case: str | None = None
    declared: frozenset[int] = frozenset()
    random: Random = field(default_factory=Random)
    grant: Grant | None = None
    """What is presented where the credential is good for one use; without it a fresh one."""
    offer: Offer | None = None
    """What the target is told to fetch, where it is told so."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An answer, and whether the operation's effect was seen after it (None where it has none)."""

    answer: Answer
    effect: bool | None
    sent: tuple[str, ...] = ()
    """The credential as it was sent, in every form that the harness gave it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What came of one request: an answer, or the reason why none came."""

    answer: Answer | None
    failure: str
    sent: tuple[str, ...]
    shut: bool = False
    """Whether none came because the other side would have no connection, or closed it."""


class Asker:
    """Asks on one lane; keeps its exchanges in `exchanges`, and in `jar` the cookies that answers set."""

    def __init__(
        self,
        setting: Setting,
        lane: Lane,
        exchanges: list[Exchange],
        jar: dict[str, str] | None = None,
    ) -> None:
        self.setting = setting
        self.lane = lane
        self.exchanges = exchanges
        self.jar = {} if jar is None else jar
        """Cookies by name. No request has them by itself."""

    async def control(self, control: Presentation) -> str | None:
        """Why the control was not accepted, None where it was. Asked once more before that is said."""
        reason = await self._refusal(control)
        if reason is not None:
            reason = await self._refusal(control)
        return reason

    async def send(self, ask: Ask) -> Seen:
        """Send a presentation, with what must come before and after it; passing trouble is retried once.

        Inconclusive where no answer came, or none that says anything.
        """
        operation = self._operation(ask.sent.operation)
        if ask.sent.asks is not None:  # a preflight does nothing of what it asks for
            answer, shown = await self._answer(ask, "")
            return Seen(answer, None, shown)
        unique = f"authconform-{Random().getrandbits(48):012x}"
        if operation.after:
            await self._prepare(operation, ask.sent, unique)
        try:
            answer, shown = await self._answer(ask, unique)
            done = answer.status in accepted_statuses(operation)
            effect = None if done else await self._effect(operation, ask.sent, unique)
        except Inconclusive:
            await self._clean_up(operation, ask.sent, unique, None)
            raise
        await self._clean_up(operation, ask.sent, unique, bool(done or effect))
        return Seen(answer, effect, shown)

    async def _refusal(self, control: Presentation) -> str | None:
        operation = self._operation(control.operation)
        try:
            seen = await self.send(Ask(control, "control"))
        except (Inconclusive, CannotSpoil) as error:
            return f"{NO_ANSWER}: {error}"
        facts = Facts(
            operation=operation,
            method=operation.method,
            mechanism="",
            place=control.place,
            home=control.place,
            canaries=self.setting.target.canary,
        )
        act = Expectation("accepted", {}, None, None, None, operation.where)
        wanted = of_acceptance(operation.accepted, self.setting.requirements)
        mismatch = first_mismatch(seen.answer, (act, *wanted), facts)
        if mismatch is None:
            self.setting.accepted.add(str(control.credential))
            return None
        return (
            f"the control was not accepted: {control.credential} for {control.operation} at {control.place}: "
            f"expected {mismatch.expected}, got {mismatch.actual}"
        )

    async def _answer(self, ask: Ask, unique: str) -> tuple[Answer, tuple[str, ...]]:
        """The answer to one request, asked once more after passing trouble; Inconclusive where it lasts.

        With it the credential as it was sent.
        """
        says_nothing = TRANSIENT - ask.declared - accepted_statuses(self._operation(ask.sent.operation))
        asked = await self.ask(ask, unique)
        if asked.answer is None or asked.answer.status in says_nothing:
            self._check_unspent(ask, asked)
            trouble = asked.failure if asked.answer is None else named_status(asked.answer.status)
            await asyncio.sleep(pause_after(asked.answer))
            asked = await self.ask(ask, unique)
            again = self.exchanges[-1]
            self.exchanges[-1] = replace(again, request={**again.request, "again_after": trouble})
        answer = asked.answer
        if answer is None:
            raise (Unanswered if asked.shut else Inconclusive)(f"no answer: {asked.failure}")
        if answer.status in says_nothing:
            slower = "; give run a lower --rate" if answer.status == TOO_MANY_REQUESTS else ""
            status = named_status(answer.status)
            raise Inconclusive(f"twice {status}, which says nothing of the credential{slower}")
        return answer, asked.sent

    def _check_unspent(self, ask: Ask, asked: Asked) -> None:
        """Inconclusive where what is good for one use was sent, and nobody knows whether it was used up."""
        limited = asked.answer is not None and asked.answer.status == TOO_MANY_REQUESTS
        if ask.grant is None or limited or not self.is_for_one_use(str(ask.sent.credential)):
            return
        got = named_status(asked.answer.status) if asked.answer else f"no answer: {asked.failure}"
        raise Inconclusive(f"{ask.sent.credential}, good for one use, got {got}: it may be used up")

    async def ask(self, ask: Ask, unique: str) -> Asked:
        """One request and what came of it."""
        setting, sent = self.setting, ask.sent
        self._allowed(ask)
        grant = ask.grant or await self.secret_of(sent.credential)
        secret = grant.secret if grant else None
        secrets = await self._secrets_for(ask)
        made = assemble(
            setting.profile, setting.target, sent, secret, ask.spoil, unique, ask.random, secrets,
            grant.given if grant else None, setting.given, ask.offer.hold if ask.offer else None,
        )  # fmt: skip
        request = made.request
        if ask.spoil and ask.spoil.part == COOKIES:
            kinds = setting.profile.credentials.values()
            documented = {kind.options["cookie"] for kind in kinds if "cookie" in kind.options}
            request = with_cookies(request, self.jar, documented)
        shown = (*((secret,) if secret else ()), *made.presented.secrets, *made.presented.invented)
        for derived in made.presented.secrets:
            setting.redactor.learn_in_passing(f"{sent.credential}, changed", derived)
        for invented in made.presented.invented:
            setting.redactor.harmless(invented)
        try:
            answer = await self.lane.send(request, purpose=ask.purpose, case=ask.case)
        except NoAnswer as error:
            self.exchanges.append(error.evidence)
            return Asked(None, error.message, shown, error.kind in _SHUT)
        self.exchanges.append(answer.evidence)
        self.jar.update(cookies(answer))
        return Asked(answer, "", shown)

    def _allowed(self, ask: Ask) -> None:
        """Inconclusive where a production target does not allow it: no path leads around what was planned."""
        if ask.sent.asks is not None or not production.is_production(self.setting.target):
            return
        touched = production.of_operations([ask.sent.operation], self.setting.profile)
        if ask.spoil and ask.spoil.part == "method":
            touched |= production.Touched(production.of_method(str(ask.spoil.change)))
        if reason := production.forbidden(touched, self.setting.target):
            raise Inconclusive(reason)

    async def _secrets_for(self, ask: Ask) -> Mapping[str, str]:
        """All secrets in hand, those among them that go along with a presentation or that its spoil needs."""
        beside = self._operation(ask.sent.operation).beside
        needed = [name for name in (*companions(ask.spoil), beside) if name]
        await renew(self.setting, self.lane, needed, self.exchanges)
        known = self.setting.target.credentials
        once = [name for name in needed if name in known and self.is_once(name)]
        grants = {name: await fresh(self.setting, self.lane, name, self.exchanges) for name in once}
        return {**self.setting.secrets, **{name: grant.secret for name, grant in grants.items()}}

    async def secret_of(self, credential: str | None) -> Grant | None:
        """The secret that is presented for `credential`: a fresh one where it is good for one use."""
        if credential is None:
            return None
        if self.is_once(credential):
            return await fresh(self.setting, self.lane, credential, self.exchanges)
        await renew(self.setting, self.lane, [credential], self.exchanges)
        return Grant(self.setting.secrets[credential], self.setting.given.get(credential, {}))

    def is_once(self, credential: str) -> bool:
        """Whether `credential` is good for one use, and obtained anew for each."""
        obtained = self.setting.target.credentials[credential].source == "obtained"
        return obtained and self.is_for_one_use(credential)

    def is_for_one_use(self, credential: str) -> bool:
        """Whether `credential` can be used once, wherever it comes from."""
        return bool(self.setting.profile.credentials[credential].options.get(ONCE))

    async def _prepare(self, operation: Operation, sent: Presentation, unique: str) -> None:
        assert operation.after is not None
        answer, _ = await self._as_keeper(operation.after, sent.place, unique, others=False)
        if answer.status not in accepted_statuses(self._operation(operation.after)):
            raise Inconclusive(
                f"{operation.after}, which {operation.name} needs first, was not accepted: "
                f"{named_status(answer.status)}"
            )

    async def _effect(self, operation: Operation, sent: Presentation, unique: str) -> bool | None:
        """Whether the change that `operation` makes can be seen; None where it makes none."""
        effect = operation.effect
        if effect is None:
            return None
        answer, keeper = await self._as_keeper(effect.on, sent.place, unique)
        if answer.status not in accepted_statuses(self._operation(effect.on)):
            raise Inconclusive(
                f"{effect.on}, which shows what {operation.name} did, was not accepted: "
                f"{named_status(answer.status)}"
            )
        names = variables(self.setting.profile, self.setting.target, sent.place, unique)
        shown = answer.holds(render(effect.text, names, operation.where))
        first = self._keepers(sent.place)[0]
        if not shown and keeper != first:
            raise Inconclusive(
                f"{effect.on}, which shows what {operation.name} did, was refused to {first}, and what is "
                f"not shown to {keeper} may be there all the same"
            )
        return shown is effect.appears

    async def _clean_up(
        self, operation: Operation, sent: Presentation, unique: str, done: bool | None
    ) -> None:
        """Take back what was made, by the operation itself or before it; None where that is not known.

        What was learned stays learned where this fails: the evidence shows it.
        """
        before = self._operation(operation.after) if operation.after else None
        undo = operation.undo if done is not False else None
        if before and before.undo and not (done and before.undo == operation.name):
            undo = before.undo
        if undo:
            with suppress(Inconclusive):
                await self._as_keeper(undo, sent.place, unique)

    async def _as_keeper(
        self, name: str, place: str, unique: str, *, others: bool = True
    ) -> tuple[Answer, str]:
        """Do an operation at `place` with a credential of that place, beside the case itself; and with which.

        With `others`, with another one where it is refused: it may be over, or may not do this. What is made
        is made by the first alone, for others might not see it.
        """
        found = None
        for keeper in self._keepers(place)[: None if others else 1]:
            try:
                answer, _ = await self._answer(Ask(Presentation(keeper, place, name), "setup"), unique)
            except Inconclusive as error:
                raise Inconclusive(f"{name} got {error}") from None
            found = answer, keeper
            if answer.status not in _REFUSED:
                break
        if found is None:
            raise Inconclusive(f"the target has no credential of {place}, which {name} would need")
        return found

    def _keepers(self, place: str) -> list[str]:
        """The credentials to look with at `place`: its own, in the profile's order.

        The first is whose objects the place has; which others were accepted so far has no part in it.
        """
        setting = self.setting
        return [
            name
            for name in setting.profile.credentials
            if name in setting.target.credentials
            and setting.home(name) == place
            and name not in setting.locked
        ][:KEEPERS]

    def _operation(self, name: str) -> Operation:
        return self.setting.profile.operations[name]
