"""Faults: a string that nobody issued is taken for a token."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import unquote

from reference_server.faults.originchain.entry import PREFIX, REPEATED, UNKNOWN, fault
from reference_server.faults.originchain.lives import DEAD, ELSEWHERE, EVERYWHERE
from reference_server.faults.originchain.wrong import also_matching, waiving
from reference_server.faults.shared.ways import also_parsing, answering, crashing, method
from reference_server.originchain.behaviour import Behaviour, Facts

_SHAPE = re.compile(r"oc_live_[A-Za-z0-9]{40}")
_PREFIX = len("oc_live_")
_COMPARED = 20
_AGAIN = "practice/stays-refused"
"""Falls where a token without its last character is served: that one is sent many times."""


@fault(
    "accepts-any-token-of-its-shape",
    "Any string that looks like a token is accepted",
    breaks=("rfc6750/3.1-unknown-refused", *UNKNOWN, "practice/case-changed-refused", *REPEATED, *DEAD),
)
def accepts_any_of_its_shape(behaviour: Behaviour) -> Behaviour:
    """The form is checked and the store never asked. A token with other letter case has the form too. A
    shortened, lengthened or wrapped one has not, nor has one with another prefix; a foreign token is known
    and refused as such. Unknown ones are tried many times, and after a valid one. Dead ones have the form."""
    return waiving(behaviour, "unknown-token", lambda facts: bool(_SHAPE.fullmatch(_sent(behaviour, facts))))


def _sent(behaviour: Behaviour, facts: Facts) -> str:
    return behaviour.parse(facts, behaviour.collect(facts)[0]) or ""


@fault(
    "unknown-token-may-head",
    "HEAD is answered whatever the token",
    subtle=True,
    breaks=("rfc6750/3.1-unknown-refused", *UNKNOWN, *EVERYWHERE),
)
def unknown_token_may_head(behaviour: Behaviour) -> Behaviour:
    """HEAD looks whether there is a token, not which. Only an unknown and a revoked one are tried with HEAD;
    without one HEAD is refused."""
    return waiving(behaviour, "unknown-token", method("HEAD"))


@fault(
    "unknown-token-may-replace",
    "PUT is done whatever the token",
    subtle=True,
    breaks=("rfc6750/3.1-unknown-refused", *UNKNOWN, *EVERYWHERE),
)
def unknown_token_may_replace(behaviour: Behaviour) -> Behaviour:
    """As above, for PUT."""
    return waiving(behaviour, "unknown-token", method("PUT"))


@fault(
    "unknown-token-at-one-instance",
    "One instance accepts any token",
    subtle=True,
    breaks=("rfc6750/3.1-unknown-refused", *UNKNOWN, *ELSEWHERE),
)
def unknown_token_at_one_instance(behaviour: Behaviour) -> Behaviour:
    """An instance left in a debugging mode. Only at globex, where altered tokens are not tried, and revoked
    ones once."""
    return waiving(behaviour, "unknown-token", lambda facts: facts.request.host.startswith("globex."))


def _matching(
    id: str,
    title: str,
    alike: Callable[[str, str], bool],
    *breaks: str,
    why: str,
    subtle: bool = True,
) -> None:
    """Enter a fault by which a token is recognised when `alike(right, given)`."""

    def apply(behaviour: Behaviour) -> Behaviour:
        return also_matching(behaviour, alike)

    apply.__doc__ = why
    fault(id, title, subtle=subtle, breaks=breaks)(apply)


_matching(
    "compares-beginning",
    "Only the beginning of a token is compared",
    lambda right, given: given[:_COMPARED] == right[:_COMPARED],
    "rfc6749/10.3-altered-refused",
    "practice/case-changed-refused",
    *UNKNOWN,
    _AGAIN,
    subtle=False,
    why="""The first twenty characters decide. A token that lacks its end or has more of it is served, and so
    is one with a letter in its middle changed. Unknown tokens differ right behind the prefix.""",
)
_matching(
    "ignores-last-character",
    "The last character of a token is not compared",
    lambda right, given: given[: len(right) - 1] == right[:-1],
    "rfc6749/10.3-altered-refused",
    *UNKNOWN,
    _AGAIN,
    why="""Off by one. A token without its last character or with one more is served; half a token, or one
    with a letter changed in its middle, is not.""",
)
_matching(
    "ignores-what-follows",
    "What follows a whole token is ignored",
    lambda right, given: given.startswith(right),
    "rfc6749/10.3-altered-refused",
    *UNKNOWN,
    why="""The stored token is compared by its own length. Of the altered ones only the lengthened is served;
    two tokens, or a comma behind one, are malformed before that.""",
)
_matching(
    "ignores-what-precedes",
    "What precedes a whole token is ignored",
    lambda right, given: given.endswith(right),
    "rfc6749/10.3-altered-refused",
    *UNKNOWN,
    "practice/prefix-bound",
    *PREFIX,
    why="""A search from the end. A character before the token is overlooked, and so is the prefix where it
    stands twice.""",
)
_matching(
    "completes-token",
    "The first half of a token is enough",
    lambda right, given: len(given) > _COMPARED and right.startswith(given),
    "rfc6749/10.3-altered-refused",
    *UNKNOWN,
    _AGAIN,
    why="""A lookup by LIKE 'token%'. Half a token and one without its last character are served; the prefix
    alone is too short, and nothing longer or other matches.""",
)
_matching(
    "folds-case",
    "Letter case does not matter in a token",
    lambda right, given: given.casefold() == right.casefold(),
    "practice/case-changed-refused",
    *UNKNOWN,
    "practice/prefix-bound",
    *PREFIX,
    subtle=False,
    why="""A column that collates without regard to case. One changed letter, all changed, and the prefix in
    capitals are all the same token.""",
)
_matching(
    "folds-prefix-case",
    "The prefix may be written in capitals",
    lambda right, given: (given[:_PREFIX].lower(), given[_PREFIX:]) == (right[:_PREFIX], right[_PREFIX:]),
    "practice/prefix-bound",
    *PREFIX,
    why="""Only the prefix is folded. Letters behind it are compared as they are.""",
)
_matching(
    "prefix-not-bound",
    "A live token is accepted with the prefix of a test token",
    lambda right, given: given == "oc_test_" + right[_PREFIX:],
    "practice/prefix-bound",
    *PREFIX,
    why="""The secret is looked up without its prefix, which only has to be one of the two.""",
)
_matching(
    "prefix-optional",
    "A token is accepted without its prefix",
    lambda right, given: given == right[_PREFIX:],
    "practice/prefix-bound",
    *PREFIX,
    why="""The prefix is cut off where there is one. A token without its first character still has a piece of
    it, which is not cut.""",
)
_matching(
    "prefix-alone-accepted",
    "The prefix alone is a token",
    lambda right, given: given == right[:_PREFIX],
    "practice/prefix-bound",
    *PREFIX,
    why="""The secret behind the prefix is empty, and an empty secret begins every other.""",
)
_matching(
    "accepts-base64-token",
    "A token in Base64 is accepted",
    lambda right, given: given == base64.b64encode(right.encode()).decode(),
    "practice/encoded-refused",
    *UNKNOWN,
    why="""What decodes is decoded. The token of Basic is a pair, and under another scheme anyway.""",
)


@fault(
    "decodes-percent",
    "A percent-encoded token is accepted",
    breaks=("practice/encoded-refused", *UNKNOWN),
)
def decodes_percent(behaviour: Behaviour) -> Behaviour:
    """The field goes through the decoder of URLs. Nothing else that is sent has a percent sign."""
    return replace(behaviour, parse=lambda facts, value: behaviour.parse(facts, unquote(value)))


@fault(
    "strips-single-quotes",
    "A token in single quotes is accepted",
    subtle=True,
    breaks=("practice/encoded-refused", *UNKNOWN),
)
def strips_single_quotes(behaviour: Behaviour) -> Behaviour:
    """Quotes from a shell script are forgiven. Double quotes are not."""

    def read(value: str) -> str | None:
        scheme, _, token = value.partition(" ")
        return token.strip("'") if scheme == "Bearer" and token.startswith("'") else None

    return also_parsing(behaviour, read)


@fault(
    "crashes-on-percent",
    "A percent sign in the token is a server error",
    subtle=True,
    breaks=("practice/encoded-refused", *UNKNOWN),
)
def crashes_on_percent(behaviour: Behaviour) -> Behaviour:
    """A format string. A 500 is no refusal and has not the status of one; only the percent-encoded
    token has the sign."""
    return answering(
        behaviour,
        crashing,
        "malformed-credential",
        when=lambda facts: any("%" in value for value in facts.request.values("authorization")),
    )
