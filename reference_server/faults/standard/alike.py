"""Faults that this API shares with others: what differs here, and what falls with them."""

from __future__ import annotations

from reference_server.faults.shared.basic import BASIC
from reference_server.faults.shared.basic_form import BASIC_FORM
from reference_server.faults.shared.bystanders import BYSTANDERS, Bystanding
from reference_server.faults.shared.conflicts import CONFLICTS, Conflicting
from reference_server.faults.shared.field import FIELD, Fielded
from reference_server.faults.shared.keys import KEYS, Keyed
from reference_server.faults.shared.opaque import OPAQUE, Opaque
from reference_server.faults.shared.paired import Paired
from reference_server.faults.shared.places import PLACES, Placed
from reference_server.faults.shared.repetition import REPETITION, Repeated
from reference_server.faults.shared.slots import SLOTS, Slotted
from reference_server.faults.standard import entry
from reference_server.faults.standard.entry import CATALOGUE, STATUS, because
from reference_server.faults.standard.wrong import anybody, of_kind, selecting, somebody
from reference_server.lives import SECRET_LENGTH
from reference_server.standard.behaviour import Refusal
from reference_server.standard.keys import PREFIXES

PREFIX = "standard-"

# Of what is shared there is here one fault or two for each scenario, those that hide where there are such:
# how else it can be wrong is seen at the other APIs.

# --- tokens ----------------------------------------------------------------------------------------

OPAQUE.enter(
    CATALOGUE,
    Opaque(
        somebody=somebody,
        also_matching=of_kind("token"),
        prefix=PREFIXES["token"],
        other_prefix=PREFIXES["key"],
        length=SECRET_LENGTH,
        unknown=(STATUS,),
        changed=(STATUS,),
        dead=(),
        everywhere=(),
    ),
    prefix=PREFIX,
    only=("unknown-token-may-replace", "ignores-what-follows", "folds-case", "strips-single-quotes"),
    levels={"strips-single-quotes": "SHOULD"},
)
FIELD.enter(
    CATALOGUE,
    Fielded(malformed=(STATUS,), ambiguous=(STATUS,), somebody=somebody),
    prefix=PREFIX,
    only=(
        "trailing-comma-ignored",
        "second-scheme-token",
        "upper-case-scheme-refused",
        "single-space-parser",
        "empty-field-accepted",
        "last-field-wins",
    ),
    levels={"second-scheme-token": "SHOULD"},
)
SLOTS.enter(
    CATALOGUE,
    Slotted(in_url=("rfc6750/2.3-query-refused", STATUS), elsewhere=("practice/other-slot-refused", STATUS)),
    prefix=PREFIX,
    only=("accepts-one-parameter", "accepts-authorization-cookie", "reads-proxy-authorization"),
    levels={"accepts-one-parameter": "SHOULD", "accepts-authorization-cookie": "SHOULD"},
)

# --- keys ------------------------------------------------------------------------------------------

KEYS.enter(
    CATALOGUE,
    Keyed(
        also_matching=of_kind("key"),
        selecting=selecting,
        pattern=rf"{PREFIXES['key']}\w{{{SECRET_LENGTH}}}",
        one_place=lambda facts: facts.request.path == "/token",
        unknown=("practice/key-unknown-refused", STATUS),
        unknown_in_one_place=("practice/key-unknown-refused", STATUS),
        shortened=("practice/key-altered-refused", STATUS),
        lengthened=("practice/key-altered-refused", STATUS),
        altered=("practice/key-altered-refused", STATUS),
        case=("practice/key-case-refused", STATUS),
        nothing=("practice/key-empty-refused", STATUS),
        empty=("practice/key-empty-refused", "practice/key-blank-refused", *entry.UNIFORM, STATUS),
        injection=("practice/key-injection-refused", STATUS),
        query=("practice/key-injection-refused", *entry.UNIFORM, STATUS),
    ),
    prefix="standard-key-",
    only=("separator-dropped", "case-folded-behind-index", "may-be-empty", "null-accepted", "in-sql"),
)
PLACES.enter(
    CATALOGUE,
    Placed(
        also_matching=of_kind("key"),
        prefix=PREFIXES["key"],
        in_url=("practice/key-in-query-refused", STATUS),
        elsewhere=("practice/key-elsewhere-refused", STATUS),
        in_body=("practice/key-in-body-refused", STATUS),
        twice=("practice/key-twice-refused", STATUS),
        slot=entry.SLOT,
        invalid=(),
        blank=("practice/key-blank-refused", STATUS),
    ),
    prefix=PREFIX,
    only=(
        "key-in-query-as-x-api-key",
        "key-in-cookie-api-key",
        "key-in-other-field",
        "key-in-proxy-authorization",
        "key-in-form",
        "key-bare-in-authorization",
        "key-as-user",
        "key-as-password",
        "pair-as-key",
        "last-key-wins",
        "first-of-joined-keys",
        "blank-key-accepted",
    ),
    levels=dict.fromkeys(
        (
            "key-in-cookie-api-key",
            "key-in-other-field",
            "key-in-form",
            "key-bare-in-authorization",
            "key-as-user",
            "key-as-password",
            "pair-as-key",
        ),
        "SHOULD",
    ),
)

