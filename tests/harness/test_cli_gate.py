"""What a run exits with is what --fail-on makes of its verdict."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import options
from harness.cli.run import command
from harness.running import Settings

COMMAND = [sys.executable, "-m", "harness.cli", "run", "bearer/presentation/scheme-case", "--json"]
TARGET = """\
profile: originchain
environment: staging
places:
  own: {url: "http://127.0.0.1:9", tenant: acme}
credentials:
  token: {env: NOWHERE_TOKEN}
"""


def given(*fail_on: str, strict: bool = False) -> Settings:
    return Settings(**options.gated({"strict": strict, "fail_on": fail_on, "seed": 7}))


# Each word adds what it names; must is always meant, and --strict is should.
@pytest.mark.parametrize(
    ("fail_on", "strict", "unknown"),
    [
        ((), False, False),
        (("must",), False, False),
        (("should",), True, False),
        (("inconclusive",), False, True),
        (("should", "inconclusive"), True, True),
    ],
)
def test_what_is_given(fail_on: tuple[str, ...], strict: bool, unknown: bool) -> None:
    settings = given(*fail_on)

    assert (settings.strict, settings.unknown_fails, settings.seed) == (strict, unknown, 7)
    assert given(*fail_on, strict=True).strict


# Another process is given the same.
def test_options_are_handed_on() -> None:
    settings = {"strict": False, "fail_on": ("should", "inconclusive"), "rate": None, "seed": 7}

    assert options.arguments(settings) == ["--fail-on=should", "--fail-on=inconclusive", "--seed=7"]


# A word that is none is told with those that are.
def test_another_word() -> None:
    ran = CliRunner().invoke(command, ["--fail-on", "may", "--profile", "originchain"])

    assert ran.exit_code == 2
    assert "'may' is not one of 'must', 'should', 'inconclusive'" in ran.output


# A target that is not there is inconclusive, and fails the gate of who says so; the verdict stays.
@pytest.mark.parametrize(("chosen", "code"), [((), 3), (("--fail-on", "inconclusive"), 1)])
def test_an_inconclusive_run(tmp_path: Path, chosen: tuple[str, ...], code: int) -> None:
    (tmp_path / "target.yaml").write_text(TARGET)
    ran = subprocess.run(
        [*COMMAND, "--target", "target.yaml", "--out", "out", *chosen],
        cwd=tmp_path,
        env={**os.environ, "NOWHERE_TOKEN": "oc_live_0123456789abcdef0123456789abcdef01234567"},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ran.returncode == code, ran.stderr
    end = json.loads(ran.stdout)
    assert (end["verdict"], end["exit_code"]) == ("inconclusive", code)
