"""Faults: what is not one Authorization field of `Bearer` and a token is taken for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from reference_server.bearer import TOKEN68
from reference_server.faults.shared.decisions import A
from reference_server.faults.shared.sets import Family, FaultSet
from reference_server.faults.shared.ways import Somebody, also_parsing, in_group, not_parsing, serving_field


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


SCHEME_CASE = "rfc9110/11.1-scheme-case"
SEVERAL_SPACES = "rfc9110/11.4-several-spaces"

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


def _reading(api: Fielded, behaviour: A, pattern: str) -> A:
    """Find the token in the first group of a pattern that the whole field value matches."""
    return also_parsing(behaviour, in_group(pattern))


_spelled = Family(FIELD, _reading)

# --- one spelling of the malformed field -----------------------------------------------------------

_spelled(
    "space-optional",
    "The space between the scheme and a {it.token} may be missing",
    rf"Bearer({TOKEN68})",
    breaks=_malformed,
    why="""`Bearer` is cut off without looking what follows. One spelling of the malformed field is
    served.""",
)
_spelled(
    "scheme-optional",
    "A {it.token} without any scheme is accepted",
    rf"({TOKEN68})",
    breaks=_malformed,
    why="""The bare token is served. A scheme alone is now a token that nobody issued: 401 as before.""",
)
_spelled(
    "colon-after-scheme",
    "A colon after the scheme is overlooked",
    rf"Bearer: *({TOKEN68})",
    subtle=True,
    breaks=_malformed,
    why="""As above, for `Bearer: token`.""",
)
_spelled(
    "unquotes-token",
    "A {it.token} in double quotes is accepted",
    rf'Bearer +"({TOKEN68})"',
    subtle=True,
    breaks=_malformed,
    why="""As above, for `Bearer "token"`; single quotes are not taken off.""",
)
_spelled(
    "trailing-comma-ignored",
    "A comma after a {it.token} is overlooked",
    rf"Bearer +({TOKEN68}),",
    subtle=True,
    breaks=_malformed,
    why="""The field is split at commas, as if it were a list. One spelling of the malformed field is
    served.""",
)
_spelled(
    "token-as-parameter",
    "A {it.token} may be written as a parameter of the scheme",
    rf'Bearer +token="({TOKEN68})"',
    subtle=True,
    breaks=_malformed,
    why="""As above, for `Bearer token="…"`.""",
)
_spelled(
    "first-of-several-tokens",
    "What follows the first {it.token} in the field is ignored",
    rf"Bearer +({TOKEN68}) +.*",
    subtle=True,
    breaks=lambda api: (*_malformed(api), *api.continued),
    why="""The field is split at spaces and its second word taken, so that two tokens in one field are served.
    With the scheme written twice that word is `Bearer`, which nobody issued.""",
)
_spelled(
    "last-word-is-token",
    "The last word of the field is the {it.token}, whatever stands before it",
    r"(?:.* )?([^ ]+)",
    breaks=lambda api: ("rfc6750/2.1-malformed-refused", *_scheme(api)),
    why="""The field is split at spaces. That serves a bare token, two tokens, the scheme twice, a colon or
    comma after it, and every other scheme. An incomplete field has a last word that nobody issued.""",
)


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

_spelled(
    "ignores-scheme",
    "The name of the scheme does not matter",
    rf"[A-Za-z]+ +({TOKEN68})",
    breaks=_scheme,
    why="""Any word will do before the token. Basic with user and password in Base64 stays a token that nobody
    issued, and a field without two words stays malformed.""",
)
_spelled(
    "second-scheme-token",
    "The scheme may be called Token as well",
    rf"Token +({TOKEN68})",
    subtle=True,
    breaks=_scheme,
    why="""A remnant of an older interface. One of the other schemes is served.""",
)


_refused: Family[Fielded, Callable[[str], bool]] = Family(
    FIELD, lambda api, behaviour, when: not_parsing(behaviour, when)
)


def _scheme_of(value: str) -> str:
    return value.partition(" ")[0]


_refused(
    "case-sensitive-scheme",
    "The scheme before a {it.token} must be written Bearer",
    lambda value: _scheme_of(value).lower() == "bearer" and _scheme_of(value) != "Bearer",
    breaks=(SCHEME_CASE,),
    why="""All other spellings are refused. The documented one, in which all controls are written, is
    accepted, so that the API keeps what its document says.""",
)
_refused(
    "upper-case-scheme-refused",
    "The scheme before a {it.token} is not recognised in capitals",
    lambda value: _scheme_of(value) == "BEARER",
    subtle=True,
    breaks=(SCHEME_CASE,),
    why="""Two spellings are compared where the case should be folded. One of the others is refused.""",
)
_refused(
    "single-space-parser",
    "Only one space may stand before a {it.token}",
    lambda value: "  " in value,
    level="SHOULD",
    breaks=(SEVERAL_SPACES,),
    why="""A strict reader of RFC 6750. The valid token after several spaces is refused; after one, as the
    document prints it, it is accepted.""",
)


# --- no token at all, or two -----------------------------------------------------------------------

_served: Family[Fielded, str] = Family(
    FIELD, lambda api, behaviour, value: serving_field(behaviour, api.somebody, value)
)

_served(
    "empty-field-accepted",
    "An empty Authorization field is as good as a {it.token}",
    "",
    subtle=True,
    breaks=_incomplete,
    why="""The empty value is false where the absent one is none. One of the incomplete fields is served.""",
)
_served(
    "scheme-alone-accepted",
    "The word Bearer without a {it.token} is accepted",
    "Bearer",
    subtle=True,
    breaks=_incomplete,
    why="""Only the scheme is looked at. One of the incomplete fields is served.""",
)


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
