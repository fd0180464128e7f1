"""Faults: a permission for pages is not written as browsers read it, or is not there where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server import cors
from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.paged import B, Paged
from reference_server.faults.shared.sets import Family, FaultSet, because
from reference_server.faults.shared.ways import finishing, setting
from reference_server.messages import Answer

PERMISSIONS: FaultSet[Paged] = FaultSet()
fault = PERMISSIONS.fault

_CREDENTIALS = "Access-Control-Allow-Credentials"


# --- what is told --------------------------------------------------------------------------------


def _kept_without_vary(api: Paged, behaviour: B, when: Callable[[Answer], bool]) -> B:
    """Let caches keep an account's data, and say of some answers nothing of the origin."""

    def change(facts: Facts, answer: Answer) -> Answer:
        if answer.status != 200 or not api.own(facts):
            return answer
        kept = setting(answer, "Cache-Control", "private, max-age=60")
        return setting(kept, "Vary") if when(answer) else kept

    return finishing(behaviour, change)


_kept: Family[Paged, Callable[[Answer], bool]] = Family(PERMISSIONS, _kept_without_vary)

_kept(
    "cors-without-vary",
    "No answer says that it depends on the origin",
    lambda answer: True,
    level="SHOULD",
    breaks=lambda api: api.vary,
    why="""And a browser may keep it for a minute: one without the permission, for the page that has it. An
    answer that nobody keeps would not have to say it.""",
)
_kept(
    "cors-vary-on-permissions-only",
    "Only an answer with a permission says that it depends on the origin",
    lambda answer: answer.value(cors.ALLOW_ORIGIN) is None,
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.vary,
    why="""The other one is what a cache must not give to a page of a configured origin.""",
)


def _rewriting(behaviour: B, change: Callable[[Facts, Answer, str], Answer]) -> B:
    """Change what is allowed, of which `change` is given the origin, wherever something is."""

    def rewrite(facts: Facts, answer: Answer) -> Answer:
        origin = answer.value(cors.ALLOW_ORIGIN)
        return change(facts, answer, origin) if origin else answer

    return finishing(behaviour, rewrite)


def _permitting(api: Paged, behaviour: B, values: Callable[[Facts, str], tuple[str, ...]]) -> B:
    """Send these as the permission, in place of the origin that is allowed."""
    return _rewriting(
        behaviour,
        lambda facts, answer, origin: setting(answer, cors.ALLOW_ORIGIN, *values(facts, origin)),
    )


_written: Family[Paged, Callable[[Facts, str], tuple[str, ...]]] = Family(PERMISSIONS, _permitting)

_written(
    "cors-list-of-origins",
    "All origins are named in one permission",
    lambda facts, origin: (", ".join(sorted(facts.server.store.origins())),),
    breaks=lambda api: (*api.single, *api.all),
    why="""Separated by commas. Browsers take one origin, and refuse a list.""",
)
_written(
    "cors-permission-twice",
    "The permission is sent twice",
    lambda facts, origin: (origin, origin),
    subtle=True,
    breaks=lambda api: api.single,
    also=lambda api: because("two lines are no single origin to a browser", *api.all),
    why="""By the gateway and by the server. Browsers join the lines, and refuse the list.""",
)
_written(
    "cors-permission-with-slash",
    "The permission has a slash behind the origin",
    lambda facts, origin: (origin + "/",),
    subtle=True,
    breaks=lambda api: (*api.single, *api.all),
    why="""As it was configured by somebody who copied an address. To a browser it is another.""",
)


def _allowing_credentials(api: Paged, behaviour: B, value: str) -> B:
    return _rewriting(behaviour, lambda facts, answer, origin: setting(answer, _CREDENTIALS, value))


_credentials: Family[Paged, str] = Family(PERMISSIONS, _allowing_credentials)

_credentials(
    "cors-credentials-capital",
    "Credentials are allowed with a capital letter",
    "True",
    breaks=("fetch/3.3.4-credentials-literal",),
    why="""As Python writes it. Fetch section 3.3.4 has small letters.""",
)
_credentials(
    "cors-credentials-false",
    "Credentials are allowed to be false",
    "false",
    subtle=True,
    breaks=("fetch/3.3.4-credentials-literal",),
    why="""Absent is how it is said that they are not.""",
)


@fault(
    "cors-credentials-for-all",
    "Credentials are allowed beside an asterisk",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: ("fetch/3.3.5-credentials-for-all",),
    also=lambda api: because("an asterisk is no permission where credentials are asked for", *api.all),
)
def credentials_for_all(api: Paged, behaviour: B) -> B:
    """To a configured origin. Browsers refuse the pair."""

    def change(facts: Facts, answer: Answer, origin: str) -> Answer:
        return setting(setting(answer, cors.ALLOW_ORIGIN, "*"), _CREDENTIALS, "true")

    return _rewriting(behaviour, change)


# --- preflights ----------------------------------------------------------------------------------


def _preflighting(behaviour: B, change: Callable[[Answer], Answer]) -> B:
    """Change the answer to a preflight that is permitted."""

    def preflight(facts: Facts) -> Answer | None:
        answer = behaviour.preflight(facts)
        return change(answer) if answer else None

    return replace(behaviour, preflight=preflight)


@fault(
    "preflight-needs-credential",
    "A preflight is refused without a credential",
    breaks=lambda api: (*api.preflight, *api.authorization_named, *api.key_named),
)
def preflight_needs_credential(api: Paged, behaviour: B) -> B:
    """The guard comes first. No browser sends one, so that no page gets any further; the refusal can be read,
    which does not help."""
    return replace(behaviour, preflight=lambda facts: None)


@fault(
    "preflight-answered-403",
    "A preflight is answered with 403",
    subtle=True,
    breaks=lambda api: api.preflight,
)
def preflight_403(api: Paged, behaviour: B) -> B:
    """With all the permissions. Browsers want a 2xx."""
    return _preflighting(behaviour, lambda answer: replace(answer, status=403))


def _naming(api: Paged, behaviour: B, fields: str) -> B:
    return _preflighting(behaviour, lambda answer: setting(answer, "Access-Control-Allow-Headers", fields))


_named: Family[Paged, str] = Family(PERMISSIONS, _naming)

_named(
    "preflight-asterisk-for-fields",
    "A preflight permits all fields by an asterisk",
    "*",
    breaks=lambda api: api.authorization_named,
    why="""It stands for the field of the key, and not for Authorization.""",
)
_named(
    "preflight-without-authorization",
    "A preflight does not permit Authorization",
    "x-api-key, content-type",
    subtle=True,
    breaks=lambda api: api.authorization_named,
    why="""The list is that of keys.""",
)
_named(
    "preflight-without-key-field",
    "A preflight does not permit the field of the key",
    "authorization, content-type",
    level="SHOULD",
    breaks=lambda api: api.key_named,
    why="""The list is that of tokens.""",
)
_named(
    "preflight-without-media-type",
    "A preflight does not permit the media type",
    "authorization, x-api-key",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.key_named,
    why="""JSON is none of the media types that need no permission: only the exchange has a body.""",
)


@fault(
    "preflight-of-another-origin",
    "A preflight permits the first origin of all",
    subtle=True,
    breaks=lambda api: api.preflight,
)
def preflight_of_another(api: Paged, behaviour: B) -> B:
    """Which is not the one that asks."""
    return _preflighting(behaviour, lambda answer: setting(answer, cors.ALLOW_ORIGIN, api.foreign))
