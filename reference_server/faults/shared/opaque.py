"""Faults: a string that nobody issued is taken for a token whose beginning is documented."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol
from urllib.parse import unquote

from reference_server.faults.shared.decisions import A, Facts
from reference_server.faults.shared.sets import Family, FaultSet
from reference_server.faults.shared.ways import (
    Somebody,
    also_parsing,
    answering,
    crashing,
    in_group,
    method,
    waiving,
)

Named = tuple[str, ...]
Alike = Callable[[str, str], bool]
"""Of the right token and the one that was given: whether it is taken for it."""

_COMPARED = 20
"""Characters: more than a prefix."""
_AGAIN = "practice/stays-refused"
"""Falls where a token without its last character is served: that one is sent many times."""


class Matching(Protocol):
    """Take a secret for a token's when it is alike; for that the secrets are kept in clear."""

    def __call__(self, behaviour: Any, alike: Alike) -> Any: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Opaque:
    """What differs between APIs whose tokens are a documented prefix and random letters and digits."""

    token: str = "token"
    """In titles: what is issued."""
    somebody: Somebody
    """Who is served where nobody should be."""
    also_matching: Matching
    reason: str = "unknown-token"
    """For which an unknown one is refused."""
    prefix: str
    other_prefix: str
    """The prefix of tokens of another environment."""
    length: int
    """Characters behind the prefix."""
    unknown: Named
    """What the API's document says of a token that nobody issued; falls when one is served."""
    changed: Named
    """The same of a token under another prefix."""
    dead: Named
    """What falls besides when unknown tokens are served: those that were revoked or have expired are."""
    everywhere: Named
    """The same of one operation alone."""
    repeated: Named = (_AGAIN, "rfc9110/3.3-each-request")
    """What falls when unknown tokens are served again and again, and after a valid one."""
    shortened: Named = ()
    """What falls besides when a token without its last character is served."""
    signs: Named = ()
    """What falls besides when the server fails at a percent sign."""
    replacing: str = "PUT"
    """A method of which only unknown and revoked tokens are tried, beside none."""


OPAQUE: FaultSet[Opaque] = FaultSet()
fault = OPAQUE.fault


def _sent(behaviour: A, facts: Facts) -> str:
    return behaviour.parse(facts, behaviour.collect(facts)[0]) or ""


@fault(
    "accepts-any-token-of-its-shape",
    "Any string that looks like a {it.token} is accepted",
    breaks=lambda api: (
        "rfc6750/3.1-unknown-refused",
        *api.unknown,
        "practice/case-changed-refused",
        *api.repeated,
        *api.dead,
    ),
)
def accepts_any_of_its_shape(api: Opaque, behaviour: A) -> A:
    """The form is checked and the store never asked. A token with other letter case has the form too. A
    shortened, lengthened or wrapped one has not, nor has one with another prefix; a foreign token is known
    and refused as such. Unknown ones are tried many times, and after a valid one. Dead ones have the form."""
    shape = re.compile(rf"{api.prefix}[A-Za-z0-9]{{{api.length}}}")
    return waiving(
        behaviour, api.reason, api.somebody, lambda facts: bool(shape.fullmatch(_sent(behaviour, facts)))
    )


@fault(
    "unknown-token-may-replace",
    "{it.replacing} is done whatever the {it.token}",
    subtle=True,
    breaks=lambda api: ("rfc6750/3.1-unknown-refused", *api.unknown, *api.everywhere),
)
def unknown_token_may_replace(api: Opaque, behaviour: A) -> A:
    """It is looked whether there is a token, not which. Only an unknown and a revoked one are tried with that
    method; without one it is refused."""
    return waiving(behaviour, api.reason, api.somebody, method(api.replacing))


def _recognising(api: Opaque, behaviour: A, alike: Callable[[Opaque, str, str], bool]) -> Any:
    """Take a secret for a token's when `alike(api, right, given)`."""
    return api.also_matching(behaviour, lambda right, given: alike(api, right, given))


_matching = Family(OPAQUE, _recognising)


def _altered(api: Opaque) -> Named:
    return ("rfc6749/10.3-altered-refused", *api.unknown)


def _altered_again(api: Opaque) -> Named:
    return (*_altered(api), _AGAIN, *api.shortened)


def _prefixed(api: Opaque) -> Named:
    return ("practice/prefix-bound", *api.changed)


def _encoded(api: Opaque) -> Named:
    return ("practice/encoded-refused", *api.unknown)


