"""A whole run: its file from first line to last, whatever happens, and no secret in anything it leaves."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from loopback import Loopback, Serve, read_request, serving
from scene import SECRET, authorized, http

from harness.background import Background
from harness.errors import InputError, TargetError
from harness.inputs import Choice, Inputs
from harness.model import CaseOutcome
from harness.report import record
from harness.running import RUN_FILE, Running, Settings

PROFILE = """\
profile: api
title: An API
extends: standard
places: {own: The API., other: Another one.}
credentials:
  token: {kind: bearer, prefix: [key_live_, key_test_]}
  other-token: {like: token, at: other}
operations:
  protected: {request: GET /data, accepted: {status: {is: 200, requirement: practice/own-instance-accepted}}}
"""
SUITE = """\
suite: bearer/many
title: Many
needs: [bearer]
scenarios:
"""
SCENARIO = """\
  - {{id: {name}, title: T, requires: rfc6750/3.1-unknown-refused, present: token,
     but: {{value: {{like: it}}}}, refused: unknown-token}}
"""
CHALLENGE = 'WWW-Authenticate: Bearer realm="api", error="invalid_token"'
COMMAND = [sys.executable, "-c", "from harness.cli import main; main()", "run"]


@contextmanager
def live(serve: Serve) -> Iterator[Loopback]:
    """A server on a loop of its own."""
    background = Background("test-server")
    context = serving(serve)
    state = background.run(context.__aenter__())  # type: ignore[arg-type]
    try:
        yield state
    finally:
        background.run(context.__aexit__(None, None, None))  # type: ignore[arg-type]
        background.close()


def folder_for(folder: Path, url: str, scenarios: int = 3) -> Path:
    """`profile.yaml`, `target.yaml` and a suite with so many scenarios; returns the target."""
    (folder / "profile.yaml").write_text(PROFILE)
    names = (f"case-{number}" for number in range(scenarios))
    (folder / "many.suite.yaml").write_text(SUITE + "".join(SCENARIO.format(name=name) for name in names))
    target = folder / "target.yaml"
    target.write_text(
        "profile: profile.yaml\nenvironment: test\n"
        f"places: {{own: {{url: '{url}'}}}}\n"
        "credentials: {token: {env: API_TOKEN}}\nabsent: {other: there is none, other-token: there is none}\n"
    )
    return target


def opened(folder: Path, url: str, scenarios: int = 3, **settings: Any) -> tuple[Running, list[Any]]:
    """A run of the suite, not yet started, and its cases."""
    target = folder_for(folder, url, scenarios)
    inputs = Inputs(Choice(target=target))
    running = Running(inputs, Settings(out=folder / "out", **settings))
    return running, list(inputs.cases(folder / "many.suite.yaml"))


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out" / RUN_FILE).read_text().splitlines()]


def answering_with(respond: Callable[[bytes], bytes], pause: float = 0.0) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await read_request(reader):
            await asyncio.sleep(pause if b"Authconform-Case" in request else 0)
            writer.write(respond(request))

    return serve


def good(request: bytes) -> bytes:
    return http(200) if authorized(request) else http(401, b"{}", CHALLENGE)


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder, whose modules can be imported, with a token."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("API_TOKEN", SECRET)


# --- the run file ---------------------------------------------------------------------------------


# The first line is there before the first case is asked, each outcome as it comes, the last one at the end.
def test_the_run_file_from_first_line_to_last(tmp_path: Path) -> None:
    before: list[list[str]] = []

    def respond(request: bytes) -> bytes:
        if b"Authconform-Case" in request:
            before.append([line["kind"] for line in lines(tmp_path)])
        return good(request)

    with live(answering_with(respond)) as server:
        running, cases = opened(tmp_path, server.url, seed=7)
        running.start(cases)
        assert [running.wait(case).verdict for case in cases] == ["pass"] * 3
        run = running.finish()
    assert before[0] == ["run"]
    assert [line["kind"] for line in lines(tmp_path)] == ["run", "outcome", "outcome", "outcome", "end"]
    assert lines(tmp_path)[0]["seed"] == 7 and lines(tmp_path)[0]["places"] == {"own": server.url}
    assert run and run.end and (run.end.verdict, run.end.exit_code) == ("conforms", 0)
    end = record.read(tmp_path / "out" / RUN_FILE).end
    assert end and (end.counts, end.reason) == (run.end.counts, None)


# Stopped in the middle: what was learned is kept, what was not asked is named, and nobody waits for ever.
def test_a_run_that_is_stopped(tmp_path: Path) -> None:
    with live(answering_with(good, pause=0.3)) as server:
        running, cases = opened(tmp_path, server.url, 40, concurrency=2)
        running.start(cases)
        told: list[str] = []

        def wait() -> None:
            try:
                running.wait(cases[-1])
            except TargetError as error:
                told.append(str(error))

        waiter = threading.Thread(target=wait)
        waiter.start()
        assert running.wait(cases[0]).verdict == "pass"
        began = time.monotonic()
        run = running.finish("the run was interrupted")
        waiter.join(2)
    assert time.monotonic() - began < 2 and not waiter.is_alive()
    assert told == ["the run was stopped before this case"]
    assert run and run.end and run.end.exit_code == 3 and run.end.reason == "the run was interrupted"
    assert len(run.outcomes) + len(run.end.not_run) == 40 and cases[-1].id in run.end.not_run
    assert lines(tmp_path)[-1]["not_run"] == list(run.end.not_run)


# Killed, the file has every outcome that was learned, and reads as a run that was cut off.
def test_a_run_that_is_killed(tmp_path: Path) -> None:
    with live(answering_with(good, pause=0.1)) as server:
        target = folder_for(tmp_path, server.url, 60)
        arguments = [*COMMAND, "many.suite.yaml", "--target", str(target), "--out", str(tmp_path / "out")]
        process = subprocess.Popen(
            [*arguments, "--concurrency", "1"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        file = tmp_path / "out" / RUN_FILE
        try:
            deadline = time.monotonic() + 20
            while not (file.is_file() and file.read_bytes().count(b"\n") > 3) and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    run = record.read(file)
    assert run.end is None and len(run.outcomes) >= 3
    assert all(outcome.verdict == "pass" for outcome in run.outcomes)


# The target cannot be tested: no case is asked, and the file says why.
def test_a_target_that_cannot_be_tested(tmp_path: Path) -> None:
    with live(answering_with(lambda request: http(403))) as server:
        running, cases = opened(tmp_path, server.url)
        with pytest.raises(TargetError, match="the credential 'token' .* is refused"):
            running.start(cases)
        run = running.finish()
    assert run and run.end and run.end.exit_code == 3
    assert run.end.reason and "the credential 'token' ($API_TOKEN) is refused" in run.end.reason
    assert len(run.end.not_run) == 3 and not run.outcomes


# --- our own trouble ------------------------------------------------------------------------------


class Broken:
    """A writer whose disk does not do what it should."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def add(self, outcome: CaseOutcome) -> None:
        raise self.error

    def close(self, end: object = None) -> None:
        if end is not None and isinstance(self.error, OSError):
            raise self.error


