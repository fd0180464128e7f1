"""What tests of several packages share: a running OriginChain, and a target file that leads to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.background import Background
from reference_server.provider import provider

pytest_plugins = "pytester"
collect_ignore_glob = ["language/*.suite.yaml"]  # fixtures of test_language.py, for no target to run


@dataclass(frozen=True)
class Staging:
    """A server on loopback as a team's staging environment, described by `file` with references only."""

    file: Path
    port: int
    secrets: dict[str, str]
    """By the name of the credential."""


@pytest.fixture(scope="session")
def served() -> Iterator[Any]:
    """A right OriginChain on a thread of its own, for the whole session."""
    background = Background("staging")
    running = background.run(provider.start("originchain"))
    yield running
    background.run(running.stop())
    background.close()


@pytest.fixture
def staging(served: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Staging:
    """`target.yaml` in an empty folder, its secrets in the environment, in a file, in a file by key."""
    places, secrets = served.target["places"], {}
    for name in ("token", "other-token", "trial-token"):
        secrets[name] = served.target["credentials"][name]["value"]
    monkeypatch.setenv("STAGING_TOKEN", secrets["token"])
    (tmp_path / "other.secret").write_text(secrets["other-token"] + "\n")
    (tmp_path / "trial.env").write_text(f"# trial\nTRIAL={secrets['trial-token']}\n")
    lines = ["profile: originchain", "environment: staging", "places:"]
    for name in ("own", "other", "trial", "gone"):
        lines.append(f"  {name}: {{url: '{places[name]['url']}', tenant: {places[name]['tenant']}}}")
    lines += ["credentials:", "  token: {env: STAGING_TOKEN}", "  other-token: {file: other.secret}"]
    lines += ["  trial-token: {file: trial.env, key: TRIAL}", "resolve:"]
    lines += [f"  {host}: {address}" for host, address in served.target["resolve"].items()]
    lines += ["canary:", *(f"  {place}: {text}" for place, text in served.target["canary"].items())]
    file = tmp_path / "target.yaml"
    file.write_text("\n".join(lines) + "\n")
    return Staging(file, int(places["own"]["url"].rpartition(":")[2]), secrets)
