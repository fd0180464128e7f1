"""Do a lifecycle verb: by a request, or by asking a person at the terminal."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from harness.asking import Inconclusive, Setting
from harness.assemble import assemble_verb, variables
from harness.checks import bodies
from harness.checks.answers import named_status
from harness.exchange import Answer, Lane, NoAnswer
from harness.model import Exchange, LifecycleVerb
from harness.names import NOTHING, OWN
from harness.templates import render

TERMINAL = Path("/dev/tty")
EXECUTED_KINDS = ("request", "prompt")

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


@dataclass(frozen=True, slots=True)
class Errand:
    """A verb to be done, with the values of its templates; `credential` in place of its own."""

    verb: str
    values: Mapping[str, Any]
    case: str
    credential: str | None = None


def verb_of(setting: Setting, name: str) -> LifecycleVerb:
    """How this deployment does the verb: as the target says, else as the profile does."""
    return setting.target.lifecycle.get(name) or setting.profile.lifecycle[name]


async def perform(setting: Setting, lane: Lane, exchanges: list[Exchange], errand: Errand) -> Done:
    """Do the errand. Inconclusive where no answer came, or nobody is there to ask."""
    verb = verb_of(setting, errand.verb)
    place = verb.at or OWN
    names: dict[str, Any] = dict(variables(setting.profile, setting.target, place, _unique()))
    for name, value in (*verb.defaults.items(), *errand.values.items()):
        names[name] = _filled(value, names, verb)
    if verb.kind == "prompt":
        return await _prompt(setting, lane, verb, names)
    if verb.kind != "request":
        raise Inconclusive(f"this version cannot do '{errand.verb}' by a {verb.kind} ({verb.where})")
    return await _request(setting, lane, exchanges, errand, verb, names)


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
    try:
        answer = await lane.send(made.request, purpose="case", case=errand.case)
    except NoAnswer as error:
        exchanges.append(error.evidence)
        raise Inconclusive(f"no answer to '{verb.name}': {error.message}") from None
    accepted = answer.status in verb.accepted
    given = _given(setting, verb, answer) if accepted else {}
    # only now: what the answer issued was not known to be a secret when it was recorded
    exchanges.append(setting.redactor.exchange(answer.evidence))
    return Done(given, answer.timing.done, False, answer, accepted)


def _given(setting: Setting, verb: LifecycleVerb, answer: Answer) -> Mapping[str, Any]:
    if not verb.gives:
        return {}
    try:
        body = answer.json()
        given = {name: bodies.resolve(body, pointer) for name, pointer in verb.gives.items()}
    except (ValueError, LookupError):
        wanted = ", ".join(verb.gives.values())
        raise Inconclusive(f"the answer to '{verb.name}' does not hold {wanted} ({verb.where})") from None
    if not isinstance(given.get(SECRET, ""), str):
        raise Inconclusive(
            f"what the answer to '{verb.name}' gives as the secret is no string ({verb.where})"
        )
    if secret := given.get(SECRET):
        setting.redactor.learn(str(given.get("name", verb.name)), secret)
    return given


async def _prompt(setting: Setting, lane: Lane, verb: LifecycleVerb, names: Mapping[str, Any]) -> Done:
    texts = {name: str(value) for name, value in names.items()}
    sentence = render(str(verb.what), texts, verb.where)
    wants_secret = verb.name == "issue" or SECRET in verb.gives
    async with setting.terminal:
        asked = lane.now()
        said = await asyncio.to_thread(_ask_person, sentence, wants_secret)
    given: dict[str, Any] = {"name": names.get("name", verb.name)}
    if wants_secret:
        if len(said) < 4:
            raise Inconclusive(f"nothing was entered for: {sentence}")
        setting.redactor.learn(str(given["name"]), said)
        given[SECRET] = said
    return Done(given, asked, True, None, True)


def _ask_person(sentence: str, hidden: bool) -> str:
    """What a person at the terminal enters; Inconclusive where there is no terminal."""
    try:
        terminal = TERMINAL.open("r+b", buffering=0)
    except OSError:
        raise Inconclusive(f"this needs a person at a terminal: {sentence}") from None
    with terminal:
        terminal.write(f"\n{sentence}\n".encode())
        if hidden:
            return getpass.getpass("> ").strip()
        terminal.write(b"> ")
        return terminal.readline().decode("utf-8", "replace").strip()


def _filled(value: Any, names: Mapping[str, Any], verb: LifecycleVerb) -> Any:
    """`value` with the names in it, where it is a string."""
    if not isinstance(value, str):
        return value
    return render(value, {name: str(each) for name, each in names.items()}, verb.where)


def _unique() -> str:
    return f"authconform-{Random().getrandbits(48):012x}"


def answered(done: Done, verb: str) -> Done:
    """`done`, where it was done; Inconclusive where the target did not do it."""
    if not done.accepted and done.answer is not None:
        raise Inconclusive(f"'{verb}' was not done: {named_status(done.answer.status)}")
    return done
