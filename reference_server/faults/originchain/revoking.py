"""Faults: revoking a token does something else besides, or is told to whoever has no part in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.originchain.entry import fault
from reference_server.faults.originchain.lives import ELSEWHERE, IRREVERSIBLE, LIKE_UNKNOWN, TARGETED, TWICE
from reference_server.faults.originchain.wrong import answering, believing, judging, with_status
from reference_server.messages import Answer, json_answer
from reference_server.originchain.behaviour import Behaviour, Facts, Server
from reference_server.originchain.records import Account, Instance, Token
from reference_server.secret import digest


def _also_revoking(behaviour: Behaviour, others: Callable[[Server, Token], list[Token]]) -> Behaviour:
    """With a token revoke `others` too."""

    def revoke(server: Server, token: Token) -> None:
        also = [other for other in others(server, token) if other.id != token.id]
        for each in (token, *also):
            behaviour.revoke(server, each)

    return replace(behaviour, revoke=revoke)


@fault(
    "revocation-takes-longer-names",
    "With a token go all whose names begin with its name",
    subtle=True,
    breaks=TARGETED,
)
def revocation_takes_longer_names(behaviour: Behaviour) -> Behaviour:
    """Tokens are found by a search that matches the beginning. One scenario makes tokens whose names begin
    alike; all other names are random."""
    return _also_revoking(
        behaviour,
        lambda server, token: [
            other for other in server.store.tokens(token.instance) if other.name.startswith(token.name)
        ],
    )


@fault(
    "revocation-takes-shorter-names",
    "With a token go all with whose names its name begins",
    subtle=True,
    breaks=TARGETED,
)
def revocation_takes_shorter_names(behaviour: Behaviour) -> Behaviour:
    """As above, the search the wrong way round."""
    return _also_revoking(
        behaviour,
        lambda server, token: [
            other for other in server.store.tokens(token.instance) if token.name.startswith(other.name)
        ],
    )


@fault(
    "revocation-crosses-instances",
    "With a token goes the oldest one of each other instance",
    breaks=TARGETED,
)
def revocation_crosses_instances(behaviour: Behaviour) -> Behaviour:
    """The cache that is emptied for the instance is shared by all, and what was first in it does not come
    back. Nothing is asked with another instance's token once tokens are revoked, but in the scenario that
    looks whether it still works."""

    def others(server: Server, token: Token) -> list[Token]:
        found = []
        for host in ("globex.originchain.test", "trial.originchain.test"):
            instance = server.store.instance_at(host)
            if instance and instance.id != token.instance:
                found += server.store.tokens(instance.id)[:1]
        return found

    return _also_revoking(behaviour, others)


def _second_time(behaviour: Behaviour, answer: Callable[[Token], Answer]) -> Behaviour:
    """Answer so to the revocation of a token that is revoked already."""

    def manage(facts: Facts, owner: Account) -> Answer:
        if facts.request.method == "DELETE" and len(facts.request.segments) == 4:
            token = facts.server.store.token(facts.request.segments[3])
            if token and token.revoked_at is not None:
                return answer(token)
        return behaviour.manage(facts, owner)

    return replace(behaviour, manage=manage)


@fault(
    "second-revocation-crashes",
    "Revoking a token twice fails with 500",
    level="SHOULD",
    breaks=TWICE,
)
def second_revocation_crashes(behaviour: Behaviour) -> Behaviour:
    """Nobody thought of it. The token stays revoked, and no other scenario revokes twice."""
    return _second_time(behaviour, lambda token: Answer(500, (("Content-Type", "text/plain"),), b"Failed"))


@fault(
    "second-revocation-revives",
    "Revoking a token twice brings it back",
    subtle=True,
    breaks=(*TWICE, "originchain/revocation"),
)
def second_revocation_revives(behaviour: Behaviour) -> Behaviour:
    """The call turns a switch. After the second one the token is served again, which is a revoked one that
    is not answered with 401."""
    revived: set[str] = set()

    def revive(token: Token) -> Answer:
        revived.symmetric_difference_update({token.id})
        return Answer(204)

    return believing(_second_time(behaviour, revive), lambda facts, token: token.id in revived)


@fault(
    "namesake-revives",
    "A new token of the same name brings the revoked one back",
    subtle=True,
    breaks=IRREVERSIBLE,
)
def namesake_revives(behaviour: Behaviour) -> Behaviour:
    """Revocations are kept by name, and the name is taken off the list when it is used again. Only one
    scenario uses a name twice."""
    names: set[tuple[str, str]] = set()

    def issue(server: Server, instance: Instance, name: str, life: float | None) -> tuple[Token, str]:
        names.add((instance.id, name))
        return behaviour.issue(server, instance, name, life)

    def revoke(server: Server, token: Token) -> None:
        names.discard((token.instance, token.name))
        behaviour.revoke(server, token)

    remembering = replace(behaviour, issue=issue, revoke=revoke)
    return believing(remembering, lambda facts, token: (token.instance, token.name) in names)


def _telling(behaviour: Behaviour, change: Callable[[Facts, Answer], Answer]) -> Behaviour:
    """Change the answer to a revoked token."""

    def revoked(facts: Facts) -> bool:
        secret = behaviour.parse(facts, behaviour.collect(facts)[0])
        token = facts.server.store.token_of(digest(secret or ""))
        return token is not None and token.revoked_at is not None

    return answering(behaviour, change, "unknown-token", when=revoked)


@fault(
    "revoked-told-in-body",
    "A revoked token is told from an unknown one by the words of the answer",
    level="SHOULD",
    breaks=LIKE_UNKNOWN,
)
def revoked_told_in_body(behaviour: Behaviour) -> Behaviour:
    """The label is right, the sentence is not the one for an unknown token. Status and challenge are."""

    def change(facts: Facts, answer: Answer) -> Answer:
        body = json_answer(401, {"error": "unauthorized", "message": "The token was revoked."}).body
        return replace(answer, body=body)

    return _telling(behaviour, change)


@fault(
    "revoked-told-in-header",
    "A revoked token is told from an unknown one by a field of the answer",
    level="SHOULD",
    subtle=True,
    breaks=LIKE_UNKNOWN,
)
def revoked_told_in_header(behaviour: Behaviour) -> Behaviour:
    """As above, by a field for the operators that was not taken out."""
    return _telling(
        behaviour,
        lambda facts, answer: replace(answer, headers=(*answer.headers, ("X-Auth-Result", "revoked"))),
    )


@fault(
    "revoked-told-in-challenge",
    "A revoked token is told from an unknown one by the realm of the challenge",
    level="SHOULD",
    subtle=True,
    breaks=LIKE_UNKNOWN,
)
def revoked_told_in_challenge(behaviour: Behaviour) -> Behaviour:
    """As above, by a second guard with a realm of its own. The error code is right in both."""

    def change(facts: Facts, answer: Answer) -> Answer:
        headers = (
            (name, value.replace('realm="originchain"', 'realm="originchain-revoked"'))
            for name, value in answer.headers
        )
        return replace(answer, headers=tuple(headers))

    return _telling(behaviour, change)


@fault(
    "revoked-answered-403",
    "A revoked token is answered with 403",
    breaks=("originchain/revocation", *LIKE_UNKNOWN),
)
def revoked_answered_403(behaviour: Behaviour) -> Behaviour:
    """The document has 401, and so has an unknown token. It is refused as surely as ever, and the label is
    left as it was. At another instance 403 is right as well."""
    return _telling(behaviour, with_status(403))


@fault(
    "revoked-token-opens-other-instances",
    "A revoked token is served at another instance",
    level="MAY",
    subtle=True,
    breaks=ELSEWHERE,
)
def revoked_token_opens_other_instances(behaviour: Behaviour) -> Behaviour:
    """The other instance asks a register of tokens that keeps revoked ones without their owner. With what it
    is answered is left open; that it is served is what the scenario records as wrong."""

    def away(facts: Facts, token: Token) -> bool:
        here = behaviour.find_instance(facts, behaviour.name_instance(facts))
        return here is not None and here.id != token.instance

    believed = believing(behaviour, away)
    return judging(believed, lambda facts, instance, token: token.revoked_at is not None)
