"""Every decision of this API as a field that holds a function: a fault replaces one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reference_server import allowance, deciding
from reference_server.messages import Answer, Mend
from reference_server.reading import Jws as Jws
from reference_server.standard.records import (
    Credential,
    Grant,
    Keyring,
    Kind,
    Manager,
    Partition,
    Person,
    Scopes,
    Signer,
)
from reference_server.standard.store import Store

Reason = Literal[
    "unknown-instance",
    "missing-credential",
    "malformed-credential",
    "ambiguous-credential",
    "conflicting-credentials",
    "unknown-key",
    "unknown-token",
    "unknown-user",
    "wrong-password",
    "malformed-token",
    "wrong-type",
    "missing-kid",
    "unknown-kid",
    "wrong-algorithm",
    "unknown-extension",
    "bad-signature",
    "wrong-claim",
    "expired-token",
    "early-token",
    "ended-token",
    "wrong-instance",
    "unsuitable-credential",
    "insufficient-scope",
    "too-many-requests",
]


@dataclass(frozen=True, slots=True)
class Refusal(deciding.Refusal):
    """Why a request is not served. Of most reasons the client is not told which it is."""

    reason: Reason
    scope: str = ""
    """The scope that would be needed."""
    wait: int = 0
    """Seconds after which it is worth asking again."""


Method = Literal["key", "token", "jwt", "basic"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, once that is known."""

    id: str
    """Of the credential, the name of the person, or the subject of the JWT."""
    partition: Partition
    method: Method
    scopes: Scopes
    credential: Credential | None = None
    """What was sent, or what the JWT was had for."""


