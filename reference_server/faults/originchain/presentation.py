"""Faults: what is no bearer token in one Authorization field is taken for one."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from urllib.parse import parse_qsl

from reference_server.bearer import TOKEN68
from reference_server.faults.originchain.entry import (
    IN_URL,
    MALFORMED,
    PREFIX,
    SLOT,
    UNKNOWN,
    fault,
)
from reference_server.faults.originchain.wrong import also_parsing, also_reading, waiving
from reference_server.messages import Request
from reference_server.originchain.behaviour import Behaviour

_ANYWHERE = re.compile(r"oc_(?:live|test)_[A-Za-z0-9]{40}")


def _reading(behaviour: Behaviour, pattern: str) -> Behaviour:
    """Find the token in the first group of a pattern that the whole field value matches."""
    compiled = re.compile(pattern)

    def read(value: str) -> str | None:
        match = compiled.fullmatch(value)
        return match[1] if match else None

    return also_parsing(behaviour, read)


@fault(
    "space-optional",
    "The space between the scheme and the token may be missing",
    breaks=("rfc6750/2.1-malformed-refused", *MALFORMED),
)
def space_optional(behaviour: Behaviour) -> Behaviour:
    """`Bearer` is cut off without looking what follows. One spelling of the malformed field is served."""
    return _reading(behaviour, rf"Bearer({TOKEN68})")


@fault(
    "scheme-optional",
    "A token without any scheme is accepted",
    breaks=("rfc6750/2.1-malformed-refused", *MALFORMED),
)
def scheme_optional(behaviour: Behaviour) -> Behaviour:
    """The bare token is served. A scheme alone is now a token that nobody issued: 401 as before."""
    return _reading(behaviour, rf"({TOKEN68})")


@fault(
    "colon-after-scheme",
    "A colon after the scheme is overlooked",
    subtle=True,
    breaks=("rfc6750/2.1-malformed-refused", *MALFORMED),
)
def colon_after_scheme(behaviour: Behaviour) -> Behaviour:
    """One spelling of the malformed field, `Bearer: token`, is served."""
    return _reading(behaviour, rf"Bearer: *({TOKEN68})")


@fault(
    "unquotes-token",
    "A token in double quotes is accepted",
    subtle=True,
    breaks=("rfc6750/2.1-malformed-refused", *MALFORMED),
)
def unquotes_token(behaviour: Behaviour) -> Behaviour:
    """One spelling of the malformed field is served; single quotes are not taken off."""
    return _reading(behaviour, rf'Bearer +"({TOKEN68})"')


@fault(
    "trailing-comma-ignored",
    "A comma after the token is overlooked",
    subtle=True,
    breaks=("rfc6750/2.1-malformed-refused", *MALFORMED),
)
def trailing_comma_ignored(behaviour: Behaviour) -> Behaviour:
    """The field is split at commas, as if it were a list. One spelling of the malformed field is served."""
    return _reading(behaviour, rf"Bearer +({TOKEN68}),")


@fault(
    "token-as-parameter",
    "The token may be written as a parameter of the scheme",
    subtle=True,
    breaks=("rfc6750/2.1-malformed-refused", *MALFORMED),
)
def token_as_parameter(behaviour: Behaviour) -> Behaviour:
    """One spelling of the malformed field, `Bearer token="…"`, is served."""
    return _reading(behaviour, rf'Bearer +token="({TOKEN68})"')


@fault(
    "first-of-several-tokens",
    "What follows the first token in the field is ignored",
    subtle=True,
    breaks=("rfc6750/2.1-malformed-refused", *MALFORMED),
)
def first_of_several_tokens(behaviour: Behaviour) -> Behaviour:
    """Two tokens in one field are served. With the scheme written twice the first token is `Bearer`, which
    nobody issued."""
    return _reading(behaviour, rf"Bearer +({TOKEN68}) .*")


@fault(
    "last-word-is-token",
    "The last word of the field is the token, whatever stands before it",
    breaks=("rfc6750/2.1-malformed-refused", "practice/wrong-scheme-refused", *MALFORMED),
)
def last_word_is_token(behaviour: Behaviour) -> Behaviour:
    """The field is split at spaces. That serves a bare token, two tokens, the scheme twice, a colon or comma
    after it, and every other scheme. An incomplete field has a last word that nobody issued."""
    return also_parsing(behaviour, lambda value: value.rpartition(" ")[2] or None)


@fault(
    "token-anywhere-in-field",
    "A token is searched for anywhere in the field",
    breaks=(
        "rfc6750/2.1-malformed-refused",
        "practice/wrong-scheme-refused",
        *MALFORMED,
        "rfc6749/10.3-altered-refused",
        "practice/encoded-refused",
        *UNKNOWN,
        "practice/prefix-bound",
        *PREFIX,
    ),
)
def token_anywhere(behaviour: Behaviour) -> Behaviour:
    """A search where a match of the whole was meant. Every malformed spelling and every scheme is served.
    So is a token with a character before or after it (altered), in single quotes (encoded), and with its
    prefix twice. Two fields are refused before either is searched; letter case and prefix still count."""

    def read(value: str) -> str | None:
        match = _ANYWHERE.search(value)
        return match[0] if match else None

    return replace(behaviour, parse=lambda facts, value: read(value) or behaviour.parse(facts, value))


@fault(
    "ignores-scheme",
    "The name of the scheme does not matter",
    breaks=("practice/wrong-scheme-refused", *MALFORMED),
)
def ignores_scheme(behaviour: Behaviour) -> Behaviour:
    """Any word will do before the token. Basic with user and password in Base64 stays a token that nobody
    issued, and a field without two words stays malformed."""
    return _reading(behaviour, rf"[A-Za-z]+ +({TOKEN68})")


@fault(
    "second-scheme-token",
    "The scheme may be called Token as well",
    subtle=True,
    breaks=("practice/wrong-scheme-refused", *MALFORMED),
)
def second_scheme_token(behaviour: Behaviour) -> Behaviour:
    """A remnant of an older interface. One of the other schemes is served."""
    return _reading(behaviour, rf"Token +({TOKEN68})")


@fault(
    "empty-field-accepted",
    "An empty Authorization field is as good as a token",
    subtle=True,
    breaks=("rfc9110/11.4-incomplete-refused", *MALFORMED),
)
def empty_field_accepted(behaviour: Behaviour) -> Behaviour:
    """The empty value is false where the absent one is none. One of the incomplete fields is served."""
    return waiving(
        behaviour, "malformed-credential", lambda facts: facts.request.values("authorization") == ("",)
    )


@fault(
    "scheme-alone-accepted",
    "The word Bearer without a token is accepted",
    subtle=True,
    breaks=("rfc9110/11.4-incomplete-refused", *MALFORMED),
)
def scheme_alone_accepted(behaviour: Behaviour) -> Behaviour:
    """Only the scheme is looked at. One of the incomplete fields is served."""
    return waiving(
        behaviour,
        "malformed-credential",
        lambda facts: facts.request.values("authorization") == ("Bearer",),
    )


@fault(
    "first-field-wins",
    "Of two Authorization fields the first one counts",
    level="SHOULD",
    breaks=("practice/ambiguous-refused", "rfc9110/11.4-status"),
)
def first_field_wins(behaviour: Behaviour) -> Behaviour:
    """With the valid token first the request is served. Nothing else sends the field twice."""
    return replace(behaviour, collect=lambda facts: behaviour.collect(facts)[:1])


@fault(
    "last-field-wins",
    "Of two Authorization fields the last one counts",
    level="SHOULD",
    subtle=True,
    breaks=("practice/ambiguous-refused", "rfc9110/11.4-status"),
)
def last_field_wins(behaviour: Behaviour) -> Behaviour:
    """With the valid token last the request is served. Nothing else sends the field twice."""
    return replace(behaviour, collect=lambda facts: behaviour.collect(facts)[-1:])


@fault(
    "accepts-token-in-query",
    "A token in the query is accepted",
    breaks=("rfc6750/2.3-query-refused", *IN_URL),
)
def accepts_token_in_query(behaviour: Behaviour) -> Behaviour:
    """RFC 6750 section 2.3's access_token and its usual relatives are read."""
    names = ("access_token", "token", "bearer_token", "auth", "jwt")
    return also_reading(behaviour, lambda request: _in_query(request, names))


