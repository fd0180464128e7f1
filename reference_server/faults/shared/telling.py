"""Faults: one cause of a refusal can be told from another, where all are to be answered alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from reference_server.faults.shared.decisions import A, Facts
from reference_server.faults.shared.sets import Family, FaultSet, because
from reference_server.faults.shared.ways import When, answering, with_status
from reference_server.messages import Answer

Named = tuple[str, ...]
Change = Callable[[Any, Answer], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What differs between APIs whose refusals are all alike."""

    worded: Callable[[str], Change]
    """The same refusal with another sentence in its body."""
    unknown: str = "unknown-key"
    """The reason for which an unknown key is refused, and a disabled one."""
    keys: Callable[[Any], tuple[str, ...]] = lambda facts: facts.behaviour.collect_keys(facts)
    """Those that a request has."""
    begins: Callable[[Any, str], bool]
    """Of the facts and a key: whether it begins like one that there is."""
    disabled: When
    """Whether the key of the request is one that was disabled."""
    known: When
    """Whether there is anything at the path of the request."""

    status: Named
    """What falls when a refusal has another status."""
    words: Named = ()
    """The same of other words in its body."""
    uniform: Named = ("practice/uniform-refusals",)
    uniform_exchange: Named = ()
    """The same where tokens are had."""
    enumeration: Named
    """An unknown user is told from a wrong password."""
    paths: Named = ("practice/uniform-paths",)
    begun: Named = ()
    """What falls besides when a key is told that begins like one that there is."""
    disabled_refused: Named
    """What is looked at before a disabled key is compared."""


TELLING: FaultSet[Told] = FaultSet()
fault = TELLING.fault


def with_field(name: str, value: str) -> Change:
    """The same answer with one more field."""
    return lambda facts, answer: replace(answer, headers=(*answer.headers, (name, value)))


def with_json(write: Callable[[Any], str]) -> Change:
    """The same answer with its JSON written otherwise."""
    return lambda facts, answer: replace(answer, body=write(json.loads(answer.body)).encode())


def slow(seconds: float) -> Change:
    """The same answer so much later."""
    return lambda facts, answer: replace(answer, delay=answer.delay + seconds)


_told: Family[Told, tuple[Change, str]] = Family(
    TELLING, lambda api, behaviour, told: answering(behaviour, *told)
)
"""By another answer, and the reason for which it is given."""

# --- one cause is answered in another way --------------------------------------------------------


@fault(
    "told-unknown-user",
    "An unknown user is told so",
    breaks=lambda api: (*api.words, *api.uniform, *api.uniform_exchange, *api.enumeration),
)
def told_unknown_user(api: Told, behaviour: A) -> A:
    """By the message, by any operation. A wrong password, and what is no pair, have the documented one."""
    return answering(behaviour, api.worded("Unknown user"), "unknown-user")


@fault(
    "told-wrong-password",
    "A wrong password is told so",
    subtle=True,
    breaks=lambda api: (*api.words, *api.enumeration),
)
def told_wrong_password(api: Told, behaviour: A) -> A:
    """The other way round: an unknown user has the documented message, like all that is compared besides."""
    return answering(behaviour, api.worded("Wrong password"), "wrong-password")


_told(
    "told-wrong-password-by-a-field",
    "A wrong password is told by a field",
    (with_field("X-Attempts-Left", "2"), "wrong-password"),
    subtle=True,
    breaks=lambda api: api.enumeration,
    why="""How many tries are left. The body is as documented; fields should be alike as well.""",
)
_told(
    "told-wrong-password-by-order",
    "The members of the answer to a wrong password come in another order",
    (with_json(lambda body: json.dumps(dict(sorted(body.items())))), "wrong-password"),
    subtle=True,
    breaks=lambda api: api.enumeration,
    why="""Written by another function. The envelope is the documented one, to any reader of JSON.""",
)
_told(
    "told-malformed-by-400",
    "A malformed Authorization field is answered with 400",
    (with_status(400), "malformed-credential"),
    breaks=lambda api: (*api.status, *api.uniform, *api.uniform_exchange),
    why="""As RFC 6750 section 3.1 would have it; the document has 401 for whatever is wrong.""",
)
_told(
    "told-malformed-by-spaces",
    "The answer to a malformed Authorization field is written without spaces",
    (with_json(lambda body: json.dumps(body, separators=(",", ":"))), "malformed-credential"),
    subtle=True,
    breaks=lambda api: (*api.uniform, *api.uniform_exchange),
    why="""By a gateway, which knows the envelope too and another serialiser.""",
)
_told(
    "told-bad-signature-by-a-field",
    "A wrong signature is told by a field",
    (with_field("X-Token-Status", "signature"), "bad-signature"),
    subtle=True,
    breaks=lambda api: api.uniform,
    why="""For whoever debugs clients. Malformed tokens, and those of other algorithms, do not get so far.""",
)