Server = allowance.Server["Behaviour", Store, Credential]
Facts = deciding.Facts["Behaviour", Server, Credential]
Found = Caller | Refusal
Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this API decides. `standard.correct` has the right functions."""

    respond: Callable[[Facts], Answer]
    finish: Callable[[Facts, Answer], Answer]
    """The last hand on each answer, of the management too."""
    plain: Callable[[Facts], Answer] | None
    """The answer to whoever comes without TLS; None where nobody listens."""
    mend: Mend | None
    """What is done to requests before they are parsed; None where they are read as they come."""
    always: Callable[[Facts], Mapping[str, str]]
    """Header fields that every answer has."""
    publish: Callable[[Facts], Answer | None]
    """What anybody may read, where the request asks for that."""

    # who asks
    name_instance: Callable[[Facts], Partition | None]
    admit: Callable[[Facts, Partition], Found]
    """All decisions from here to the claims of a JWT, in their order."""
    collect_keys: Callable[[Facts], tuple[str, ...]]
    """The values that are taken as keys."""
    collect: Callable[[Facts], tuple[str, ...]]
    """The values that are taken as credentials, in the form of an Authorization field."""
    by_key: Callable[[Facts, str], Found]
    parse: Callable[[Facts, str], str | None]
    """What stands after Bearer in such a value; None where it is another or malformed."""
    by_bearer: Callable[[Facts, str], Found]
    parse_basic: Callable[[Facts, str], str | None]
    """The same of Basic."""
    by_basic: Callable[[Facts, str], Found]
    reconcile: Callable[[Facts, tuple[Found, ...]], Found]
    """One answer to what several credentials say."""
    judge_instance: Callable[[Facts, Partition, Caller], Refusal | None]

    # whether a key or an opaque token is alive
    find_token: Callable[[Facts, str], Credential | None]
    """The credential with that secret, if it is alive."""
    is_of_kind: Callable[[Facts, Credential, Kind], bool]
    recall: Callable[[Facts, bytes], Credential | None]
    """One that this replica accepted a moment ago, by digest."""
    remember: Callable[[Facts, Credential], None]
    is_live: Callable[[Facts, Credential], bool]

    # whether it is the right password
    enrol: Callable[[Server, Person, str], None]
    """Keep a person whose password is that text."""
    decode_pair: Callable[[Facts, str], bytes | None]
    split_pair: Callable[[Facts, bytes], tuple[str, str] | None]
    find_person: Callable[[Facts, str], Person | None]
    judge_guessing: Callable[[Facts, Person | None], Refusal | None]
    """Whether there have been too many wrong passwords."""
    check_password: Callable[[Facts, Person | None, str], bool]

    # whether a JWT holds
    verify: Callable[[Facts, str], Found]
    """Whose it is: all decisions from here to the claims, in their order."""
    split: Callable[[Facts, str], tuple[str, str, str] | None]
    """Header, payload and signature, encoded; None where there are not three parts."""
    decode: Callable[[Facts, str], bytes | None]
    """The bytes of a part, None where it is no Base64url."""
    read_header: Callable[[Facts, bytes], Mapping[str, Any] | None]
    """The JSON object in it, None where there is none."""
    name_key: Callable[[Facts, Jws], str | Refusal]
    """The kid."""
    judge_type: Callable[[Facts, Jws], Refusal | None]
    judge_extensions: Callable[[Facts, Jws], Refusal | None]
    find_signer: Callable[[Facts, str], Signer | None]
    """Whose key pair has that name."""
    judge_algorithm: Callable[[Facts, Jws, Signer], Refusal | None]
    holds: Callable[[Facts, Jws, Signer], bool]
    """Whether the signature is one by that pair, over header and payload."""
    read_claims: Callable[[Facts, bytes], Claims | None]
    judge_claims: Callable[[Facts, Claims, Signer], Refusal | None]
    """Those that follow, in their order."""
    judge_expiry: Callable[[Facts, Claims], Refusal | None]
    judge_beginning: Callable[[Facts, Claims], Refusal | None]
    judge_issuer: Callable[[Facts, Claims], Refusal | None]
    judge_audience: Callable[[Facts, Claims], Refusal | None]
    judge_subject: Callable[[Facts, Claims, Signer], Refusal | None]
    find_grant: Callable[[Facts, Claims], Grant | None]
    """What is known of a token that was granted here."""
    name_scopes: Callable[[Facts, Claims], Scopes]
    """What the claims say may be done."""

    # what is served
    judge_rate: Callable[[Facts, Caller], Refusal | None]
    tell_limit: Callable[[Facts, Caller], Mapping[str, str]]
    """What header fields say of what is left."""
    needed: Callable[[Facts], str]
    """The scope that the request needs."""
    judge_scope: Callable[[Facts, Caller], Refusal | None]
    operate: Callable[[Facts, Caller], Answer]
    may_name: Callable[[Facts, Caller, str], bool]
    """Whether the path may name that tenant."""
    select: Callable[[Facts, Caller], Partition]
    """Whose items the operation works on."""
    record: Callable[[Facts, Caller, Answer], None]

    # how a token is granted
    grant: Callable[[Facts, Caller], Answer]
    token_life: Callable[[Facts], int]
    """Seconds."""
    claim: Callable[[Facts, Caller, Signer], Claims]

    # what browsers are told
    preflight: Callable[[Facts], Answer | None]
    may_share: Callable[[Facts, Found, str], bool]
    share: Callable[[Facts, Found, Answer], Answer]

    # how a refusal looks
    refuse: Callable[[Facts, Refusal], Answer]
    challenge: Callable[[Facts, Refusal], str | None]
    """The value of WWW-Authenticate on a 401 or 403."""
    problem: Callable[[Facts, int, str], Answer]
    """An error in the form of RFC 9457, with that status and explanation."""

    # the management
    govern: Callable[[Facts], Manager | Refusal]
    """Who asks there."""
    manage: Callable[[Facts, Manager], Answer]
    mint: Callable[[Server, Kind], str]
    """A new secret."""
    issue: Callable[[Server, Keyring, str, float | None], tuple[Credential, str]]
    """A new key or token of that name and life in documented seconds, and its secret."""
    announce: Callable[[Server, Credential, str], Mapping[str, Any]]
    """The answer to a creation: the one place where the secret is shown."""
    describe: Callable[[Server, Credential], Mapping[str, Any]]
    """A credential as it is shown ever after."""
    listed: Callable[[Server, Keyring], list[Credential]]
    find_managed: Callable[[Server, Partition, str], Credential | None]
    """A credential by id, revoked or not."""
    revoke: Callable[[Server, Credential], None]
    disable: Callable[[Server, Credential], None]
    narrow: Callable[[Server, Credential, Scopes], None]
    introspect: Callable[[Facts, Manager, str], Mapping[str, Any]]
    """What is told of a token: RFC 7662."""
    activity: Callable[[Server, Partition], list[Mapping[str, Any]]]
