"""A user agent without a screen: opens pages, fills in forms, follows redirects and keeps cookies."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from random import Random
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from harness.assemble import assemble_verb
from harness.changes import spoiled_members
from harness.credentials import CannotSpoil
from harness.drafts import name_alone, typed
from harness.exchange import Answer, Lane, NoAnswer, Request
from harness.exchange.redaction import SHORTEST
from harness.gives import COOKIE, LIFE, SECRET, cookies, find
from harness.model import Exchange, LifecycleVerb, Place, Spoil
from harness.names import OWN
from harness.setting import Inconclusive, Setting
from harness.templates import render, render_all
from harness.verbs import verb

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEP_METHOD = frozenset({307, 308})
_PORTS = {"http": 80, "https": 443}
SHORTEST_COOKIE = 8
"""Characters of a cookie's value from which on it is a secret: a word such as true is in many an answer."""
_LONGEST_CHAIN = 10
"""Redirects that are followed one after the other."""


class NothingGiven(Exception):
    """A journey came to its end without what it was made for; `answer` is the last one."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(slots=True)
class Journey:
    """How far a user agent has come.

    `names` are the values of the templates, to which each visit may add. The journey is over at a redirect
    to an address that is no place of the target: the client's, to which nothing is ever sent.
    """

    setting: Setting
    lane: Lane
    exchanges: list[Exchange]
    verb: LifecycleVerb
    names: dict[str, Any]
    case: str
    spoil: Spoil | None = None
    """A change to the parameters of the first page that is opened."""
    at: str = ""
    """The URL of the page that is open."""
    answer: Answer | None = None
    left: bool = False
    """Whether a redirect led away from the target when a page was asked for last."""
    jar: dict[str, dict[str, str]] = field(default_factory=dict)
    """Cookies by host name, whatever the port (RFC 6265 section 8.5); one without a value was taken away."""
    set_last: dict[str, str] = field(default_factory=dict)
    """The cookies set in the last visit: by a redirect too, as a log-in does that leads to another page."""
    found: set[str] = field(default_factory=set)
    """The names whose values came from an answer."""
    asked: dict[str, Any] = field(default_factory=dict)
    """The names whose values were sent otherwise because of the spoil, with what was sent."""
    given_before: frozenset[str] = frozenset()
    """The values of the templates when the journey began."""

    def __post_init__(self) -> None:
        self.given_before = frozenset(each for each in self.names.values() if isinstance(each, str))

    async def travel(self, visits: Sequence[Mapping[str, Any]]) -> Answer:
        """Make the visits in their order; the last answer. Inconclusive where there is no way on.

        CannotSpoil where no page is opened, or its parameters cannot be changed as the spoil has it.
        """
        if self.spoil and "open" not in visits[0]:
            raise CannotSpoil(
                f"'{self.verb.name}' does not begin with a page whose parameters could be changed"
            )
        for visit in visits:
            passed_over = self.left and "submit" in visit  # who is logged in and has consented is not asked
            if "open" in visit:
                await self.open(visit)
            elif "request" in visit:
                await self.request(visit)
            elif not passed_over:
                await self.submit(visit)
            self.collect(visit.get("gives", {}), strict=not passed_over)
        assert self.answer is not None  # a journey has one visit at least
        return self.answer

    async def open(self, visit: Mapping[str, Any]) -> None:
        """Go to a page of a place."""
        place = self._place(visit)
        written = visit.get("query", {})
        members = dict(typed(written, self.names))
        if self.spoil:  # of the first page that is asked for, and of none thereafter
            members = spoiled_members(members, self.spoil, self.texts(), Random(), self.verb.where)
            self.asked = {name: members.get(each) for each in written if (name := name_alone(written[each]))}
            self.asked = self.rendered(self.asked)
            self.spoil = None
        query = urlencode(self.rendered(members), doseq=True)
        path = render(visit["open"], self.texts(), self.verb.where)
        url = f"{place.url}{path}{'?' if query and '?' not in path else '&' if query else ''}{query}"
        await self.go(Request("GET", url))

    async def submit(self, visit: Mapping[str, Any]) -> None:
        """Fill in the form of the page that is open, and send it."""
        if self.answer is None:
            raise Inconclusive(f"'{self.verb.name}' opens no page before it fills in a form")
        form = _Form.of(self.answer.text())
        if form is None:
            raise NothingGiven(self.answer)
        fields = {**form.fields, **self.rendered(typed(visit["submit"], self.names))}
        url = _joined(self.at, form.action)
        if not self._is_ours(url):
            to = _shown(url) or "an impossible address"
            raise Inconclusive(f"the form at {_shown(self.at)} would be sent to {to}, which is no place here")
        body = urlencode(fields)
        if form.method == "GET":
            await self.go(Request("GET", urlsplit(url)._replace(query=body, fragment="").geturl()))
            return
        kind = (("Content-Type", "application/x-www-form-urlencoded"),)
        await self.go(Request("POST", url, kind, body.encode()))

    async def request(self, visit: Mapping[str, Any]) -> None:
        """Send a request of the client's own, beside what the user agent does: no cookie goes along."""
        self.collect(self.verb.gives, strict=False)
        own = verb(self.verb.name, {"at": self.verb.at, **visit}, self.verb.where)
        self._place(visit)
        if own.credential and own.credential not in self.setting.secrets:
            raise Inconclusive(f"the target gives no credential '{own.credential}', which '{own.name}' needs")
        secret = self.setting.secrets.get(own.credential or "")
        profile, target = self.setting.profile, self.setting.target
        given = self.setting.given
        made = assemble_verb(profile, target, own, own.credential, secret, self.names, Random(), None, given)
        self.answer = await self.sent(made.request)
        self.set_last = cookies(self.answer)

    async def go(self, request: Request) -> None:
        """Send a request as a browser would, and follow where it is led within the target."""
        self.set_last, self.left = {}, False
        for _ in range(_LONGEST_CHAIN):
            self.answer = await self.sent(self._with_cookies(request))
            self.at = request.url
            self.set_last |= cookies(self.answer)
            self.jar.setdefault(urlsplit(request.url).hostname or "", {}).update(cookies(self.answer))
            location = self.answer.header("Location")
            if self.answer.status not in _REDIRECTS or not location:
                return
            url = _joined(self.at, location[0])
            if not self._is_ours(url):
                self.left = True
                return
            keeps = self.answer.status in _KEEP_METHOD
            request = replace(request, url=url) if keeps else Request("GET", url)
        raise Inconclusive(f"'{self.verb.name}' was led on more than {_LONGEST_CHAIN} times")

    async def sent(self, request: Request) -> Answer:
        try:
            answer = await self.lane.send(request, purpose="case", case=self.case)
        except NoAnswer as error:
            self.exchanges.append(error.evidence)
            raise Inconclusive(f"no answer to '{self.verb.name}': {error.message}") from None
        self.exchanges.append(answer.evidence)
        return answer

    def collect(self, gives: Mapping[str, str], *, strict: bool) -> dict[str, Any]:
        """What is to be found so far; with `strict` NothingGiven for what never was."""
        assert self.answer is not None
        for name, written in gives.items():
            if "${" in written:
                self.names[name] = render(written, self.texts(), self.verb.where)
                continue
            try:
                self.names[name] = self._find(written, self.answer)
                self.found.add(name)
            except (LookupError, ValueError):
                if strict and name not in self.found:
                    raise NothingGiven(self.answer) from None
        return {name: self.names[name] for name in gives if name in self.names}

    def _find(self, written: str, answer: Answer) -> Any:
        if written.startswith(COOKIE):
            return self.set_last[written.removeprefix(COOKIE)]
        return find(written, answer)

    def secrets(self) -> Iterator[tuple[str, str]]:
        """What must be kept secret of what came, each with what it is; not what had been sent before."""
        held = ((name, self.names[name]) for name in sorted(self.found) if name != LIFE)
        yield from (
            ("" if name == SECRET else name, each)
            for name, each in held
            if isinstance(each, str) and len(each) >= SHORTEST and each not in self.given_before
        )
        for jar in self.jar.values():
            yield from (
                (f"cookie {name}", each) for name, each in jar.items() if len(each) >= SHORTEST_COOKIE
            )

    def _place(self, visit: Mapping[str, Any]) -> Place:
        name = visit.get("at") or self.verb.at or OWN
        if name not in self.setting.target.places:
            raise Inconclusive(f"the target gives no place '{name}', which '{self.verb.name}' needs")
        return self.setting.target.places[name]

    def rendered(self, members: Mapping[str, Any]) -> dict[str, Any]:
        return dict(render_all(members, self.texts(), self.verb.where))

    def texts(self) -> dict[str, str]:
        return {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in self.names.items()
        }

    def _with_cookies(self, request: Request) -> Request:
        jar = self.jar.get(urlsplit(request.url).hostname or "", {})
        line = "; ".join(f"{name}={value}" for name, value in jar.items() if value)
        if not line:
            return request
        return replace(request, headers=(*request.headers, ("Cookie", line)))

    def _is_ours(self, url: str) -> bool:
        return _origin(url) in {_origin(each.url) for each in self.setting.target.places.values()}


