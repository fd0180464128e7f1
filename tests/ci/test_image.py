"""The image as far as it can be made without an engine: what is copied is enough, and it runs alone."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pytest

ROOT = Path(__file__).parents[2]
LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
IGNORED = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
LIMIT = 120
"""Seconds that a command may take on a busy machine."""
MODULES = """
import importlib.metadata, json, sys
from harness.cli import main
sys.argv[1:] = {arguments!r}
try:
    code = main()
except SystemExit as end:
    code = end.code
owners = importlib.metadata.packages_distributions()
tops = {{name.partition(".")[0] for name in sys.modules}} - set(sys.stdlib_module_names)
found = sorted({{owner for top in tops for owner in owners.get(top, ())}})
import harness
print("\\n" + json.dumps([code, harness.__file__, found]))
"""


def stages() -> list[list[str]]:
    """The instructions of each stage."""
    found: list[list[str]] = []
    for line in LINES:
        if line.startswith("FROM "):
            found.append([])
        if line and not line.startswith("#") and found:
            found[-1].append(line)
    return found


def copied(stage: list[str]) -> Iterator[tuple[str, str]]:
    """What a stage takes of the folder, and where it puts that."""
    for line in stage:
        if line.startswith("COPY ") and "--from" not in line:
            *sources, place = line.split()[1:]
            yield from ((source, place) for source in sources)


def is_sent(path: PurePosixPath) -> bool:
    """Whether the engine gets a file: of the rules that fit it or a folder of it, the last one counts."""
    sent = True
    for rule in IGNORED:
        pattern = rule.removeprefix("!").removeprefix("**/")
        names = [str(path), *map(str, path.parents)] + (list(path.parts) if "**/" in rule else [])
        if any(fnmatch.fnmatchcase(name, pattern) for name in names):
            sent = rule.startswith("!")
    return sent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel puts there, made of what the first stage copies and of no more."""
    source, place = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("installed")
    for name, to in copied(stages()[0]):
        top = ROOT / name  # of a folder what is in it is copied
        for file in [top] if top.is_file() else filter(Path.is_file, top.rglob("*")):
            if is_sent(PurePosixPath(file.relative_to(ROOT))):
                target = source / to / (file.name if file == top else file.relative_to(top))
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(file, target)
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    made = subprocess.run(build, cwd=source, capture_output=True, text=True, timeout=LIMIT)
    assert made.returncode == 0, made.stdout + made.stderr
    [wheel] = (source / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


# What the wheel holds runs the bundled servers in an empty folder, with nothing but the locked packages.
def test_what_is_copied_is_enough(installed: Path, tmp_path: Path) -> None:
    arguments = ["run", "bearer/presentation/scheme-case", "--profile", "originchain", "--out", "out"]
    ran = subprocess.run(
        [sys.executable, "-c", MODULES.format(arguments=arguments)],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    code, where, used = json.loads(ran.stdout.splitlines()[-1])

    assert code == 0, ran.stdout + ran.stderr
    assert Path(where).is_relative_to(installed)
    assert (tmp_path / "out" / "index.html").exists()
    locked = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / "requirements.txt").read_text(), re.MULTILINE))
    names = {re.sub(r"[-_.]+", "-", name).lower() for name in used}
    assert {"click", "pytest"} <= names <= locked | {"authconform"}


# The program that the image starts is there, and so are all profiles.
def test_the_entry_point(installed: Path) -> None:
    [points] = installed.glob("*.dist-info/entry_points.txt")
    assert "authconform = harness.cli:main" in points.read_text(encoding="utf-8")
    assert 'ENTRYPOINT ["authconform"]' in stages()[-1]
    shipped = {path.parent.name for path in installed.glob("harness/_shipped/specs/*/profile.yaml")}
    assert shipped == {path.parent.name for path in (ROOT / "specs").glob("*/profile.yaml")}


# The last stage has nothing of the source but the lock, and ends as a user who may write where it works.
def test_who_runs_it() -> None:
    last = stages()[-1]
    assert [source for source, _ in copied(last)] == ["requirements.txt"]
    user = next(line.split()[1] for line in last if line.startswith("USER "))
    folder = next(line.split()[1] for line in last if line.startswith("WORKDIR "))
    made = " ".join(line for line in last[: last.index(f"USER {user}")] if line.startswith("RUN "))
    assert user != "root"
    assert f"useradd --create-home {user}" in made
    assert f"install --directory --owner {user} {folder}" in made
    assert last.index(f"USER {user}") < last.index('ENTRYPOINT ["authconform"]')


# Stopping the container is Ctrl-C: a first process that handles no SIGTERM would be killed ten seconds later.
def test_how_it_is_stopped() -> None:
    assert "STOPSIGNAL SIGINT" in stages()[-1]


# It runs on a Python that the program takes.
def test_the_python() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for stage in stages():
        assert stage[0].startswith(f"FROM python:{project['requires-python'].removeprefix('>=')}-slim")


# The engine is sent what is copied, and no run, secret or cache beside it.
def test_what_is_sent() -> None:
    for stage in stages():
        assert all(is_sent(PurePosixPath(source)) for source, _ in copied(stage))
    for name in ("staging.env", ".git/config", "reports/latest/run.jsonl", "harness/__pycache__/a.pyc"):
        assert not is_sent(PurePosixPath(name))
