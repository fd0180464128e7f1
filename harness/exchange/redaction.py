"""Take secrets out of everything that is stored or shown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from harness.exchange.needles import Needle, Secret
from harness.exchange.search import Search
from harness.exchange.views import View, canonical, views
from harness.exchange.visible import visible
from harness.model import Exchange

SHORTEST = 4
"""Characters of the shortest secret: a shorter one would shred everything it is taken out of."""

PASSING = 64
"""Of the secrets learned in passing so many at least are known: more than requests are ever under way."""

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z-]{0,19})( +)(.*)", re.DOTALL)
_SCHEMES = frozenset({"basic", "bearer", "digest", "dpop", "hoba", "mutual", "negotiate", "token", "apikey"})
_PAIR = re.compile(r"(\s*[^=;\s]+=)(.*)", re.DOTALL)
_MEMBERS = (
    *("access_token", "refresh_token", "id_token", "device_code", "code_verifier"),
    *("client_secret", "client_assertion", "secret", "secret_key", "private_key"),
    *("api_key", "apikey", "password", "passwd"),
)
"""Names of JSON members and parameters whose values are secrets whoever made them."""
_JSON_VALUE = re.compile(r'"\s*:\s*"(?P<value>(?:[^"\\]++|\\.)++)', re.DOTALL)
_FORM_VALUE = re.compile(r"=(?P<value>[^&#\s\"']+)")
_USERINFO = re.compile(r"://(?P<value>[^\s/?#@\"']+)@")


class Hit(NamedTuple):
    """A span of a text that must not be shown."""

    start: int
    end: int
    placeholder: str
    env: str | None = None
    """The variable that holds exactly this."""


class Redactor:
    """Knows the secrets of a run, and what may be shown although it looks like one.

    Every place where a secret stood says which one and how it was written: `[token]`, `[token in base64]`,
    `[part of token]`. A piece of 60 % of a secret, and of 8 characters at least, is a leak too.
    """

    def __init__(self) -> None:
        self._secrets: dict[str, Secret] = {}
        self._names: Counter[str] = Counter()
        self._search = Search()
        self._passing: dict[str, Secret] = {}
        self._searches = (self._search, Search(), Search())
        """Of what was learned for good, and of what was learned in passing: of late, and just before that."""
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        self._harmless: set[str] = set()

    def learn(self, name: str, secret: str, *, env: str | None = None) -> None:
        """Hide this from now on; `env` is the variable that a curl line shows in its stead.

        A second secret of the same name is told apart as `name 2`. ValueError where it is shorter than
        `SHORTEST`, or where `env` is no name of a variable.
        """
        if env is not None and not _VARIABLE.fullmatch(env):
            raise ValueError(f"{name}: {env!r} is not the name of an environment variable")
        if len(secret) < SHORTEST:
            raise ValueError(f"{name}: a secret of {len(secret)} characters is too short to be kept secret")
        if secret in self._secrets:
            return
        self._names[name] += 1
        label = name if self._names[name] == 1 else f"{name} {self._names[name]}"
        known = self._secrets[secret] = Secret(label, secret, env)
        signature = known.signature()
        for part in (known, signature) if signature else (known,):
            for needle in part.needles():
                self._search.add(needle)

    def learn_in_passing(self, name: str, secret: str) -> None:
        """Hide this until `PASSING` others have come: what was made for one request is seen in its exchange.

        Tokens that differ in one claim are alike for the most part, and each that is known costs time
        wherever there is a piece of any.
        """
        if secret in self._secrets or secret in self._passing or len(secret) < SHORTEST:
            return
        if len(self._passing) >= PASSING:
            self._passing = {}
            self._searches = (self._search, Search(), self._searches[1])
        known = self._passing[secret] = Secret(name, secret, None)
        # without its signature a token is of no use, and what it claims is what its reader wants to see
        for needle in (known.signature() or known).needles():
            self._searches[1].add(needle)

    def pattern(self, name: str, regex: str) -> None:
        """Hide whatever matches, unless it is known to be harmless; re.error where it is no expression."""
        self._patterns.append((name, re.compile(regex)))

    def harmless(self, text: str) -> None:
        """Let this be shown where it stands alone: junk that the harness forged, not a secret's kin."""
        self._harmless.add(text)

    def text(self, text: str) -> str:
        """The text without secrets, its control characters made visible."""
        return _shown(self.parts(text))

    def field(self, name: str, value: str) -> str:
        """The value of a header field; of fields that carry credentials nothing unknown is shown."""
        return _shown(self.field_parts(name, value))

    def parts(self, text: str) -> Iterator[str | Hit]:
        """The text in order: what may be shown, and what stands for the rest."""
        found = self._found(text)
        named = [hit for hit in self._named(text) if not _touched(hit, found)]
        return _parts(text, _disjoint((*found, *named)) if named else found)

    def field_parts(self, name: str, value: str) -> Iterator[str | Hit]:
        """The same for the value of a header field."""
        match name.strip().lower():
            case "authorization" | "proxy-authorization" if value.lower() in _SCHEMES:
                yield value
            case "authorization" | "proxy-authorization":
                scheme = _SCHEME.fullmatch(value)
                if scheme is not None:
                    yield from (*self.parts(scheme[1]), scheme[2])
                yield from self._whole(scheme[3] if scheme else value)
            case "x-api-key":
                yield from self._whole(value)
            case "cookie":
                for number, pair in enumerate(value.split(";")):
                    yield from (";",) if number else ()
                    yield from self._cookie(pair)
            case "set-cookie":
                pair, semicolon, attributes = value.partition(";")
                yield from (*self._cookie(pair), semicolon, *self.parts(attributes))
            case _:
                yield from self.parts(value)

    def exchange(self, exchange: Exchange) -> Exchange:
        """The exchange without what was learned since it was recorded, such as a token it has issued."""
        response = exchange.response
        return replace(
            exchange,
            request=self._strings(exchange.request),
            response=None if response is None else self._strings(response),
            error=self._strings(exchange.error),
        )

    def _strings(self, value: Any) -> Any:
        if isinstance(value, str):
            # what is secret by its name is hidden since the recording, and a placeholder is no secret
            return _shown(_parts(value, self._found(value)))
        if isinstance(value, Mapping):
            return {key: self._strings(inner) for key, inner in value.items()}
        return [self._strings(inner) for inner in value] if isinstance(value, list | tuple) else value

    def _whole(self, value: str) -> Iterator[str | Hit]:
        """A value that is a credential: shown only where it is harmless or where secrets were found in it."""
        parts = tuple(self.parts(value))
        if not value or value in self._harmless or any(isinstance(part, Hit) for part in parts):
            yield from parts
        else:
            yield _hidden(0, len(value))

    def _cookie(self, pair: str) -> Iterator[str | Hit]:
        match = _PAIR.fullmatch(pair)
        if match is not None:
            yield from self.parts(match[1])
        yield from self._whole(match[2] if match else pair.strip())

    def _found(self, text: str) -> list[Hit]:
        """Known secrets, and what else the patterns match, in order and without overlap."""
        known: list[Hit] = []
        matched: list[Hit] = []
        for view in views(text):
            for search in self._searches:
                known += [_hit(view, text, *piece) for piece in search.pieces(view)]
            for name, regex in self._patterns:
                for match in regex.finditer(view.chars):
                    if match[0] and match[0] not in self._harmless:
                        matched.append(Hit(*view.origin(*match.span()), f"[{name}]"))
        known.sort(key=lambda hit: (hit.placeholder.startswith("[part of "), hit.start - hit.end))
        return _disjoint((*known, *matched))

    def _named(self, text: str) -> Iterator[Hit]:
        """Values that are secrets by the name they are given, or the place they stand at."""
        for match in (*_USERINFO.finditer(text), *_members(text)):
            if match["value"] not in self._harmless:
                yield _hidden(*match.span("value"))