def _joined(base: str, reference: str) -> str:
    """The URL that `reference` means at `base`; an empty text where it means none."""
    try:
        joined = urljoin(base, reference)
        _origin(joined)
    except ValueError:
        return ""
    return joined


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port: alike, whether or not the usual port is written. ValueError for no URL."""
    split = urlsplit(url)
    return split.scheme, split.hostname, split.port or _PORTS.get(split.scheme)


def _shown(url: str) -> str:
    """An address without its query and fragment, where codes and tokens are."""
    return re.split("[?#]", url)[0]


@dataclass(slots=True)
class _Form:
    """The first form of a page, as it would be sent without a hand being put to it."""

    action: str = ""
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, page: str) -> _Form | None:
        parser = _Parser()
        with suppress(AssertionError):  # of Python's parser, for a marked section of a kind that there is not
            parser.feed(page)
        return parser.form


class _Parser(HTMLParser):
    """Reads the first form of a page (HTML, section 4.10)."""

    def __init__(self) -> None:
        super().__init__()
        self.form: _Form | None = None
        self.done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.form is None:
            self.form = _Form(given.get("action", ""), given.get("method", "GET").upper())
        elif tag == "input" and self.form and not self.done and given.get("name"):
            self._input(self.form, given)

    def _input(self, form: _Form, given: Mapping[str, str]) -> None:
        kind = given.get("type", "text").lower()
        chosen = kind not in ("checkbox", "radio") or "checked" in given
        if chosen and kind not in ("submit", "button", "image", "reset", "file"):
            form.fields[given["name"]] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self.form is not None:
            self.done = True
