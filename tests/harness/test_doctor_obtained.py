"""`doctor` and the credentials that a run obtains itself: had, not to be had, or not asked for."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from pathlib import Path

import pytest
from loopback import Loopback, answering
from scene import http

from harness.background import Background
from harness.cli import main

KEY, TOKEN = "key_live_0123456789", "session_fedcba9876543210"
PROFILE = """\
profile: acme
title: Acme
extends: standard
credentials:
  key: {kind: bearer}
  spare-key: {like: key}
  session: {kind: bearer, obtained-by: exchange}
  spare-session: {like: session, using: spare-key}
operations:
  protected: {request: GET /data, accepted: {status: 200}}
lifecycle:
  exchange: {request: POST /exchange, credential: key, gives: {secret: /token}}
"""


@contextmanager
def serving(answer: Callable[[bytes], bytes]) -> Iterator[Loopback]:
    """A loopback server on a thread of its own: the command has a loop itself."""
    background = Background("doctor")
    opened: list[AbstractAsyncContextManager[Loopback]] = []

    async def begin() -> Loopback:
        opened.append(answering(answer))
        return await opened[0].__aenter__()

    async def end() -> None:
        await opened[0].__aexit__(None, None, None)
        await asyncio.sleep(0)

    try:
        yield background.run(begin())
    finally:
        background.run(end())
        background.close()


def doctor(
    capsys: pytest.CaptureFixture[str], folder: Path, answer: Callable[[bytes], bytes]
) -> tuple[int, list[str]]:
    """The exit code, and the lines about credentials."""
    (folder / "profile.yaml").write_text(PROFILE)
    with serving(answer) as server:
        place = f"places: {{own: {{url: '{server.url}'}}}}\n"
        text = f"profile: profile.yaml\n{place}credentials: {{key: {{env: KEY}}}}\n"
        (folder / "t.yaml").write_text(text)
        with pytest.raises(SystemExit) as ended:
            main(["doctor", "--target", "t.yaml"])
    gc.enable()
    lines = capsys.readouterr().out.splitlines()
    told = [line for line in lines if line.startswith(("  yes  credential", "  no"))]
    return int(ended.value.code or 0), [line.replace(server.url, "URL") for line in told]


def api(request: bytes) -> bytes:
    if request.startswith(b"POST /exchange"):
        return http(200, b'{"token": "%s"}' % TOKEN.encode())
    return http(200 if KEY.encode() in request or TOKEN.encode() in request else 401)


@pytest.fixture(autouse=True)
def somewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KEY", KEY)


# One that can be had is tried like any other; one for which something is lacking is a gap, and no trouble.
def test_had(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, lines = doctor(capsys, tmp_path, api)
    assert lines == ["  yes  credential key: accepted at own", "  yes  credential session: accepted at own"]
    assert code == 0


# One that is refused where it is issued is told, with the reason and without a secret.
def test_not_to_be_had(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, lines = doctor(
        capsys, tmp_path, lambda request: http(403) if b"/exchange" in request else api(request)
    )
    assert lines == [
        "  yes  credential key: accepted at own",
        "  no   'session' could not be obtained: 'exchange' was answered with 403 Forbidden",
    ]
    assert code == 3


# The secret that is issued is none that anybody may see, whatever the answer does with it.
def test_not_shown(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    def loose(request: bytes) -> bytes:
        if request.startswith(b"POST /exchange"):
            return http(200, b'{"token": ["%s"]}' % TOKEN.encode())
        return api(request)

    _, lines = doctor(capsys, tmp_path, loose)
    assert lines[1].startswith(
        "  no   'session' could not be obtained: what the answer to 'exchange' gives as"
    )
    assert TOKEN not in str(lines) and KEY not in str(lines)
