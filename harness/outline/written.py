"""Write an outline as files: profile, target, JSON Schemas, with a question where only a person knows."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from harness.outline.parts import Credential, Operation, Outline

_WIDTH = 108
_PLAIN = re.compile(r"(?!(?:null|true|false)$)[A-Za-z/][A-Za-z0-9_/.-]*(?: [A-Za-z0-9_/.-]+)*", re.IGNORECASE)
_OTHER_STATUSES = (
    "malformed-credential",
    "ambiguous-credential",
    "altered-credential",
    "altered-token",
    "wrong-slot",
)
"""The reasons for which the standards allow a 400 too."""

_ISSUING = """\
# lifecycle:
#   issue:
#     request: POST /tokens
#     credential: %s
#     json: {name: "${name}"}
#     defaults: {name: "${unique}"}
#     gives: {secret: /token, id: /id, name: /name}
#     touches: [creates]
#   revoke: {request: "DELETE /tokens/${of.id}", credential: %s, touches: [revokes]}
"""
"""With the credential that may do it, twice."""


def profile_text(outline: Outline) -> str:
    """profile.yaml."""
    lines = [
        *comment(
            f"A first draft by authconform init, from {outline.source}. Each QUESTION is a gap: answer it "
            "and take its line away. Everything else can be bettered too."
        ),
        f"profile: {scalar(outline.name)}",
        f"title: {scalar(outline.title)}",
        "extends: standard",
    ]
    if len(outline.places) > 1:
        lines += ["places:", "  auth: What issues the tokens."]
    lines += _credentials(outline)
    lines.append("operations:")
    for each in outline.operations:
        lines += _operation(each)
    lines += _refusals(outline)
    lines += _lifecycle(outline)
    return "\n".join(lines) + "\n"


def target_text(outline: Outline) -> str:
    """target.yaml."""
    lines = [
        *comment(
            f"One deployment of {outline.title}. It names where the secrets are and holds none, so that it "
            "can be shared. What it lacks is told by: authconform doctor --target target.yaml"
        ),
        "profile: profile.yaml",
        "# in production nothing is changed that allow: does not name",
        f"environment: {scalar(outline.environment)}",
        "places:",
    ]
    if outline.address_question:
        lines += question(outline.address_question, 2)
    if outline.variables:
        names = ", ".join(outline.variables)
        lines += question(f"what is the right value of {names} for the credentials below?", 2)
    for name, url in outline.places.items():
        settings = {"url": url, **(outline.variables if name == "own" else {})}
        lines.append(f"  {name}: {mapping(settings)}")
    lines.append("credentials:")
    lines += question("do these variables hold the secrets? Take out what you have none for.", 2)
    for each in outline.credentials:
        if each.env:
            lines.append(f"  {each.name}: {mapping({'env': each.env})}{_told(each)}")
    if outline.main:
        lines += question("is there a second account? Then take the # away here and in the profile.", 2)
        lines.append(f"  # other-{outline.main.name}: {{env: {variable_of_other(outline.main)}}}")
    lines += question(
        "what stands in what protected answers to each credential, and nowhere else? Then take the # away."
    )
    lines.append('# canary: {own: "…"}')
    return "\n".join(lines) + "\n"


def schema_text(schema: Mapping[str, Any]) -> str:
    """A file in schemas/."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def variable_of_other(credential: Credential) -> str:
    """The environment variable of the same of another account."""
    before, _, after = (credential.env or credential.name.upper()).rpartition("_")
    return f"{before}_OTHER_{after}" if before else f"OTHER_{after}"


# --- the sections of a profile -------------------------------------------------------------------


def _credentials(outline: Outline) -> Iterator[str]:
    yield "credentials:"
    for each in outline.credentials:
        if each.question:
            yield from question(each.question, 2)
        if each.settings["kind"] in ("bearer", "api-key") and "prefix" not in each.settings:
            ask = f"{each.name}: does every one begin alike? Then add prefix:, such as prefix: sk_live_."
            yield from question(ask, 2)
        if each.settings["kind"] == "basic":
            ask = f"{each.name}: is it a person's, who may be locked out? Write locks: false where it is not."
            yield from question(ask, 2)
        yield f"  {each.name}: {mapping(each.settings)}"
    if outline.main:
        name = outline.main.name
        yield from question("is there a second account? Then take the # away here and in the target.", 2)
        yield f"  # other-{name}: {mapping({'like': name})}"


