"""Faults: an operation of which only the API's document speaks is not guarded as the others are."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.signed.ways import also_holding
from reference_server.faults.shared.ways import When, in_query, waiving
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import STATUS, fault
from reference_server.faults.standard.wrong import somebody, unguarded
from reference_server.messages import Answer, Request
from reference_server.standard.behaviour import Behaviour, Facts

VARIED = "practice/varied-refused"
"""That what Schemathesis makes of an operation is refused: it presents a key where it may."""


def _is_export(request: Request) -> bool:
    return request.path.endswith("/export")


def _exporting(*methods: str) -> When:
    return lambda facts: _is_export(facts.request) and facts.request.method in methods


def _asks_who(facts: Facts) -> bool:
    return facts.request.path == "/whoami"


# --- the export of all items --------------------------------------------------------------------------


@fault(
    "export-open",
    "The export of all items needs no credential",
    breaks=("practice/key-missing-refused", "rfc9110/9.3.2-head-like-get", VARIED, STATUS),
)
def export_open(behaviour: Behaviour) -> Behaviour:
    """It was added by hand, beside the router whose every path is guarded. GET and HEAD; whoever sends a
    credential is judged by it."""
    return waiving(behaviour, "missing-credential", somebody, _exporting("GET", "HEAD"))


@fault("export-takes-any-key", "The export is open to any key", breaks=(*entry.UNKNOWN_KEY, VARIED))
def export_takes_any_key(behaviour: Behaviour) -> Behaviour:
    """Its guard looks whether there is a key, and leaves it to the one behind to look it up."""
    return waiving(behaviour, "unknown-key", somebody, _exporting("GET"))


@fault("export-to-other-tenants", "The export is open to every tenant", breaks=entry.FOREIGN)
def export_to_other_tenants(behaviour: Behaviour) -> Behaviour:
    """It asks whether the caller is known, and takes the tenant from the path. By whatever credential; the
    key that Schemathesis presents is the tenant's own, or nobody's."""
    return waiving(behaviour, "wrong-instance", somebody, _exporting("GET"))


@fault(
    "export-open-to-head",
    "HEAD of the export needs no credential",
    subtle=True,
    breaks=("rfc9110/9.3.2-head-like-get", STATUS),
)
def export_open_to_head(behaviour: Behaviour) -> Behaviour:
    """Download managers ask for the length first. GET is guarded, and so is HEAD of all else."""
    return waiving(behaviour, "missing-credential", somebody, _exporting("HEAD"))


@fault(
    "export-shown-by-options",
    "OPTIONS of the export is answered like GET",
    subtle=True,
    breaks=("rfc9110/9.3.7-options",),
)
def export_shown_by_options(behaviour: Behaviour) -> Behaviour:
    """One handler for whatever method, and the guard lets OPTIONS through. A preflight is answered before."""

    def respond(facts: Facts) -> Answer:
        instance = behaviour.name_instance(facts)
        if instance is None or not _exporting("OPTIONS")(facts) or behaviour.preflight(facts):
            return behaviour.respond(facts)
        asked = replace(facts, request=replace(facts.request, method="GET"))
        return behaviour.operate(asked, somebody(asked, instance))

    return replace(behaviour, respond=respond)


@fault(
    "csv-export-open",
    "The export as CSV needs no credential",
    subtle=True,
    breaks=(VARIED,),
    level="SHOULD",
)
def csv_export_open(behaviour: Behaviour) -> Behaviour:
    """The gateway sends what ends in format=csv to a service of its own, which nobody has guarded. The
    parameter is optional: only who varies the request finds it."""
    return unguarded(behaviour, lambda request: _is_export(request) and in_query(request, "format") == "csv")


# --- who asks -----------------------------------------------------------------------------------------


@fault(
    "whoami-takes-any-token",
    "Who asks is told to any opaque token",
    subtle=True,
    breaks=entry.UNKNOWN_TOKEN,
)
def whoami_takes_any_token(behaviour: Behaviour) -> Behaviour:
    """What is unknown is taken for a guest. Keys are not, of which Schemathesis presents one."""
    return waiving(behaviour, "unknown-token", somebody, _asks_who)


@fault("whoami-takes-any-user", "Who asks is told to any user", subtle=True, breaks=entry.UNKNOWN_USER)
def whoami_takes_any_user(behaviour: Behaviour) -> Behaviour:
    """It tells the name that was sent. A known user's password is looked at."""
    return waiving(behaviour, "unknown-user", somebody, _asks_who)


@fault(
    "whoami-reads-any-jwt",
    "Who asks is read from a JWT whose signature nobody looks at",
    subtle=True,
    breaks=("rfc7515/5.2-signature-changed", STATUS),
)
def whoami_reads_any_jwt(behaviour: Behaviour) -> Behaviour:
    """The claims are all that it needs, and a function that only decodes is at hand."""
    return also_holding(behaviour, lambda facts, jws, signer: _asks_who(facts))
