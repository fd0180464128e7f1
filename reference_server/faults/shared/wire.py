"""Faults: something in front of the server mends requests that it must refuse."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from reference_server.faults.shared.decisions import Asked
from reference_server.faults.shared.sets import Family, FaultSet
from reference_server.messages import Mend


class Fronted(Asked, Protocol):
    """A server with something in front of it."""

    @property
    def mend(self) -> Mend | None: ...


F = TypeVar("F", bound=Fronted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """What differs between APIs that are sent what no client writes."""

    host: str
    """The name of the place where most is asked."""


WIRE: FaultSet[Wired] = FaultSet()
fault = WIRE.fault

CONTROL_CHARACTERS = "rfc9110/5.5-control-characters"
ONE_HOST = "rfc9112/3.2-one-host"


def mending(behaviour: F, pattern: bytes, by: bytes) -> F:
    """Replace what the pattern finds in the head of a request; bodies are left alone."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def mend(data: bytes) -> bytes:
        head, end, body = data.partition(b"\r\n\r\n")
        return compiled.sub(by, head) + end + body

    return replace(behaviour, mend=mend)


_mended: Family[Wired, tuple[bytes, bytes]] = Family(
    WIRE, lambda api, behaviour, change: mending(behaviour, *change)
)

_mended(
    "field-ends-at-nul",
    "A field ends at a NUL",
    (rb"\0[^\r\n]*", b""),
    breaks=(CONTROL_CHARACTERS,),
    why="""As strings do in C: what stands behind it is not seen.""",
)
_mended(
    "field-ends-at-return",
    "A field ends at a carriage return",
    (rb"\r(?!\n)[^\r\n]*", b""),
    subtle=True,
    breaks=(CONTROL_CHARACTERS,),
    why="""One of the characters that end a line is taken for the end of it, and what follows for nothing.""",
)
_mended(
    "folded-line-dropped",
    "A line that goes on is cut off",
    (rb"\r\n[ \t][^\r\n]*", b""),
    breaks=("rfc9112/5.2-folding",),
    why="""What stands in the next line is taken for a field without a name, and left out.""",
)
_mended(
    "space-before-colon-dropped",
    "A space before the colon is no part of a name",
    (rb"(\r\n[\w-]+)[ \t]+:", rb"\1:"),
    breaks=("rfc9112/5.1-space-before-colon",),
    why="""Two parsers that read such a field differently are how requests are smuggled.""",
)
_mended(
    "first-host-counts",
    "Of two Host fields the first counts",
    (rb"(\r\nhost:[^\r\n]*)((?:\r\n(?!host:)[^\r\n]*)*)\r\nhost:[^\r\n]*", rb"\1\2"),
    breaks=(ONE_HOST,),
    why="""The second may be what another parser goes by. Where the name chooses whom a request is for, one
    that comes first and names nobody is refused.""",
)


@fault(
    "host-made-up",
    "A request without Host is for the first of all places",
    subtle=True,
    breaks=(ONE_HOST,),
)
def host_made_up(api: Wired, behaviour: F) -> F:
    """There was only one once. Those with two are refused."""
    return mending(
        behaviour,
        rb"\A([^\r\n]* HTTP/1\.1)(?!(?:\r\n[^\r\n]*)*\r\nhost:)",
        rb"\1\r\nHost: " + api.host.encode(),
    )
