"""Each test is in an empty folder, with a good token in the environment and no proxy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import notes
import pytest
from deployment import TOKEN, Told


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder, with a good token and no proxy in the environment."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NOTES_TOKEN", TOKEN)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def port() -> Iterator[int]:
    with notes.serving() as port:
        yield port


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    return Told(capsys)
