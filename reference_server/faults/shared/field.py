"""Faults: what is not one Authorization field of `Bearer` and a token is taken for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from reference_server.bearer import TOKEN68
from reference_server.faults.shared.decisions import A
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.ways import Somebody, also_parsing, waiving


@dataclass(frozen=True, slots=True, kw_only=True)
class Fielded:
    """What differs between APIs whose credential is sent after Bearer."""

    token: str = "token"
    """In titles: a credential that is sent so."""
    malformed: tuple[str, ...]
    """What the API's document says of malformed fields; falls when one is not refused."""
    ambiguous: tuple[str, ...] = ("rfc9110/11.4-status",)
    """The same of two fields."""
    somebody: Somebody
    """Who is served where nobody should be."""
    pattern: str = TOKEN68
    """What a token looks like."""
    altered: tuple[str, ...] = ()
    """What falls besides when a token is found among other characters."""
    continued: tuple[str, ...] = ()
    """What falls besides when what stands in a line that goes on is ignored."""


FIELD: FaultSet[Fielded] = FaultSet()
fault = FIELD.fault


def _malformed(api: Fielded) -> tuple[str, ...]:
    return ("rfc6750/2.1-malformed-refused", *api.malformed)


def _scheme(api: Fielded) -> tuple[str, ...]:
    return ("practice/wrong-scheme-refused", *api.malformed)


def _incomplete(api: Fielded) -> tuple[str, ...]:
    return ("rfc9110/11.4-incomplete-refused", *api.malformed)


def _ambiguous(api: Fielded) -> tuple[str, ...]:
    return ("practice/ambiguous-refused", *api.ambiguous)


def _reading(behaviour: A, pattern: str) -> A:
    """Find the token in the first group of a pattern that the whole field value matches."""
    compiled = re.compile(pattern)

    def read(value: str) -> str | None:
        match = compiled.fullmatch(value)
        return match[1] if match else None

    return also_parsing(behaviour, read)


# --- one spelling of the malformed field -----------------------------------------------------------


@fault(
    "space-optional",
    "The space between the scheme and a {it.token} may be missing",
    breaks=_malformed,
)
def space_optional(api: Fielded, behaviour: A) -> A:
    """`Bearer` is cut off without looking what follows. One spelling of the malformed field is served."""
    return _reading(behaviour, rf"Bearer({TOKEN68})")


@fault("scheme-optional", "A {it.token} without any scheme is accepted", breaks=_malformed)
def scheme_optional(api: Fielded, behaviour: A) -> A:
    """The bare token is served. A scheme alone is now a token that nobody issued: 401 as before."""
    return _reading(behaviour, rf"({TOKEN68})")


@fault("colon-after-scheme", "A colon after the scheme is overlooked", subtle=True, breaks=_malformed)
def colon_after_scheme(api: Fielded, behaviour: A) -> A:
    """As above, for `Bearer: token`."""
    return _reading(behaviour, rf"Bearer: *({TOKEN68})")


@fault("unquotes-token", "A {it.token} in double quotes is accepted", subtle=True, breaks=_malformed)
def unquotes_token(api: Fielded, behaviour: A) -> A:
    """As above, for `Bearer "token"`; single quotes are not taken off."""
    return _reading(behaviour, rf'Bearer +"({TOKEN68})"')


@fault("trailing-comma-ignored", "A comma after a {it.token} is overlooked", subtle=True, breaks=_malformed)
def trailing_comma_ignored(api: Fielded, behaviour: A) -> A:
    """The field is split at commas, as if it were a list. One spelling of the malformed field is served."""
    return _reading(behaviour, rf"Bearer +({TOKEN68}),")


@fault(
    "token-as-parameter",
    "A {it.token} may be written as a parameter of the scheme",
    subtle=True,
    breaks=_malformed,
)
def token_as_parameter(api: Fielded, behaviour: A) -> A:
    """As above, for `Bearer token="…"`."""
    return _reading(behaviour, rf'Bearer +token="({TOKEN68})"')


@fault(
    "first-of-several-tokens",
    "What follows the first {it.token} in the field is ignored",
    subtle=True,
    breaks=lambda api: (*_malformed(api), *api.continued),
)
def first_of_several_tokens(api: Fielded, behaviour: A) -> A:
    """The field is split at spaces and its second word taken, so that two tokens in one field are served.
    With the scheme written twice that word is `Bearer`, which nobody issued."""
    return _reading(behaviour, rf"Bearer +({TOKEN68}) +.*")


@fault(
    "last-word-is-token",
    "The last word of the field is the {it.token}, whatever stands before it",
    breaks=lambda api: ("rfc6750/2.1-malformed-refused", *_scheme(api)),
)
def last_word_is_token(api: Fielded, behaviour: A) -> A:
    """The field is split at spaces. That serves a bare token, two tokens, the scheme twice, a colon or comma
    after it, and every other scheme. An incomplete field has a last word that nobody issued."""
    return _reading(behaviour, r"(?:.* )?([^ ]+)")


