"""The folder that a run is written to, and the reports in it."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from harness.errors import mistake
from harness.report import allure, html, junit
from harness.report.record import Run
from harness.running import RUN_FILE

ALLURE = "allure-results"
"""The folder of the Allure results below a run's."""


def default_folder(name: str) -> Path:
    """`reports/<start>-<profile>`, one that is not there yet."""
    start = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    folder = Path("reports") / f"{start}-{name}"
    number = 1
    while folder.exists():
        number += 1
        folder = Path("reports") / f"{start}-{name}-{number}"
    return folder


def run_file(run: Path) -> Path:
    """The run file that `run` names, itself or by its folder."""
    return run / RUN_FILE if run.is_dir() else run


def make(folder: Path) -> Sequence[Path]:
    """Make the folder and see that it can be written to; returns the folders that were not there before.

    InputError where it cannot: it is told before anything is asked, for no run is to be lost. Nor is the
    newest one to be, which `latest` stands for.
    """
    if folder.is_symlink():
        raise mistake(f"{folder} is the link to another run", None, "Give a folder of its own to --out.")
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        for each in missing:
            with suppress(OSError):
                each.rmdir()
        reason = "it is a file" if folder.is_file() else error.strerror
        raise mistake(
            f"the run folder {folder} cannot be written: {reason}", None, "Give --out DIR."
        ) from None
    return missing


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Keep the folder for one run: InputError where another is written to it, which would be lost."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without locks
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message = f"another run is being written to {folder}"
                raise mistake(message, None, "Give a folder of its own to --out.") from None
        yield
    finally:
        os.close(opened)


def discard(made: Iterable[Path]) -> None:
    """Remove the folders `made` for a run that never began."""
    for each in made:
        with suppress(OSError):  # somebody else has put something there
            each.rmdir()


def write_reports(run: Run, folder: Path) -> Path:
    """Write what is made of the run into `folder`, let `latest` beside it point there, return what to open.

    Allure results of an earlier run are removed: they would be taken for retries.
    """
    (folder / "index.html").write_text(html.render(run), encoding="utf-8")
    (folder / "junit.xml").write_text(junit.render(run), encoding="utf-8")
    results = folder / ALLURE
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    for name, text in allure.files(run):
        (results / name).write_text(text, encoding="utf-8")
    return point_to(folder)


def point_to(folder: Path) -> Path:
    """Let `latest` beside a folder of `reports` point to it, and return the page to open."""
    latest = folder.parent / "latest"
    if folder.parent.name != "reports":
        return folder / "index.html"
    draft = folder.parent / f".latest-{os.getpid()}"
    draft.unlink(missing_ok=True)
    draft.symlink_to(folder.name)
    os.replace(draft, latest)
    return latest / "index.html"
