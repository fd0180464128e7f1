"""Every decision of OriginChain as a field that holds a function: a fault replaces one of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from reference_server import deciding
from reference_server.messages import Answer, Mend
from reference_server.originchain.records import Account, Instance, Token
from reference_server.originchain.store import Store

Reason = Literal[
    "unknown-instance",
    "missing-credential",
    "malformed-credential",
    "unknown-token",
    "wrong-instance",
    "wrong-tenant",
]


@dataclass(frozen=True, slots=True)
class Refusal(deciding.Refusal):
    """Why a request is not served. A revoked or expired token is an unknown one."""

    reason: Reason


Server = deciding.Server["Behaviour", Store, Token]
Facts = deciding.Facts["Behaviour", Server, Token]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How OriginChain decides. `originchain.correct` has the right functions."""

    # the order of things on the data plane
    respond: Callable[[Facts], Answer]
    finish: Callable[[Facts, Answer], Answer]
    """The last hand on each answer of either plane."""
    mend: Mend | None
    """What is done to requests before they are parsed; None where they are read as they come."""

    # for which instance
    name_instance: Callable[[Facts], str]
    """The host name that was asked for."""
    find_instance: Callable[[Facts, str], Instance | None]

    # who asks
    admit: Callable[[Facts, Instance], Token | Refusal]
    """The four that follow, in their order."""
    collect: Callable[[Facts], tuple[str, ...]]
    """The values that are taken as credentials, in the form of an Authorization field."""
    parse: Callable[[Facts, str], str | None]
    """The secret of such a value; None when it is malformed."""
    find_token: Callable[[Facts, str], Token | None]
    """The token with that secret, if it is alive."""
    judge_instance: Callable[[Facts, Instance, Token], Refusal | None]

    # whether the token is alive
    recall: Callable[[Facts, bytes], Token | None]
    """A token that this replica accepted a moment ago, by digest."""
    remember: Callable[[Facts, Token], None]
    is_live: Callable[[Facts, Token], bool]

    # what is served
    operate: Callable[[Facts, Instance], Answer]
    judge_tenant: Callable[[Facts, Instance, str], Refusal | None]
    """Whether the tenant of the path is the instance's."""
    select: Callable[[Facts, Instance, str], Instance]
    """Whose data the operation works on."""
    condition: Callable[[Facts, Answer], Answer]
    """What a conditional request gets in place of the whole answer."""
    record: Callable[[Facts, Token, Answer], None]

    # how a refusal looks
    refuse: Callable[[Facts, Refusal], Answer]
    challenge: Callable[[Facts, Refusal], str | None]
    """The value of WWW-Authenticate on a 401."""

    # the dashboard
    govern: Callable[[Facts], Account | Refusal]
    """Who asks there."""
    manage: Callable[[Facts, Account], Answer]
    may_manage: Callable[[Facts, Account, Instance], bool]
    mint: Callable[[Server, Instance], str]
    """A new secret."""
    issue: Callable[[Server, Instance, str, float | None], tuple[Token, str]]
    """A new token of that name and life in documented seconds, and its secret."""
    announce: Callable[[Server, Token, str], Mapping[str, Any]]
    """The answer to a creation: the one place where the secret is shown."""
    describe: Callable[[Server, Token], Mapping[str, Any]]
    """A token as it is shown ever after."""
    tokens: Callable[[Server, Instance], list[Token]]
    find_managed: Callable[[Server, Instance, str], Token | None]
    """A token of the instance by id, revoked or not."""
    rename: Callable[[Server, Token, Mapping[str, Any]], None]
    revoke: Callable[[Server, Token], None]
    delete_instance: Callable[[Server, Instance], None]
    activity: Callable[[Server, Instance], list[Mapping[str, Any]]]
