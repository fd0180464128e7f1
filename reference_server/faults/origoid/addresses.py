"""Faults: a credential is good from where it should not be, or not from where it should."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.origoid.entry import (
    ADDRESS,
    CLAIMED_ADDRESS,
    ENVELOPE,
    ERROR,
    HOP_BY_HOP,
    KEY_ACCEPTED,
    SHOWN,
    UNIFORM,
    because,
    fault,
)
from reference_server.faults.shared.ways import When, always
from reference_server.messages import Request
from reference_server.origoid.behaviour import Behaviour, Caller, Facts, Refusal
from reference_server.origoid.exchange import PATH

_ACCEPTED = "origoid/three-methods"

# --- from where ----------------------------------------------------------------------------------


def _unbound(behaviour: Behaviour, when: When = always) -> Behaviour:
    """Do not look at a key's list."""
    return replace(
        behaviour,
        judge_address=lambda facts, caller: None if when(facts) else behaviour.judge_address(facts, caller),
    )


@fault(
    "address-list-ignored",
    "The list of a key is not looked at",
    breaks=(*ADDRESS, *CLAIMED_ADDRESS, HOP_BY_HOP, *UNIFORM),
)
def list_ignored(behaviour: Behaviour) -> Behaviour:
    """It is kept and shown. From elsewhere the key is served by every operation, whatever else is claimed."""
    return _unbound(behaviour)


@fault(
    "address-list-ignored-by-exchange",
    "The exchange does not look at the list of a key",
    subtle=True,
    breaks=ADDRESS,
)
def list_ignored_by_exchange(behaviour: Behaviour) -> Behaviour:
    """One of the operations. The token that is had there is bound all the same."""
    return _unbound(behaviour, lambda facts: facts.request.path == PATH)


@fault(
    "address-list-by-network",
    "Of an address on a list only the network is compared",
    subtle=True,
    breaks=(*ADDRESS, *CLAIMED_ADDRESS, HOP_BY_HOP, *UNIFORM),
)
def list_by_network(behaviour: Behaviour) -> Behaviour:
    """As far as the last dot. The other address of the machine is in the same network."""

    def judge_address(facts: Facts, caller: Caller) -> Refusal | None:
        refusal = behaviour.judge_address(facts, caller)
        network = behaviour.name_address(facts).rpartition(".")[0]
        listed = caller.key.addresses if caller.key else ()
        return None if any(each.rpartition(".")[0] == network for each in listed) else refusal

    return replace(behaviour, judge_address=judge_address)


@fault(
    "address-remembered",
    "A key that was accepted is good from anywhere for a while",
    subtle=True,
    breaks=ADDRESS,
    also=because(
        "the control before it may have been a moment ago, or not",
        *CLAIMED_ADDRESS,
        HOP_BY_HOP,
        *UNIFORM,
    ),
)
def remembered(behaviour: Behaviour) -> Behaviour:
    """The cache of accepted keys is asked before their lists are, for five seconds. One scenario uses the key
    from its own address and at once from another."""
    until: dict[str, float] = {}

    def judge_address(facts: Facts, caller: Caller) -> Refusal | None:
        id = caller.key.id if caller.key else ""
        refusal = behaviour.judge_address(facts, caller)
        if refusal is None:
            until[id] = facts.now + 5 * facts.server.time_scale
        return None if facts.now < until.get(id, 0.0) else refusal

    return replace(behaviour, judge_address=judge_address)


def _claimed(behaviour: Behaviour, find: Callable[[Request], str | None]) -> Behaviour:
    """Believe what the client says of its own address."""
    return replace(behaviour, name_address=lambda facts: find(facts.request) or behaviour.name_address(facts))


@fault(
    "address-from-forwarded-fields",
    "The address is taken from the fields of proxies",
    breaks=CLAIMED_ADDRESS,
)
def from_forwarded_fields(behaviour: Behaviour) -> Behaviour:
    """There is no proxy in front of it. The first of several addresses counts, and the first of the usual
    fields."""

    def find(request: Request) -> str | None:
        values = [*request.values("x-forwarded-for"), *request.values("x-real-ip")]
        return values[0].partition(",")[0].strip() if values else None

    return _claimed(behaviour, find)


