"""Do a lifecycle verb: by a request, a user agent, a command, a function, or a person at the terminal."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from harness import gives, production, programs, templates, terminal
from harness.assemble import assemble_verb
from harness.checks.issued import OF_A_BODY, OF_WHAT_WAS_OBTAINED
from harness.credentials import CannotSpoil
from harness.drafts import variables
from harness.exchange import Answer, Lane, NoAnswer, Request
from harness.exchange.redaction import SHORTEST
from harness.gives import SECRET
from harness.model import Exchange, Expectation, LifecycleVerb, Profile, Spoil, Target, Timing
from harness.names import ISSUE, NOTHING, OWN
from harness.setting import Inconclusive, Setting, pause_after
from harness.visiting import Journey, NothingGiven

_NOT_DONE = frozenset({429, 503})
"""Statuses that ask to come again later."""


@dataclass(frozen=True, slots=True)
class Done:
    """A verb that was done.

    `given` is what its `gives` found in the answer, `returned` when it was done on the network's clock. Of a
    `manual` one, which a person or a program did, that is when it was begun: it was done no earlier. `answer`
    is None then.
    """

    given: Mapping[str, Any]
    returned: float
    manual: bool
    answer: Answer | None
    accepted: bool
    said: str = ""
    """What a person entered, unless it is a secret, or a command printed."""
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


def all_verbs(profile: Profile, target: Target) -> Sequence[LifecycleVerb]:
    """Every lifecycle verb, as this deployment does it."""
    return tuple({**profile.lifecycle, **target.lifecycle}.values())


async def perform(setting: Setting, lane: Lane, exchanges: list[Exchange], errand: Errand) -> Done:
    """Do the errand. Inconclusive where no answer came, or nobody is there to ask."""
    verb = verb_of(setting, errand.verb)
    # planned so already; but no path is to lead around it
    if reason := production.forbidden(production.of_verbs([verb]), setting.target):
        raise Inconclusive(reason)
    if (verb.at or OWN) not in setting.target.places:
        raise Inconclusive(f"the target gives no place '{verb.at}', which '{verb.name}' needs")
    if errand.spoil and verb.kind not in ("request", "visits"):
        raise CannotSpoil(f"'{verb.name}' is done by a {verb.kind}, of which nothing can be changed")
    names: dict[str, Any] = dict(variables(setting.profile, setting.target, verb.at or OWN, _unique()))
    names |= secret_names(setting) | _proof_key()
    for name, value in verb.defaults.items():
        names[name] = _filled(value, names, verb)
    names |= errand.values  # as they are: what a server gave is no template
    _learn_halves(setting, verb)
    if idle := [name for name in errand.wanted if not _uses(verb, name, setting)]:
        raise Inconclusive(f"'{verb.name}' has no place for '${{{idle[0]}}}' ({verb.where})")
    if verb.kind == "prompt":
        return await _prompt(setting, lane, errand, verb, names)
    if verb.kind == "visits":
        return await _visits(setting, lane, exchanges, errand, verb, names)
    if verb.kind in ("command", "call"):
        return await _program(setting, lane, errand, verb, names)
    return await _request(setting, lane, exchanges, errand, verb, names)


def _uses(verb: LifecycleVerb, name: str, setting: Setting) -> bool:
    """Whether the value called `name` has its place in `verb`."""
    return name in used_names(verb) or (verb.kind == "call" and programs.takes(verb, setting.target, name))


def used_names(verb: LifecycleVerb) -> frozenset[str]:
    """The names in the templates of a verb."""
    written = (verb.what, verb.body, dict(verb.headers), verb.defaults)
    return frozenset(templates.names_in(written))


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
    profile, target = setting.profile, setting.target
    made = assemble_verb(
        profile, target, verb, credential, secret, names, Random(), errand.spoil, setting.given
    )
    answer = await _sent(setting, lane, exchanges, errand, verb, made.request)
    # one that says to come back has not done it; any other answer may be to something that was done
    if answer.status in _NOT_DONE and answer.status not in verb.accepted:
        await asyncio.sleep(pause_after(answer))
        answer = await _sent(setting, lane, exchanges, errand, verb, made.request)
    accepted = answer.status in verb.accepted
    given = _given(verb, answer, names) if accepted else {}
    return Done(given, answer.timing.done, False, answer, accepted, values=names)


async def _program(
    setting: Setting, lane: Lane, errand: Errand, verb: LifecycleVerb, names: Mapping[str, Any]
) -> Done:
    """Run a command or call a function. When within its time it did what it does, nobody knows."""
    begun = lane.now()
    if verb.kind == "command":
        result = await programs.by_command(verb, names, setting.target.folder)
    else:
        result = await programs.by_call(verb, names, setting.target)
    if SECRET in result.given:
        secret = _checked(result.given[SECRET], verb)
        setting.redactor.learn(errand.issues or verb.name, secret)
    return Done(result.given, begun, True, None, True, result.said, values=names)


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
    journey = Journey(setting, lane, own, verb, dict(names), errand.case, errand.spoil)
    try:
        answer = await journey.travel(verb.what)
        given = journey.collect(verb.gives, strict=True)
        accepted = answer.status < 400
    except NothingGiven as error:
        answer, given, accepted = error.answer, {}, False
    finally:
        for name, value in journey.secrets():
            setting.redactor.learn(
                f"{errand.issues or verb.name}, {name}" if name else errand.issues or verb.name, value
            )
        # only now: what the answers issued was not known to be a secret when they were recorded
        exchanges += (setting.redactor.exchange(each) for each in own)
    # of a name that was sent and came back, such as state, what was sent
    values = {**journey.names, **names, **journey.asked}
    return Done(given, answer.timing.done, False, answer, accepted, values=values)


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


def _learn_halves(setting: Setting, verb: LifecycleVerb) -> None:
    """Keep secret the halves of pairs that `verb` sends: what was learned before is the whole."""
    used = used_names(verb)
    for name, secret in secret_names(setting).items():
        whole, _, half = name.rpartition(".")
        if name in used and half in ("password", "secret") and len(secret) >= SHORTEST:
            setting.redactor.learn(f"{whole.removeprefix('secrets.')}, {half}", secret)


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


def _given(verb: LifecycleVerb, answer: Answer, names: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the answer gives; a template may use the names of this verb, and those given before it."""
    given: dict[str, Any] = {}
    try:
        for name, written in verb.gives.items():
            template = "${" in written
            given[name] = (
                _filled(written, {**names, **given}, verb) if template else gives.find(written, answer)
            )
    except (ValueError, LookupError):
        wanted = ", ".join(verb.gives.values())
        raise Inconclusive(f"the answer to '{verb.name}' does not hold {wanted} ({verb.where})") from None
    if SECRET in given:
        _checked(given[SECRET], verb)
    return given


