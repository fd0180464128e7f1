"""Faults: a permission for pages is not written as browsers read it, or is not there where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference_server.faults.origoid.entry import (
    ALLOWED,
    AUTHORIZATION_NAMED,
    KEY_NAMED,
    PREFLIGHT,
    READABLE,
    SINGLE,
    VARY,
    because,
    fault,
)
from reference_server.faults.origoid.wrong import finishing, setting
from reference_server.messages import Answer
from reference_server.origoid import cors
from reference_server.origoid.behaviour import Behaviour, Facts
from reference_server.origoid.data_plane import ACCOUNT

_ALL = (*ALLOWED, *READABLE, *PREFLIGHT)
"""What is looked at wherever a page of a configured origin asks."""


def _rewriting(behaviour: Behaviour, change: Callable[[Facts, Answer], Answer]) -> Behaviour:
    """Change what is allowed wherever something is."""
    return finishing(
        behaviour,
        lambda facts, answer: change(facts, answer) if answer.value(cors.ALLOW_ORIGIN) else answer,
    )


# --- what is told --------------------------------------------------------------------------------


def _kept_without_vary(behaviour: Behaviour, when: Callable[[Answer], bool]) -> Behaviour:
    """Let caches keep an account's data, and say of some answers nothing of the origin."""

    def change(facts: Facts, answer: Answer) -> Answer:
        if answer.status != 200 or facts.request.path != ACCOUNT:
            return answer
        kept = setting(answer, "Cache-Control", "private, max-age=60")
        return setting(kept, "Vary") if when(answer) else kept

    return finishing(behaviour, change)


@fault(
    "cors-without-vary",
    "No answer says that it depends on the origin",
    level="SHOULD",
    breaks=VARY,
)
def without_vary(behaviour: Behaviour) -> Behaviour:
    """And a browser may keep it for a minute: one without the permission, for the page that has it. An answer
    that nobody keeps would not have to say it."""
    return _kept_without_vary(behaviour, lambda answer: True)


@fault(
    "cors-vary-on-permissions-only",
    "Only an answer with a permission says that it depends on the origin",
    level="SHOULD",
    subtle=True,
    breaks=VARY,
)
def vary_on_permissions_only(behaviour: Behaviour) -> Behaviour:
    """The other one is what a cache must not give to a page of a configured origin."""
    return _kept_without_vary(behaviour, lambda answer: answer.value(cors.ALLOW_ORIGIN) is None)


@fault(
    "cors-list-of-origins",
    "All origins are named in one permission",
    breaks=(*SINGLE, *_ALL),
)
def list_of_origins(behaviour: Behaviour) -> Behaviour:
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
    breaks=SINGLE,
    also=because("two lines are no single origin to a browser", *_ALL),
)
def permission_twice(behaviour: Behaviour) -> Behaviour:
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
    breaks=(*SINGLE, *_ALL),
)
def permission_with_slash(behaviour: Behaviour) -> Behaviour:
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
def credentials_capital(behaviour: Behaviour) -> Behaviour:
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
def credentials_false(behaviour: Behaviour) -> Behaviour:
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
    breaks=("fetch/3.3.5-credentials-for-all",),
    also=because("an asterisk is no permission where credentials are asked for", *_ALL),
)
def credentials_for_all(behaviour: Behaviour) -> Behaviour:
    """To a configured origin. Browsers refuse the pair."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return setting(setting(answer, cors.ALLOW_ORIGIN, "*"), "Access-Control-Allow-Credentials", "true")

    return _rewriting(behaviour, change)


# --- preflights ----------------------------------------------------------------------------------


def _preflighting(behaviour: Behaviour, change: Callable[[Answer], Answer]) -> Behaviour:
    """Change the answer to a preflight that is permitted."""

    def preflight(facts: Facts) -> Answer | None:
        answer = behaviour.preflight(facts)
        return change(answer) if answer else None

    return replace(behaviour, preflight=preflight)


@fault(
    "preflight-needs-credential",
    "A preflight is refused without a credential",
    breaks=(*PREFLIGHT, *AUTHORIZATION_NAMED, *KEY_NAMED),
)
def preflight_needs_credential(behaviour: Behaviour) -> Behaviour:
    """The guard comes first. No browser sends one, so that no page gets any further; the refusal can be read,
    which does not help."""
    return replace(behaviour, preflight=lambda facts: None)


@fault("preflight-answered-403", "A preflight is answered with 403", subtle=True, breaks=PREFLIGHT)
def preflight_403(behaviour: Behaviour) -> Behaviour:
    """With all the permissions. Browsers want a 2xx."""
    return _preflighting(behaviour, lambda answer: replace(answer, status=403))


def _naming(behaviour: Behaviour, fields: str) -> Behaviour:
    return _preflighting(behaviour, lambda answer: setting(answer, "Access-Control-Allow-Headers", fields))


@fault(
    "preflight-asterisk-for-fields",
    "A preflight permits all fields by an asterisk",
    breaks=AUTHORIZATION_NAMED,
)
def preflight_asterisk(behaviour: Behaviour) -> Behaviour:
    """It stands for the field of the key, and not for Authorization."""
    return _naming(behaviour, "*")


@fault(
    "preflight-without-authorization",
    "A preflight does not permit Authorization",
    subtle=True,
    breaks=AUTHORIZATION_NAMED,
)
def preflight_without_authorization(behaviour: Behaviour) -> Behaviour:
    """The list is that of keys."""
    return _naming(behaviour, "x-api-key, content-type")


@fault(
    "preflight-without-key-field",
    "A preflight does not permit the field of the key",
    level="SHOULD",
    breaks=KEY_NAMED,
)
def preflight_without_key_field(behaviour: Behaviour) -> Behaviour:
    """The list is that of tokens."""
    return _naming(behaviour, "authorization, content-type")


@fault(
    "preflight-without-media-type",
    "A preflight does not permit the media type",
    level="SHOULD",
    subtle=True,
    breaks=KEY_NAMED,
)
def preflight_without_media_type(behaviour: Behaviour) -> Behaviour:
    """JSON is none of the media types that need no permission: only the exchange has a body."""
    return _naming(behaviour, "authorization, x-api-key")


@fault(
    "preflight-of-another-origin",
    "A preflight permits the first origin of all",
    subtle=True,
    breaks=PREFLIGHT,
)
def preflight_of_another(behaviour: Behaviour) -> Behaviour:
    """Which is not the one that asks."""
    return _preflighting(
        behaviour, lambda answer: setting(answer, cors.ALLOW_ORIGIN, "https://app.gadgets.example")
    )
