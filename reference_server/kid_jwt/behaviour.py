"""Every decision of this API as a field that holds a function: a fault replaces one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reference_server import deciding
from reference_server.kid_jwt.records import Account
from reference_server.kid_jwt.store import Store
from reference_server.messages import Answer, Mend
from reference_server.reading import Jws as Jws
from reference_server.replicas import Kept

Reason = Literal[
    "missing-credential",
    "malformed-credential",
    "unknown-key",
    "malformed-token",
    "missing-kid",
    "unknown-kid",
    "wrong-algorithm",
    "unknown-extension",
    "bad-signature",
    "wrong-claim",
    "expired-token",
    "early-token",
]


@dataclass(frozen=True, slots=True)
class Refusal(deciding.Refusal):
    """Why a request is not served; the client is told of a missing kid alone."""

    reason: Reason


Server = deciding.Server["Behaviour", Store, Kept]
Facts = deciding.Facts["Behaviour", Server, Kept]
"""Nothing is remembered of a credential: each is looked up whenever it is sent."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this API decides. `kid_jwt.correct` has the right functions."""

    respond: Callable[[Facts], Answer]
    finish: Callable[[Facts, Answer], Answer]
    """The last hand on each answer."""
    mend: Mend | None
    """What is done to requests before they are parsed; None where they are read as they come."""
    enrol: Callable[[Server, Account, str], None]
    """Keep an account whose static token is that text."""

    # who asks
    admit: Callable[[Facts], Account | Refusal]
    """The four that follow, in their order."""
    collect: Callable[[Facts], tuple[str, ...]]
    """The values that are taken as credentials, in the form of an Authorization field."""
    parse: Callable[[Facts, str], str | None]
    """What stands after Bearer in such a value; None where the whole of it is to be a static token."""
    verify: Callable[[Facts, str], Account | Refusal]
    """Whose JWT this is: all decisions from here to the claims, in their order."""
    find_key: Callable[[Facts, str], Account | None]
    """Whose static token this is."""

    # what the header of a JWT says
    split: Callable[[Facts, str], tuple[str, str, str] | None]
    """Header, payload and signature, encoded; None where there are not three parts."""
    decode: Callable[[Facts, str], bytes | None]
    """The bytes of a part, None where it is no Base64url."""
    read_header: Callable[[Facts, bytes], Mapping[str, Any] | None]
    """The JSON object in it, None where there is none."""
    name_key: Callable[[Facts, Jws], str | Refusal]
    """The kid."""
    judge_algorithm: Callable[[Facts, Jws], Refusal | None]
    judge_extensions: Callable[[Facts, Jws], Refusal | None]

    # whether it is to be believed
    find_signer: Callable[[Facts, str], Account | None]
    """Whose secret has that name."""
    holds: Callable[[Facts, Jws, Account], bool]
    """Whether the signature is one by the account's secret, over header and payload."""

    # what its claims say
    read_claims: Callable[[Facts, bytes], Mapping[str, Any] | None]
    judge_claims: Callable[[Facts, Mapping[str, Any]], Refusal | None]
    """The two that follow; all other claims mean nothing here."""
    judge_expiry: Callable[[Facts, Mapping[str, Any]], Refusal | None]
    judge_beginning: Callable[[Facts, Mapping[str, Any]], Refusal | None]

    # what is served
    operate: Callable[[Facts, Account], Answer]
    greet: Callable[[Facts], Mapping[str, Any]]
    tell_time: Callable[[Facts], str]

    # how a refusal looks
    refuse: Callable[[Facts, Refusal], Answer]
    challenge: Callable[[Facts, Refusal], str | None]
    """The value of WWW-Authenticate on a 401."""
