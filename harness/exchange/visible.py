"""Make characters visible that would otherwise act on a terminal, a browser or the reader's eye."""

from __future__ import annotations

import re

# C0 but tab and line feed, DEL, C1, marks and overrides of direction, line and paragraph separators,
# the byte order mark, and halves of surrogate pairs, which no file could hold
_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def visible(text: str) -> str:
    r"""The text with such characters written as `\x1b` or `\u202e`."""
    return _ACTING.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