# The disk is full: every outcome is still shown to whoever waits, and the run is not called conforming.
def test_a_full_disk(tmp_path: Path) -> None:
    with live(answering_with(good)) as server:
        running, cases = opened(tmp_path, server.url)
        running._begin = lambda: _with(running, OSError(28, "No space left on device"))  # type: ignore[method-assign]
        running.start(cases)
        assert [running.wait(case).verdict for case in cases] == ["pass"] * 3
        run = running.finish()
    assert run and run.end and (run.end.verdict, run.end.exit_code) == ("inconclusive", 3)
    assert run.end.reason == "the run file cannot be written: No space left on device"


# Something that nobody foresaw: whoever waits learns what it was, and the exit code is 3.
def test_an_unforeseen_error_reaches_whoever_waits(tmp_path: Path) -> None:
    with live(answering_with(good)) as server:
        running, cases = opened(tmp_path, server.url)
        running._begin = lambda: _with(running, RuntimeError(f"broken at {SECRET}"))  # type: ignore[method-assign]
        running.start(cases)
        for case in cases:
            with pytest.raises(TargetError) as caught:
                running.wait(case)
            assert str(caught.value) == "authconform itself failed: RuntimeError: broken at [token]"
        run = running.finish()
    assert run and run.end and run.end.exit_code == 3
    assert run.end.reason == "authconform itself failed: RuntimeError: broken at [token]"