# --- user and password -----------------------------------------------------------------------------

PAIRED = Paired(
    somebody=anybody,
    found_by="find_person",
    wrong_password=entry.WRONG_PASSWORD,
    unknown_user=entry.UNKNOWN_USER,
    half=("practice/basic-empty-refused", STATUS),
    whole=("asvs/6.2.8-password-whole", STATUS),
    case=("asvs/6.2.8-password-case", STATUS),
    first_colon=("rfc7617/2-first-colon", STATUS),
    no_colon=("rfc7617/2-colon-missing", STATUS),
    no_base64=("rfc7617/2-base64", STATUS),
    control=("rfc7617/2-control-characters", STATUS),
    slot=entry.SLOT,
    swapped=("practice/scheme-swap-refused", STATUS),
    swapped_token=("practice/scheme-swap-refused", "practice/wrong-scheme-refused", STATUS),
    scheme=("practice/wrong-scheme-refused", STATUS),
    incomplete=("rfc9110/11.4-incomplete-refused", STATUS),
    elsewhere=("practice/other-slot-refused", STATUS),
    uniform=entry.UNIFORM,
    enumeration=entry.ENUMERATION,
    steady=("practice/conflict-steady",),
)

BASIC.enter(
    CATALOGUE,
    PAIRED,
    prefix=PREFIX,
    only=(
        "basic-password-optional",
        "basic-password-trimmed",
        "basic-password-one-letter-forgiven",
        "basic-password-ends-at-colon",
        "basic-line-end-dropped",
        "basic-separator-guessed",
        "basic-crash-on-other-encodings",
        "basic-bytes-accepted",
    ),
)
BASIC_FORM.enter(
    CATALOGUE,
    PAIRED,
    prefix=PREFIX,
    only=(
        "basic-foreign-characters-skipped",
        "basic-colon-after-scheme",
        "basic-under-digest",
        "basic-under-bearer",
        "token-under-basic",
        "basic-scheme-not-in-capitals",
        "basic-single-space-parser",
        "basic-scheme-alone-accepted",
        "basic-in-x-authorization",
        "basic-in-query",
    ),
    levels=dict.fromkeys(
        (
            "basic-under-digest",
            "basic-under-bearer",
            "token-under-basic",
            "basic-in-x-authorization",
            "basic-in-query",
        ),
        "SHOULD",
    ),
)

# --- what stands beside a credential ---------------------------------------------------------------

BYSTANDERS.enter(
    CATALOGUE,
    Bystanding(token="credential", somebody=somebody, missing=(STATUS,), misanswered=(STATUS,)),
    prefix=PREFIX,
    only=(
        "trusts-x-consumer-id",
        "trusts-private-client-address",
        "x-http-method-opens",
        "modified-since-before-token",
        "range-before-token",
    ),
)
CONFLICTS.enter(
    CATALOGUE,
    Conflicting(refusal=Refusal, steady=("practice/conflict-steady",)),
    prefix=PREFIX,
    # another tenant's credential is refused before two are compared
    without=("conflict-of-accounts-served-now-and-then",),
)

# --- how often something is asked for --------------------------------------------------------------

REPETITION.enter(
    CATALOGUE,
    Repeated(
        token="key",
        somebody=somebody,
        unknown=Refusal("unknown-key"),
        offered=lambda facts: (facts.behaviour.collect_keys(facts), facts.behaviour.collect(facts)),
        foreign="wrong-instance",
        accepted=(),
        missing=(STATUS,),
        refused=(STATUS,),
        refused_foreign=(STATUS,),
    ),
    prefix=PREFIX,
    only=(
        "burst-of-connections-refused",
        "anonymous-served-after-twenty",
        "refusal-kept",
        "foreign-token-accepted-after-twenty",
    ),
    levels={"refusal-kept": "SHOULD"},
    also={
        "burst-of-connections-refused": {
            **because(
                "ten requests of each of two keys, or fifty of one, come at once, perhaps on new connections",
                "asvs/8.2.2-identities-apart",
            ),
            **because(
                "whoever watches a new key has many requests under way, perhaps on new connections",
                *entry.BY_NEW_KEYS,
                *entry.UNIFORM,
            ),
            **because(
                "the reading that shows whether a refused change took place may come on one",
                *entry.SHOWN,
                *entry.UNKNOWN_KEY,
                *entry.MISSING,
                *entry.FOREIGN,
                "asvs/16.5.3-fail-closed",
                "asvs/8.2.2-foreign-object",
                "practice/large-body",
            ),
        },
        "anonymous-served-after-twenty": because(
            "what is compared is asked without a credential more than twenty times in a row",
            *entry.UNIFORM,
            "practice/uniform-paths",
        ),
        "foreign-token-accepted-after-twenty": because(
            "a foreign credential is sent in other scenarios too, perhaps at such a turn",
            *entry.FOREIGN,
            "asvs/4.1.3-forwarded-host",
            "asvs/8.2.2-foreign-object",
            "practice/hidden-like-missing",
        ),
    },
)
