"""An API, the two files that describe it, and what the commands say of them."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path

import notes
import pytest

from harness.cli import main
from harness.inputs import Choice, Inputs

TOKEN = next(iter(notes.TOKENS))
ONE = "bearer/presentation/valid-accepted"

PROFILE = """\
profile: notes
title: Notes
extends: standard
credentials:
  token: {kind: bearer, prefix: nt_}
operations:
  protected:
    request: GET /notes
    accepted: {status: 200}
refusals:
  default:
    status: {is: 401}
"""
TARGET = """\
profile: profile.yaml
environment: staging
places:
  own: {url: "http://127.0.0.1:PORT/v1"}
credentials:
  token: {env: NOTES_TOKEN}
"""


def write(
    port: int, *, profile: Mapping[str, str] | None = None, target: Mapping[str, str] | None = None
) -> None:
    """The two files, with these replacements: the mistakes."""
    texts = {"profile.yaml": (PROFILE, profile or {}), "target.yaml": (TARGET, target or {})}
    for name, (text, changes) in texts.items():
        for right, wrong in changes.items():
            assert right in text
            text = text.replace(right, wrong)
        Path(name).write_text(text.replace("PORT", str(port)))


class Told:
    """What the commands say of the files that are here."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def of(self, *arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        gc.enable()
        out = self.capsys.readouterr()
        assert "Traceback" not in out.out + out.err and TOKEN not in out.out + out.err
        return int(ended.value.code or 0), out.out + out.err

    def doctor(self, **environment: str) -> tuple[int, list[str]]:
        """Its exit code, and what it marks with 'no' or 'warn'; all that it says where there is nothing."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            return self._doctor()

    def _doctor(self) -> tuple[int, list[str]]:
        code, said = self.of("doctor", "--target", "target.yaml")
        lines = said.splitlines()
        return code, [line[7:] for line in lines if line[:7] in ("  no   ", "  warn ")] or lines

    def run(self) -> tuple[int, str]:
        """Its exit code, and what it says in one line, however it was broken up."""
        code, said = self.of("run", ONE, "--target", "target.yaml", "--out", "out")
        return code, " ".join(said.split())


def answering(status: int, *fields: tuple[str, str]) -> type[notes.Notes]:
    """An API that answers whatever is asked with this."""

    class Always(notes.Notes):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in fields:
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_HEAD = do_GET

    return Always


def loaded(told: Told) -> Inputs:
    """What was written, as a run reads it."""
    code, said = told.of("lint", ".")
    assert code == 0, said
    return Inputs(Choice(target=Path("target.yaml")))