def _with(running: Running, error: Exception) -> None:
    """Begin as usual, then let the run file fail."""
    Running._begin(running)
    assert running._writer
    running._writer.close()
    running._writer = Broken(error)  # type: ignore[assignment]


# --- a server that is started ---------------------------------------------------------------------

PROVIDER = """\
class Provider:
    def faults(self, profile):
        return [dict(id="accepts-everything")]
    async def start(self, profile, faults=(), **rest):
        raise {error}
provider = Provider()
"""


def provided(folder: Path, name: str, module: str, faults: tuple[str, ...] = ()) -> Exception:
    """What comes of a profile whose bundled target has this module as its provider."""
    (folder / f"{name}.py").write_text(module)
    target = folder_for(folder, "http://api.example")
    target.write_text(target.read_text() + f"provider: '{name}:provider'\n")
    running = Running(Inputs(Choice(profile="profile.yaml", faults=faults)), Settings(out=folder / "out"))
    with pytest.raises((InputError, TargetError)) as caught:
        running.start([])
    assert running.finish() is None
    return caught.value


# Whatever is wrong with a server that is to be started, is one sentence.
@pytest.mark.parametrize(
    ("module", "says"),
    [
        (
            PROVIDER.format(error="OSError('port taken')"),
            "the server of NAME:provider did not start: port taken",
        ),
        (PROVIDER.format(error="ValueError('no such profile')"), "did not start: no such profile"),
        ("1 / 0", "the provider 'NAME:provider' cannot be imported: ZeroDivisionError: division by zero"),
        ("def", "the provider 'NAME:provider' cannot be imported: SyntaxError: invalid syntax"),
        (
            "import nowhere_at_all",
            "cannot be imported: ModuleNotFoundError: No module named 'nowhere_at_all'",
        ),
        ("providers = 1", "NAME has no 'provider'. Did you mean 'providers'?"),
    ],
)
def test_a_provider_that_fails(
    tmp_path: Path, module: str, says: str, request: pytest.FixtureRequest
) -> None:
    name = f"provider_{abs(hash(request.node.name))}"
    error = provided(tmp_path, name, module)
    assert says.replace("NAME", name) in str(error)


def test_an_unknown_fault(tmp_path: Path) -> None:
    error = provided(
        tmp_path, "provider_of_faults", PROVIDER.format(error="OSError()"), ("accept-everything",)
    )
    assert str(error) == "api has no fault 'accept-everything'. Did you mean 'accepts-everything'?"


def test_no_provider(tmp_path: Path) -> None:
    folder_for(tmp_path, "http://api.example")
    running = Running(Inputs(Choice(profile="profile.yaml")), Settings())
    with pytest.raises(InputError, match="there is no server to start. Add provider: MODULE:ATTRIBUTE"):
        running.start([])
    assert running.finish() is None


# --- secrets --------------------------------------------------------------------------------------

FIRST = "key_live_Zq7Xw2Rt9Lm4Kp8Vb3Ns"
SECOND = "key_test_hG5jF1dS6aQ0wE3rT7yU"


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(each):04x}" for each in text)


def forms(text: str) -> dict[str, str]:
    """The text as it can turn up: as it is, encoded, and in the middle of something encoded."""
    found = {
        "itself": text,
        "reversed case": text.swapcase(),
        "percent": "".join(f"%{byte:02X}" for byte in text.encode()),
        "hex": text.encode().hex(),
        "HEX": text.encode().hex().upper(),
        "json": escaped(text),
        "html": "".join(f"&#{ord(each)};" for each in text),
        "twice percent": quote(quote("".join(f"%{byte:02x}" for byte in text.encode()))),
    }
    for shift in range(3):
        whole = base64.b64encode(b"x" * shift + text.encode() + b"y" * 3).decode()
        found[f"base64 at {shift}"] = whole[(0, 2, 3)[shift] : len(whole) - 6]
    return found


