"""Faults: a token opens more than its own instance."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl

from reference_server.faults.originchain.entry import ENVIRONMENT, FOREIGN, TENANT, because, fault
from reference_server.faults.originchain.wrong import judging, with_data
from reference_server.faults.shared.ways import answering, method
from reference_server.messages import Request
from reference_server.originchain.behaviour import Behaviour, Facts
from reference_server.originchain.dashboard import DOMAIN
from reference_server.originchain.records import Instance, Token


@fault(
    "cross-tenant-access",
    "A token opens every instance",
    breaks=(
        "asvs/8.4.1-foreign-refused",
        *FOREIGN,
        "asvs/4.1.3-forwarded-host",
        "practice/environment-bound",
        *ENVIRONMENT,
        "practice/stays-refused",
        "rfc9112/3.2.2-absolute-form",
    ),
    also=because("a foreign object is told from one that is not there", "practice/hidden-like-missing"),
)
def cross_tenant_access(behaviour: Behaviour) -> Behaviour:
    """A token is checked for being one, not for whose it is: at the other instance, in the other
    environment, with or without a forwarded host name, once or many times. The path's tenant is still
    compared with the host's, and a token that nobody issued is still unknown."""
    return judging(behaviour, lambda facts, instance, token: True)


@fault(
    "cross-tenant-at-one-instance",
    "One instance accepts the tokens of all others",
    subtle=True,
    breaks=(
        "asvs/8.4.1-foreign-refused",
        *FOREIGN,
        "asvs/4.1.3-forwarded-host",
        "rfc9112/3.2.2-absolute-form",
    ),
)
def cross_tenant_at_one_instance(behaviour: Behaviour) -> Behaviour:
    """Only globex does. Its tokens open nothing elsewhere, and trial and production stay apart, for they
    meet at the other instances; a forwarded host name is sent to globex too."""
    return judging(behaviour, lambda facts, instance, token: instance.tenant == "globex")


@fault(
    "cross-tenant-writes",
    "A token can change every instance, though it reads only its own",
    subtle=True,
    breaks=("asvs/8.4.1-foreign-refused", *FOREIGN),
)
def cross_tenant_writes(behaviour: Behaviour) -> Behaviour:
    """The scope is judged where reading is guarded. Foreign tokens are tried on every operation at one
    instance; elsewhere, and with forwarded host names, on the protected one only."""
    writes = method("PUT", "PATCH", "DELETE")
    return judging(behaviour, lambda facts, instance, token: writes(facts))


@fault(
    "cross-tenant-head",
    "HEAD is answered with a token of any instance",
    subtle=True,
    breaks=("asvs/8.4.1-foreign-refused", *FOREIGN),
)
def cross_tenant_head(behaviour: Behaviour) -> Behaviour:
    """As above, for HEAD: it tells what exists."""
    head = method("HEAD")
    return judging(behaviour, lambda facts, instance, token: head(facts))


def _is_home(facts: Facts, token: Token, host: str) -> bool:
    named = facts.server.store.instance_at(host.partition(":")[0].lower())
    return named is not None and named.id == token.instance


def _trusting(behaviour: Behaviour, field: str) -> Behaviour:
    """Let a foreign token in when a header field names its own instance's host."""
    return judging(
        behaviour,
        lambda facts, instance, token: any(
            _is_home(facts, token, value.removeprefix("host=")) for value in facts.request.values(field)
        ),
    )


_FORWARDED = ("asvs/4.1.3-forwarded-host", *FOREIGN)


@fault(
    "trusts-x-forwarded-host",
    "X-Forwarded-Host says whose token is good",
    breaks=_FORWARDED,
)
def trusts_x_forwarded_host(behaviour: Behaviour) -> Behaviour:
    """The guard judges by the forwarded name, the data comes from the host. Foreign tokens without that
    field are refused."""
    return _trusting(behaviour, "x-forwarded-host")


@fault(
    "trusts-forwarded",
    "The host in Forwarded says whose token is good",
    subtle=True,
    breaks=_FORWARDED,
)
def trusts_forwarded(behaviour: Behaviour) -> Behaviour:
    """As above, for the field of RFC 7239."""
    return _trusting(behaviour, "forwarded")


@fault(
    "trusts-x-host",
    "X-Host says whose token is good",
    subtle=True,
    breaks=_FORWARDED,
)
def trusts_x_host(behaviour: Behaviour) -> Behaviour:
    """As above, for a field that some proxies set."""
    return _trusting(behaviour, "x-host")


@fault(
    "trusts-x-original-host",
    "X-Original-Host says whose token is good",
    subtle=True,
    breaks=_FORWARDED,
)
def trusts_x_original_host(behaviour: Behaviour) -> Behaviour:
    """As above, for a field that some gateways set."""
    return _trusting(behaviour, "x-original-host")


def _of_tenant(facts: Facts, tenant: str | None, otherwise: Instance) -> Instance:
    return facts.server.store.instance_at(f"{tenant}.{DOMAIN}") or otherwise


@fault(
    "path-tenant-not-checked",
    "The tenant of the path decides whose data is served",
    breaks=(*TENANT, "asvs/8.2.2-foreign-object", "practice/sni-and-host", "rfc9110/11.4-status"),
)
def path_tenant_not_checked(behaviour: Behaviour) -> Behaviour:
    """The token is compared with the host and the data taken from the path, be it of one object or of all,
    and be the host another than that of the connection. The host is judged first, so
    that a token is still refused at another instance's address."""
    return replace(
        behaviour,
        judge_tenant=lambda facts, instance, tenant: None,
        select=lambda facts, instance, tenant: _of_tenant(facts, tenant, instance),
    )


