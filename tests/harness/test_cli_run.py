"""`authconform run` as a shell runs it: what its users read when all is well, and when something is not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.report import record
from harness.running import RUN_FILE

COMMAND = [sys.executable, "-c", "from harness.cli import main; main()"]
BUNDLED = ("--profile", "originchain")
ONE = "bearer/presentation/scheme-case[lower]"

OWN = """\
suite: own/first
title: Mine
scenarios:
  - id: anonymous
    requires: rfc6750/3-missing-refused
    present: nothing
    refused: missing-credential
  - id: known
    requires: rfc6750/2.1-header-accepted
    present: token
    accepted: true
"""
WRONG = """\
suite: own/wrong
title: Wrong
scenarios:
  - id: a
    requires: rfc6750/3-missing-refused
    presnt: nothing
    refused: missing-credential
  - id: b
    requires: rfc6750/3-missing-refsed
    present: tokn
    on: protectd
    accepted: true
"""
MISTAKES = [
    "mine/wrong.suite.yaml:6: unknown key 'presnt' in a scenario. Did you mean 'present'?",
    "mine/wrong.suite.yaml:9: unknown requirement 'rfc6750/3-missing-refsed'. "
    "Did you mean 'rfc6750/3-missing-refused'?",
    "mine/wrong.suite.yaml:10: no profile has the credential 'tokn'. Did you mean 'token'?",
    "mine/wrong.suite.yaml:10: no profile has the operation 'protectd'. Did you mean 'protected'?",
]


@pytest.fixture(autouse=True)
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In a folder whose `mine/` has a suite, and things that are no suite."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "first.suite.yaml").write_text(OWN)
    (folder / "test_other.py").write_text("raise RuntimeError('not a suite')\n")
    (folder / "conftest.py").write_text("raise RuntimeError('not a suite')\n")
    return folder


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, "run", *arguments],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def cases() -> list[str]:
    """The cases of the last run, in the order of their names."""
    return sorted(each.case for each in record.read(Path("out") / RUN_FILE).outcomes)


# --- suites of one's own --------------------------------------------------------------------------


# A suite may be called as its author likes, and lie wherever he likes; nothing else of the folder is run.
@pytest.mark.parametrize("selector", ["mine", "./mine/", ".", "ABSOLUTE", "mine/first.suite.yaml"])
def test_own_suites(mine: Path, selector: str) -> None:
    ran = run(selector.replace("ABSOLUTE", str(mine)), *BUNDLED, "--out", "out")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert cases() == ["own/first/anonymous", "own/first/known"]


# Its cases have the marker of its name.
def test_own_marker() -> None:
    assert run("mine", *BUNDLED, "--out", "out", "-m", "own and not should", "-k", "known").returncode == 0
    assert cases() == ["own/first/known"]


# Named beside ours it is not lost; the id of one of its scenarios chooses that one alone.
def test_own_beside_ours() -> None:
    run("mine", ONE, *BUNDLED, "--out", "out")
    assert cases() == [ONE, "own/first/anonymous", "own/first/known"]
    assert record.read(Path("out") / RUN_FILE).start.selection == ("mine", ONE)
    run("mine", "own/first/known", *BUNDLED, "--out", "out")
    assert cases() == ["own/first/known"]


# All mistakes of all suites are told, each with its line, before anything is asked; --json changes nothing.
@pytest.mark.parametrize("options", [(), ("--json",), ("--dry-run",)])
def test_mistakes_in_suites(mine: Path, options: tuple[str, ...]) -> None:
    (mine / "wrong.suite.yaml").write_text(WRONG)
    (mine / "second.suite.yaml").write_text(OWN)
    ran = run("mine", *BUNDLED, "--out", "out", *options)
    assert ran.returncode == 2
    said = ran.stdout + ran.stderr
    assert [each for each in MISTAKES if each not in said] == []
    assert "mine/second.suite.yaml:1: a second suite 'own/first', the first is mine/first.suite.yaml." in said
    assert "Traceback" not in said and not Path("out").exists()
    if "--json" in options:
        assert ran.stdout == ""


# A pytest that goes on over such a mistake runs the others; the exit code remembers it.
def test_continue_on_collection_errors(mine: Path) -> None:
    (mine / "wrong.suite.yaml").write_text(WRONG)
    (mine / "conftest.py").unlink()
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "harness.plugin", "-q", "mine",
         "--continue-on-collection-errors", "--authconform-profile=originchain", "--strict-markers",
         "--ignore=mine/test_other.py"],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "2 cases in" in ran.stdout and "KeyError" not in ran.stdout
    assert [each for each in MISTAKES if each not in ran.stdout] == []


# --- nothing was tested ---------------------------------------------------------------------------


# An expression that means no case is told, with what it could have been; nothing tested is no success.
@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("-k", "nothing"), "nothing was tested: no case is meant by -k 'nothing'. -k looks for parts of "),
        (("-m", "shuold"), "nothing was tested: no case is meant by -m 'shuold'. Did you mean 'should'?"),
        (("-m", "may and must and not bearer", "-k", "x"),
         "no case is meant by -k 'x' and -m 'may and must and not bearer'."),
    ],
)  # fmt: skip
def test_nothing_is_meant(options: tuple[str, ...], sentence: str) -> None:
    ran = run("bearer", *BUNDLED, "--out", "out", *options)
    assert (ran.returncode, sentence in ran.stdout) == (3, True), ran.stdout
    assert not Path("out").exists()


# What can only be a path is told to be missing, and not taken for a name.
@pytest.mark.parametrize("path", ["gone.suite.yaml", "./gone", "/gone"])
def test_path_that_is_missing(path: str) -> None:
    ran = run(path, *BUNDLED)
    assert (ran.returncode, ran.stderr) == (
        2,
        f"authconform: there is no file or folder '{path}'. Check the path.\n",
    )


# A requirement that nobody looks at: the others of its specification.
def test_what_begins_so() -> None:
    ran = run("rfc6750/9", *BUNDLED)
    assert ran.returncode == 2
    assert (
        "nothing is called 'rfc6750/9'. What begins with rfc6750/: rfc6750/2.1-header-accepted, "
        in ran.stdout
    )
    ran = run("zzz", *BUNDLED)
    assert "nothing is called 'zzz'. Names begin with asvs, basic, bearer, cors, credential, " in ran.stdout


# --- where it is written --------------------------------------------------------------------------


# A run folder that cannot be is told before anything is asked, in one sentence.
@pytest.mark.parametrize(
    ("folder", "reason"),
    [("file", "it is a file"), ("file/under", "Not a directory"), ("/proc/x", "No such file")],
)
def test_run_folder_that_cannot_be(folder: str, reason: str) -> None:
    Path("file").write_text("precious")
    ran = run(ONE, *BUNDLED, "--out", folder)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"authconform: the run folder {folder} cannot be written: {reason}")
    assert ran.stderr.endswith(". Give --out DIR.\n") and ran.stderr.count("\n") == 1
    assert Path("file").read_text() == "precious"


# The link to the newest run is no folder for another: that run would be lost.
def test_latest_is_no_run_folder() -> None:
    run(ONE, *BUNDLED)
    ran = run(ONE, *BUNDLED, "--out", "reports/latest")
    assert ran.returncode == 2
    assert ran.stderr == (
        "authconform: reports/latest is the link to another run. Give a folder of its own to --out.\n"
    )
    assert Path("reports/latest/index.html").is_file()


# A disk that fails later takes no verdict away: the run is told, and where it is.
@pytest.mark.parametrize("lost", ["index.html", "junit.xml"])
def test_report_that_cannot_be_written(lost: str) -> None:
    Path("out").mkdir()
    Path("out", lost).symlink_to("nowhere/at-all")
    ran = run(ONE, *BUNDLED, "--out", "out")
    assert ran.returncode == 0 and "Traceback" not in ran.stderr
    assert "conforms\n" in ran.stdout and "1 case" in ran.stdout
    assert (
        f"out/{lost} cannot be written: No such file or directory. The run itself is in out/run.jsonl."
        in ran.stderr
    )
    assert cases() == [ONE]


# --- where it is tested ---------------------------------------------------------------------------


# With another address the secrets come from variables: the message and the help say which.
def test_base_url_without_secrets() -> None:
    ran = run(ONE, *BUNDLED, "--base-url", "http://127.0.0.1:9", "--out", "out")
    assert ran.returncode == 2
    assert "the environment variable ORIGINCHAIN_TOKEN is not set" in ran.stdout
    assert "with --base-url the secrets come from the variables that " in ran.stdout
    assert "Set them, or give a target file of your own with --target." in ran.stdout
    # a host name is the name of its own place alone: the secrets of the others are not asked for
    ran = run(ONE, *BUNDLED, "--base-url", "http://x.invalid", "--out", "out")
    assert "ORIGINCHAIN_TOKEN" in ran.stdout and "ORIGINCHAIN_OTHER_TOKEN" not in ran.stdout
    told = " ".join(run("--help").stdout.split())
    assert "the secrets come from the variables that specs/NAME/target.yaml names" in told


# A place that cannot be reached comes before all that the target leaves open.
def test_unreachable_comes_first() -> None:
    Path("t.yaml").write_text(
        "profile: originchain\nplaces: {own: {url: 'http://127.0.0.1:9', tenant: acme}}\n"
    )
    ran = run("instance", "--target", "t.yaml", "--out", "out")
    assert ran.returncode == 3
    assert ran.stdout.strip().startswith(
        "inconclusive: t.yaml:2: the place 'own' at http://127.0.0.1:9 cannot be"
    )
    assert "the target gives no" not in ran.stdout


# Several refused credentials are one readable line each, or one line: never an escaped line end.
def test_several_refused_credentials(staging: object, tmp_path: Path) -> None:
    text = (tmp_path / "target.yaml").read_text()
    (tmp_path / "target.yaml").write_text(text.replace("{file: other.secret}", "{env: STAGING_OTHER}"))
    wrong = {"STAGING_TOKEN": "oc_live_" + "x" * 40, "STAGING_OTHER": "oc_live_" + "y" * 40}
    ran = run("instance", "--target", "target.yaml", "--out", "out", **wrong)
    said = " ".join(ran.stdout.split())
    assert ran.returncode == 3 and "\\n" not in said
    assert "the credential 'token' ($STAGING_TOKEN) is refused" in said
    assert "the credential 'other-token' ($STAGING_OTHER) is refused" in said


# --- every bundled server -------------------------------------------------------------------------


# What says how it is asked, and what is chosen, goes to each of the runs.
def test_all_profiles() -> None:
    how = ("--seed", "7", "--rate", "500", "--trials", "2", "--concurrency", "3", "--strict")
    chosen = ("key/presentation", "bearer/presentation", "-k", "valid-accepted or scheme-case")
    ran = run(*chosen, *how, "--all-profiles", "--out", "out")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert f"report: {Path('out/index.html')}" in ran.stdout.replace(str(Path.cwd()) + "/", "")
    for profile in ("kid-jwt", "originchain"):
        run_file = record.read(Path("out") / profile / RUN_FILE)
        start, asked = run_file.start, {each.scenario for each in run_file.outcomes}
        assert (start.seed, start.rate, start.concurrency, start.strict) == (7, 500.0, 3, True)
        assert asked and all("valid-accepted" in each or "scheme-case" in each for each in asked)


# What means one server only is refused, rather than forgotten.
@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--fault", "any"), "--fault"),
        (("--profile", "originchain", "--base-url", "http://127.0.0.1:9"), "--profile, --base-url"),
        (("--target", "t.yaml", "--json"), "--target, --json"),
        (("--dry-run",), "--dry-run"),
    ],
)
def test_all_profiles_and_one(options: tuple[str, ...], named: str) -> None:
    ran = run("--all-profiles", *options)
    assert ran.returncode == 2
    assert ran.stderr.endswith(f"Error: --all-profiles does not go with {named}: leave one of them out.\n")


# --- what would be asked, and stopping ------------------------------------------------------------


# The dry run tells the steps of what is done in several, and how often a change is measured.
def test_dry_run_of_a_lifecycle() -> None:
    ran = run("lifecycle/revocation/latency", *BUNDLED, "--dry-run", "--trials", "5")
    lines = ran.stdout.splitlines()
    assert lines[0] == "lifecycle/revocation/latency"
    assert (
        "obtain token as " in lines[1] and "do revoke of " in lines[1] and lines[1].endswith("up to 5 times")
    )
    assert lines[2].strip().startswith("control: ") and "touches: creates, revokes" in lines[2]
    assert lines[-1] == "1 of 1 cases would be asked"
    (row,) = json.loads(
        run("lifecycle/revocation/latency", *BUNDLED, "--dry-run", "--thorough", "--json").stdout
    )
    assert row["trials"] == 20 and row["steps"][0].startswith("obtain token")


def begun() -> subprocess.Popen[str]:
    """A run that takes long, whose first outcomes are there."""
    process = subprocess.Popen(
        [*COMMAND, "run", "bearer", *BUNDLED, "--rate", "40", "--out", "out"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    file, deadline = Path("out") / RUN_FILE, time.monotonic() + 20
    while not (file.is_file() and file.read_bytes().count(b"\n") > 1) and time.monotonic() < deadline:
        time.sleep(0.02)
    return process


# Ctrl-C, or a termination, ends the run in order: what was learned, what was not asked, a report, exit 3.
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted(number: signal.Signals) -> None:
    process = begun()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert process.returncode == 3 and "Traceback" not in out + err, out + err
    assert "inconclusive: the run was interrupted" in out and "\nNot run: " in out
    run = record.read(Path("out") / RUN_FILE)
    assert run.end and run.end.reason == "the run was interrupted" and run.outcomes and run.end.not_run
    assert "interrupted" in Path("out/index.html").read_text()


# A second one does not wait for anything; what had been written stays.
def test_interrupted_twice() -> None:
    process = begun()
    process.send_signal(signal.SIGINT)
    time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=5)
    assert process.returncode in (-signal.SIGINT, 3) and "Traceback" not in err
    assert record.read(Path("out") / RUN_FILE).outcomes


# Killed, the run reads as one that was cut off.
def test_killed() -> None:
    process = begun()
    process.kill()
    process.communicate()
    ran = subprocess.run([*COMMAND, "report", "out"], capture_output=True, text=True, timeout=30)
    assert ran.returncode == 0 and ran.stdout.startswith("cut off: the run has no end, ")
