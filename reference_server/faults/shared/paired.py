"""What differs between APIs that know people by a password, and the decisions that a fault may replace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from reference_server.faults.shared.decisions import Asked
from reference_server.faults.shared.ways import Somebody

Named = tuple[str, ...]


class PairDecisions(Asked, Protocol):
    """Those about Basic credentials (RFC 7617). Who is found is a caller or a refusal, with its `reason`."""

    @property
    def parse_basic(self) -> Callable[[Any, str], str | None]: ...
    @property
    def by_basic(self) -> Callable[[Any, str], Any]: ...
    @property
    def by_bearer(self) -> Callable[[Any, str], Any]: ...
    @property
    def enrol(self) -> Callable[[Any, Any, str], None]: ...
    @property
    def decode_pair(self) -> Callable[[Any, str], bytes | None]: ...
    @property
    def split_pair(self) -> Callable[[Any, bytes], tuple[str, str] | None]: ...
    @property
    def check_password(self) -> Callable[[Any, Any, str], bool]: ...


P = TypeVar("P", bound=PairDecisions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """What differs. Words are what falls when something that is wrong so is accepted: the requirement of the
    suites, and what the API's document says of the same."""

    somebody: Somebody
    """Who is served where nobody should be."""
    found_by: str = "find_user"
    """The name of the decision that finds somebody by the user's name; None where there is none."""

    wrong_password: Named
    unknown_user: Named
    half: Named
    """User or password are empty."""
    whole: Named
    """The password was shortened or lengthened."""
    case: Named
    """It is in other letter case."""
    first_colon: Named
    """It is but the part before its own colon."""
    no_colon: Named
    no_base64: Named
    """It is no Base64 of a pair, or stands between other characters."""
    control: Named
    """There are control characters in it."""
    slot: Named
    """Another method's credential stands for a part of it."""
    swapped: Named
    """It stands after Bearer, or a token after Basic."""
    swapped_token: Named
    """The latter alone."""
    scheme: Named
    """It stands after another scheme."""
    incomplete: Named
    """There is nothing after the scheme, or no scheme."""
    elsewhere: Named
    """It stands in another field, a cookie or the URL."""
    uniform: Named
    """What falls besides when one of the wrong ones that are compared is not refused, or in another way."""
    uniform_exchange: Named = ()
    """The same of those that are compared where tokens are had."""
    enumeration: Named
    """The same of an unknown user and a wrong password."""
    steady: Named
    """What falls besides when one that is wrong makes the server fail beside a valid credential."""


def also_knowing(behaviour: P, alike: Callable[[str, str], bool]) -> P:
    """Take a password for a user's when `alike(right, given)`. It keeps them in clear."""
    passwords: dict[str, str] = {}

    def enrol(server: Any, user: Any, password: str) -> None:
        behaviour.enrol(server, user, password)
        passwords[user.name] = password

    def check_password(facts: Any, user: Any, password: str) -> bool:
        right = behaviour.check_password(facts, user, password)
        return right or (user is not None and alike(passwords[user.name], password))

    return replace(behaviour, enrol=enrol, check_password=check_password)