def _shown(parts: Iterable[str | Hit]) -> str:
    return visible("".join(part if isinstance(part, str) else part.placeholder for part in parts))


def _parts(text: str, hits: list[Hit]) -> Iterator[str | Hit]:
    at = 0
    for hit in hits:
        if hit.start > at:
            yield text[at : hit.start]
        yield hit
        at = hit.end
    if at < len(text):
        yield text[at:]


def _hidden(start: int, end: int) -> Hit:
    return Hit(start, end, f"[hidden: {end - start} characters]")


def _members(text: str) -> Iterator[re.Match[str]]:
    hay = canonical(text)
    for name in map(canonical, _MEMBERS):
        at = hay.find(name)
        while at >= 0:
            before = text[at - 1 : at]
            form = _JSON_VALUE if before == '"' else _FORM_VALUE if before in ("", "?", "&") else None
            match = form.match(text, at + len(name)) if form else None
            if match:
                yield match
            at = hay.find(name, at + len(name))


def _hit(view: View, text: str, start: int, end: int, whole: bool, needle: Needle) -> Hit:
    secret = needle.secret
    start, end = view.origin(*needle.edges(view, start, end))
    written = text[start:end]
    if needle.encoding:
        how = f" in {needle.encoding}"
    elif view.depth:
        how = " in percent-encoding" if "%" in written else " in escapes"
    elif whole and written != secret.text:
        how = " in another case" if written.lower() == secret.text.lower() else " in another form"
    else:
        how = ""
    env = secret.env if whole and not how else None
    return Hit(start, end, f"[{secret.label}{how}]" if whole else f"[part of {secret.label}{how}]", env)


def _touched(hit: Hit, chosen: list[Hit]) -> bool:
    """Whether any of the hits, which are in order and disjoint, overlaps this one."""
    number = bisect_right(chosen, hit.end - 1, key=lambda other: other.start)
    return number > 0 and chosen[number - 1].end > hit.start


def _disjoint(hits: Iterable[Hit]) -> list[Hit]:
    """The hits in the order of the text; earlier ones given go before later ones, which keep what is left."""
    starts: list[int] = []
    chosen: list[Hit] = []
    for hit in hits:
        at = hit.start
        number = max(bisect_right(starts, at) - 1, 0)
        while at < hit.end:
            while number < len(chosen) and chosen[number].end <= at:
                number += 1
            taken = chosen[number] if number < len(chosen) and chosen[number].start < hit.end else None
            end = taken.start if taken else hit.end
            if end > at:
                intact = (at, end) == (hit.start, hit.end)
                starts.insert(number, at)
                chosen.insert(number, hit if intact else hit._replace(start=at, end=end, env=None))
                number += 1
            at = taken.end if taken else end
    return chosen
