"""What a right credential adds to a request: as Schemathesis is told of it, and as it is found again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from harness.credentials import CannotSpoil, Presented


@dataclass(frozen=True, slots=True)
class Right:
    """Header fields, query parameters and cookies; nothing of all that where nothing valid is sent."""

    headers: tuple[tuple[str, str], ...] = ()
    params: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, presented: Presented) -> Right:
        """CannotSpoil where the credential goes into a body."""
        if presented.form or presented.json:
            raise CannotSpoil("Schemathesis does not know how to send this credential in a body")
        cookies = (value.partition("=")[::2] for name, value in presented.fields if _is_cookie(name))
        headers = (each for each in presented.fields if not _is_cookie(each[0]))
        return cls(tuple(headers), tuple(presented.query), tuple(cookies))

    def arguments(self) -> dict[str, dict[str, str]]:
        """The same in the words of requests."""
        found = {"headers": self.headers, "params": self.params, "cookies": self.cookies}
        return {name: dict(pairs) for name, pairs in found.items() if pairs}

    def is_in(self, url: str, headers: tuple[tuple[str, str], ...]) -> bool:
        """Whether a request holds any of it."""
        fields = "\n".join(value for _, value in headers)
        in_fields = any(value in fields for _, value in (*self.headers, *self.cookies))
        return in_fields or any(quote_plus(value) in url or value in url for _, value in self.params)

    def scheme(self) -> Mapping[str, Any] | None:
        """The security scheme (OpenAPI) that it is of, by where it stands; None where there is none."""
        return next(self._schemes(), None)

    def _schemes(self) -> Iterator[Mapping[str, Any]]:
        for slot, pairs in (("cookie", self.cookies), ("query", self.params)):
            for name, _ in pairs:
                yield {"type": "apiKey", "in": slot, "name": name}
        for name, value in self.headers:
            word = value.partition(" ")[0].lower()
            if name.lower() == "authorization" and word in ("bearer", "basic"):
                yield {"type": "http", "scheme": word}
            else:
                yield {"type": "apiKey", "in": "header", "name": name}


def _is_cookie(name: str) -> bool:
    return name.lower() == "cookie"