def _operation(operation: Operation) -> Iterator[str]:
    if operation.name == "protected":
        ask = "may every credential above do this, and does it change nothing?"
        if operation.takes:
            ask = f"may {', '.join(operation.takes)} do this, and does it change nothing?"
        yield "  # what most scenarios ask for"
        yield from question(ask, 2)
    yield f"  {operation.name}:"
    yield f"    request: {scalar(operation.request)}"
    if operation.public:
        yield "    public: true"
    if operation.takes:
        yield f"    takes: [{', '.join(operation.takes)}]"
    if operation.question:
        yield from question(operation.question, 4)
    accepted = {"status": operation.status, **({"schema": operation.schema} if operation.schema else {})}
    yield f"    accepted: {mapping(accepted)}"


def _refusals(outline: Outline) -> Iterator[str]:
    if outline.refusal != 401:
        yield "refusals:"
        if not outline.refusal_told:
            yield from question(f"is every refusal answered with {outline.refusal}?", 2)
        yield f"  default: {mapping({'status': {'is': outline.refusal}})}"
        for reason in _OTHER_STATUSES:
            yield f"  {reason}: {mapping({'status': {'is': [400, outline.refusal]}})}"
        return
    settings: dict[str, Any] = {}
    if not (outline.refusal_known or outline.refusal_told):
        yield from question("is a refusal answered with 401? Where not, take the # away and say with what.")
        settings["status"] = {"is": 403}
    if outline.refusal_schema:
        yield from question(
            f"is every refusal as schemas/{outline.refusal_schema} has it? Then take the # away."
        )
        settings["schema"] = {"is": outline.refusal_schema}
    if settings:
        yield "# refusals:"
        yield f"#   default: {mapping(settings)}"


def _lifecycle(outline: Outline) -> Iterator[str]:
    if outline.lifecycle:
        yield "lifecycle:"
        for name, verb in outline.lifecycle.items():
            yield f"  {name}:"
            yield from (f"    {key}: {scalar(value)}" for key, value in verb.items())
        return
    yield from question(
        "can credentials be issued and revoked? Then take the # away and mend the requests, and who may make "
        "them; where a person does it, write prompt: in their place. It lets revocation be measured."
    )
    name = outline.main.name if outline.main else "token"
    yield from (_ISSUING % (name, name)).splitlines()


def _told(credential: Credential) -> str:
    """What the variable must hold, where that is not the secret alone."""
    held = {"basic": "user:password", "client": "id:secret"}.get(credential.settings["kind"])
    return f"   # {held}" if held else ""


# --- YAML ----------------------------------------------------------------------------------------


def question(text: str, indent: int = 0) -> Iterator[str]:
    """A question as a comment, its further lines under it."""
    yield from comment(f"QUESTION: {text}", indent)


def comment(text: str, indent: int = 0) -> Iterator[str]:
    """`text` as lines of a comment, whatever is in it."""
    shown = "".join(each if each.isprintable() else " " for each in text)
    before = " " * indent
    wrapped = textwrap.wrap(shown, _WIDTH - indent, break_on_hyphens=False)
    for number, line in enumerate(wrapped):
        yield f"{before}{'# ' if number == 0 else '#   '}{line}"


def mapping(settings: Mapping[str, Any]) -> str:
    """`{key: value, …}` in one line."""
    inner = (f"{scalar(key)}: {scalar(value)}" for key, value in settings.items())
    return f"{{{', '.join(inner)}}}"


def scalar(value: Any) -> str:
    """A value as YAML: plain where that can mean nothing else."""
    if isinstance(value, Mapping):
        return mapping(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(scalar, value))}]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if isinstance(value, int | float):
        return str(value)
    text = "".join(each if each.isprintable() else " " for each in str(value))
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