@fault(
    "accepts-jwt-parameter",
    "A token in the query parameter jwt is accepted",
    subtle=True,
    breaks=("rfc6750/2.3-query-refused", *IN_URL),
)
def accepts_jwt_parameter(behaviour: Behaviour) -> Behaviour:
    """One name only, the least expected one: a proxy's way for downloads."""
    return also_reading(behaviour, lambda request: _in_query(request, ("jwt",)))


def _in_query(request: Request, names: tuple[str, ...]) -> str | None:
    return next((value for name, value in parse_qsl(request.query) if name in names), None)


@fault(
    "accepts-token-in-cookie",
    "A token in a cookie is accepted",
    breaks=("practice/other-slot-refused", *SLOT),
)
def accepts_token_in_cookie(behaviour: Behaviour) -> Behaviour:
    """The dashboard's session code reads the API's requests as well: two of the undocumented slots."""
    return also_reading(behaviour, lambda request: _in_cookie(request, ("token", "access_token")))


@fault(
    "accepts-authorization-cookie",
    "A token in a cookie named Authorization is accepted",
    subtle=True,
    breaks=("practice/other-slot-refused", *SLOT),
)
def accepts_authorization_cookie(behaviour: Behaviour) -> Behaviour:
    """One of the undocumented slots is served."""
    return also_reading(behaviour, lambda request: _in_cookie(request, ("Authorization",)))


