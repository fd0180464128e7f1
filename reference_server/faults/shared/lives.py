"""What differs between APIs that issue, manage and revoke credentials: what falls, and how that is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reference_server.messages import Answer

Named = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """The requirements that fall, by what is looked at: those of the suites, and with them what the API's
    document says of the same."""

    accepted: Named
    """A valid token is refused."""
    promptly: Named
    """A new one does not work, or not all the time."""
    several: Named
    """One of several does not work."""
    overlap: Named
    """An old one stops when a new one is made."""
    targeted: Named
    """One stops when another is revoked."""
    expiry: Named
    """One lives on after its end."""
    unguessable: Named = ("rfc6749/10.10-unguessable",)
    unique: Named = ("asvs/7.2.3-unique",)
    prefixed: Named = ()
    """A new one does not begin as documented, nor as the listing takes it for granted."""
    not_stored: Named = ("asvs/14.3.2-secret-not-stored",)
    shown: Named
    """The listing shows secrets."""
    masked: Named = ("practice/listing-masked",)
    """It shows more of them than it should."""
    named: Named
    """Names are not kept."""
    recorded: Named
    """The record of activity is not as it should be."""
    managed: Named
    """Who has no credential manages them; first the requirement that it has no effect."""
    separate: Named
    """Who has one for the data manages them; its status for that stands last."""
    refused: Named
    """A revoked one is not refused, whenever one is revoked."""
    watched: Named
    """It is so while somebody watches: these fall together, and `refused` is among them."""
    warm: str
    """It is so for one that was much used."""
    everywhere: Named
    """It is so for some operation."""
    conditional: Named
    """It is so for a request with a condition."""
    twice: Named
    """Revoking it again fails or brings it back."""
    irreversible: Named
    """It comes back otherwise."""
    like_unknown: Named
    """It is answered in another way than an unknown one."""
    revoked_status: Named
    """It is refused with another status than the document has."""
    revoked_elsewhere: Named = ()
    """It is neither refused nor served at another instance."""
    of_refusal: Named
    """What is looked at in each refusal of an unknown token."""

    @property
    def looked_at_once(self) -> Named:
        """What one request shows, which is sent when the token should have been refused for a moment."""
        once = (*self.everywhere, *self.conditional, *self.twice, *self.irreversible, *self.like_unknown)
        return tuple(name for name in once if name not in self.watched)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plane:
    """How credentials, each called a token here, are managed; the decisions are those of `Managed`."""

    breaks: Broken
    token: str = "token"
    """In titles: what is issued and revoked."""
    others: str = "instance"
    """In titles: whose other tokens are."""
    found_by: str = "find_token"
    """The name of the decision that finds the live token of a secret."""
    unknown: str
    """The reason for which a dead token is refused, and an unknown one."""
    random: int
    """Characters at the end of a secret that are random."""
    manager: Any
    """What `govern` gives for who may manage."""
    issues: Callable[[Any], bool]
    """Whether the request asks the management for a token."""
    revokes: Callable[[Any], Any]
    """The token that the request asks the management to revoke, dead or not; None for any other request."""
    presented: Callable[[Any], str]
    """The secret that the request presents in the place of a token."""
    stored: Callable[[Any, str], Any]
    """The token of a secret, dead or not; None where nobody has it."""
    siblings: Callable[[Any, Any], list[Any]]
    """Of the server and a token: all of the same owner that are not revoked."""
    strangers: Callable[[Any, Any], list[Any]]
    """Some of other owners, which the target tells of."""
    recorded_as: str = "token"
    """The member of a line of activity that says by its `id` whose request it was."""
    worded: Callable[[Answer, str], Answer]
    """The same refusal with another sentence in its body."""


def issues_in(collection: str) -> Callable[[Any], bool]:
    """Whether a request asks for a new member of the collection: its name ends the path."""
    return lambda facts: facts.request.method == "POST" and facts.request.segments[-1:] == (collection,)


def revoked_in(collection: str, facts: Any) -> str:
    """The id of the member of the collection that a request asks to delete: it ends the path. Empty for any
    other request."""
    segments: tuple[str, ...] = facts.request.segments
    asked = facts.request.method == "DELETE" and segments[-2:-1] == (collection,)
    return segments[-1] if asked else ""


def presented_key(facts: Any) -> str:
    """The key in a field of its own; empty where there is none."""
    return next(iter(facts.behaviour.collect_keys(facts)), "")


def presented_token(facts: Any) -> str:
    """What stands after Bearer; empty where nothing does."""
    offered = facts.behaviour.collect(facts)
    return (facts.behaviour.parse(facts, offered[0]) if offered else None) or ""
