"""Faults: a revoked token is refused where it belongs, and served elsewhere."""

from __future__ import annotations

from reference_server.faults.originchain.entry import fault
from reference_server.faults.originchain.lives import ELSEWHERE, EVERYWHERE
from reference_server.faults.originchain.wrong import judging
from reference_server.faults.shared.ways import believing
from reference_server.originchain.behaviour import Behaviour, Facts
from reference_server.originchain.records import Token


@fault(
    "revoked-token-reads-by-name",
    "A single schema can be read with a revoked token",
    subtle=True,
    breaks=EVERYWHERE,
)
def revoked_token_reads_by_name(behaviour: Behaviour) -> Behaviour:
    """The list is guarded by the new code, its members by the old. Only `read` is a GET of one."""

    def by_name(facts: Facts, token: Token) -> bool:
        return facts.request.method == "GET" and len(facts.request.segments) == 5

    return believing(behaviour, by_name)


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
