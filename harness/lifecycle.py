"""Do a lifecycle verb: by a request, or by asking a person at the terminal."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from harness import templates, terminal
from harness.asking import Inconclusive, Setting, pause_after
from harness.assemble import assemble_verb, variables
from harness.checks import bodies
from harness.checks.issued import OF_A_BODY, OF_WHAT_WAS_OBTAINED
from harness.exchange import Answer, Lane, NoAnswer, Request
from harness.exchange.redaction import SHORTEST
from harness.model import Exchange, Expectation, LifecycleVerb, Timing
from harness.names import ISSUE, NOTHING, OWN

_NOT_DONE = frozenset({429, 503})
"""Statuses that ask to come again later."""

SECRET = "secret"
"""The name under which a verb gives the credential itself."""


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
    issues: str = ""
    """The name, in evidence, of the credential that is issued by it; without one the verb's."""


def verb_of(setting: Setting, name: str) -> LifecycleVerb:
    """How this deployment does the verb: as the target says, else as the profile does."""
    return setting.target.lifecycle.get(name) or setting.profile.lifecycle[name]


async def perform(setting: Setting, lane: Lane, exchanges: list[Exchange], errand: Errand) -> Done:
    """Do the errand. Inconclusive where no answer came, or nobody is there to ask."""
    verb = verb_of(setting, errand.verb)
    names: dict[str, Any] = dict(variables(setting.profile, setting.target, verb.at or OWN, _unique()))
    for name, value in verb.defaults.items():
        names[name] = _filled(value, names, verb)
    names |= errand.values  # as they are: what a server gave is no template
    used = used_names(verb)
    if idle := [name for name in errand.wanted if name not in used]:
        raise Inconclusive(f"'{verb.name}' has no place for '${{{idle[0]}}}' ({verb.where})")
    if verb.kind == "prompt":
        return await _prompt(setting, lane, errand, verb, names)
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
    made = assemble_verb(setting.profile, setting.target, verb, credential, secret, names, Random())
    answer = await _sent(setting, lane, exchanges, errand, verb, made.request)
    # one that says to come back has not done it; any other answer may be to something that was done
    if answer.status in _NOT_DONE and answer.status not in verb.accepted:
        await asyncio.sleep(pause_after(answer))
        answer = await _sent(setting, lane, exchanges, errand, verb, made.request)
    accepted = answer.status in verb.accepted
    return Done(_given(verb, answer) if accepted else {}, answer.timing.done, False, answer, accepted)


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
        found = bodies.resolve(answer.json(), verb.gives[SECRET])
    except (ValueError, LookupError):
        return None
    return found if isinstance(found, str) and found else None


def _given(verb: LifecycleVerb, answer: Answer) -> Mapping[str, Any]:
    if not verb.gives:
        return {}
    try:
        body = answer.json()
        given = {name: bodies.resolve(body, pointer) for name, pointer in verb.gives.items()}
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
