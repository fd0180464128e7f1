"""Every decision of this API and its authorization server as a field that holds a function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reference_server import allowance, deciding
from reference_server.allowance import Bucket as Bucket
from reference_server.forms import Pairs
from reference_server.messages import Answer, Mend
from reference_server.reading import Jws as Jws
from reference_server.sk_oauth.records import (
    Account,
    Asked,
    Client,
    Code,
    Environment,
    Grant,
    Key,
    Partition,
    RefreshToken,
    Scopes,
    Session,
    User,
)
from reference_server.sk_oauth.store import Store

Reason = Literal[
    "missing-credential",
    "malformed-credential",
    "unknown-credential",
    "wrong-environment",
    "ended-token",
    "malformed-token",
    "wrong-algorithm",
    "unknown-extension",
    "bad-signature",
    "wrong-claim",
    "early-token",
    "expired-token",
    "insufficient-scope",
    "too-many-requests",
]


@dataclass(frozen=True, slots=True)
class Refusal(deciding.Refusal):
    """Why a request is not served. A revoked or expired key is an unknown one."""

    reason: Reason
    scope: str = ""
    """The scope that would be needed."""
    wait: int = 0
    """Seconds after which it is worth asking again."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a request to the authorization server: RFC 6749 sections 4.1.2.1 and 5.2."""

    error: str
    description: str


