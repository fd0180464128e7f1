"""Obtain the credentials that the API issues to us: when they are needed, and before they end."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from harness.checks.answers import named_status
from harness.credentials import sent_along
from harness.exchange import Lane
from harness.exchange.redaction import SHORTEST
from harness.gives import LIFE, SECRET
from harness.lacking import needs_of
from harness.lifecycle import Done, Errand, perform, verb_of
from harness.model import CredentialKind, Exchange
from harness.names import NOTHING, ONCE, USING, issuing_verb
from harness.setting import Inconclusive, Setting

MARGIN = 30.0
"""Seconds of its life at which a credential is replaced; of a short one the last fifth."""
FOREVER = 1e9
"""Seconds of a life that no run sees the end of."""


async def renew(setting: Setting, lane: Lane, credentials: Iterable[str], exchanges: list[Exchange]) -> None:
    """Have those of `credentials` that the run obtains itself. Inconclusive where one cannot be had."""
    for name in credentials:
        reference = setting.target.credentials.get(name)
        if reference is None or reference.source != "obtained":
            continue
        if setting.profile.credentials[name].options.get(ONCE):
            continue
        async with setting.obtaining[name]:
            if name not in setting.secrets or time.time() >= setting.expiries.get(name, float("inf")):
                await _obtain(setting, lane, setting.profile.credentials[name], exchanges)


def can_be_obtained(setting: Setting, credential: str) -> bool:
    """Whether there is all that is needed to have `credential` issued: otherwise the target has a gap."""
    kind = setting.profile.credentials[credential]
    verb = verb_of(setting, issuing_verb(kind))
    for need in needs_of(replace(verb, credential=kind.options.get(USING, verb.credential))):
        reference = setting.target.credentials.get(need)
        if reference is not None and reference.source == "obtained":
            if not can_be_obtained(setting, need):
                return False
        elif need in setting.profile.credentials and need not in setting.secrets:
            return False
    return True


async def perform_ready(setting: Setting, lane: Lane, exchanges: list[Exchange], errand: Errand) -> Done:
    """Do an errand, with the credential that it presents in hand. Inconclusive as of both."""
    presented = errand.credential or verb_of(setting, errand.verb).credential
    if presented and presented != NOTHING:
        await renew(setting, lane, [presented], exchanges)
    return await perform(setting, lane, exchanges, errand)


@dataclass(frozen=True, slots=True)
class Grant:
    """A secret, and what else the answer gave that issued it."""

    secret: str
    given: Mapping[str, Any]


async def fresh(setting: Setting, lane: Lane, credential: str, exchanges: list[Exchange]) -> Grant:
    """One that nobody has used yet. Inconclusive where none can be had."""
    return await _obtained(setting, lane, setting.profile.credentials[credential], exchanges)


async def _obtain(setting: Setting, lane: Lane, kind: CredentialKind, exchanges: list[Exchange]) -> None:
    asked_at = time.time()
    grant = await _obtained(setting, lane, kind, exchanges)
    life = grant.given.get(LIFE)
    if isinstance(life, int | float) and not isinstance(life, bool) and 0 < life < FOREVER:
        setting.expiries[kind.name] = asked_at + life - min(MARGIN, life / 5)
    setting.secrets[kind.name], setting.given[kind.name] = grant.secret, grant.given


async def _obtained(setting: Setting, lane: Lane, kind: CredentialKind, exchanges: list[Exchange]) -> Grant:
    verb = issuing_verb(kind)
    errand = Errand(verb, {}, "", kind.options.get(USING), issues=kind.name)
    try:
        done = await perform_ready(setting, lane, exchanges, errand)
    except Inconclusive as error:
        raise Inconclusive(f"'{kind.name}' could not be obtained: {error}") from None
    if SECRET not in done.given:
        status = named_status(done.answer.status) if done.answer else "nothing"
        raise Inconclusive(f"'{kind.name}' could not be obtained: '{verb}' was answered with {status}")
    keep_private(setting, kind, done.given)
    return Grant(str(done.given[SECRET]), done.given)


def keep_private(setting: Setting, kind: CredentialKind, given: Mapping[str, Any]) -> None:
    """Show nothing of what is sent along with a credential, which was given with it."""
    for name in sent_along(kind):
        if len(value := str(given.get(name, ""))) >= SHORTEST:
            setting.redactor.learn(f"{kind.name}, {name}", value)