def _in_cookie(request: Request, names: tuple[str, ...]) -> str | None:
    pairs = (pair.strip().partition("=") for line in request.values("cookie") for pair in line.split(";"))
    return next((value for name, _, value in pairs if name in names), None)


@fault(
    "accepts-api-key-field",
    "A token in X-Api-Key is accepted",
    breaks=("practice/other-slot-refused", *SLOT),
)
def accepts_api_key_field(behaviour: Behaviour) -> Behaviour:
    """There are no API keys, says the document. One of the undocumented slots is served."""
    return also_reading(behaviour, lambda request: next(iter(request.values("x-api-key")), None))


@fault(
    "accepts-basic-password",
    "A token as the password of Basic is accepted",
    subtle=True,
    breaks=("practice/other-slot-refused", *SLOT),
)
def accepts_basic_password(behaviour: Behaviour) -> Behaviour:
    """As some hosting services have it for git. The bare token under the scheme Basic does not decode to a
    pair, so that of all spellings with Basic this one slot alone is served."""

    def read(value: str) -> str | None:
        try:
            pair = base64.b64decode(value.removeprefix("Basic "), validate=True).decode()
        except ValueError:
            return None
        return pair.partition(":")[2] or None

    return also_parsing(behaviour, read)


@fault(
    "reads-proxy-authorization",
    "Proxy-Authorization stands in for Authorization",
    breaks=("rfc9110/11.7.2-proxy-authorization", *SLOT),
)
def reads_proxy_authorization(behaviour: Behaviour) -> Behaviour:
    """Only that one field is read besides; all other slots are tried under other names."""

    def read(request: Request) -> str | None:
        value = next(iter(request.values("proxy-authorization")), "")
        return value.removeprefix("Bearer ") or None

    return also_reading(behaviour, read)


@fault(
    "case-sensitive-scheme",
    "The scheme must be written Bearer",
    breaks=("rfc9110/11.1-scheme-case",),
)
def case_sensitive_scheme(behaviour: Behaviour) -> Behaviour:
    """The three other spellings are refused. The documented one, in which all controls are written, is
    accepted, so the endpoint keeps what its document says."""
    return replace(
        behaviour,
        parse=lambda facts, value: behaviour.parse(facts, value) if value.startswith("Bearer") else None,
    )


@fault(
    "upper-case-scheme-refused",
    "The scheme in capitals is not recognised",
    subtle=True,
    breaks=("rfc9110/11.1-scheme-case",),
)
def upper_case_scheme_refused(behaviour: Behaviour) -> Behaviour:
    """Two spellings are compared where the case should be folded. One of three is refused."""
    return replace(
        behaviour,
        parse=lambda facts, value: None if value.startswith("BEARER") else behaviour.parse(facts, value),
    )


@fault(
    "single-space-parser",
    "Only one space may stand before the token",
    level="SHOULD",
    breaks=("rfc9110/11.4-several-spaces",),
)
def single_space_parser(behaviour: Behaviour) -> Behaviour:
    """A strict reader of RFC 6750. The valid token after several spaces is refused; after one, as the
    document prints it, it is accepted."""
    return replace(
        behaviour, parse=lambda facts, value: None if "  " in value else behaviour.parse(facts, value)
    )