@fault(
    "path-tenant-ignored",
    "Whatever tenant the path names, the token's own data is served",
    subtle=True,
    breaks=TENANT,
)
def path_tenant_ignored(behaviour: Behaviour) -> Behaviour:
    """Nothing leaks, but a request for another tenant is answered as if it had been for one's own."""
    return replace(behaviour, judge_tenant=lambda facts, instance, tenant: None)


@fault(
    "path-tenant-refused-with-data",
    "The 403 to another tenant's path has a list in its body",
    subtle=True,
    breaks=(*TENANT, "asvs/8.2.2-foreign-object"),
)
def path_tenant_refused_with_data(behaviour: Behaviour) -> Behaviour:
    """The right status with protected data beside it."""
    return answering(behaviour, with_data, "wrong-tenant")


@fault(
    "path-chooses-instance",
    "The tenant of the path chooses the instance, the host name does not",
    breaks=(
        "asvs/8.4.1-foreign-refused",
        "originchain/instance-scope",
        "practice/unknown-instance-refused",
        "originchain/404-unknown",
    ),
)
def path_chooses_instance(behaviour: Behaviour) -> Behaviour:
    """One service behind all names. A token with its own tenant in the path is served at another instance's
    address and at one that does not exist. Another tenant in the path is another instance, where the token is
    foreign: 403 as before. The deleted instance's own path leads nowhere, as before."""

    def name_instance(facts: Facts) -> str:
        match facts.request.segments:
            case ("v1", "tenants", tenant, *_):
                return f"{tenant}.{DOMAIN}"
        return behaviour.name_instance(facts)

    return replace(behaviour, name_instance=name_instance)


def _choosing(behaviour: Behaviour, query: tuple[str, ...], fields: tuple[str, ...]) -> Behaviour:
    """Take the data from the tenant that a query parameter or a header field names."""

    def named(request: Request) -> str | None:
        values = [value for name, value in parse_qsl(request.query) if name in query]
        values += [value for field in fields for value in request.values(field)]
        return values[0] if values else None

    return replace(
        behaviour,
        select=lambda facts, instance, tenant: _of_tenant(facts, named(facts.request), instance),
    )


@fault(
    "tenant-parameter-override",
    "A tenant beside the path decides whose data is served",
    breaks=("asvs/8.4.1-tenant-parameter",),
)
def tenant_parameter_override(behaviour: Behaviour) -> Behaviour:
    """Query and header fields are read in each of the usual names. The answer is a success as before, with
    another tenant's canary."""
    return _choosing(behaviour, ("tenant", "tenant_id"), ("x-tenant", "x-tenant-id"))


@fault(
    "tenant-id-parameter-override",
    "The query parameter tenant_id decides whose data is served",
    subtle=True,
    breaks=("asvs/8.4.1-tenant-parameter",),
)
def tenant_id_parameter_override(behaviour: Behaviour) -> Behaviour:
    """As above, in one name."""
    return _choosing(behaviour, ("tenant_id",), ())


@fault(
    "tenant-field-override",
    "The header field X-Tenant-Id decides whose data is served",
    subtle=True,
    breaks=("asvs/8.4.1-tenant-parameter",),
)
def tenant_field_override(behaviour: Behaviour) -> Behaviour:
    """As above, in one field."""
    return _choosing(behaviour, (), ("x-tenant-id",))


def _crossing(behaviour: Behaviour, home: str, visited: str) -> Behaviour:
    """Let the tokens of instances of one kind into those of the other."""

    def excuse(facts: Facts, instance: Instance, token: Token) -> bool:
        own = facts.server.store.instance(token.instance)
        return own is not None and (own.kind, instance.kind) == (home, visited)

    return judging(behaviour, excuse)


@fault(
    "trial-token-crosses-over",
    "A trial token opens production instances",
    breaks=("practice/environment-bound", *ENVIRONMENT),
)
def trial_token_crosses_over(behaviour: Behaviour) -> Behaviour:
    """Between two production instances the tokens are told apart as before."""
    return _crossing(behaviour, "trial", "live")


@fault(
    "production-token-in-trial",
    "A production token opens trial instances",
    subtle=True,
    breaks=("practice/environment-bound", *ENVIRONMENT),
)
def production_token_in_trial(behaviour: Behaviour) -> Behaviour:
    """The other direction alone."""
    return _crossing(behaviour, "live", "trial")


@fault(
    "unknown-host-served",
    "An address of no instance leads to the first one",
    breaks=(
        "practice/unknown-instance-refused",
        "originchain/404-unknown",
        "originchain/404-deleted",
        "originchain/labels",
    ),
)
def unknown_host_served(behaviour: Behaviour) -> Behaviour:
    """A default virtual host. At an invented address the token is served. At the deleted one the path names
    the deleted tenant, which is refused with 403: the wrong status, and not the label."""
    return replace(
        behaviour,
        find_instance=lambda facts, host: (
            behaviour.find_instance(facts, host) or behaviour.find_instance(facts, f"acme.{DOMAIN}")
        ),
    )
