"""Faults: the guard and the router read a path differently, or the data are not those of the tenant."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from reference_server.faults.standard.entry import STATUS, STAYS_REFUSED, because, fault
from reference_server.faults.standard.wrong import routed, saying, somebody
from reference_server.messages import Answer, Request
from reference_server.standard.authentication import INSTANCES
from reference_server.standard.behaviour import Behaviour, Caller, Facts, Refusal
from reference_server.standard.records import Partition


def _spelled(behaviour: Behaviour, read: Callable[[str], str], *, encoded: bool = False) -> Behaviour:
    """Route by what `read` makes of a path, where the guard knows it as it is written: of paths without
    percent-encodings and semicolons, or of those alone that are `encoded`."""

    def other(request: Request) -> Request | None:
        seen = read(request.path)
        unlike = seen != request.path and bool(re.search("[%;]", request.path)) == encoded
        return replace(request, path=seen) if unlike else None

    return routed(behaviour, other)


@fault(
    "path-normalised-behind-guard",
    "The guard sees dot segments and double slashes, the router does not",
    breaks=("asvs/8.3.1-path-normalised",),
)
def path_normalised_behind_guard(behaviour: Behaviour) -> Behaviour:
    """The guard is for what begins with /tenants/, as it is sent. Slashes before it, a dot, a way there and
    back; what begins right is guarded, whatever stands behind."""
    return _spelled(behaviour, lambda path: posixpath.normpath(re.sub("/+", "/", path)))


@fault(
    "path-decoded-behind-guard",
    "The guard sees percent-encodings, the router does not",
    breaks=("asvs/8.3.1-path-encoding",),
)
def path_decoded_behind_guard(behaviour: Behaviour) -> Behaviour:
    """As above, for letters and dots that are encoded. A path whose dots are written out is left as it is."""
    return _spelled(behaviour, lambda path: posixpath.normpath(unquote(path)), encoded=True)


@fault(
    "path-in-capitals",
    "The guard sees capitals, the router does not",
    subtle=True,
    breaks=("asvs/8.3.1-path-spelling",),
)
def path_in_capitals(behaviour: Behaviour) -> Behaviour:
    """As above, on a file system that knows no letter case."""
    return _spelled(behaviour, str.lower)


@fault(
    "path-with-extension-behind-guard",
    "The router drops an extension that the guard sees",
    subtle=True,
    breaks=("asvs/8.3.1-path-spelling",),
)
def path_with_extension_behind_guard(behaviour: Behaviour) -> Behaviour:
    """By the extension a format was chosen once. As above; the guard's rule is for the whole path."""

    def read(request: Request) -> Request | None:
        listing = request.path.removesuffix(".json")
        return replace(request, path=listing) if listing != request.path and request.method == "GET" else None

    def respond(facts: Facts) -> Answer:
        other, instance = read(facts.request), behaviour.name_instance(facts)
        if other is None or instance is None or facts.request.values("x-api-key"):
            return behaviour.respond(facts)
        seen = replace(facts, request=other)
        return behaviour.operate(seen, somebody(seen, instance))

    return replace(behaviour, respond=respond)


@fault(
    "old-version-open",
    "An old version of the API is guarded by nobody",
    breaks=("practice/old-versions",),
    level="SHOULD",
)
def old_version_open(behaviour: Behaviour) -> Behaviour:
    """It was to be switched off. Two of the names under which it may be."""
    return _spelled(behaviour, lambda path: re.sub("^/(v0|internal)/", "/", path))


@fault(
    "kept-like-a-file",
    "What is asked under the name of a file is kept for everybody",
    breaks=("asvs/14.2.5-cache-deception",),
    level="SHOULD",
)
def kept_like_a_file(behaviour: Behaviour) -> Behaviour:
    """The router drops what stands behind the path that it knows, and the cache in front goes by the
    extension. Only the first that asks needs a credential."""
    kept: dict[str, Answer] = {}
    behind = re.compile(r"(/tenants/\w+/items)(?:/|;|%2f)\w+\.(?:css|js|png)")

    def respond(facts: Facts) -> Answer:
        path = facts.request.path
        match = behind.fullmatch(path)
        if match is None or facts.request.method != "GET":
            return behaviour.respond(facts)
        answer = behaviour.respond(replace(facts, request=replace(facts.request, path=match[1])))
        return kept.setdefault(path, answer) if answer.status == 200 else kept.get(path, answer)

    return replace(behaviour, respond=respond)


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
