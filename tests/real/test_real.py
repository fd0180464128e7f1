"""Real servers that others wrote come out as their baselines say: no less, no more, and nothing unclear."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import machines
import real


# Every finding has been read by hand. One that is new is a false alarm, or a server that has changed.
@pytest.mark.parametrize("server", machines.SERVERS, ids=lambda server: server.name)
def test_as_known(server: machines.Server) -> None:
    if not server.is_installed:
        pytest.skip(f"{server.name} is not installed: make real")
    try:
        result = real.ask(server)
    except machines.NotThere as error:
        pytest.skip(str(error))
    assert result.exit_code == 0, result.printed
    assert result.end["counts"]["inconclusive"] == 0, result.printed


# What the table says is mended was seen at a server that is in it.
def test_what_was_mended() -> None:
    names = {server.name for server in machines.SERVERS}
    for each in real.mended():
        assert set(each["seen-at"]) <= names and each["what"] and each["how"]
