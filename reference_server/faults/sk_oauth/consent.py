"""Faults: users are asked too little, or on pages that say too much."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.shared.ways import in_field
from reference_server.faults.sk_oauth.authorization import Told, sending
from reference_server.faults.sk_oauth.entry import AT_AUTHORIZATION, CHARACTERS, STATE, because, fault
from reference_server.faults.sk_oauth.wrong import finishing, path, with_header
from reference_server.messages import Answer
from reference_server.sk_oauth.authorization import PATH, read
from reference_server.sk_oauth.behaviour import Behaviour, Facts
from reference_server.sk_oauth.records import Asked

DENIED = "rfc6749/4.1.2.1-denied"
LOGIN = "rfc6749/3.1-login-required"


@fault(
    "consent-not-asked",
    "Who logs in has consented",
    breaks=(DENIED,),
    also=because("nobody is told an error where the code comes all the same", *STATE, CHARACTERS),
)
def consent_not_asked(behaviour: Behaviour) -> Behaviour:
    """The form is shown, and whatever it is answered with, there is a code."""
    return replace(behaviour, consents=lambda facts, found: True)


@fault("denial-has-another-error", "A denial is told as invalid_request", subtle=True, breaks=(DENIED,))
def denial_has_another_error(behaviour: Behaviour) -> Behaviour:
    """One error for all. There is no code."""

    def changed(asked: Asked, told: Told) -> tuple[Asked, Told]:
        denied = told.get("error") == "access_denied"
        return asked, {**told, "error": "invalid_request"} if denied else told

    return sending(behaviour, changed)


@fault(
    "no-login",
    "There is a code without a log-in",
    breaks=(LOGIN,),
    also=because("nobody is shown the pages that others need", *AT_AUTHORIZATION, but=(LOGIN,)),
)
def no_login(behaviour: Behaviour) -> Behaviour:
    """Where nobody is known the only user of the trial is taken, and has consented long ago. The forms are
    never seen, so that nobody can deny anything either."""

    def authorize(facts: Facts) -> Answer:
        answer = behaviour.authorize(facts)
        if answer.status != 200 or facts.request.method != "GET":
            return answer
        return _granting_at_once(behaviour, facts)

    return replace(behaviour, authorize=authorize)


def _granting_at_once(behaviour: Behaviour, facts: Facts) -> Answer:
    requested = read(facts, facts.request.query)
    assert not isinstance(requested, Answer)
    client, asked = requested
    [name] = [row[0] for row in facts.server.store.db.execute("SELECT name FROM users LIMIT 1")]
    user = facts.server.store.grants.user(name)
    assert user is not None
    return behaviour.send_back(facts, asked, {"code": behaviour.give_code(facts, client, asked, user)})


# --- its pages -------------------------------------------------------------------------------------


@fault("pages-framable", "The pages may be framed by anybody", breaks=("rfc9700/4.16-framing",))
def pages_framable(behaviour: Behaviour) -> Behaviour:
    """Neither field is sent. Scripts are still forbidden."""

    def page(facts: Facts, status: int, title: str, content: str) -> Answer:
        answer = with_header("X-Frame-Options", None)(facts, behaviour.page(facts, status, title, content))
        return with_header("Content-Security-Policy", "default-src 'none'")(facts, answer)

    return replace(behaviour, page=page)


@fault(
    "pages-framable-by-any-host",
    "The pages allow every site to frame them",
    subtle=True,
    breaks=("rfc9700/4.16-framing",),
)
def pages_framable_by_any_host(behaviour: Behaviour) -> Behaviour:
    """The fields are there, and say the contrary: frame-ancestors wins over the old one."""

    def page(facts: Facts, status: int, title: str, content: str) -> Answer:
        answer = with_header("X-Frame-Options", "ALLOWALL")(
            facts, behaviour.page(facts, status, title, content)
        )
        return with_header("Content-Security-Policy", "frame-ancestors *")(facts, answer)

    return replace(behaviour, page=page)


@fault(
    "pages-tell-their-address",
    "The pages tell other sites their address",
    level="SHOULD",
    breaks=("rfc9700/4.2.4-referrer",),
)
def pages_tell_their_address(behaviour: Behaviour) -> Behaviour:
    """Referrer-Policy is unsafe-url: state and client go along to whatever is linked."""
    return replace(
        behaviour,
        page=lambda facts, status, title, content: with_header("Referrer-Policy", "unsafe-url")(
            facts, behaviour.page(facts, status, title, content)
        ),
    )


@fault(
    "authorization-readable-by-pages",
    "Every web page may read the authorization endpoint",
    breaks=("rfc9700/2.6-no-cors",),
)
def authorization_readable_by_pages(behaviour: Behaviour) -> Behaviour:
    """The rule for the API is applied to all hosts of the site. The API itself does not have it."""
    at_page = path(PATH)
    return finishing(
        behaviour,
        with_header("Access-Control-Allow-Origin", "*"),
        lambda facts: at_page(facts) and in_field(facts.request, "origin") is not None,
    )