@fault(
    "address-last-of-forwarded",
    "The last address of X-Forwarded-For is believed",
    subtle=True,
    breaks=CLAIMED_ADDRESS,
)
def last_of_forwarded(behaviour: Behaviour) -> Behaviour:
    """As the nearest proxy would have added it, and none did."""

    def find(request: Request) -> str | None:
        joined = ",".join(request.values("x-forwarded-for"))
        return joined.rpartition(",")[2].strip() or None

    return _claimed(behaviour, find)


def _believing(name: str, why: str) -> None:
    """Enter a fault by which one field names the address."""

    def apply(behaviour: Behaviour) -> Behaviour:
        return _claimed(behaviour, lambda request: next(iter(request.values(name.lower())), None))

    apply.__doc__ = f"{why} One of the fields that are tried."
    fault(
        f"address-from-{name.lower()}",
        f"The address in {name} is believed",
        subtle=True,
        breaks=CLAIMED_ADDRESS,
    )(apply)


_believing("X-Client-IP", "As an older balancer had it.")
_believing("True-Client-IP", "A delivery network writes it, and this server is reached without one too.")
_believing("CF-Connecting-IP", "As above, of another network.")
_believing("X-Cluster-Client-IP", "The balancer of the data centre that was left last year.")


@fault(
    "address-from-forwarded",
    "The address in Forwarded is believed",
    subtle=True,
    breaks=CLAIMED_ADDRESS,
)
def from_forwarded(behaviour: Behaviour) -> Behaviour:
    """RFC 7239 section 8.1: it cannot be relied upon."""

    def find(request: Request) -> str | None:
        value = next(iter(request.values("forwarded")), "")
        return value.partition("for=")[2].partition(";")[0] or None

    return _claimed(behaviour, find)


@fault(
    "address-listed-refused-by-exchange",
    "The exchange refuses a key with a list",
    breaks=("practice/address-accepted", "origoid/address-list"),
    also=because(
        "nothing that is asked of it with such a key has a control, and there is no token for it",
        *ADDRESS,
        "practice/token-address",
        "origoid/exchange-response",
        "origoid/exchange-key",
        *SHOWN,
        *ENVELOPE,
        ERROR,
        but=("practice/address-accepted", "origoid/address-list"),
    ),
)
def listed_refused(behaviour: Behaviour) -> Behaviour:
    """It sees the address of the balancer, which is on no list. At the account the key works."""
    return replace(
        behaviour,
        name_address=lambda facts: (
            "192.0.2.1" if facts.request.path == PATH else behaviour.name_address(facts)
        ),
    )


@fault(
    "address-of-all-keys",
    "A key without a list is bound as well",
    breaks=KEY_ACCEPTED,
)
def of_all_keys(behaviour: Behaviour) -> Behaviour:
    """An empty list allows nothing but the machine that made the key. A token is not a key."""

    def judge_address(facts: Facts, caller: Caller) -> Refusal | None:
        elsewhere = caller.method == "key" and behaviour.name_address(facts) != "127.0.0.1"
        return Refusal("wrong-address") if elsewhere else behaviour.judge_address(facts, caller)

    return replace(behaviour, judge_address=judge_address)


@fault(
    "address-of-tokens",
    "A token is good from the address that it was had from alone",
    breaks=("practice/token-delegable", "origoid/delegation", _ACCEPTED),
)
def of_tokens(behaviour: Behaviour) -> Behaviour:
    """It is to be handed to others, who are elsewhere."""

    def judge_address(facts: Facts, caller: Caller) -> Refusal | None:
        elsewhere = caller.method == "bearer" and behaviour.name_address(facts) != "127.0.0.1"
        return Refusal("wrong-address") if elsewhere else behaviour.judge_address(facts, caller)

    return replace(behaviour, judge_address=judge_address)