def _checked(secret: Any, verb: LifecycleVerb) -> str:
    """What was given as a secret, if it can be one."""
    if not isinstance(secret, str) or len(secret) < SHORTEST:
        raise Inconclusive(
            f"what the answer to '{verb.name}' gives as the secret is no text of {SHORTEST} characters "
            f"or more ({verb.where})"
        )
    return secret


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
    """What a person entered or a command printed, as an answer; None where nothing is to be looked for.

    Inconclusive where an expectation looks at what nobody saw.
    """
    looking = [each for each in expectations if each.check != "advice"]
    now = Timing(done.returned, done.returned, done.returned)
    answer = Answer(200, "", (), done.said.encode(), False, now, Exchange("case", {}, None, None, now))
    for each in looking:
        if each.check in OF_WHAT_WAS_OBTAINED:
            continue
        if each.check not in OF_A_BODY:
            raise Inconclusive(f"nobody saw an answer to '{verb}', which is what '{each.check}' looks at")
        try:
            answer.json()
        except ValueError:
            raise Inconclusive(f"what was said of '{verb}' is no JSON") from None
    return answer if looking else None


def _filled(value: Any, names: Mapping[str, Any], verb: LifecycleVerb) -> Any:
    """`value` with the names in it, where it is a string."""
    if not isinstance(value, str):
        return value
    return templates.render(value, {name: str(each) for name, each in names.items()}, verb.where)


def _unique() -> str:
    return f"authconform-{Random().getrandbits(48):012x}"
