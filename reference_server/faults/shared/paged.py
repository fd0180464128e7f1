"""What differs between APIs that configured web pages may use, and the decisions that a fault may replace."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from reference_server.faults.shared.decisions import Asked
from reference_server.faults.shared.ways import When
from reference_server.messages import Answer

Named = tuple[str, ...]


class PageDecisions(Asked, Protocol):
    """Those about what web pages are told (Fetch). Who is found is a caller, or a refusal with a `reason`."""

    @property
    def preflight(self) -> Callable[[Any], Answer | None]: ...
    @property
    def may_share(self) -> Callable[[Any, Any, str], bool]: ...
    @property
    def share(self) -> Callable[[Any, Any, Answer], Answer]: ...


B = TypeVar("B", bound=PageDecisions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged:
    """What differs. Words are what falls with what is wrong so: the requirement of the suites, and what the
    API's document says of the same."""

    refusal: Callable[[Any], Any]
    """The refusal for a reason."""
    origins: Callable[[Any], Collection[str]]
    """Of a caller: the origins whose pages may read what it is answered."""
    own: When
    """Whether the request is for data that a browser may be told to keep."""
    foreign: str
    """An origin that is configured for another account."""

    off: Named
    """One is granted something by an account that has configured none."""
    listed: Named
    """One is that nobody has configured."""
    per_account: Named
    """One is by an account that has configured others."""
    browser_origin: Named = ("practice/browser-origin",)
    """One of nowhere is, or `null`."""
    allowed: Named
    """A configured one is not granted an answer."""
    readable: Named = ("fetch/3.3.3-failures-readable",)
    """It is not granted a refusal."""
    preflight: Named
    """It is not permitted to ask."""
    authorization_named: Named = ()
    """It is not permitted Authorization."""
    key_named: Named = ("fetch/4.8-key-field-named",)
    """It is not permitted the field of a key."""
    single: Named = ("fetch/3.3.4-single-origin",)
    vary: Named = ("fetch/http-caches-vary",)
    changed: Named = ("practice/origin-changes-nothing",)
    """An answer is another one where an origin asks for it."""
    of_203: Named = ()
    """What may fall when a success has the status 203."""

    @property
    def all(self) -> Named:
        """What is looked at wherever a page of a configured origin asks."""
        return (*self.allowed, *self.readable, *self.preflight)