@fault(
    "token-anywhere-in-field",
    "A {it.token} is searched for anywhere in the field",
    breaks=lambda api: (
        "rfc6750/2.1-malformed-refused",
        *_scheme(api),
        "rfc6749/10.3-altered-refused",
        "practice/encoded-refused",
        *api.altered,
    ),
)
def token_anywhere(api: Fielded, behaviour: A) -> A:
    """A search where a match of the whole was meant. Every malformed spelling and every scheme is served.
    So is a token with a character before or after it (altered), in single quotes (encoded), and with its
    prefix twice. Two fields are refused before either is searched; letter case and prefix still count."""
    pattern = re.compile(api.pattern)

    def read(value: str) -> str | None:
        match = pattern.search(value)
        return match[0] if match else None

    return replace(behaviour, parse=lambda facts, value: read(value) or behaviour.parse(facts, value))


# --- the scheme ------------------------------------------------------------------------------------


@fault("ignores-scheme", "The name of the scheme does not matter", breaks=_scheme)
def ignores_scheme(api: Fielded, behaviour: A) -> A:
    """Any word will do before the token. Basic with user and password in Base64 stays a token that nobody
    issued, and a field without two words stays malformed."""
    return _reading(behaviour, rf"[A-Za-z]+ +({TOKEN68})")


@fault("second-scheme-token", "The scheme may be called Token as well", subtle=True, breaks=_scheme)
def second_scheme_token(api: Fielded, behaviour: A) -> A:
    """A remnant of an older interface. One of the other schemes is served."""
    return _reading(behaviour, rf"Token +({TOKEN68})")


def _not_parsing(behaviour: A, when: Callable[[str], bool]) -> A:
    """Find no credential after a scheme of which that is so."""
    return replace(
        behaviour,
        parse=lambda facts, value: None if when(value.partition(" ")[0]) else behaviour.parse(facts, value),
    )


@fault(
    "case-sensitive-scheme",
    "The scheme before a {it.token} must be written Bearer",
    breaks=("rfc9110/11.1-scheme-case",),
)
def case_sensitive_scheme(api: Fielded, behaviour: A) -> A:
    """All other spellings are refused. The documented one, in which all controls are written, is accepted,
    so that the API keeps what its document says."""
    return _not_parsing(behaviour, lambda scheme: scheme.lower() == "bearer" and scheme != "Bearer")


@fault(
    "upper-case-scheme-refused",
    "The scheme before a {it.token} is not recognised in capitals",
    subtle=True,
    breaks=("rfc9110/11.1-scheme-case",),
)
def upper_case_scheme_refused(api: Fielded, behaviour: A) -> A:
    """Two spellings are compared where the case should be folded. One of the others is refused."""
    return _not_parsing(behaviour, lambda scheme: scheme == "BEARER")


@fault(
    "single-space-parser",
    "Only one space may stand before a {it.token}",
    level="SHOULD",
    breaks=("rfc9110/11.4-several-spaces",),
)
def single_space_parser(api: Fielded, behaviour: A) -> A:
    """A strict reader of RFC 6750. The valid token after several spaces is refused; after one, as the
    document prints it, it is accepted."""
    return replace(
        behaviour, parse=lambda facts, value: None if "  " in value else behaviour.parse(facts, value)
    )


# --- no token at all, or two -----------------------------------------------------------------------


def _serving_field(api: Fielded, behaviour: A, value: str) -> A:
    """Serve a request whose only Authorization field has exactly this value."""
    return waiving(
        behaviour,
        "malformed-credential",
        api.somebody,
        lambda facts: facts.request.values("authorization") == (value,),
    )


@fault(
    "empty-field-accepted",
    "An empty Authorization field is as good as a {it.token}",
    subtle=True,
    breaks=_incomplete,
)
def empty_field_accepted(api: Fielded, behaviour: A) -> A:
    """The empty value is false where the absent one is none. One of the incomplete fields is served."""
    return _serving_field(api, behaviour, "")


@fault(
    "scheme-alone-accepted",
    "The word Bearer without a {it.token} is accepted",
    subtle=True,
    breaks=_incomplete,
)
def scheme_alone_accepted(api: Fielded, behaviour: A) -> A:
    """Only the scheme is looked at. One of the incomplete fields is served."""
    return _serving_field(api, behaviour, "Bearer")


@fault(
    "first-field-wins",
    "Of two Authorization fields the first one counts",
    level="SHOULD",
    breaks=_ambiguous,
)
def first_field_wins(api: Fielded, behaviour: A) -> A:
    """With the valid token first the request is served. Nothing else sends the field twice."""
    return replace(behaviour, collect=lambda facts: behaviour.collect(facts)[:1])


@fault(
    "last-field-wins",
    "Of two Authorization fields the last one counts",
    level="SHOULD",
    subtle=True,
    breaks=_ambiguous,
)
def last_field_wins(api: Fielded, behaviour: A) -> A:
    """With the valid token last the request is served. Nothing else sends the field twice."""
    return replace(behaviour, collect=lambda facts: behaviour.collect(facts)[-1:])
