"""Every decision of OrigoID as a field that holds a function: a fault replaces one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from reference_server import deciding
from reference_server.messages import Answer, Mend
from reference_server.origoid.records import Account, Key, Manager, User
from reference_server.origoid.store import Store
from reference_server.reading import Jws
from reference_server.secret import random_text

Reason = Literal[
    "missing-credential",
    "malformed-credential",
    "ambiguous-credential",
    "conflicting-credentials",
    "unknown-key",
    "unknown-user",
    "wrong-password",
    "malformed-token",
    "wrong-algorithm",
    "unknown-extension",
    "bad-signature",
    "wrong-claim",
    "expired-token",
    "ended-token",
    "disabled-account",
    "wrong-address",
    "unavailable-endpoint",
    "unsuitable-credential",
]


@dataclass(frozen=True, slots=True)
class Refusal(deciding.Refusal):
    """Why a request is not served. The client is not told; a revoked, disabled or expired key is unknown."""

    reason: Reason


Method = Literal["key", "basic", "bearer"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, once that is known."""

    account: Account
    method: Method
    key: Key | None = None
    """The key that was sent, or for which the token was had."""

    @property
    def id(self) -> str:
        return self.account.id


@dataclass(slots=True)
class Server(deciding.Server["Behaviour", Store, Key]):
    """One running server: its state and its decisions, and what its tokens are signed with."""

    secret: str = field(init=False)
    """For an HMAC."""
    private: int = field(init=False)
    """The private number of a pair on P-256."""

    def __post_init__(self) -> None:
        self.secret = random_text(self.random, 48)
        self.private = self.random.getrandbits(255) + 1


Facts = deciding.Facts["Behaviour", Server, Key]
Found = Caller | Refusal


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How OrigoID decides. `origoid.correct` has the right functions."""

    respond: Callable[[Facts], Answer]
    finish: Callable[[Facts, Answer], Answer]
    """The last hand on each answer, of the support too."""
    plain: Callable[[Facts], Answer] | None
    """The answer to whoever comes without TLS; None where nobody listens."""
    mend: Mend | None
    """What is done to requests before they are parsed; None where they are read as they come."""

    # who asks
    admit: Callable[[Facts], Found]
    """All decisions from here to the claims of a token, in their order."""
    collect_keys: Callable[[Facts], tuple[str, ...]]
    """The values that are taken as API keys."""
    collect: Callable[[Facts], tuple[str, ...]]
    """The values that are taken as other credentials, in the form of an Authorization field."""
    by_key: Callable[[Facts, str], Found]
    parse: Callable[[Facts, str], str | None]
    """What stands after Bearer in such a value; None where it is another or malformed."""
    parse_basic: Callable[[Facts, str], str | None]
    """The same after Basic."""
    by_basic: Callable[[Facts, str], Found]
    by_bearer: Callable[[Facts, str], Found]
    judge_address: Callable[[Facts, Caller], Refusal | None]
    name_address: Callable[[Facts], str]
    """The address from which the request comes."""
    reconcile: Callable[[Facts, tuple[Found, ...]], Found]
    """Who it is, from what each credential said."""

    # whether a key is alive
    find_key: Callable[[Facts, str], Key | None]
    """The key with that secret, if it is alive."""
    recall: Callable[[Facts, bytes], Key | None]
    """A key that this replica accepted a moment ago, by digest."""
    remember: Callable[[Facts, Key], None]
    is_live: Callable[[Facts, Key], bool]

    # whether a pair is right
    decode_pair: Callable[[Facts, str], bytes | None]
    """What is encoded in the Basic credentials."""
    split_pair: Callable[[Facts, bytes], tuple[str, str] | None]
    """User name and password of it."""
    enrol: Callable[[Server, User, str], None]
    """Keep a user with that password."""
    find_user: Callable[[Facts, str], User | None]
    check_password: Callable[[Facts, User | None, str], bool]
    """Whether it is the user's; the same work where there is no user."""

    # whether a token holds
    name_algorithm: Callable[[Server], str]
    """By which tokens are signed."""
    read_token: Callable[[Facts, str], Jws | None]
    judge_header: Callable[[Facts, Jws], Refusal | None]
    holds: Callable[[Facts, Jws], bool]
    """Whether the signature is ours, over header and payload."""
    read_claims: Callable[[Facts, Jws], Mapping[str, Any] | None]
    judge_claims: Callable[[Facts, Mapping[str, Any]], Refusal | None]
    judge_expiry: Callable[[Facts, Mapping[str, Any]], Refusal | None]
    find_bearer: Callable[[Facts, Mapping[str, Any]], Found]
    """Whose token it is, if what it was had for is still alive."""

    # what is served
    judge_endpoint: Callable[[Facts, Caller], Refusal | None]
    may_exchange: Callable[[Facts, Caller], Refusal | None]
    """Whether the credential is one that is exchanged, where that is asked."""
    operate: Callable[[Facts, Caller], Answer]
    select: Callable[[Facts, Caller], Account]
    """Whose data the operation works on."""
    record: Callable[[Facts, Caller, Answer], None]

    # the exchange
    judge_grant: Callable[[Facts], str | None]
    """What is wrong with the body; None where nothing is."""
    claim: Callable[[Facts, Caller, float], Mapping[str, Any]]
    """The claims of a token that lasts so many seconds."""
    sign: Callable[[Server, Mapping[str, Any]], str]
    token_life: Callable[[Facts, Caller], float]
    """Seconds that a token lasts."""
    grant: Callable[[Facts, str, float], Answer]
    """The answer that has a token of that life in it."""

    # who may read it in a browser
    preflight: Callable[[Facts], Answer | None]
    """The answer to a CORS preflight, where it is answered as one."""
    may_share: Callable[[Facts, Found, str], bool]
    """Whether that origin may read the answer to whoever was found."""
    share: Callable[[Facts, Found, Answer], Answer]
    """The answer with what it says to browsers."""

    # how an answer looks
    succeed: Callable[[Facts, Mapping[str, Any]], Answer]
    refuse: Callable[[Facts, Refusal], Answer]
    challenge: Callable[[Facts, Refusal], str | None]
    """The value of WWW-Authenticate on a 401."""
    envelope: Callable[[Facts, str, str], Mapping[str, Any]]
    """The body that tells a failure of that type, in that sentence."""

    # the support
    govern: Callable[[Facts], Manager | Refusal]
    """Who asks there."""
    manage: Callable[[Facts, Manager], Answer]
    mint: Callable[[Server, Account], str]
    """A new secret."""
    keep: Callable[[Server, Key, str], None]
    """Store a key with that secret."""
    issue: Callable[[Server, Account, str, float | None], tuple[Key, str]]
    """A new key of that name and life in documented seconds, and its secret."""
    announce: Callable[[Server, Key, str], Mapping[str, Any]]
    """The answer to a creation: the one place where the secret is shown."""
    describe: Callable[[Server, Key], Mapping[str, Any]]
    """A key as it is shown ever after."""
    keys: Callable[[Server, Account], list[Key]]
    find_managed: Callable[[Server, Account, str], Key | None]
    """A key of the account by id, alive or not."""
    revoke: Callable[[Server, Key], None]
    disable: Callable[[Server, Key], None]
    disable_account: Callable[[Server, Account], None]
    activity: Callable[[Server, Account], list[Mapping[str, Any]]]
