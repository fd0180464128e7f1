"""Somebody's first ten minutes: a document, `init`, the answers, `doctor`, `run`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import notes
import pytest

COMMAND = [sys.executable, "-c", "from harness.cli import main; main()"]
TOKEN, OTHER_TOKEN = notes.TOKENS
(KEY,) = notes.KEYS
SECRETS = {"NOTES_TOKEN": TOKEN, "NOTES_KEY": KEY, "NOTES_OTHER_TOKEN": OTHER_TOKEN}


def command(*arguments: str, **environment: str) -> tuple[int, str]:
    ran = subprocess.run(
        [*COMMAND, *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert "Traceback" not in ran.stdout + ran.stderr
    return ran.returncode, ran.stdout + ran.stderr


class Editor:
    """A person who answers questions in the files, and counts the lines that it took."""

    def __init__(self) -> None:
        self.written = 0

    def answer(self, file: str, question: str, *lines: str, takes_out: int = 0) -> None:
        """Put `lines` where the question stood, and where so many lines under it did."""
        text = Path(file).read_text().splitlines()
        (at,) = [number for number, line in enumerate(text) if f"# QUESTION: {question}" in line]
        end = at + 1
        while text[end].lstrip().startswith("#   "):  # the rest of the question
            end += 1
        text[at : end + takes_out] = lines
        Path(file).write_text("\n".join(text) + "\n")
        self.written += len(lines)


# From the document of an API in another framework to a run that conforms; what it took is printed.
def test_ten_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with notes.serving() as port:
        Path("notes.yaml").write_text(notes.DOCUMENT.replace("PORT", str(port)))
        code, said = command("init", "--openapi", "notes.yaml")
        assert code == 0, said
        assert said.splitlines()[:2] == ["wrote profile.yaml, 6 questions", "wrote target.yaml, 3 questions"]

        # what was written loads at once: all that it lacks is the secrets
        monkeypatch.delenv("NOTES_TOKEN")
        code, said = command("doctor", "--target", "target.yaml")
        assert code == 2
        assert "the environment variable NOTES_TOKEN is not set. It must hold the credential 'token'." in said
        assert "  ask  profile.yaml: 6 questions are open, on lines 7, 9, 11, 15, " in said

        code, said = command("doctor", "--target", "target.yaml", **SECRETS)
        assert code == 0, said
        assert "  yes  credential key: accepted at own" in said
        at_first = int(said.splitlines()[-2].split()[0])
        assert said.splitlines()[-1] == "next: authconform run --target target.yaml"

        editor = answers()
        code, said = command("doctor", "--target", "target.yaml", **SECRETS)
        assert code == 0 and "  ask  " not in said and "  gap  " not in said, said
        asked = int(said.splitlines()[-2].split()[0])

        code, said = command("run", "--target", "target.yaml", "--out", "out", **SECRETS)
        assert code == 0, said
    end = json.loads(Path("out/run.jsonl").read_text().splitlines()[-1])
    assert end["verdict"] == "conforms" and end["counts"]["inconclusive"] == end["counts"]["fail"] == 0
    assert asked > at_first >= 40
    with capsys.disabled():
        print(
            f"\nlines written by hand: {editor.written}; scenarios: {at_first} without them, {asked} with; "
            f"cases: {end['counts']['pass']}"
        )


def answers() -> Editor:
    """The questions answered as someone would who knows the API."""
    editor = Editor()
    editor.answer(
        "profile.yaml",
        "token: does every one begin alike?",
        "  token: {kind: bearer, prefix: nt_}",
        takes_out=1,
    )
    editor.answer(
        "profile.yaml",
        "key: does every one begin alike?",
        "  key: {kind: api-key, field: X-API-Key, prefix: nk_}",
        takes_out=1,
    )
    editor.answer("profile.yaml", "is there a second account?", "  other-token: {like: token}", takes_out=1)
    editor.answer("profile.yaml", "may every credential above do this")
    editor.answer(
        "profile.yaml",
        "is every refusal as schemas/refusal.json has it?",
        "refusals:",
        "  default: {schema: {is: refusal.json}}",
        takes_out=2,
    )
    editor.answer("profile.yaml", "can credentials be issued and revoked?")  # no: by a person, and not today
    editor.answer("target.yaml", "do these variables hold the secrets?")
    editor.answer(
        "target.yaml", "is there a second account?", "  other-token: {env: NOTES_OTHER_TOKEN}", takes_out=1
    )
    editor.answer(
        "target.yaml", "what stands in what protected answers", 'canary: {own: "milk and bread"}', takes_out=1
    )
    return editor
