"""Ask a person at the terminal how an API authenticates, and make an outline of the answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import click

from harness.outline import Credential, Operation, Outline
from harness.outline.parts import NAMES, slug, variable_name

_KINDS = ("bearer", "api-key", "basic", "jwt")
_MEANT = (
    "  bearer    a token after the word Bearer, in Authorization",
    "  api-key   a key in a header field of its own, or alone in Authorization",
    "  basic     user and password (RFC 7617)",
    "  jwt       a JSON Web Token after the word Bearer",
)
_ENVIRONMENT_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FIELD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
NONE = "none"


def outline() -> Outline:
    """The outline that a person's answers make; each question has a default, and none asks for a secret."""
    click.echo("Questions about the API; Enter takes what stands in brackets. Never enter a secret.\n")
    url = _ask("Where is it? Its base URL", "http://127.0.0.1:8000", _url)
    name = _ask("What is it called?", _name_of(url), _text)
    short = slug(name, "api")
    environment = _ask("Which deployment is this? production, staging, …", "staging", _text)
    click.echo("\n".join(("How does it authenticate? One or several of:", *_MEANT)))
    kinds = _ask("Which, with commas between?", "bearer", _kinds)
    credentials = tuple(_credential(short, kind) for kind in kinds)
    path = _ask("A path whose GET needs a credential and changes nothing", "/", _path)
    refusal = _ask("Which status has the answer to a wrong credential, or to none?", "401", _status)
    return Outline(
        name=short,
        title=name,
        source="the answers given",
        places={"own": url},
        credentials=credentials,
        operations=(Operation("protected", f"GET {path}"),),
        environment=environment,
        refusal=refusal,
        refusal_told=True,
    )


def _credential(profile: str, kind: str) -> Credential:
    name = NAMES[kind]
    settings: dict[str, Any] = {"kind": kind}
    if kind == "jwt":
        settings["made-by"] = "api"
    if kind == "api-key":
        settings["field"] = _ask("key: in which header field is it sent?", "X-API-Key", _field)
        word = _ask("key: which word stands before it there?", NONE, _field)
        settings |= {} if word == NONE else {"scheme": word}
    if kind in ("bearer", "api-key"):
        prefix = _ask(f"{name}: what does every one begin with, such as sk_live_?", NONE, _prefix)
        settings |= {} if prefix == NONE else {"prefix": prefix}
    held = " (user:password)" if kind == "basic" else ""
    sentence = f"{name}: which environment variable holds a valid one{held}?"
    return Credential(name, settings, _ask(sentence, variable_name(profile, name), _variable))


def _ask(sentence: str, default: str, read: Callable[[str], Any]) -> Any:
    """A person's answer, asked again until `read` takes it."""
    return click.prompt(sentence, default=default, value_proc=read)


def _name_of(url: str) -> str:
    host = urlsplit(url).hostname or ""
    labels = [each for each in host.split(".") if each not in ("api", "www", "staging")]
    return labels[0] if labels and not host.replace(".", "").isdigit() and ":" not in host else "mine"


# --- what an answer must be ------------------------------------------------------------------------


def _url(text: str) -> str:
    made = text.strip().rstrip("/")
    try:
        split = urlsplit(made)
        good = split.scheme in ("http", "https") and split.hostname and (split.port is None or split.port)
    except ValueError:
        good = False
    if not good or split.query or split.fragment or split.username is not None or not _is_written(made):
        raise click.UsageError("that is no http or https URL, such as https://api.example.com/v1.")
    return made


def _text(text: str) -> str:
    made = text.strip()
    if not made or not made.isprintable() or len(made) > 80:
        raise click.UsageError("that is no name: one line, at most 80 characters.")
    return made


def _kinds(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(each.strip().lower() for each in text.split(",") if each.strip()))
    if not found or any(each not in _KINDS for each in found):
        raise click.UsageError(f"write one or several of {', '.join(_KINDS)}.")
    return found


def _path(text: str) -> str:
    made = text.strip()
    if not made.startswith("/") or not _is_written(made):
        raise click.UsageError("a path begins with / and has no spaces, such as /v1/account.")
    return made


def _status(text: str) -> int:
    if not re.fullmatch(r"(3|4)[0-9][0-9]", text.strip(), re.ASCII):
        raise click.UsageError("that is no status of a refusal, such as 401, 403, 404 or 302.")
    return int(text)


def _field(text: str) -> str:
    if not _FIELD.fullmatch(text.strip()):
        raise click.UsageError("that cannot stand there; letters, digits and hyphens can.")
    return text.strip()


def _prefix(text: str) -> str:
    made = text.strip()
    if not _is_written(made) or len(made) > 16:
        raise click.UsageError("that is too long for a prefix, or has spaces. Never enter the secret itself.")
    return made


def _variable(text: str) -> str:
    if not _ENVIRONMENT_VARIABLE.fullmatch(text.strip()):
        raise click.UsageError("that is no name of a variable. Never enter the secret itself.")
    return text.strip()


def _is_written(text: str) -> bool:
    return text.isprintable() and " " not in text and "${" not in text
