"""A person makes and revokes the tokens, at a terminal: a pseudo-terminal with a thread in his place."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

LONGEST = 60.0
"""Seconds after which the person gives up."""
_OWN_TERMINAL = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
_RUN = "import sys; from harness.cli import main; sys.argv[0] = 'authconform'; sys.exit(main())"
_ASKED = re.compile(r'(Create|Revoke) the API token "([^"]+)" in the dashboard of the instance at (\S+)')


class Dashboard:
    """What a person does in the dashboard, done by its API."""

    def __init__(self, served: Any) -> None:
        place = served.target["places"]["dashboard"]
        self.host = place["url"].removeprefix("http://")
        self.port = int(self.host.rpartition(":")[2])
        self.tokens = f"/instances/{place['instance']}/tokens"
        self.secret = served.target["credentials"]["dashboard-token"]["value"]

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        headers = {"Host": self.host, "Authorization": f"Bearer {self.secret}"}
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            text = connection.getresponse().read()
        finally:
            connection.close()
        return json.loads(text) if text else None

    def create(self, name: str) -> str:
        return str(self.ask("POST", self.tokens, {"name": name})["token"])

    def revoke(self, name: str) -> str:
        (id,) = (each["id"] for each in self.ask("GET", self.tokens)["tokens"] if each["name"] == name)
        self.ask("DELETE", f"{self.tokens}/{id}")
        return ""


class Person:
    """Sits at the terminal: reads what is asked, does it, and enters what it gave."""

    def __init__(self, dashboard: Dashboard, slow: float = 0.0) -> None:
        self.does: Mapping[str, Callable[[str], str]] = {
            "Create": dashboard.create,
            "Revoke": dashboard.revoke,
        }
        self.slow = slow
        self.seen = ""
        self.secrets: list[str] = []
        self.asked: list[tuple[str, str]] = []

    def sit(self, terminal: int, working: Callable[[], bool]) -> None:
        until = time.monotonic() + LONGEST
        while working() and time.monotonic() < until:
            if not select.select([terminal], [], [], 0.05)[0]:
                continue
            try:
                self.seen += os.read(terminal, 4096).decode("utf-8", "replace")
            except OSError:  # the other end is closed
                return
            asked = _ASKED.findall(self.seen)
            # the mark behind the sentence says that an answer is awaited
            if len(asked) > len(self.asked) and self.seen.rstrip(" ").endswith(">"):
                what, name, _ = asked[-1]
                self.asked.append((what, name))
                time.sleep(self.slow)
                said = self.does[what](name)
                self.secrets += [said] if said else []
                os.write(terminal, f"{said}\r".encode())


def at_a_terminal(person: Person, target: Path, *arguments: str) -> tuple[int, str]:
    """Run the command with `person` at its terminal: its exit code and what it printed."""
    controller, terminal = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    run = subprocess.Popen(
        [sys.executable, "-c", _OWN_TERMINAL + _RUN, "run", *arguments, "--target", str(target)],
        stdin=terminal, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        start_new_session=True, cwd=target.parent, env=environment,
    )  # fmt: skip
    os.close(terminal)
    sitting = threading.Thread(target=person.sit, args=(controller, lambda: run.poll() is None))
    sitting.start()
    try:
        printed, _ = run.communicate(timeout=LONGEST)
    finally:
        run.kill()
        sitting.join()
        os.close(controller)
    return run.returncode, printed


def outcomes(folder: Path) -> dict[str, Any]:
    lines = [json.loads(line) for line in (folder / "run.jsonl").read_text().splitlines()]
    return {each["case"]: each for each in lines if each["kind"] == "outcome"}


REVOCATION, PREFIX = "lifecycle/revocation/latency", "lifecycle/issuing/documented-prefix"


# Asked by name, a person makes a token and revokes it; what he entered is shown nowhere.
def test_at_a_terminal(served: Any, staging: Any) -> None:
    person = Person(Dashboard(served))
    out = staging.file.parent / "out"
    code, printed = at_a_terminal(person, staging.file, REVOCATION, PREFIX, "--out", str(out))
    assert code == 0, printed
    made = [name for what, name in person.asked if what == "Create"]
    revoked = [name for what, name in person.asked if what == "Revoke"]
    assert len(made) == 2 and len(revoked) == 1 and revoked[0] in made
    assert (
        f'Revoke the API token "{revoked[0]}" in the dashboard of the instance at http://acme' in person.seen
    )
    assert "then press Enter" in person.seen
    found = outcomes(out)
    assert {each["verdict"] for each in found.values()} == {"pass"}
    measured = found[REVOCATION]["measurements"]["settling"]
    assert measured["upper_bound"] and len(measured["trials"]) == 1 and measured["worst_s"] < 5
    everything = person.seen + printed + (out / "run.jsonl").read_text() + (out / "index.html").read_text()
    assert len(person.secrets) == 2
    assert not any(secret in everything for secret in person.secrets)


# Too slow a person proves nothing, neither for the API nor against it.
def test_slow_person(served: Any, staging: Any) -> None:
    person = Person(Dashboard(served), slow=5.3)
    out = staging.file.parent / "out"
    code, printed = at_a_terminal(person, staging.file, REVOCATION, "--out", str(out))
    assert code == 3, printed
    (found,) = outcomes(out).values()
    assert (found["verdict"], found["problems"]) == ("inconclusive", [])
    assert found["reason"] == (
        "5 s after the change was begun it had not taken effect for certain, and when it was made nobody "
        "knows: have it made at once"
    )


# Where nobody sits at a terminal the reason is what he would have been asked.
@pytest.mark.parametrize("scenario", [REVOCATION, PREFIX])
def test_without_a_terminal(staging: Any, scenario: str) -> None:
    out = staging.file.parent / "out"
    arguments = ["run", scenario, "--target", str(staging.file), "--out", str(out)]
    run = subprocess.run(
        [sys.executable, "-c", _RUN, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        start_new_session=True, timeout=LONGEST, cwd=staging.file.parent,
    )  # fmt: skip
    assert run.returncode == 3, run.stdout + run.stderr
    (found,) = outcomes(out).values()
    assert found["verdict"] == "inconclusive"
    assert found["reason"].startswith('this needs a person at a terminal: Create the API token "authconform-')
    assert found["reason"].endswith(" and enter it here")