Method = Literal["key", "access-token", "jwt"]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, once that is known."""

    id: str
    """Of the key or access token, or the subject of the JWT."""
    partition: Partition
    method: Method
    scopes: Scopes
    key: Key | None = None


@dataclass(frozen=True, slots=True)
class Granted:
    """What a token request ends in: new tokens of a grant."""

    grant: Grant
    client: Client
    scopes: Scopes
    """Of the access token."""
    lasting: Scopes
    """Of the refresh token."""


Server = allowance.Server["Behaviour", Store, Key]
Facts = deciding.Facts["Behaviour", Server, Key]
Found = Caller | Refusal
Parameters = Mapping[str, str]
"""Of a query or form: each once, none of them empty."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How this API decides. `sk_oauth.correct` has the right functions."""

    respond: Callable[[Facts], Answer]
    finish: Callable[[Facts, Answer], Answer]
    """The last hand on each answer, whichever host it comes from."""
    plain: Callable[[Facts], Answer] | None
    """The answer to whoever comes without TLS; None where nobody listens."""
    mend: Mend | None
    """What is done to requests before they are parsed; None where they are read as they come."""

    # who asks
    name_environment: Callable[[Facts], Environment]
    admit: Callable[[Facts, Environment], Found]
    """All decisions from here to the claims of a JWT, in their order."""
    collect: Callable[[Facts], tuple[str, ...]]
    """The values that are taken as credentials, in the form of an Authorization field."""
    parse: Callable[[Facts, str], str | None]
    """What stands after Bearer in such a value; None where it is another or malformed."""
    recognise: Callable[[Facts, str], Method]
    """Which kind of credential it is to be."""
    judge_environment: Callable[[Facts, Environment, Caller], Refusal | None]

    # whether a key is alive
    find_token: Callable[[Facts, str], Key | None]
    """The key with that secret, if it is alive."""
    recall: Callable[[Facts, bytes], Key | None]
    """A key that this replica accepted a moment ago, by digest."""
    remember: Callable[[Facts, Key], None]
    is_live: Callable[[Facts, Key], bool]

    # whether an access token is
    find_access: Callable[[Facts, str], Found]

    # whether a JWT holds
    verify: Callable[[Facts, str], Found]
    """Whose it is: all decisions from here to the claims, in their order."""
    split: Callable[[Facts, str], tuple[str, str, str] | None]
    """Header, payload and signature, encoded; None where there are not three parts."""
    decode: Callable[[Facts, str], bytes | None]
    """The bytes of a part, None where it is no Base64url."""
    read_header: Callable[[Facts, bytes], Mapping[str, Any] | None]
    """The JSON object in it, None where there is none."""
    judge_algorithm: Callable[[Facts, Jws], Refusal | None]
    judge_extensions: Callable[[Facts, Jws], Refusal | None]
    holds: Callable[[Facts, Jws, Account], bool]
    """Whether the signature is one by the account's secret, over header and payload."""
    read_claims: Callable[[Facts, bytes], Mapping[str, Any] | None]
    judge_claims: Callable[[Facts, Mapping[str, Any]], Refusal | None]
    """The three that follow, and what else is required."""
    judge_expiry: Callable[[Facts, Mapping[str, Any]], Refusal | None]
    judge_beginning: Callable[[Facts, Mapping[str, Any]], Refusal | None]
    name_scopes: Callable[[Facts, Mapping[str, Any]], Scopes]
    """What the claims say may be done."""

    # what is served
    judge_rate: Callable[[Facts, Caller], Refusal | None]
    needed: Callable[[Facts], str]
    """The scope that the request needs."""
    judge_scope: Callable[[Facts, Caller], Refusal | None]
    operate: Callable[[Facts, Caller], Answer]
    select: Callable[[Facts, Caller], Partition]
    """Whose data the operation works on."""
    record: Callable[[Facts, Caller, Answer], None]

    # how a refusal looks
    refuse: Callable[[Facts, Refusal], Answer]
    challenge: Callable[[Facts, Refusal], str | None]
    """The value of WWW-Authenticate on a 401 or 403."""

    # the authorization endpoint
    authorize: Callable[[Facts], Answer]
    """All decisions from here to the code, in their order."""
    find_client: Callable[[Facts, str], Client | None]
    may_redirect: Callable[[Facts, Client, str], bool]
    """Whether the client has registered that URI."""
    judge_request: Callable[[Facts, Client, Pairs, Parameters], Problem | None]
    """The two that follow, and what else is wrong with a request whose client and URI are right."""
    choose_scopes: Callable[[Facts, Client, Parameters], Scopes | Problem]
    choose_challenge: Callable[[Facts, Parameters], str | Problem | None]
    find_session: Callable[[Facts], Session | None]
    """The session that the cookie names."""
    is_ours: Callable[[Facts, Session, Parameters], bool]
    """Whether a form was sent from a page of the session."""
    sign_in: Callable[[Facts, str, str], User | None]
    consents: Callable[[Facts, Parameters], bool]
    """Whether the form of the consent says so."""
    code_life: Callable[[Facts, Client], float]
    """Seconds that a code lasts."""
    give_code: Callable[[Facts, Client, Asked, User], str]
    send_back: Callable[[Facts, Asked, Mapping[str, str]], Answer]
    """The redirect to the client that says this, and the state."""
    page: Callable[[Facts, int, str, str], Answer]
    """A page of that status, title and content."""

    # the token endpoint
    token: Callable[[Facts], Answer]
    """All decisions from here on, in their order."""
    read_form: Callable[[Facts], Parameters | Problem]
    authenticate: Callable[[Facts, Parameters], Client | Problem]
    check_secret: Callable[[Facts, Client | None, str], bool]
    redeem: Callable[[Facts, Client, Parameters], Granted | Problem]
    find_code: Callable[[Facts, str], Code | None]
    is_fresh: Callable[[Facts, Code], bool]
    """Whether its time has not passed."""
    judge_redemption: Callable[[Facts, Code, Client, Parameters], Problem | None]
    """The one that follows, and whether client and URI are those that it was given for."""
    judge_verifier: Callable[[Facts, Code, Parameters], Problem | None]
    spend: Callable[[Facts, Code], bool]
    """Use the code up; False where it was used already, and then the grant ends."""
    refresh: Callable[[Facts, Client, Parameters], Granted | Problem]
    find_refresh: Callable[[Facts, str], RefreshToken | None]
    judge_refresh: Callable[[Facts, RefreshToken, Grant, Client], Problem | None]
    rotate: Callable[[Facts, RefreshToken], bool]
    """Use the refresh token up; False where it was used already, and then the grant ends."""
    narrow: Callable[[Facts, RefreshToken, Parameters], Scopes | Problem]
    """The scopes of the new access token."""
    token_life: Callable[[Facts, Client], float]
    """Seconds that an access token lasts."""
    grant: Callable[[Facts, Granted], Answer]
    """The answer that has new tokens in it."""
    deny: Callable[[Facts, Problem], Answer]

    # the dashboard
    govern: Callable[[Facts], Account | Refusal]
    """Who asks there."""
    manage: Callable[[Facts, Account], Answer]
    mint: Callable[[Server, Partition], str]
    """A new secret."""
    issue: Callable[[Server, Partition, str, float | None], tuple[Key, str]]
    """A new key of that name and life in documented seconds, and its secret."""
    announce: Callable[[Server, Key, str], Mapping[str, Any]]
    """The answer to a creation: the one place where the secret is shown."""
    describe: Callable[[Server, Key], Mapping[str, Any]]
    """A key as it is shown ever after."""
    tokens: Callable[[Server, Partition], list[Key]]
    find_managed: Callable[[Server, Partition, str], Key | None]
    """A key by id, revoked or not."""
    rename: Callable[[Server, Key, Mapping[str, Any]], None]
    revoke: Callable[[Server, Key], None]
    activity: Callable[[Server, Partition], list[Mapping[str, Any]]]
