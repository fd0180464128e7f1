"""Faults: something in front of the server mends requests that it must refuse."""

from __future__ import annotations

import re
from dataclasses import replace

from reference_server.faults.standard.entry import fault
from reference_server.messages import Mend
from reference_server.standard.behaviour import Behaviour


def _mending(behaviour: Behaviour, pattern: bytes, by: bytes) -> Behaviour:
    """Replace what the pattern finds in the head of a request; bodies are left alone."""
    compiled = re.compile(pattern, re.IGNORECASE)

    def mend(data: bytes) -> bytes:
        head, end, body = data.partition(b"\r\n\r\n")
        return compiled.sub(by, head) + end + body

    mended: Mend = mend
    return replace(behaviour, mend=mended)


@fault("field-ends-at-nul", "A field ends at a NUL", breaks=("rfc9110/5.5-control-characters",))
def field_ends_at_nul(behaviour: Behaviour) -> Behaviour:
    """As strings do in C: what stands behind it is not seen."""
    return _mending(behaviour, rb"\0[^\r\n]*", b"")


@fault(
    "field-ends-at-return",
    "A field ends at a carriage return",
    subtle=True,
    breaks=("rfc9110/5.5-control-characters",),
)
def field_ends_at_return(behaviour: Behaviour) -> Behaviour:
    """One of the characters that end a line is taken for the end of it, and what follows for nothing."""
    return _mending(behaviour, rb"\r(?!\n)[^\r\n]*", b"")


@fault("folded-line-dropped", "A line that goes on is cut off", breaks=("rfc9112/5.2-folding",))
def folded_line_dropped(behaviour: Behaviour) -> Behaviour:
    """What stands in the next line is taken for a field without a name, and left out."""
    return _mending(behaviour, rb"\r\n[ \t][^\r\n]*", b"")


@fault(
    "space-before-colon-dropped",
    "A space before the colon is no part of a name",
    breaks=("rfc9112/5.1-space-before-colon",),
)
def space_before_colon_dropped(behaviour: Behaviour) -> Behaviour:
    """Two parsers that read such a field differently are how requests are smuggled."""
    return _mending(behaviour, rb"(\r\n[\w-]+)[ \t]+:", rb"\1:")


@fault("first-host-counts", "Of two Host fields the first counts", breaks=("rfc9112/3.2-one-host",))
def first_host_counts(behaviour: Behaviour) -> Behaviour:
    """The second may be what another parser goes by. One that comes first and names nobody is refused."""
    return _mending(behaviour, rb"(\r\nhost:[^\r\n]*)((?:\r\n(?!host:)[^\r\n]*)*)\r\nhost:[^\r\n]*", rb"\1\2")


@fault(
    "host-made-up",
    "A request without Host is for the first tenant",
    subtle=True,
    breaks=("rfc9112/3.2-one-host",),
)
def host_made_up(behaviour: Behaviour) -> Behaviour:
    """There was only one once. Those with two are refused."""
    return _mending(
        behaviour,
        rb"\A([^\r\n]* HTTP/1\.1)(?!(?:\r\n[^\r\n]*)*\r\nhost:)",
        rb"\1\r\nHost: acme.standard.test",
    )
