"""Do a lifecycle verb: by a request, or by asking a person at the terminal."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from harness import gives, templates, terminal
from harness.assemble import assemble_verb, variables
from harness.checks.issued import OF_A_BODY, OF_WHAT_WAS_OBTAINED
from harness.exchange import Answer, Lane, NoAnswer, Request
from harness.exchange.redaction import SHORTEST
from harness.gives import SECRET
from harness.model import Exchange, Expectation, LifecycleVerb, Spoil, Timing
from harness.names import ISSUE, NOTHING, OWN
from harness.setting import Inconclusive, Setting, pause_after
from harness.visiting import Journey, NothingGiven

_NOT_DONE = frozenset({429, 503})
"""Statuses that ask to come again later."""


@dataclass(frozen=True, slots=True)
class Done:
    """A verb that was done.

    `given` is what its `gives` found in the answer, `returned` when it was done on the network's clock. Of a
    `manual` one that is when the person was asked: it was done no earlier. `answer` is None where a person
    did it.
    """

    given: Mapping[str, Any]
    returned: float
    manual: bool
    answer: Answer | None
    accepted: bool
    said: str = ""
    """What a person entered, unless it is a secret."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What its templates were filled with."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A verb to be done, with the values of its templates; `credential` in place of its own.

    Of `wanted`, which are names of values, each must have its place in the verb: what a step asks for is not
    to be left out in silence.
    """

    verb: str
    values: Mapping[str, Any]
    case: str
    credential: str | None = None
    wanted: frozenset[str] = field(default_factory=frozenset)
    spoil: Spoil | None = None
    """A change to the parameters of its request."""
    issues: str = ""
    """The name, in evidence, of the credential that is issued by it; without one the verb's."""


def verb_of(setting: Setting, name: str) -> LifecycleVerb:
    """How this deployment does the verb: as the target says, else as the profile does."""
    return setting.target.lifecycle.get(name) or setting.profile.lifecycle[name]


async def perform(setting: Setting, lane: Lane, exchanges: list[Exchange], errand: Errand) -> Done:
    """Do the errand. Inconclusive where no answer came, or nobody is there to ask."""
    verb = verb_of(setting, errand.verb)
    names: dict[str, Any] = dict(variables(setting.profile, setting.target, verb.at or OWN, _unique()))
    names |= secret_names(setting) | _proof_key()
    for name, value in verb.defaults.items():
        names[name] = _filled(value, names, verb)
    names |= errand.values  # as they are: what a server gave is no template
    used = used_names(verb)
    if idle := [name for name in errand.wanted if name not in used]:
        raise Inconclusive(f"'{verb.name}' has no place for '${{{idle[0]}}}' ({verb.where})")
    if verb.kind == "prompt":
        return await _prompt(setting, lane, errand, verb, names)
    if verb.kind == "visits":
        return await _visits(setting, lane, exchanges, errand, verb, names)
    if verb.kind != "request":
        raise Inconclusive(f"this version cannot do '{errand.verb}' by a {verb.kind} ({verb.where})")
    return await _request(setting, lane, exchanges, errand, verb, names)


def used_names(verb: LifecycleVerb) -> frozenset[str]:
    """The names in the templates of a verb."""
    written = (verb.what, verb.body, dict(verb.headers), verb.defaults)
    return frozenset(name for text in _texts(written) for name in templates.names(text))


async def _request(
    setting: Setting,
    lane: Lane,
    exchanges: list[Exchange],
    errand: Errand,
    verb: LifecycleVerb,
    names: Mapping[str, Any],
) -> Done:
    credential = errand.credential or verb.credential
    if credential == NOTHING:
        credential = None
    elif credential is not None and credential not in setting.secrets:
        raise Inconclusive(f"the target gives no credential '{credential}', which '{verb.name}' needs")
    secret = setting.secrets[credential] if credential else None
    if (verb.at or OWN) not in setting.target.places:
        raise Inconclusive(f"the target gives no place '{verb.at}', which '{verb.name}' needs")
    profile, target = setting.profile, setting.target
    made = assemble_verb(profile, target, verb, credential, secret, names, Random(), errand.spoil)
    answer = await _sent(setting, lane, exchanges, errand, verb, made.request)
    # one that says to come back has not done it; any other answer may be to something that was done
    if answer.status in _NOT_DONE and answer.status not in verb.accepted:
        await asyncio.sleep(pause_after(answer))
        answer = await _sent(setting, lane, exchanges, errand, verb, made.request)
    accepted = answer.status in verb.accepted
    given = _given(verb, answer) if accepted else {}
    return Done(given, answer.timing.done, False, answer, accepted, values=names)


async def _visits(
    setting: Setting,
    lane: Lane,
    exchanges: list[Exchange],
    errand: Errand,
    verb: LifecycleVerb,
    names: dict[str, Any],
) -> Done:
    """Send a user agent on its way. It did what it was sent for where all is there that the verb gives."""
    own: list[Exchange] = []
    journey = Journey(setting, lane, own, verb, names, errand.case, errand.spoil)
    try:
        answer = await journey.travel(verb.what)
        given = journey.collect(verb.gives, strict=True)
        accepted = True
    except NothingGiven as error:
        answer, given, accepted = error.answer, {}, False
    finally:
        for name, value in journey.secrets():
            setting.redactor.learn(
                f"{errand.issues or verb.name}, {name}" if name else errand.issues or verb.name, value
            )
        # only now: what the answers issued was not known to be a secret when they were recorded
        exchanges += (setting.redactor.exchange(each) for each in own)
    return Done(given, answer.timing.done, False, answer, accepted, values=journey.names)


