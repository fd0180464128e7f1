"""`authconform prove` notices scenarios that see too little, and such as see what is not there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness import cli

HERE = Path(__file__).parent
OPENING = "suite: own/checked\ntitle: Own\nneeds: [bearer]\nscenarios:\n"
STRICT = """  - id: without-token
    title: Without a token nothing is served
    requires: rfc6750/3-missing-refused
    present: nothing
    refused: missing-credential
"""
WEAK = """  - id: without-token
    title: Without a token nothing is served
    requires: rfc6750/3-missing-refused
    present: nothing
    observed: what is answered without a token
"""
EAGER = """  - id: foreign-token
    title: Another instance's token is unauthorized
    requires: asvs/8.4.1-foreign-refused
    needs: [other]
    present: other-token
    at: own
    refused: wrong-instance
    status: 401
"""


@pytest.fixture
def prove(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command on a folder with one suite, made of these scenarios: its exit code and its output."""
    monkeypatch.syspath_prepend(str(HERE))

    def run(scenarios: str, *options: str) -> tuple[int, str]:
        (tmp_path / "own.suite.yaml").write_text(OPENING + scenarios)
        words = ["prove", "--profile", "originchain", "--suites", str(tmp_path), *options]
        with pytest.raises(SystemExit) as ended:
            cli.main(words)
        return int(ended.value.code or 0), capsys.readouterr().out

    return run


# A scenario that lets everything pass does not notice the fault that it is there for.
def test_a_weakened_scenario_does_not_fall(prove: Any) -> None:
    code, told = prove(WEAK, "--fault", "serves-without-credentials")
    assert code == 1
    assert "serves-without-credentials: rfc6750/3-missing-refused did not fall" in told


# With all of a server's faults tried it is called bare.
def test_a_weakened_scenario_is_bare(prove: Any) -> None:
    code, told = prove(WEAK, "--provider", "own_server:provider")
    assert code == 1
    assert "   BARE  own/checked/without-token" in told
    assert "own/checked/without-token: no fault makes it fail" in told


# A scenario that wants another status than is documented cries wolf.
def test_an_over_eager_scenario_is_a_false_alarm(prove: Any) -> None:
    code, told = prove(EAGER, "--fault", "foreign-answered-404")
    assert code == 1
    expected = "the right server (originchain): asvs/8.4.1-foreign-refused fell or stayed open, a false alarm"
    assert expected in told
    assert "  WRONG  the right server (originchain)\n           asvs/8.4.1-foreign-refused" in told


# Against an author's own server, which has one fault and no variations, a good scenario proves itself.
def test_an_own_server(prove: Any) -> None:
    code, told = prove(STRICT, "--provider", "own_server:provider")
    assert "exact  open (originchain)" in told
    assert "1 right server, 1 fault (0 subtle), 1 scenario, no complaints" in told
    assert code == 0


# The JSON has the shape that others rely on, and nothing is printed beside it.
def test_json(prove: Any, tmp_path: Path) -> None:
    out = tmp_path / "page"
    code, told = prove(STRICT, "--provider", "own_server:provider", "--json", "--out", str(out))
    broken = ["rfc6750/3-missing-refused", "originchain/every-call", "originchain/401-missing"]
    assert code == 0
    assert json.loads(told) == {
        "right": {"fallen": []},
        "faults": [
            {
                "id": "open",
                "profile": "originchain",
                "subtle": False,
                "breaks": broken,
                "also": [],
                "fallen": sorted(broken),
                "blinded": [],
                "exact": True,
            }
        ],
        "scenarios": [{"id": "own/checked/without-token", "faults": ["open"], "no_fault": None}],
    }
    assert "<title>The kill matrix holds</title>" in (out / "index.html").read_text()


# A fault that there is not is an error of the command.
def test_unknown_fault(prove: Any) -> None:
    assert prove(STRICT, "--fault", "open-hed")[0] == 2
