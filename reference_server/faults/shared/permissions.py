"""Faults: a permission for pages is not written as browsers read it, or is not there where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server import cors
from reference_server.faults.shared.decisions import Facts
from reference_server.faults.shared.paged import B, Paged
from reference_server.faults.shared.sets import FaultSet, because
from reference_server.faults.shared.ways import finishing, setting
from reference_server.messages import Answer

PERMISSIONS: FaultSet[Paged] = FaultSet()
fault = PERMISSIONS.fault


def _rewriting(behaviour: B, change: Callable[[Facts, Answer], Answer]) -> B:
    """Change what is allowed wherever something is."""
    return finishing(
        behaviour,
        lambda facts, answer: change(facts, answer) if answer.value(cors.ALLOW_ORIGIN) else answer,
    )


# --- what is told --------------------------------------------------------------------------------


def _kept_without_vary(api: Paged, behaviour: B, when: Callable[[Answer], bool]) -> B:
    """Let caches keep an account's data, and say of some answers nothing of the origin."""

    def change(facts: Facts, answer: Answer) -> Answer:
        if answer.status != 200 or not api.own(facts):
            return answer
        kept = setting(answer, "Cache-Control", "private, max-age=60")
        return setting(kept, "Vary") if when(answer) else kept

    return finishing(behaviour, change)


@fault(
    "cors-without-vary",
    "No answer says that it depends on the origin",
    level="SHOULD",
    breaks=lambda api: api.vary,
)
def without_vary(api: Paged, behaviour: B) -> B:
    """And a browser may keep it for a minute: one without the permission, for the page that has it. An answer
    that nobody keeps would not have to say it."""
    return _kept_without_vary(api, behaviour, lambda answer: True)


@fault(
    "cors-vary-on-permissions-only",
    "Only an answer with a permission says that it depends on the origin",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.vary,
)
def vary_on_permissions_only(api: Paged, behaviour: B) -> B:
    """The other one is what a cache must not give to a page of a configured origin."""
    return _kept_without_vary(api, behaviour, lambda answer: answer.value(cors.ALLOW_ORIGIN) is None)


@fault(
    "cors-list-of-origins",
    "All origins are named in one permission",
    breaks=lambda api: (*api.single, *api.all),
)
def list_of_origins(api: Paged, behaviour: B) -> B:
    """Separated by commas. Browsers take one origin, and refuse a list."""
    return _rewriting(
        behaviour,
        lambda facts, answer: setting(
            answer, cors.ALLOW_ORIGIN, ", ".join(sorted(facts.server.store.origins()))
        ),
    )


@fault(
    "cors-permission-twice",
    "The permission is sent twice",
    subtle=True,
    breaks=lambda api: api.single,
    also=lambda api: because("two lines are no single origin to a browser", *api.all),
)
def permission_twice(api: Paged, behaviour: B) -> B:
    """By the gateway and by the server. Browsers join the lines, and refuse the list."""
    return _rewriting(
        behaviour,
        lambda facts, answer: setting(
            answer, cors.ALLOW_ORIGIN, *([answer.value(cors.ALLOW_ORIGIN) or ""] * 2)
        ),
    )


@fault(
    "cors-permission-with-slash",
    "The permission has a slash behind the origin",
    subtle=True,
    breaks=lambda api: (*api.single, *api.all),
)
def permission_with_slash(api: Paged, behaviour: B) -> B:
    """As it was configured by somebody who copied an address. To a browser it is another."""
    return _rewriting(
        behaviour,
        lambda facts, answer: setting(
            answer, cors.ALLOW_ORIGIN, (answer.value(cors.ALLOW_ORIGIN) or "") + "/"
        ),
    )


@fault(
    "cors-credentials-capital",
    "Credentials are allowed with a capital letter",
    breaks=("fetch/3.3.4-credentials-literal",),
)
def credentials_capital(api: Paged, behaviour: B) -> B:
    """As Python writes it. Fetch section 3.3.4 has small letters."""
    return _rewriting(
        behaviour,
        lambda facts, answer: setting(answer, "Access-Control-Allow-Credentials", "True"),
    )


@fault(
    "cors-credentials-false",
    "Credentials are allowed to be false",
    subtle=True,
    breaks=("fetch/3.3.4-credentials-literal",),
)
def credentials_false(api: Paged, behaviour: B) -> B:
    """Absent is how it is said that they are not."""
    return _rewriting(
        behaviour,
        lambda facts, answer: setting(answer, "Access-Control-Allow-Credentials", "false"),
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

    def change(facts: Facts, answer: Answer) -> Answer:
        return setting(setting(answer, cors.ALLOW_ORIGIN, "*"), "Access-Control-Allow-Credentials", "true")

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


def _naming(behaviour: B, fields: str) -> B:
    return _preflighting(behaviour, lambda answer: setting(answer, "Access-Control-Allow-Headers", fields))


@fault(
    "preflight-asterisk-for-fields",
    "A preflight permits all fields by an asterisk",
    breaks=lambda api: api.authorization_named,
)
def preflight_asterisk(api: Paged, behaviour: B) -> B:
    """It stands for the field of the key, and not for Authorization."""
    return _naming(behaviour, "*")


@fault(
    "preflight-without-authorization",
    "A preflight does not permit Authorization",
    subtle=True,
    breaks=lambda api: api.authorization_named,
)
def preflight_without_authorization(api: Paged, behaviour: B) -> B:
    """The list is that of keys."""
    return _naming(behaviour, "x-api-key, content-type")


@fault(
    "preflight-without-key-field",
    "A preflight does not permit the field of the key",
    level="SHOULD",
    breaks=lambda api: api.key_named,
)
def preflight_without_key_field(api: Paged, behaviour: B) -> B:
    """The list is that of tokens."""
    return _naming(behaviour, "authorization, content-type")


@fault(
    "preflight-without-media-type",
    "A preflight does not permit the media type",
    level="SHOULD",
    subtle=True,
    breaks=lambda api: api.key_named,
)
def preflight_without_media_type(api: Paged, behaviour: B) -> B:
    """JSON is none of the media types that need no permission: only the exchange has a body."""
    return _naming(behaviour, "authorization, x-api-key")


@fault(
    "preflight-of-another-origin",
    "A preflight permits the first origin of all",
    subtle=True,
    breaks=lambda api: api.preflight,
)
def preflight_of_another(api: Paged, behaviour: B) -> B:
    """Which is not the one that asks."""
    return _preflighting(behaviour, lambda answer: setting(answer, cors.ALLOW_ORIGIN, api.foreign))
