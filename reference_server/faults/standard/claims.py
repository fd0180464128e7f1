"""Faults: who made a token, for whom, about whom and for what is not looked at as it should be."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from reference_server import reading
from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.ways import answering
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import STATUS, fault
from reference_server.faults.standard.wrong import excusing, refusing, saying
from reference_server.messages import Answer
from reference_server.standard.behaviour import Behaviour, Caller, Claims, Facts, Refusal
from reference_server.standard.records import ALL, Partition, Scopes, Signer
from reference_server.standard.verification import AUDIENCE, ISSUER


def _texts(value: Any) -> list[str]:
    """The texts in a claim that may be one or a list."""
    listed = value if isinstance(value, list) else [value]
    return [each for each in listed if isinstance(each, str)]


# --- the issuer ------------------------------------------------------------------------------------


@fault(
    "issuer-unchecked",
    "Who made a token is not looked at",
    breaks=(*entry.ISSUER, *entry.ISSUER_EXACT),
)
def issuer_unchecked(behaviour: Behaviour) -> Behaviour:
    """That the signature holds is taken for enough, though one key can serve several issuers. Another issuer,
    none, and each that is almost the right one."""
    return replace(behaviour, judge_issuer=lambda facts, claims: None)


@fault("issuer-optional", "A token may leave out who made it", subtle=True, breaks=entry.ISSUER)
def issuer_optional(behaviour: Behaviour) -> Behaviour:
    """Compared if it is there. The absent one, the empty one and null."""
    return excusing(behaviour, "judge_issuer", lambda claims: not claims.get("iss"))


@fault(
    "issuer-by-beginning",
    "The issuer need only begin like the right one",
    subtle=True,
    breaks=entry.ISSUER_EXACT,
)
def issuer_by_beginning(behaviour: Behaviour) -> Behaviour:
    """For paths of tenants behind it. So does the issuer of whoever owns a longer name."""
    return excusing(behaviour, "judge_issuer", lambda claims: str(claims.get("iss")).startswith(ISSUER))


@fault("issuer-in-list", "The issuer may be one of several", subtle=True, breaks=entry.ISSUER_EXACT)
def issuer_in_list(behaviour: Behaviour) -> Behaviour:
    """As the audience may: the same function for both. A list is no issuer (RFC 7519 section 4.1.1)."""
    return excusing(behaviour, "judge_issuer", lambda claims: ISSUER in _texts(claims.get("iss")))


@fault(
    "issuer-case-folded", "Letter case in the issuer means nothing", subtle=True, breaks=entry.ISSUER_EXACT
)
def issuer_case_folded(behaviour: Behaviour) -> Behaviour:
    """As for the host in an address; RFC 9068 section 4 compares exactly."""
    return excusing(behaviour, "judge_issuer", lambda claims: str(claims.get("iss")).lower() == ISSUER)


# --- the audience ----------------------------------------------------------------------------------


@fault(
    "audience-unchecked",
    "For whom a token is is not looked at",
    breaks=(*entry.AUDIENCE, *entry.AUDIENCE_LIST, *entry.AUDIENCE_EXACT, *entry.NO_AUDIENCE),
)
def audience_unchecked(behaviour: Behaviour) -> Behaviour:
    """What was granted for another API opens this one."""
    return replace(behaviour, judge_audience=lambda facts, claims: None)


@fault("audience-optional", "A token may be for nobody", subtle=True, breaks=entry.NO_AUDIENCE)
def audience_optional(behaviour: Behaviour) -> Behaviour:
    """Compared if there is a text. The absent one, the empty one and null; a list of nobody is a list."""
    return excusing(behaviour, "judge_audience", lambda claims: claims.get("aud") in (None, ""))


@fault("audience-list-may-be-empty", "A list of nobody is everybody", subtle=True, breaks=entry.AUDIENCE_LIST)
def audience_list_may_be_empty(behaviour: Behaviour) -> Behaviour:
    """None of its members is wrong."""
    return excusing(behaviour, "judge_audience", lambda claims: claims.get("aud") == [])


@fault(
    "audience-within-text",
    "The audience need only hold the right one",
    subtle=True,
    breaks=entry.AUDIENCE_EXACT,
)
def audience_within_text(behaviour: Behaviour) -> Behaviour:
    """`in` is asked of a text as of a list. Whatever stands before or behind the right one."""
    return excusing(behaviour, "judge_audience", lambda claims: AUDIENCE in str(claims.get("aud")))


@fault("audience-star", "A star is every audience", subtle=True, breaks=entry.AUDIENCE_EXACT)
def audience_star(behaviour: Behaviour) -> Behaviour:
    """For tokens of the test system."""
    return excusing(behaviour, "judge_audience", lambda claims: claims.get("aud") == "*")


@fault(
    "audience-first-of-list",
    "Only the first of several audiences counts",
    subtle=True,
    breaks=("rfc7519/4.1.3-audience-list",),
)
def audience_first_of_list(behaviour: Behaviour) -> Behaviour:
    """A token for two APIs is refused by the second. It stands behind another in one of the lists."""
    return refusing(behaviour, "judge_audience", lambda claims: _texts(claims.get("aud"))[:1] != [AUDIENCE])


# --- the subject, and whose data -------------------------------------------------------------------


@fault("subject-unchecked", "A token may be about anybody", breaks=entry.SUBJECT)
def subject_unchecked(behaviour: Behaviour) -> Behaviour:
    """The signature holds, and the data are those of the key's tenant. People who have left, and those whom
    there never was."""
    return replace(behaviour, judge_subject=lambda facts, claims, signer: None)


@fault(
    "tenant-claim-believed",
    "A token is served the data of the tenant that it names",
    breaks=("rfc8725/3.8-claims-bound",),
)
def tenant_claim_believed(behaviour: Behaviour) -> Behaviour:
    """Whatever the key that has signed it is for. Of the claims that name another account only the tenant
    means anything to it."""
    named: dict[str, str] = {}

    def judge_subject(facts: Facts, claims: Claims, signer: Signer) -> Refusal | None:
        named[str(claims.get("sub"))] = str(claims.get("tenant", signer.owner.tenant))
        return behaviour.judge_subject(facts, {**claims, "tenant": signer.owner.tenant}, signer)

    def select(facts: Facts, caller: Caller) -> Partition:
        own = behaviour.select(facts, caller)
        return replace(own, tenant=named[caller.id]) if caller.method == "jwt" else own

    return replace(behaviour, judge_subject=judge_subject, select=select)


@fault(
    "issue-time-converted",
    "A moment of issue that is no number brings the server down",
    subtle=True,
    breaks=("asvs/1.2.4-claims-untrusted",),
)
def issue_time_converted(behaviour: Behaviour) -> Behaviour:
    """It is made a number without a look at what it is. One of the hostile claims."""

    def judge_claims(facts: Facts, claims: Claims, signer: Signer) -> Refusal | None:
        crash_if(isinstance(claims.get("iat"), str))
        return behaviour.judge_claims(facts, claims, signer)

    return crashing(replace(behaviour, judge_claims=judge_claims))


# --- scopes ----------------------------------------------------------------------------------------


def _scoped(behaviour: Behaviour, named: Any) -> Behaviour:
    """Give every scope where `named(scope)`, of the claim."""

    def name_scopes(facts: Facts, claims: Claims) -> Scopes:
        return ALL if named(claims.get("scope")) else behaviour.name_scopes(facts, claims)

    return replace(behaviour, name_scopes=name_scopes)


@fault(
    "scope-searched-anywhere",
    "Any value with the word in it gives the scope",
    breaks=("asvs/10.3.2-scope-type", STATUS),
)
def scope_searched_anywhere(behaviour: Behaviour) -> Behaviour:
    """The names are searched for in what is printed of the claim, where that is no text. An object of them,
    and a list within a list."""
    return _scoped(behaviour, lambda scope: not isinstance(scope, str) and "write" in str(scope))


@fault(
    "scope-true",
    "A scope that is true gives all of them",
    subtle=True,
    breaks=("asvs/10.3.2-scope-type", *entry.NO_SCOPE, STATUS),
)
def scope_true(behaviour: Behaviour) -> Behaviour:
    """For tokens of administrators."""
    return _scoped(behaviour, lambda scope: scope is True)


@fault(
    "claims-tried-before-signature",
    "A forged token that has expired is told so",
    breaks=("asvs/9.1.1-no-claim-oracle",),
    level="SHOULD",
)
def claims_tried_before_signature(behaviour: Behaviour) -> Behaviour:
    """What stands in it is believed so far. Who forges tokens learns whether the rest would have been right;
    with the right key nothing changes."""

    def change(facts: Facts, answer: Answer) -> Answer:
        value = facts.request.values("authorization")[0]
        jws = reading.jws_in(value.partition(" ")[2].strip())
        payload = reading.decoded(jws.payload) if jws else None
        claims = reading.json_object(payload or b"") or {}
        expired = behaviour.judge_expiry(facts, claims) is not None
        return saying(detail="The token has expired.")(facts, answer) if expired else answer

    return answering(behaviour, change, "bad-signature")