def secret_names(setting: Setting) -> dict[str, str]:
    """The names by which a verb's templates may use secrets, and the halves of those that are pairs."""
    found: dict[str, str] = {}
    for name, secret in setting.secrets.items():
        found[f"secrets.{name}"] = secret
        kind = setting.profile.credentials[name].mechanism
        halves = {"basic": ("user", "password"), "client": ("id", "secret")}.get(kind)
        if halves:
            first, _, second = secret.partition(":")
            found |= {f"secrets.{name}.{halves[0]}": first, f"secrets.{name}.{halves[1]}": second}
    return found


def _proof_key() -> dict[str, str]:
    """A fresh code verifier and its S256 challenge (RFC 7636 sections 4.1, 4.2)."""
    verifier = secrets.token_urlsafe(32)
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return {"pkce.verifier": verifier, "pkce.challenge": challenge}


async def _sent(
    setting: Setting,
    lane: Lane,
    exchanges: list[Exchange],
    errand: Errand,
    verb: LifecycleVerb,
    request: Request,
) -> Answer:
    try:
        answer = await lane.send(request, purpose="case", case=errand.case)
    except NoAnswer as error:
        exchanges.append(error.evidence)
        raise Inconclusive(f"no answer to '{verb.name}': {error.message}") from None
    # whatever the status: a wrong one may issue as well
    if (secret := _secret_in(verb, answer)) and len(secret) >= SHORTEST:
        setting.redactor.learn(errand.issues or verb.name, secret)
    # only now: what the answer issued was not known to be a secret when it was recorded
    exchanges.append(setting.redactor.exchange(answer.evidence))
    return answer


def _secret_in(verb: LifecycleVerb, answer: Answer) -> str | None:
    if SECRET not in verb.gives:
        return None
    try:
        found = gives.find(verb.gives[SECRET], answer)
    except (ValueError, LookupError):
        return None
    return found if isinstance(found, str) and found else None


def _given(verb: LifecycleVerb, answer: Answer) -> Mapping[str, Any]:
    if not verb.gives:
        return {}
    try:
        given = {name: gives.find(written, answer) for name, written in verb.gives.items()}
    except (ValueError, LookupError):
        wanted = ", ".join(verb.gives.values())
        raise Inconclusive(f"the answer to '{verb.name}' does not hold {wanted} ({verb.where})") from None
    secret = given.get(SECRET, "?" * SHORTEST)
    if not isinstance(secret, str) or len(secret) < SHORTEST:
        raise Inconclusive(
            f"what the answer to '{verb.name}' gives as the secret is no string ({verb.where})"
        )
    return given


async def _prompt(
    setting: Setting, lane: Lane, errand: Errand, verb: LifecycleVerb, names: Mapping[str, Any]
) -> Done:
    texts = {name: str(value) for name, value in names.items()}
    sentence = templates.render(str(verb.what), texts, verb.where)
    wants_secret = verb.name == ISSUE or SECRET in verb.gives
    async with setting.terminal:
        asked = lane.now()
        said = await terminal.ask(sentence, hidden=wants_secret)
    if said is None:
        raise Inconclusive(f"this needs a person at a terminal: {sentence}")
    given: dict[str, Any] = {"name": names.get("name", verb.name)}
    if wants_secret:
        if len(said) < SHORTEST:
            raise Inconclusive(f"nothing that could be a secret was entered for: {sentence}")
        setting.redactor.learn(errand.issues or verb.name, said)
        given[SECRET] = said
        said = ""
    return Done(given, asked, True, None, True, said)


def entered(done: Done, verb: str, expectations: Sequence[Expectation]) -> Answer | None:
    """What a person entered, as an answer; None where nothing is to be looked for.

    Inconclusive where an expectation looks at what nobody saw.
    """
    looking = [each for each in expectations if each.check != "advice"]
    now = Timing(done.returned, done.returned, done.returned)
    answer = Answer(200, "", (), done.said.encode(), False, now, Exchange("case", {}, None, None, now))
    for each in looking:
        if each.check in OF_WHAT_WAS_OBTAINED:
            continue
        if each.check not in OF_A_BODY:
            raise Inconclusive(f"a person did '{verb}': nobody saw what '{each.check}' looks at")
        try:
            answer.json()
        except ValueError:
            raise Inconclusive(f"what was entered for '{verb}' is no JSON") from None
    return answer if looking else None


def _filled(value: Any, names: Mapping[str, Any], verb: LifecycleVerb) -> Any:
    """`value` with the names in it, where it is a string."""
    if not isinstance(value, str):
        return value
    return templates.render(value, {name: str(each) for name, each in names.items()}, verb.where)


def _unique() -> str:
    return f"authconform-{Random().getrandbits(48):012x}"


def _texts(value: Any) -> Iterator[str]:
    """All strings in `value`, made of JSON's types."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
