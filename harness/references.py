"""Follow a target's reference to a secret: to the environment, a file, a command, or a person's answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from harness import commands, terminal
from harness.errors import did_you_mean, mistake, nearest, quoted
from harness.model import PEM, CredentialRef


def secret_of(reference: CredentialRef, environment: Mapping[str, str], folder: Path) -> str:
    """The secret. InputError, with the next step, where it cannot be had.

    `environment` holds the environment variables; files and commands are found from `folder`.
    """
    return _READERS[reference.source](reference, environment, folder)


def origin(reference: CredentialRef) -> str:
    """Where the secret comes from, in a few words."""
    match reference.source:
        case "env":
            return f"${reference.reference}"
        case "command":
            return f"the command {quoted(str(reference.reference[0]))}"
        case "prompt":
            return "what was entered"
        case "file":
            return str(reference.reference)
    return f"${reference.env}"  # made in this run: what it refers to is the secret


def _given(reference: CredentialRef, environment: Mapping[str, str], folder: Path) -> str:
    return str(reference.reference)


def _from_environment(reference: CredentialRef, environment: Mapping[str, str], folder: Path) -> str:
    name = str(reference.reference)
    if not environment.get(name):
        near = nearest(name, (each for each, value in environment.items() if value))
        hint = f"It must hold the credential {quoted(reference.name)}."
        hint += f" Did you mean {quoted(near)}?" if near else ""
        raise mistake(f"the environment variable {name} is not set", reference.where, hint)
    return environment[name].strip()


def _from_file(reference: CredentialRef, environment: Mapping[str, str], folder: Path) -> str:
    file, _, key = str(reference.reference).partition("#")
    try:
        text = (folder / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        message = (
            f"the file {quoted(file)} of the credential {quoted(reference.name)} cannot be read: {reason}"
        )
        raise mistake(message, reference.where, "Check the path.") from None
    if not key:
        return text.strip()
    entries = {entry: value for entry, _, value in (line.partition("=") for line in text.splitlines())}
    if key not in entries:
        raise mistake(f"{quoted(file)} has no line {key}=…", reference.where, did_you_mean(key, entries))
    return entries[key].strip()


def _from_command(reference: CredentialRef, environment: Mapping[str, str], folder: Path) -> str:
    words = tuple(reference.reference)
    try:
        secret = asyncio.run(commands.output_of(words, folder)).strip()
    except commands.CommandFailed as error:
        message = f"the credential {quoted(reference.name)} cannot be had: {error}"
        hint = f"Try it in the target's folder: {commands.shown(words)}"
        raise mistake(message, reference.where, hint) from None
    # what else it prints would become part of the secret, and be sent
    if len(secret.splitlines()) > 1 and not secret.startswith(PEM):
        message = (
            f"the command of the credential {quoted(reference.name)} prints {len(secret.splitlines())} "
            "lines, and a secret is one"
        )
        raise mistake(message, reference.where, "Have it print the secret alone.")
    return secret


def _from_person(reference: CredentialRef, environment: Mapping[str, str], folder: Path) -> str:
    said = asyncio.run(terminal.ask(str(reference.reference), hidden=True))
    if said is None:
        message = f"the credential {quoted(reference.name)} is to be entered, and nobody is at a terminal"
        hint = f"Run it in a terminal, or write {reference.name}: {{env: {reference.env}}}."
        raise mistake(message, reference.where, hint)
    return said


_READERS: Mapping[str, Callable[[CredentialRef, Mapping[str, str], Path], str]] = {
    "value": _given,
    "env": _from_environment,
    "file": _from_file,
    "command": _from_command,
    "prompt": _from_person,
}