@fault(
    "told-disabled-key",
    "A disabled key is told so",
    breaks=lambda api: (*api.words, *api.uniform),
    also=lambda api: because("it is only seen where the end of a key is waited for", *api.disabled_refused),
)
def told_disabled(api: Told, behaviour: A) -> A:
    """By the message, wherever it is sent. Whoever found it learns that it is worth keeping."""
    return answering(behaviour, api.worded("Key disabled"), api.unknown, when=api.disabled)


@fault(
    "told-empty-key",
    "An empty key is answered with 400",
    subtle=True,
    breaks=lambda api: (*api.status, *api.uniform),
)
def told_empty(api: Told, behaviour: A) -> A:
    """The field is validated before the key is looked for."""
    return answering(
        behaviour,
        with_status(400),
        api.unknown,
        when=lambda facts: "" in api.keys(facts),
    )


_told(
    "told-missing-by-403",
    "A request without a credential is answered with 403",
    (with_status(403), "missing-credential"),
    breaks=lambda api: (*api.status, *api.uniform, *api.uniform_exchange),
    why="""The gateway's own answer. A credential in another place is none.""",
)


# --- where nothing is ----------------------------------------------------------------------------


def _telling(behaviour: A, status: int, when: Callable[[Facts], bool]) -> A:
    """Answer with this status, before anybody is asked who he is."""

    def respond(facts: Facts) -> Answer:
        answer = behaviour.respond(facts)
        return replace(answer, status=status) if answer.status == 401 and when(facts) else answer

    return replace(behaviour, respond=respond)


@fault(
    "told-unknown-path",
    "A path that does not exist is answered with 404 to anybody",
    level="SHOULD",
    breaks=lambda api: api.paths,
)
def told_unknown_path(api: Told, behaviour: A) -> A:
    """The router comes before the guard, and draws a map for whoever asks."""
    return _telling(behaviour, 404, lambda facts: not api.known(facts))


@fault(
    "told-unknown-method",
    "A method that does not exist is answered with 405 to anybody",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.paths,
)
def told_unknown_method(api: Told, behaviour: A) -> A:
    """As above, by the method."""
    return _telling(behaviour, 405, lambda facts: facts.request.method in ("PUT", "PATCH", "DELETE"))


# --- how long it takes ---------------------------------------------------------------------------

_MOMENT = 0.004


_told(
    "user-told-by-time",
    "A wrong password takes longer than an unknown user",
    (slow(_MOMENT), "wrong-password"),
    level="SHOULD",
    breaks=("asvs/6.3.8-user-timing",),
    why="""The password is hashed for users that there are, some milliseconds long.""",
)
_told(
    "unknown-user-told-by-time",
    "An unknown user takes longer than a wrong password",
    (slow(_MOMENT), "unknown-user"),
    level="SHOULD",
    subtle=True,
    breaks=("asvs/6.3.8-user-timing",),
    why="""The other way round: a second directory is asked for whom the first does not know.""",
)


@fault(
    "key-told-by-time",
    "A key that begins like a valid one takes longer",
    level="SHOULD",
    breaks=lambda api: ("asvs/11.2.4-key-prefix", *api.begun),
)
def key_told_by_time(api: Told, behaviour: A) -> A:
    """The index finds by the characters that are kept in clear, and what it finds is compared at leisure."""

    def begun(facts: Facts) -> bool:
        return any(api.begins(facts, key) for key in api.keys(facts))

    return answering(behaviour, slow(_MOMENT), api.unknown, when=begun)


@fault(
    "disabled-key-told-by-time",
    "A disabled key takes longer than an unknown one",
    level="SHOULD",
    breaks=("practice/timing-causes",),
)
def disabled_told_by_time(api: Told, behaviour: A) -> A:
    """A note is written for its owner before it is refused."""
    return answering(behaviour, slow(_MOMENT), api.unknown, when=api.disabled)
