"""`diff`, `baseline`, `certify` and `verify` on runs of the bundled server, as a shell runs them."""

from __future__ import annotations

import base64
import json
import os
import pty
import select
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.background import Background
from harness.cli.serve import write_target
from harness.report import record
from reference_server.provider import provider

COMMAND = [sys.executable, "-c", "from harness.cli import main; main()"]
FAULT = "case-sensitive-scheme"
FALLEN = "rfc9110/11.1-scheme-case"
LOWER = "bearer/presentation/scheme-case[lower]"


def authconform(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Without a terminal: whatever has to be asked for is missing."""
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, text=True, timeout=120, start_new_session=True
    )


def run(out: str, *arguments: str, profile: str = "originchain") -> subprocess.CompletedProcess[str]:
    return authconform("run", "bearer/presentation", "--profile", profile, "--out", out, *arguments)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """In it `right` and `wrong`, runs of the server as it is and with a fault."""
    folder = tmp_path_factory.mktemp("evidence")
    assert run(str(folder / "right")).returncode == 0
    assert run(str(folder / "wrong"), "--fault", FAULT).returncode == 1
    return folder


@pytest.fixture(autouse=True)
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(folder)
    yield
    Path("authconform-baseline.yaml").unlink(missing_ok=True)


# --- diff -----------------------------------------------------------------------------------------


# The difference between the right server and the one with a fault is what fell, and nothing else.
def test_diff_names_exactly_what_fell() -> None:
    told = authconform("diff", "right", "wrong/run.jsonl", "--json")
    found = json.loads(told.stdout)

    assert (told.returncode, told.stderr) == (1, "")
    assert [each["case"] for each in found["newly_failing"]] == [
        f"bearer/presentation/scheme-case[{how}]" for how in ("lower", "upper", "mixed")
    ]
    assert [(each["id"], each["old"], each["new"]) for each in found["requirements"]] == [
        (FALLEN, "pass", "fail")
    ]
    assert found["settings"] == [{"name": "faults", "old": "none", "new": FAULT}]
    others = ("newly_warned", "fixed", "newly_inconclusive", "not_run", "added", "removed", "measurements")
    assert [name for name in others if found[name]] == []


# The other way round it is fixed; two of the same have no difference.
def test_diff_of_what_was_mended() -> None:
    mended = authconform("diff", "wrong", "right")
    assert (mended.returncode, mended.stdout.splitlines()[0]) == (0, "3 fixed")

    same = authconform("diff", "right", "right")
    assert (same.returncode, same.stdout) == (0, "no case has changed\n")


# What is no run is told; a new run that was cut off never reads as nothing newly failing.
def test_diff_of_runs_that_are_none(folder: Path) -> None:
    told = authconform("diff", "right", "nowhere")
    assert (told.returncode, told.stderr) == (
        2, "authconform: nowhere cannot be read: No such file or directory\n",
    )  # fmt: skip

    lines = (folder / "right" / "run.jsonl").read_bytes().splitlines(keepends=True)
    (folder / "cut.jsonl").write_bytes(b"".join(lines[:10]))
    told = authconform("diff", "right", "cut.jsonl")
    assert told.returncode == 3
    assert "The new run was cut off: nothing can be concluded" in told.stdout


# --- baseline -------------------------------------------------------------------------------------


def accept(what: str, *further: str) -> subprocess.CompletedProcess[str]:
    about = ("--reason", "The gateway is old", "--owner", "Ada", "--expires", "2999-12-31")
    return authconform("baseline", "add", "wrong", what, *about, *further)


# Accepted findings are asked all the same, told as accepted everywhere, and do not fail the run.
def test_accepted_findings_do_not_fail_the_run() -> None:
    added = accept(FALLEN, "--ticket", "GW-12")
    assert added.stdout == f"authconform-baseline.yaml:3: {FALLEN} is accepted until 2999-12-31\n"

    ran = run("accepted", "--fault", FAULT, "--baseline", "authconform-baseline.yaml")
    assert ran.returncode == 0
    assert "conforms; 1 MUST accepted by the baseline\n" in ran.stdout
    assert f"Accepted\n  {FALLEN} until 2999-12-31: The gateway is old (Ada, GW-12)\n" in ran.stdout
    assert "3 xfailed" in ran.stdout

    found = record.read(Path("accepted/run.jsonl"))
    assert (found.start.baseline, found.end and found.end.accepted) == ("authconform-baseline.yaml", 3)
    assert [each.verdict for each in found.outcomes if each.accepted] == ["fail"] * 3
    page = Path("accepted/index.html").read_text()
    assert "1 MUST accepted by the baseline" in page and "The gateway is old" in page
    assert authconform("diff", "right", "accepted").returncode == 0


# An entry for a case is for what it fails now; when that is mended, the line to delete is named.
def test_an_entry_that_no_longer_fails_is_named() -> None:
    assert accept(LOWER).stdout == (
        f"authconform-baseline.yaml:3: {FALLEN} in {LOWER} is accepted until 2999-12-31\n"
    )
    still = run("still", "--fault", FAULT, "--baseline", "authconform-baseline.yaml")
    assert still.returncode == 1  # the other two cases

    ran = run("mended", "--baseline", "authconform-baseline.yaml")
    assert ran.returncode == 1
    assert (
        f"authconform-baseline.yaml:3: {FALLEN} in {LOWER} no longer fails: delete this entry" in ran.stdout
    )
    other = run("other", "-k", "two-fields", "--baseline", "authconform-baseline.yaml")
    assert other.returncode == 0  # its case did not run


# A mistake in it is told before anything is asked, by lint as well.
def test_mistakes_in_a_baseline() -> None:
    Path("authconform-baseline.yaml").write_text(
        "accepted:\n- {case: a, reason: x, owner: y, expires: soon}\n"
    )
    sentence = "authconform-baseline.yaml:2: 'expires' must be a date such as 2027-03-31, not 'soon'"

    ran = run("never", "--baseline", "authconform-baseline.yaml")
    assert ran.returncode == 2 and sentence in ran.stderr and not Path("never").exists()
    assert sentence in authconform("lint", "authconform-baseline.yaml").stderr


# What is missing and nobody can be asked for is named, and so is what does not fail.
def test_what_baseline_add_is_not_told() -> None:
    told = authconform("baseline", "add", "wrong", LOWER, "--owner", "Ada")
    assert (told.returncode, told.stderr) == (2, "authconform: --reason is missing\n--expires is missing\n")

    told = accept("bearer/presentation/scheme-case[uper]")
    assert (told.returncode, told.stderr) == (
        2,
        "authconform: nothing in this run is against 'bearer/presentation/scheme-case[uper]'. "
        "Did you mean 'bearer/presentation/scheme-case[upper]'?\n",
    )
    past = authconform(
        "baseline", "add", "wrong", LOWER, "--reason", "x", "--owner", "y", "--expires", "2020-01-01"
    )
    assert past.stderr == ("authconform: 2020-01-01 is past. Give a day on which it is still accepted.\n")


# At a terminal a person is asked for what was not given.
def test_baseline_add_asks_at_a_terminal() -> None:
    controller, terminal = pty.openpty()
    own = "import fcntl, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
    words = ("baseline", "add", "wrong", LOWER, "--expires", "2999-12-31")
    adding = subprocess.Popen(
        [sys.executable, "-c", own + COMMAND[-1], *words],
        stdin=terminal, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    os.close(terminal)
    seen = ""
    for question, answer in (("Why is it accepted?", "It is old"), ("Who answers for it?", "Ada")):
        until = time.monotonic() + 60
        while not seen.replace("\r", "").endswith(f"{question}\n> ") and time.monotonic() < until:
            if select.select([controller], [], [], 0.05)[0]:
                seen += os.read(controller, 4096).decode()
        os.write(controller, f"{answer}\r".encode())
    printed, _ = adding.communicate(timeout=60)
    os.close(controller)

    assert printed == f"authconform-baseline.yaml:3: {FALLEN} in {LOWER} is accepted until 2999-12-31\n"
    assert 'reason: "It is old"\n    owner: "Ada"' in Path("authconform-baseline.yaml").read_text()


# --- certify and verify ---------------------------------------------------------------------------


# A run that is not whole, or does not conform, gets no certificate; every reason is told.
def test_what_gets_no_certificate() -> None:
    authconform("keygen", "team")
    told = authconform("certify", "wrong", "--key", "team", "--out", "wrong.zip")

    assert (told.returncode, told.stderr.splitlines()) == (
        2,
        [
            "authconform: wrong/run.jsonl gets no certificate",
            "only a part was asked: bearer/presentation",
            f"the API does not conform: {FALLEN} in 3 cases",
            f"the server was started with faults: {FAULT}",
        ],
    )
    assert not Path("wrong.zip").exists()


# A whole run of an API with secrets: it is certified, anybody can verify it, and no secret is in the bundle.
def test_a_run_is_certified_without_its_secrets(tmp_path: Path) -> None:
    background = Background("certified")
    served = background.run(provider.start("kid-jwt"))
    secrets = [each["value"] for each in served.target["credentials"].values()]
    try:
        target = tmp_path / "staging.yaml"
        write_target(served.target, target)
        ran = authconform("run", "--target", str(target), "--out", "whole")
    finally:
        background.run(served.stop())
        background.close()
    assert ran.returncode == 0, ran.stdout

    authconform("keygen", "release")
    made = authconform("certify", "whole", "--key", "release", "--out", "release.zip")
    assert (made.returncode, made.stderr) == (0, "")
    with zipfile.ZipFile("release.zip") as bundle:
        for name in bundle.namelist():
            content = bundle.read(name)
            for secret in secrets:
                assert secret.encode() not in content, name
                assert base64.b64encode(secret.encode()).rstrip(b"=")[:-1] not in content, name

    intact = authconform("verify", "release.zip")
    assert intact.returncode == 0
    assert intact.stdout.startswith("intact, signer not checked: signed by ")
    valid = authconform("verify", "release.zip", "--key", "release.pub")
    assert (valid.returncode, valid.stdout.split()[:3]) == (0, ["valid:", "signed", "by"])
    assert "  profile         kid-jwt, sha256 " in valid.stdout
    assert f"  target          {target} (bundled)\n" in valid.stdout
    assert "  compared        the suites are those of this authconform" in valid.stdout

    data = bytearray(Path("release.zip").read_bytes())
    data[data.index(b"staging.yaml") + 1] ^= 1
    Path("release.zip").write_bytes(data)
    altered = authconform("verify", "release.zip", "--key", "release.pub", "--json")
    assert altered.returncode == 1
    assert json.loads(altered.stdout)["altered"] == ["run.jsonl is not what was signed"]
