"""Faults: the guard and the router read a path differently, or the data are not those of the tenant."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.around import AROUND, Guarded, routed
from reference_server.faults.shared.ways import offered
from reference_server.faults.standard.entry import CATALOGUE, STATUS, STAYS_REFUSED, because, fault
from reference_server.faults.standard.wrong import anybody, saying
from reference_server.messages import Answer, Request
from reference_server.standard.authentication import INSTANCES
from reference_server.standard.behaviour import Behaviour, Caller, Facts, Refusal
from reference_server.standard.records import Partition

GUARDED = Guarded(somebody=anybody, offered=offered, guarded="/tenants/", listing=r"/tenants/\w+/items")

AROUND.enter(
    CATALOGUE,
    GUARDED,
    ids={"plain-status-served": "standard-plain-status-served"},
    without=("another-is-given-the-last-answer", "another-is-told-that-nothing-changed"),
)


@fault(
    "path-with-extension-behind-guard",
    "The router drops an extension that the guard sees",
    subtle=True,
    breaks=("asvs/8.3.1-path-spelling",),
)
def path_with_extension_behind_guard(behaviour: Behaviour) -> Behaviour:
    """By the extension a format was chosen once. The guard's rule is for the whole path."""

    def read(request: Request) -> Request | None:
        listing = request.path.removesuffix(".json")
        return replace(request, path=listing) if listing != request.path and request.method == "GET" else None

    return routed(GUARDED, behaviour, read)


@fault(
    "absolute-form-checked-by-host",
    "Of an absolute target the instance is that of Host",
    subtle=True,
    breaks=("rfc9112/3.2.2-absolute-form",),
)
def absolute_form_checked_by_host(behaviour: Behaviour) -> Behaviour:
    """The credential is judged by Host, and the data are chosen by the target. Only a request with an
    absolute target has both."""

    def differing(facts: Facts) -> Partition | None:
        host = next(iter(facts.request.values("host")), "").partition(":")[0]
        return INSTANCES.get(host) if host != facts.request.host else None

    def judge_instance(facts: Facts, instance: Partition, caller: Caller) -> Refusal | None:
        return behaviour.judge_instance(facts, differing(facts) or instance, caller)

    def may_name(facts: Facts, caller: Caller, tenant: str) -> bool:
        return bool(differing(facts)) or behaviour.may_name(facts, caller, tenant)

    def select(facts: Facts, caller: Caller) -> Partition:
        named = INSTANCES.get(facts.request.host) if differing(facts) else None
        return named or behaviour.select(facts, caller)

    return replace(behaviour, judge_instance=judge_instance, may_name=may_name, select=select)


@fault(
    "host-chooses-data",
    "For a key the tenant of the path is judged, and the data are those of Host",
    subtle=True,
    breaks=("practice/sni-and-host",),
    level="SHOULD",
)
def host_chooses_data(behaviour: Behaviour) -> Behaviour:
    """A proxy has chosen the API by the name in TLS, and the path by its own rules. A token, and a path of
    another tenant, are judged as they should be."""

    def apart(facts: Facts, caller: Caller) -> bool:
        named = facts.request.segments[1:2] == (caller.partition.tenant,)
        return caller.method == "key" and named and caller.partition.environment == "live"

    def judge_instance(facts: Facts, instance: Partition, caller: Caller) -> Refusal | None:
        live = instance.environment == "live" and apart(facts, caller)
        return None if live else behaviour.judge_instance(facts, instance, caller)

    def select(facts: Facts, caller: Caller) -> Partition:
        named = behaviour.name_instance(facts) if apart(facts, caller) else None
        return named or behaviour.select(facts, caller)

    return replace(behaviour, judge_instance=judge_instance, select=select)


