"""Exchanges as plain text, for a terminal and for JUnit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from harness.errors import escaped
from harness.model import CaseOutcome, Exchange
from harness.report.command import command

_LONGEST_BODY = 2000


def transcript(outcome: CaseOutcome) -> Iterator[tuple[str, str]]:
    """What was sent and what came, each with a title: the case's own exchanges, or else its controls'."""
    own = [each for each in outcome.exchanges if each.purpose == "case"]
    for exchange in own or outcome.exchanges:
        yield f"{exchange.purpose}: sent", _sent(exchange)
        yield f"{exchange.purpose}: came", _came(exchange)
        if curl := exchange.request.get("curl"):
            made = command(curl)
            yield "again with curl", "\n".join(filter(None, (escaped(made.text), made.note)))


def _sent(exchange: Exchange) -> str:
    request = exchange.request
    return "\n".join((escaped(f"{request['method']} {request['url']}"), *_message(request)))


def _came(exchange: Exchange) -> str:
    if exchange.response is None:
        return escaped(f"nothing: {exchange.error}")
    response = exchange.response
    return "\n".join((escaped(f"{response['status']} {response['reason']}".rstrip()), *_message(response)))


def _message(message: Mapping[str, Any]) -> Iterator[str]:
    for name, value in message["headers"]:
        yield escaped(f"{name}: {value}")
    if body := message.get("body"):
        yield ""
        text = str(body)
        lines = text[:_LONGEST_BODY].splitlines()
        yield from (escaped(line) for line in lines)
        if len(text) > _LONGEST_BODY:
            yield f"… {len(text) - _LONGEST_BODY} characters more"