def echo(request: bytes) -> bytes:
    """What was sent, in every form, wherever an answer has room for it; the right tokens are accepted."""
    text = request.decode("latin-1")
    sent = [word for word in text.replace('"', " ").replace(",", " ").split() if "key_" in word.lower()]
    known = [*sent, FIRST, SECOND]
    echoed = [form for each in known for form in forms(each).values()]
    wrapped = [
        base64.b64encode(f"{pad}{each}:x".encode()).decode() for each in known for pad in ("", "a", "ab")
    ]
    body = text + json.dumps({"seen": [*echoed, *wrapped], "access_token": known[0]})
    accepted = authorized(request, FIRST) or authorized(request, SECOND)
    head = [
        f"HTTP/1.1 {200 if accepted else 401} {' '.join(known)}",
        *(f"X-Echo-{number}: {form}" for number, form in enumerate(echoed)),
        f'WWW-Authenticate: Bearer realm={known[0]}, error="{known[0]}", {known[0]}="x"',
        f"Set-Cookie: session={known[0]}",
        f"Location: https://user:{known[0]}@api.example/?token={known[0]}",
        f"Content-Length: {len(body.encode('latin-1'))}",
    ]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode("latin-1")


def leaks(artefacts: dict[str, str]) -> list[tuple[str, str, str]]:
    """(artefact, form, secret) of everything that shows a secret, or most of one."""
    found = []
    for name, text in artefacts.items():
        lower = text.lower()
        for secret in (FIRST, SECOND):
            for form, written in forms(secret).items():
                if written.lower() in lower:
                    found.append((name, form, secret))
            random = secret[len("key_live_") :].lower()
            pieces = {random[at : at + 14] for at in range(len(random) - 13)}
            found += [(name, "a piece", piece) for piece in pieces if piece in lower]
    return found


# A target that gives back all it is sent, encoded in every way and in every place: nothing of it is kept.
def test_no_artefact_holds_a_secret(tmp_path: Path) -> None:
    with live(answering_with(echo)) as server:
        target = folder_for(tmp_path, server.url)
        (tmp_path / "secrets.env").write_text(f"API_OTHER={SECOND}\n")
        other = server.url.replace("127.0.0.1", "localhost")
        target.write_text(
            "profile: profile.yaml\nenvironment: test\n"
            f"places: {{own: {{url: '{server.url}', tenant: a}}, other: {{url: '{other}', tenant: b}}}}\n"
            "resolve: {localhost: 127.0.0.1}\n"
            "credentials:\n  token: {env: API_TOKEN}\n  other-token: {file: secrets.env, key: API_OTHER}\n"
        )
        done = subprocess.run(
            [*COMMAND, "--target", str(target), "--out", str(tmp_path / "out")],
            cwd=tmp_path,
            env={**os.environ, "API_TOKEN": FIRST},
            capture_output=True,
            text=True,
            timeout=110,
        )
    out = tmp_path / "out"
    assert (out / RUN_FILE).is_file(), done.stdout + done.stderr
    artefacts = {"terminal": done.stdout + done.stderr}
    for path in sorted(each for each in tmp_path.rglob("*") if each.is_file()):
        if path.name not in ("secrets.env", "target.yaml"):
            artefacts[str(path.relative_to(tmp_path))] = path.read_text(encoding="utf-8", errors="replace")
    assert {f"out/{name}" for name in (RUN_FILE, "index.html", "junit.xml")} <= set(artefacts)
    assert any(name.startswith("out/allure-results/") for name in artefacts)
    run = record.read(out / RUN_FILE)
    assert done.returncode == 1 and run.end and run.end.counts["fail"] > 5, done.stdout
    assert not leaks(artefacts)
    # and the search would have found them
    assert len(leaks({"echo": echo(f"GET / Authorization: Bearer {FIRST}".encode()).decode("latin-1")})) > 20
