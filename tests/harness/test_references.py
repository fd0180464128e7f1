"""Where a target's secrets come from besides the environment and files: commands, and a person."""

from __future__ import annotations

import os
import pty
import termios
import threading
from pathlib import Path

import pytest

from harness import targets, terminal
from harness.errors import InputError
from harness.positions import parse

HEAD = "profile: api\nplaces:\n  own: {url: 'https://acme.example'}\ncredentials:\n"


def secret(reference: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    target = targets.build(parse(f"{HEAD}  token: {reference}\n", "t.yaml"))
    return targets.secrets(target, environment or {}, folder)["token"]


def said(reference: str, folder: Path, environment: dict[str, str] | None = None) -> str:
    with pytest.raises(InputError) as raised:
        secret(reference, folder, environment)
    return str(raised.value)


# A command is run in the target's folder, without a shell, and what it prints is the secret.
def test_command(tmp_path: Path) -> None:
    (tmp_path / "vault.txt").write_text("s3cr3t-of-the-vault\n")
    assert secret("{command: [cat, vault.txt]}", tmp_path) == "s3cr3t-of-the-vault"
    assert secret("{command: [echo, '$HOME', '`id`']}", tmp_path) == "$HOME `id`"


# Why a command gave none is told at its line, with a way to try it; of a key in PEM several lines are one.
def test_command_that_gives_none(tmp_path: Path) -> None:
    assert said("{command: [op-which-nobody-has, read, 'op://x y/z']}", tmp_path) == (
        "t.yaml:5: the credential 'token' cannot be had: there is no command 'op-which-nobody-has'. "
        "Try it in the target's folder: op-which-nobody-has read 'op://x y/z'"
    )
    assert "ended with exit code 3: not signed in." in said(
        "{command: [sh, -c, 'echo s3cr3t; echo not signed in >&2; exit 3']}", tmp_path
    )
    assert said("{command: [printf, 'new version\\ns3cr3t']}", tmp_path) == (
        "t.yaml:5: the command of the credential 'token' prints 2 lines, and a secret is one. "
        "Have it print the secret alone."
    )
    assert said("{command: ['true']}", tmp_path) == (
        "t.yaml:5: the secret of 'token' has fewer than 4 characters. Look at the command 'true'."
    )
    assert secret("{command: [printf, '-----BEGIN KEY\\nabc']}", tmp_path) == "-----BEGIN KEY\nabc"


# A name that is nearly right is proposed, whatever its case.
def test_variable_that_is_not_set(tmp_path: Path) -> None:
    assert said("{env: STAGING_TOKN}", tmp_path, {"STAGING_TOKEN": "x" * 8, "STAGING_TOKN": ""}) == (
        "t.yaml:5: the environment variable STAGING_TOKN is not set. It must hold the credential 'token'. "
        "Did you mean 'STAGING_TOKEN'?"
    )


# One source each; a command is a list, for no shell will take it apart.
@pytest.mark.parametrize(
    ("reference", "sentence"),
    [
        (
            "{env: X, prompt: y}",
            "a credential reference has 'env' and 'prompt', but can have only one of them",
        ),
        ("{command: op read x}", "'command' must be a list, not a string. Write [op, read, x]."),
        (
            '{command: "op | x"}',
            "'command' must be a list, not a string. Write it in brackets: [one, another].",
        ),
        ("{command: []}", "'command' must not be empty"),
        ("{at: own}", "a credential reference needs 'env', 'file', 'command' or 'prompt'"),
    ],
)
def test_mistakes(reference: str, sentence: str, tmp_path: Path) -> None:
    assert sentence in said(reference, tmp_path)


# A person enters it at the terminal, unseen; where nobody is there, a variable would do.
def test_prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = pty.openpty()
    monkeypatch.setattr(terminal, "TERMINAL", Path(os.ttyname(theirs)))
    shown = bytearray()

    def person() -> None:
        while b"> " not in shown:
            shown.extend(os.read(ours, 1024))
        assert not termios.tcgetattr(theirs)[3] & termios.ECHO
        os.write(ours, b"s3cr3t-by-hand\r")

    sitting = threading.Thread(target=person)
    sitting.start()
    try:
        assert secret("{prompt: The token of the staging}", tmp_path) == "s3cr3t-by-hand"
    finally:
        sitting.join(5)
        os.close(ours)
        os.close(theirs)
    assert b"The token of the staging" in shown and b"s3cr3t" not in shown

    monkeypatch.setattr(terminal, "TERMINAL", tmp_path / "none")
    assert said("{prompt: The token of the staging}", tmp_path) == (
        "t.yaml:5: the credential 'token' is to be entered, and nobody is at a terminal. "
        "Run it in a terminal, or write token: {env: TOKEN}."
    )
