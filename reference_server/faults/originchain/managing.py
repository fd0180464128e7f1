"""Faults: what the management of tokens shows, and to whom it listens."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from reference_server.faults.originchain.entry import fault
from reference_server.faults.originchain.lives import MANAGED, RECORDED, SEPARATE
from reference_server.faults.originchain.wrong import knowing
from reference_server.originchain.behaviour import Behaviour, Facts, Refusal, Server
from reference_server.originchain.records import Account, Instance, Token

MASKED = "practice/listing-masked"
SHOWN = ("practice/shown-once", "originchain/shown-once")
NAMED = ("practice/name-kept", "originchain/names")
REVOKED = "originchain/endpoint"
"""Falls when a token that nobody had the right to revoke does not work any more."""

Line = dict[str, Any]


def _showing(behaviour: Behaviour, shown: Callable[[str], Mapping[str, Any]]) -> Behaviour:
    """Show more of each token in a listing: what `shown` makes of its secret."""
    secrets: dict[str, str] = {}

    def describe(server: Server, token: Token) -> Mapping[str, Any]:
        return {**behaviour.describe(server, token), **shown(secrets[token.id])}

    return replace(knowing(behaviour, secrets), describe=describe)


@fault(
    "listing-shows-secrets",
    "The listing of tokens shows them",
    breaks=(*SHOWN, MASKED),
)
def listing_shows_secrets(behaviour: Behaviour) -> Behaviour:
    """The same members as in the answer to the creation. A whole token is more than a piece of one. The
    record of activity is another answer."""
    return _showing(behaviour, lambda secret: {"token": secret})


@fault(
    "listing-shows-ends",
    "The listing of tokens shows their last twelve characters",
    level="SHOULD",
    breaks=(MASKED,),
)
def listing_shows_ends(behaviour: Behaviour) -> Behaviour:
    """Not the token, but more than four characters beside its prefix."""
    return _showing(behaviour, lambda secret: {"ends_in": secret[-12:]})


@fault(
    "listing-shows-one-more",
    "The listing of tokens shows five characters behind the prefix",
    level="SHOULD",
    subtle=True,
    breaks=(MASKED,),
)
def listing_shows_one_more(behaviour: Behaviour) -> Behaviour:
    """As above, off by one."""
    return _showing(behaviour, lambda secret: {"prefix": secret[: len("oc_live_") + 5]})


def _naming(behaviour: Behaviour, change: Callable[[str], str]) -> Behaviour:
    """Show each token under a changed name, in a listing and from the start."""

    def describe(server: Server, token: Token) -> Mapping[str, Any]:
        return {**behaviour.describe(server, token), "name": change(token.name)}

    return replace(behaviour, describe=describe)


@fault(
    "name-lost",
    "Tokens are listed without their names",
    breaks=NAMED,
)
def name_lost(behaviour: Behaviour) -> Behaviour:
    """Each is called a token. The record of activity has the right names."""
    return _naming(behaviour, lambda name: "API token")


@fault(
    "name-truncated",
    "Names of tokens are cut after 24 characters",
    subtle=True,
    breaks=NAMED,
)
def name_truncated(behaviour: Behaviour) -> Behaviour:
    """The name that is given there is longer; a hundred characters are allowed."""
    return _naming(behaviour, lambda name: name[:24])


@fault(
    "name-escaped",
    "Names of tokens are escaped for HTML",
    subtle=True,
    breaks=NAMED,
)
def name_escaped(behaviour: Behaviour) -> Behaviour:
    """JSON is no HTML: quotes and angle brackets are to be listed as they were given."""
    return _naming(behaviour, html.escape)


@fault(
    "name-without-accents",
    "Letters of names that are not ASCII are replaced",
    subtle=True,
    breaks=NAMED,
)
def name_without_accents(behaviour: Behaviour) -> Behaviour:
    """The column is of another character set, and has a question mark for what it does not know."""
    return _naming(behaviour, lambda name: name.encode("ascii", "replace").decode())


def _recording(behaviour: Behaviour, change: Callable[[Line], Line | None]) -> Behaviour:
    """Change each line of the record of activity, or leave it out."""

    def activity(server: Server, instance: Instance) -> list[Mapping[str, Any]]:
        lines = (change(dict(line)) for line in behaviour.activity(server, instance))
        return [line for line in lines if line is not None]

    return replace(behaviour, activity=activity)


@fault(
    "activity-empty",
    "The record of activity is empty",
    level="MAY",
    breaks=RECORDED,
)
def activity_empty(behaviour: Behaviour) -> Behaviour:
    """What was done with a token does not show."""
    return _recording(behaviour, lambda line: None)


@fault(
    "activity-without-reading",
    "The record of activity has changes only",
    level="MAY",
    subtle=True,
    breaks=RECORDED,
)
def activity_without_reading(behaviour: Behaviour) -> Behaviour:
    """The token that is looked for there has read and changed nothing."""
    return _recording(behaviour, lambda line: None if line["method"] in ("GET", "HEAD") else line)


@fault(
    "activity-shows-secrets",
    "The record of activity shows the Authorization field",
    level="MAY",
    breaks=RECORDED,
)
def activity_shows_secrets(behaviour: Behaviour) -> Behaviour:
    """It says what was done, and with it the secret. The listing is another answer."""
    secrets: dict[str, str] = {}
    return _recording(
        knowing(behaviour, secrets),
        lambda line: {**line, "authorization": f"Bearer {secrets[line['token']['id']]}"},
    )


Asks = Callable[[Facts], bool]


def _issues(facts: Facts) -> bool:
    return facts.request.method == "POST" and facts.request.segments[-1] == "tokens"


def _revokes(facts: Facts) -> bool:
    return facts.request.method == "DELETE" and len(facts.request.segments) == 4


def _governing(behaviour: Behaviour, asks: Asks, whose: Callable[[Facts, Refusal], bool]) -> Behaviour:
    """Let the owner's part be played by whoever `whose(facts, refusal)` excuses, where it is `asks`."""

    def govern(facts: Facts) -> Account | Refusal:
        owner = behaviour.govern(facts)
        if isinstance(owner, Refusal) and asks(facts) and whose(facts, owner):
            return Account("owner", "owner")
        return owner

    return replace(behaviour, govern=govern)


