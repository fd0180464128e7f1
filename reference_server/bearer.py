"""The grammar of bearer tokens in HTTP: RFC 6750 section 2.1 and RFC 9110 section 11."""

from __future__ import annotations

import re
from collections.abc import Mapping

TOKEN68 = r"[A-Za-z0-9\-._~+/]+=*"
_CREDENTIALS = re.compile(rf"bearer +({TOKEN68})", re.IGNORECASE)


def parse(value: str) -> str | None:
    """The token of an Authorization value, or None when it is not `Bearer 1*SP token68`."""
    match = _CREDENTIALS.fullmatch(value)
    return match[1] if match else None


def challenge(parameters: Mapping[str, str]) -> str:
    """A WWW-Authenticate value. The parameters must not hold quotes, backslashes or control characters."""
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())
