"""Ask real servers that others wrote all that applies to them, and print what came of it as a table."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from machines import CACHE, HERE, ROOT, SERVERS, NotThere, Server, install, running

COMMAND = ROOT / ".venv" / "bin" / "authconform"
RESULTS = HERE / "RESULTS.md"
PATIENCE = 600
"""Seconds that a run may take."""
_FALSE_ALARM = "false-alarm"
_HEAD = (
    "| server | version | authenticates by | scenarios | cases | findings "
    "| false alarms found and mended | else mended |"
)


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a run: its exit code and end line, the outcomes of cases, and what was printed."""

    exit_code: int
    end: Mapping[str, Any]
    outcomes: Sequence[Mapping[str, Any]]
    printed: str

    @property
    def asked(self) -> list[Mapping[str, Any]]:
        return [each for each in self.outcomes if each["verdict"] != "not-applicable"]


def ask(server: Server) -> Result:
    """Start the server, run all that applies against it, and end it. NotThere where it does not start."""
    out = CACHE / "runs" / server.name
    with running(server) as environment:
        words = [str(COMMAND), "run", "--target", "target.yaml", "--baseline", "baseline.yaml"]
        done = subprocess.run(
            # one trial: how soon a change takes effect is not what is looked at here
            [*words, "--strict", "--trials", "1", "--out", str(out)],
            cwd=server.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    lines = [json.loads(line) for line in (out / "run.jsonl").read_text("utf-8").splitlines()]
    outcomes = [line for line in lines if line["kind"] == "outcome"]
    return Result(done.returncode, lines[-1], outcomes, done.stdout + done.stderr)


def row(server: Server, result: Result) -> str:
    """The line of the table for one server."""
    scenarios = {each["scenario"] for each in result.asked}
    here = [each for each in mended() if server.name in each["seen-at"]]
    cells = (
        server.name,
        server.version,
        server.what,
        str(len(scenarios)),
        str(len(result.asked)),
        str(len(findings(server))),
        str(sum(each["kind"] == _FALSE_ALARM for each in here)),
        str(sum(each["kind"] != _FALSE_ALARM for each in here)),
    )
    return f"| {' | '.join(cells)} |"


def findings(server: Server) -> Mapping[str, str]:
    """The requirements that the server is known not to meet, each with the reason."""
    known = yaml.safe_load((server.folder / "baseline.yaml").read_text("utf-8"))["accepted"]
    return {each["requirement"]: each["reason"] for each in known}


def mended() -> Sequence[Mapping[str, Any]]:
    """What was found wrong with authconform and mended, with the servers at which that was seen."""
    found: Sequence[Mapping[str, Any]] = yaml.safe_load((HERE / "mended.yaml").read_text("utf-8"))
    return found


def page(rows: Sequence[str]) -> str:
    """What is kept of a whole run: the table, every finding with its reason, and what was mended."""
    parts = [
        "# Real servers",
        "What `make real` came to. Every finding was read by hand, and is true.",
        table(rows),
    ]
    for server in SERVERS:
        parts.append(f"## {server.name}")
        parts.append("\n".join(f"- `{name}`: {reason}" for name, reason in findings(server).items()))
    parts.append("## Mended")
    parts.append(
        "\n".join(f"- {e['kind']}, {', '.join(e['seen-at'])}: {e['what']}; {e['how']}" for e in mended())
    )
    return "\n\n".join(parts) + "\n"


def table(rows: Sequence[str]) -> str:
    return "\n".join((_HEAD, "|---" * 8 + "|", *rows))


def main(names: Sequence[str]) -> int:
    """Ask the servers of these names, or all; how many did not come out as their baseline says."""
    rows, wrong = [], 0
    for server in (each for each in SERVERS if not names or each.name in names):
        try:
            install(server)
            result = ask(server)
        except NotThere as error:
            print(f"{server.name}: {error}", file=sys.stderr)
            wrong += 1
            continue
        rows.append(row(server, result))
        print(f"{server.name}: {result.end['verdict']}", file=sys.stderr)
        if result.exit_code:
            wrong += 1
            print(result.printed, file=sys.stderr)
    print(table(rows))
    if not names and not wrong:
        RESULTS.write_text(page(rows), "utf-8")
    return wrong


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
