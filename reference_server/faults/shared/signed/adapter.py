"""What differs between APIs that verify JWTs, and the decisions about them that a fault may replace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from reference_server.faults.shared.decisions import Asked
from reference_server.faults.shared.macs import mac_holds
from reference_server.reading import Jws

Named = tuple[str, ...]
Claims = Mapping[str, Any]


class Holder(Protocol):
    """An account, whose JWTs are signed with its secret."""

    @property
    def secret(self) -> str: ...


class Verified(Asked, Protocol):
    """The decisions about a JWT, in their order. Each judge gives a refusal or None.

    Whatever else the judges of algorithm and claims are given, such as a pair of keys, is passed on.
    """

    @property
    def split(self) -> Callable[[Any, str], tuple[str, str, str] | None]: ...
    @property
    def decode(self) -> Callable[[Any, str], bytes | None]: ...
    @property
    def read_header(self) -> Callable[[Any, bytes], Mapping[str, Any] | None]: ...
    @property
    def judge_algorithm(self) -> Callable[..., Any]: ...
    @property
    def judge_extensions(self) -> Callable[[Any, Jws], Any]: ...
    @property
    def holds(self) -> Callable[[Any, Jws, Any], bool]: ...
    @property
    def read_claims(self) -> Callable[[Any, bytes], Claims | None]: ...
    @property
    def judge_claims(self) -> Callable[..., Any]: ...
    @property
    def judge_expiry(self) -> Callable[[Any, Claims], Any]: ...
    @property
    def judge_beginning(self) -> Callable[[Any, Claims], Any]: ...


V = TypeVar("V", bound=Verified)

Verifies = Callable[[Jws, Any, str], bool]
"""Of a token, an account and an algorithm: whether the account's key holds the signature, whatever the header
says."""


def by_secret(jws: Jws, account: Holder, algorithm: str) -> bool:
    """Where keys are secrets that are shared."""
    return mac_holds(jws.signed, jws.signature, account.secret.encode(), algorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What differs. Words are what falls when a token that is wrong so is accepted: the requirement of the
    suites, and what the API's document says of the same."""

    refusal: Callable[[Any], Any]
    """The refusal for a reason."""
    algorithm: str = "HS256"
    """The one by which tokens are signed."""
    verifies: Verifies = by_secret
    header: Callable[[Any], Mapping[str, Any]]
    """Of the facts: the header of somebody's right token."""
    claims: Callable[[Any], Claims]
    """Of the facts: claims that nothing is wrong with."""
    members: frozenset[str]
    """Of a header: those that the document has."""
    registered: frozenset[str]
    """Of the claims: those of RFC 7519, and of the document."""
    subject: Callable[[Claims], bool]
    """Whether the claims name a subject as the document does not."""
    sample: str = "[JWT_SECRET_KEY]"
    """The placeholder in the documentation's sample."""
    fails: Named | None = None
    """What falls when a refusal is a failure of the server; None where such a failure refuses nothing."""

    malformed: Named
    """Beside the suites' own requirement, what the document says of a token that is not well-formed."""
    misnamed: Named
    """The same of a token by another algorithm."""
    none: Named = ()
    """The same of one by none, besides."""
    miswritten: Named
    """The same of a claim with another value."""
    unsigned: Named
    signature: Named
    payload: Named
    header_covered: Named
    foreign: Named
    empty_key: Named
    common: Named
    bound: Named = ()
    """One account's token, signed with what belongs to another, or is no key for JWTs."""
    expired: Named
    leeway: Named
    exp_type: Named
    exp_string: Named
    no_exp: Named
    distant: Named = ()
    """One that lasts for long is refused."""
    early: Named
    nbf_type: Named

    def crashed(self, *served: str) -> Named:
        """What falls when a failure of the server stands where these would be refused."""
        return served if self.fails is None else self.fails