@fault(
    "foreign-item-by-path",
    "The path of an item may name another tenant",
    breaks=("asvs/8.2.2-foreign-object", STATUS),
    also=because("a foreign item is told from one that is not there", "practice/hidden-like-missing"),
)
def foreign_item_by_path(behaviour: Behaviour) -> Behaviour:
    """That the tenant is the caller's is looked at where items are listed and made, and where one is read it
    is forgotten."""

    def one(facts: Facts) -> bool:
        return len(facts.request.segments) == 4

    def may_name(facts: Facts, caller: Caller, tenant: str) -> bool:
        return one(facts) or behaviour.may_name(facts, caller, tenant)

    def select(facts: Facts, caller: Caller) -> Partition:
        own = behaviour.select(facts, caller)
        return replace(own, tenant=facts.request.segments[1]) if one(facts) else own

    return replace(behaviour, may_name=may_name, select=select)


@fault(
    "everybody-listed",
    "A listing holds the items of all tenants",
    breaks=("asvs/8.4.1-lists",),
    also=because(
        "what else is asked of another tenant's data is the same listing",
        "asvs/8.4.1-tenant-parameter",
        "practice/sni-and-host",
        "rfc8725/3.8-claims-bound",
    ),
)
def everybody_listed(behaviour: Behaviour) -> Behaviour:
    """The condition of the query is for one item alone."""

    def operate(facts: Facts, caller: Caller) -> Answer:
        answer = behaviour.operate(facts, caller)
        if answer.status != 200 or facts.request.method != "GET" or not facts.request.path.endswith("/items"):
            return answer
        names = [name for each in INSTANCES.values() for name in facts.server.store.items(each)]
        return _listing(answer, names)

    return replace(behaviour, operate=operate)


def _listing(answer: Answer, names: list[str]) -> Answer:
    """The answer with these items in it."""
    return saying(items=[{"id": name, "name": name} for name in names])(None, answer)


@fault(
    "callers-mixed-up-in-a-crowd",
    "Of many requests at once one is served another's data",
    subtle=True,
    breaks=("asvs/8.2.2-identities-apart",),
    also=because(
        "whatever the second tenant is served besides may be the tenth answer",
        "practice/stays-accepted",
        "practice/limit-per-credential",
        "practice/own-instance-accepted",
        "practice/revocation-targeted",
        "asvs/8.4.1-lists",
        "asvs/14.2.2-own-answer",
        "asvs/8.4.1-foreign-refused",
        "rfc6750/3.1-unknown-refused",
        "rfc8725/3.8-kid-bound",
        STAYS_REFUSED,
        STATUS,
    ),
)
def callers_mixed_up_in_a_crowd(behaviour: Behaviour) -> Behaviour:
    """A variable that two requests share. It shows with the second tenant, when it asks for the tenth time
    within three seconds."""
    asked: list[float] = []

    def select(facts: Facts, caller: Caller) -> Partition:
        own = behaviour.select(facts, caller)
        if own.tenant != "globex" or facts.request.method != "GET":
            return own
        asked[:] = [*(at for at in asked if facts.now - at < 3), facts.now]
        return replace(own, tenant="acme") if len(asked) % 10 == 0 else own

    return replace(behaviour, select=select)


@fault(
    "new-key-is-given-the-last-answer",
    "After two answers to one tenant a key that is new is given that tenant's data",
    subtle=True,
    breaks=("asvs/14.2.2-own-answer",),
)
def new_key_is_given_the_last_answer(behaviour: Behaviour) -> Behaviour:
    """A cache of the route keeps what was asked for twice since a key was last seen. It tells the keys of its
    start apart, and not those issued since; elsewhere such a key asks again before others do."""
    began: list[float] = []
    since: dict[str, list[Caller]] = {}

    def select(facts: Facts, caller: Caller) -> Partition:
        own = behaviour.select(facts, caller)
        if facts.request.method != "GET":
            return own
        began[:] = began or [facts.now]
        row = since.pop(caller.id, [])
        for others in since.values():
            others.append(caller)
        if caller.credential is None or caller.credential.created_at < began[0]:
            return own
        since[caller.id] = []
        kept = len(row) > 1 and row[-2].id == row[-1].id and row[-1].partition.tenant != own.tenant
        return row[-1].partition if kept else own

    return replace(behaviour, select=select)