_matching(
    "compares-beginning",
    "Only the beginning of a {it.token} is compared",
    lambda api, right, given: given[:_COMPARED] == right[:_COMPARED],
    breaks=lambda api: (*_altered_again(api), "practice/case-changed-refused"),
    why="""The first twenty characters decide. A token that lacks its end or has more of it is served, and so
    is one with a letter in its middle changed. Unknown tokens differ right behind the prefix.""",
)
_matching(
    "ignores-last-character",
    "The last character of a {it.token} is not compared",
    lambda api, right, given: given[: len(right) - 1] == right[:-1],
    breaks=_altered_again,
    subtle=True,
    why="""Off by one. A token without its last character or with one more is served; half a token, or one
    with a letter changed in its middle, is not.""",
)
_matching(
    "ignores-what-follows",
    "What follows a whole {it.token} is ignored",
    lambda api, right, given: given.startswith(right),
    breaks=_altered,
    subtle=True,
    why="""The stored token is compared by its own length. Of the altered ones only the lengthened is served;
    two tokens, or a comma behind one, are malformed before that.""",
)
_matching(
    "ignores-what-precedes",
    "What precedes a whole {it.token} is ignored",
    lambda api, right, given: given.endswith(right),
    breaks=lambda api: (*_altered(api), *_prefixed(api)),
    subtle=True,
    why="""A search from the end. A character before the token is overlooked, and so is the prefix where it
    stands twice.""",
)
_matching(
    "completes-token",
    "The first half of a {it.token} is enough",
    lambda api, right, given: len(given) > _COMPARED and right.startswith(given),
    breaks=_altered_again,
    subtle=True,
    why="""A lookup by LIKE 'token%'. Half a token and one without its last character are served; the prefix
    alone is too short, and nothing longer or other matches.""",
)
_matching(
    "folds-case",
    "Letter case does not matter in a {it.token}",
    lambda api, right, given: given.casefold() == right.casefold(),
    breaks=lambda api: ("practice/case-changed-refused", *api.unknown, *_prefixed(api)),
    why="""A column that collates without regard to case. One changed letter, all changed, and the prefix in
    capitals are all the same token.""",
)
_matching(
    "folds-prefix-case",
    "The prefix of a {it.token} may be written in capitals",
    lambda api, right, given: given[: len(api.prefix)].lower() + given[len(api.prefix) :] == right,
    breaks=_prefixed,
    subtle=True,
    why="""Only the prefix is folded. Letters behind it are compared as they are.""",
)
_matching(
    "prefix-not-bound",
    "A live {it.token} is accepted with the prefix of a test {it.token}",
    lambda api, right, given: given == api.other_prefix + right.removeprefix(api.prefix),
    breaks=_prefixed,
    subtle=True,
    why="""The secret is looked up without its prefix, which only has to be one of the two.""",
)
_matching(
    "prefix-optional",
    "A {it.token} is accepted without its prefix",
    lambda api, right, given: given == right[-api.length :],
    breaks=_prefixed,
    subtle=True,
    why="""The prefix is cut off where there is one. A token without its first character still has a piece of
    it, which is not cut.""",
)
_matching(
    "prefix-alone-accepted",
    "The prefix alone is a {it.token}",
    lambda api, right, given: given == right[: -api.length],
    breaks=_prefixed,
    subtle=True,
    why="""The secret behind the prefix is empty, and an empty secret begins every other.""",
)
_matching(
    "accepts-base64-token",
    "A {it.token} in Base64 is accepted",
    lambda api, right, given: given == base64.b64encode(right.encode()).decode(),
    breaks=_encoded,
    subtle=True,
    why="""What decodes is decoded. The token of Basic is a pair, and under another scheme anyway.""",
)


@fault("decodes-percent", "A percent-encoded {it.token} is accepted", breaks=_encoded)
def decodes_percent(api: Opaque, behaviour: A) -> A:
    """The field goes through the decoder of URLs. Nothing else that is sent as a token has a percent sign."""
    return replace(behaviour, parse=lambda facts, value: behaviour.parse(facts, unquote(value)))


@fault("strips-single-quotes", "A {it.token} in single quotes is accepted", subtle=True, breaks=_encoded)
def strips_single_quotes(api: Opaque, behaviour: A) -> A:
    """Quotes from a shell script are forgiven. Double quotes are not."""
    return also_parsing(behaviour, in_group("Bearer '+(.*?)'*"))


@fault(
    "crashes-on-percent",
    "A percent sign in a {it.token} is a server error",
    subtle=True,
    breaks=lambda api: (*_encoded(api), *api.signs),
)
def crashes_on_percent(api: Opaque, behaviour: A) -> A:
    """A format string. A 500 is no refusal and has not the status of one; only the percent-encoded
    token has the sign, and what is made of signs."""
    return answering(
        behaviour,
        crashing,
        "malformed-credential",
        when=lambda facts: any("%" in value for value in facts.request.values("authorization")),
    )