def _nobody(facts: Facts, refusal: Refusal) -> bool:
    return refusal.reason == "missing-credential"


def _any_token(facts: Facts, refusal: Refusal) -> bool:
    """Whether it is a live token of the data plane."""
    if refusal.reason != "unknown-token":
        return False
    secret = facts.behaviour.parse(facts, facts.behaviour.collect(facts)[0])
    return facts.behaviour.find_token(facts, secret or "") is not None


@fault(
    "nobody-may-issue",
    "Tokens can be made without a credential",
    breaks=MANAGED,
)
def nobody_may_issue(behaviour: Behaviour) -> Behaviour:
    """One forgotten guard, on POST of tokens: it is neither refused nor answered with a status for that."""
    return _governing(behaviour, _issues, _nobody)


@fault(
    "nobody-may-revoke",
    "Tokens can be revoked without a credential",
    breaks=(*MANAGED, REVOKED),
)
def nobody_may_revoke(behaviour: Behaviour) -> Behaviour:
    """As above, on DELETE; the token, which is then asked with, is dead."""
    return _governing(behaviour, _revokes, _nobody)


@fault(
    "token-may-issue",
    "A token for the data can make tokens",
    level="SHOULD",
    breaks=SEPARATE,
)
def token_may_issue(behaviour: Behaviour) -> Behaviour:
    """Any credential of the instance will do. Without one it is refused."""
    return _governing(behaviour, _issues, _any_token)


@fault(
    "token-may-revoke",
    "A token for the data can revoke tokens",
    breaks=(*SEPARATE, REVOKED),
)
def token_may_revoke(behaviour: Behaviour) -> Behaviour:
    """As above, for DELETE; the token, which is then asked with, is dead."""
    return _governing(behaviour, _revokes, _any_token)


def _revoking_first(behaviour: Behaviour, whose: Callable[[Facts, Refusal], bool]) -> Behaviour:
    """Revoke, and then refuse."""

    def govern(facts: Facts) -> Account | Refusal:
        owner = behaviour.govern(facts)
        if isinstance(owner, Refusal) and _revokes(facts) and whose(facts, owner):
            token = facts.server.store.token(facts.request.segments[3])
            if token:
                behaviour.revoke(facts.server, token)
        return owner

    return replace(behaviour, govern=govern)


@fault(
    "revokes-before-refusing",
    "A revocation without a credential is refused and takes place",
    subtle=True,
    breaks=("asvs/8.2.1-management-protected", REVOKED),
)
def revokes_before_refusing(behaviour: Behaviour) -> Behaviour:
    """The work is done first. The answer is right, and the token is dead."""
    return _revoking_first(behaviour, _nobody)


@fault(
    "revokes-before-refusing-tokens",
    "A revocation with a token for the data is refused and takes place",
    subtle=True,
    breaks=("practice/management-separate", "originchain/dashboard-only", REVOKED),
)
def revokes_before_refusing_tokens(behaviour: Behaviour) -> Behaviour:
    """As above, with a token."""
    return _revoking_first(behaviour, _any_token)
