"""Suites under plain pytest and under the command: what their users are used to, and the exit codes."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from harness import shipped, suites
from harness.cli.selectors import Asked, split
from harness.errors import InputError
from reference_server.provider import provider

PROFILE = "--authconform-profile=originchain"


def fault(requirement: str) -> str:
    """A fault by which the bundled server breaks this requirement."""
    return next(each["id"] for each in provider.faults("originchain") if requirement in each["breaks"])


@pytest.fixture
def here(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder with a copy of suites/bearer and a pytest.ini of its own."""
    shutil.copytree(shipped.folder("suites") / "bearer", pytester.path / "bearer")
    pytester.makeini("[pytest]\naddopts = -p no:allure_pytest\n")
    return pytester


def outcomes(result: pytest.RunResult) -> dict[str, int]:
    """How many passed, failed, …; without the warnings that are only pytest's own."""
    return {name: count for name, count in result.parseoutcomes().items() if count}


def unwrapped(result: pytest.RunResult) -> str:
    """All that was said, on one line."""
    return " ".join(" ".join([*result.outlines, *result.errlines]).split())


# Cases are tests: collected from *.suite.yaml, named like themselves, and selected with -k.
def test_keyword(here: pytest.Pytester) -> None:
    result = here.runpytest_inprocess("bearer", PROFILE, "-k", "scheme-case and not upper", "-v")
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        [
            "bearer/presentation.suite.yaml::scheme-case?lower? PASSED*",
            "bearer/presentation.suite.yaml::scheme-case?mixed? PASSED*",
            "conforms*",
        ]
    )
    passed = outcomes(result)
    assert passed["passed"] == 2 and "failed" not in passed


# -m must is every case that can break a MUST, its profile's included; the others can break a SHOULD at most.
def test_markers(here: pytest.Pytester) -> None:
    result = here.runpytest_inprocess("bearer", PROFILE, "-m", "not must", "--collect-only", "-q")
    left = [line for line in result.outlines if "::" in line]
    result = here.runpytest_inprocess("bearer", PROFILE, "-m", "must", "--collect-only", "-q")
    chosen = [line for line in result.outlines if "::" in line]
    assert any("missing-header" in line for line in chosen)
    # practice/wrong-scheme-refused is a SHOULD, but the document of OriginChain makes it a MUST
    assert any("wrong-scheme" in line for line in chosen)
    assert not set(chosen) & set(left)


# A MUST not met is a failure that says what, where and how; --lf runs it again, and only it.
def test_failure_and_last_failed(here: pytest.Pytester) -> None:
    broken = f"--authconform-fault={fault('rfc9110/11.1-scheme-case')}"
    chosen = ("-k", "scheme-case or wrong-scheme")
    result = here.runpytest_inprocess("bearer", PROFILE, broken, *chosen)
    assert result.ret == 1
    failed = outcomes(result)["failed"]
    assert 0 < failed < 7
    result.stdout.fnmatch_lines(
        [
            "MUST rfc9110/11.1-scheme-case",
            "    *presentation.suite.yaml:*: expected accepted with 200 OK, got 401 Unauthorized",
            "does not conform*",
        ]
    )
    again = here.runpytest_inprocess("bearer", PROFILE, broken, *chosen, "--lf")
    assert (again.ret, outcomes(again)["failed"]) == (1, failed)
    assert "passed" not in outcomes(again)
    mended = here.runpytest_inprocess("bearer", PROFILE, *chosen, "--lf")
    assert (mended.ret, outcomes(mended)["passed"]) == (0, failed)


# -x stops at the first failure; what was not asked is no success.
def test_exit_first(here: pytest.Pytester) -> None:
    broken = f"--authconform-fault={fault('rfc6750/3-missing-refused')}"
    result = here.runpytest_inprocess("bearer/presentation.suite.yaml", PROFILE, broken, "-x")
    assert (result.ret, outcomes(result)["failed"]) == (1, 1)


# A SHOULD not met is a warning even where warnings are errors, unless the run is strict.
def test_warning(here: pytest.Pytester) -> None:
    here.makeini("[pytest]\naddopts = -p no:allure_pytest\nfilterwarnings = error\n")
    broken = f"--authconform-fault={fault('rfc6750/3.1-invalid-token-error')}"
    chosen = ("bearer/opaque.suite.yaml", PROFILE, broken, "-k", "unknown-token and protected")
    result = here.runpytest_inprocess(*chosen)
    assert (result.ret, outcomes(result)["passed"]) == (0, 1)
    result.stdout.fnmatch_lines(["*ConformanceWarning: SHOULD rfc6750/3.1-invalid-token-error*"])
    assert here.runpytest_inprocess(*chosen, "--authconform-strict").ret == 1


# JUnit and Allure get each case once, with what it cites.
def test_junit_and_allure(here: pytest.Pytester) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "bearer", PROFILE, "-k", "scheme-case", "-p", "allure_pytest.plugin",
         "--junitxml=junit.xml", "-o", "junit_family=xunit1", "-o", "addopts=", "--alluredir=allure"],
        cwd=here.path, capture_output=True, text=True, timeout=60,
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "harness.plugin"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    root = ET.parse(here.path / "junit.xml").getroot()
    names = [case.get("name") for case in root.iter("testcase")]
    assert names == ["scheme-case[lower]", "scheme-case[upper]", "scheme-case[mixed]"]
    properties = {each.get("name"): each.get("value") for each in root.iter("property")}
    assert properties["requirements"] == "rfc9110/11.1-scheme-case"
    results = [json.loads(path.read_text()) for path in (here.path / "allure").glob("*-result.json")]
    assert sorted(each["status"] for each in results) == ["passed"] * 3
    assert len({each["historyId"] for each in results}) == 3, "Allure hides what it takes for a retry"
    assert len({each["testCaseId"] for each in results}) == 3


# Beside the suites there may be other tests; when one of them fails, so does the session.
def test_beside_other_tests(here: pytest.Pytester) -> None:
    here.makepyfile(test_beside="def test_beside():\n    assert False\n")
    result = here.runpytest_inprocess(".", PROFILE, "-k", "scheme-case or beside")
    assert (result.ret, outcomes(result)["failed"], outcomes(result)["passed"]) == (1, 1, 3)
    here.makepyfile(test_beside="def test_beside():\n    pass\n")
    assert here.runpytest_inprocess(".", PROFILE, "-k", "scheme-case or beside").ret == 0


# Without a target the suites are left out, and said to be.
def test_without_target(here: pytest.Pytester) -> None:
    here.makepyfile(test_beside="def test_beside():\n    pass\n")
    result = here.runpytest_inprocess(".")
    assert (result.ret, outcomes(result)["passed"]) == (0, 1)
    result.stdout.fnmatch_lines(
        ["authconform: *.suite.yaml was left out; give --authconform-target FILE or --authconform-profile*"]
    )


# A mistake in a suite is exit 2 and one line, before anything is asked.
def test_mistake_in_a_suite(here: pytest.Pytester) -> None:
    path = here.path / "bearer" / "opaque.suite.yaml"
    path.write_text(path.read_text().replace("    present: token\n", "    presnt: token\n", 1))
    result = here.runpytest_inprocess("bearer", PROFILE)
    assert result.ret == 2
    result.stdout.fnmatch_lines(
        ["bearer/opaque.suite.yaml:*: unknown key 'presnt' in a scenario. Did you mean 'present'?"]
    )
    assert "Traceback" not in result.stdout.str() and "passed" not in outcomes(result)


# A suite may be called like something that pytest obeys, or like a level: it gets no marker of that name.
@pytest.mark.parametrize("name", ["skip", "xfail", "must"])
def test_suite_called_like_a_marker(here: pytest.Pytester, name: str) -> None:
    suite = f"suite: {name}/x\ntitle: T\nscenarios:\n- {{id: a, requires: rfc6750/2.1-header-accepted, "
    (here.path / "x.suite.yaml").write_text(suite + "present: token, accepted: true}\n")
    result = here.runpytest_inprocess("x.suite.yaml", PROFILE, "--strict-markers")
    assert (result.ret, outcomes(result)["passed"]) == (0, 1)


# Nor does a mistake on the command line reach the target.
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--authconform-profile=orginchain"], "*unknown profile 'orginchain'. Did you mean 'originchain'?*"),
        (["--authconform-target=none.yaml"], "*none.yaml: there is no such file. Check the path.*"),
        ([PROFILE, "--authconform-select=baerer/opaque"],
         "*nothing is called 'baerer/opaque'. Did you mean 'bearer/opaque'?*"),
        ([PROFILE, "--authconform-fault=no-chalenge"],
         "*originchain has no fault 'no-chalenge'. Did you mean 'no-challenge'?*"),
        (["--authconform-profile=standard", "--authconform-openapi=none.yaml"],
         "*none.yaml: there is no such file. Check the path.*"),
        ([PROFILE, "--authconform-target=t.yaml"],
         "*--authconform-target and --authconform-profile are two ways to say what is tested: give one*"),
        (["--authconform-target=t.yaml", "--authconform-base-url=http://127.0.0.1:1"],
         "*--authconform-base-url goes with --authconform-profile; a target has its own addresses*"),
        (["--authconform-target=t.yaml", "--authconform-fault=no-challenge"],
         "*--authconform-fault needs the bundled server: give --authconform-profile alone*"),
        (["--authconform-target=t.yaml", "--authconform-rate=0"],
         "*--authconform-rate must be from 0.001 to 100000*"),
        (["--authconform-target=t.yaml", "--authconform-trials=0"],
         "*--authconform-trials must be from 1 to 100*"),
        (["--authconform-target=t.yaml", "--authconform-concurrency=0"],
         "*--authconform-concurrency must be from 1 to 256*"),
    ],
)  # fmt: skip
def test_mistakes_on_the_command_line(here: pytest.Pytester, arguments: Sequence[str], sentence: str) -> None:
    # pytester cannot look into a session that ends before it has begun
    begins = PROFILE in arguments and not any("target" in each for each in arguments)
    result = (here.runpytest_inprocess if begins else here.runpytest_subprocess)("bearer", *arguments)
    assert result.ret == 2
    lines = [*result.outlines, *result.errlines]
    pytest.LineMatcher(lines).fnmatch_lines([sentence])
    assert not any("Traceback" in line or "passed" in line for line in lines)


# xdist would send everything from each worker: refused with the way out.
def test_xdist_is_refused(here: pytest.Pytester) -> None:
    here.makeconftest(
        "def pytest_addoption(parser):\n"
        "    parser.addoption('--numprocesses', dest='numprocesses', type=int)\n"
    )
    result = here.runpytest_subprocess("bearer", PROFILE, "--numprocesses=2")
    assert result.ret == 2
    pytest.LineMatcher([*result.outlines, *result.errlines]).fnmatch_lines(
        ["*under pytest-xdist each worker would send them all: leave -n out and use *concurrency*"]
    )


# With the API's own document the operations that it protects are asked too, as the command asks them.
def test_openapi(here: pytest.Pytester) -> None:
    shutil.copytree(shipped.folder("suites") / "inventory", here.path / "inventory")
    document = str(shipped.folder("specs") / "standard" / "openapi.yaml")
    chosen = ("inventory", "--authconform-profile=standard", "-k", "without-credential and whoami")
    result = here.runpytest_inprocess(*chosen, f"--authconform-openapi={document}")
    assert (result.ret, outcomes(result)["passed"]) == (0, 3)  # by its own method, HEAD and OPTIONS


# What of it cannot be asked is said before the first case.
def test_openapi_left_aside(here: pytest.Pytester) -> None:
    shutil.copytree(shipped.folder("suites") / "inventory", here.path / "inventory")
    good = {"200": {"description": "All."}}
    paths = {
        "/things": {"get": {"responses": good}},
        "/moved": {"get": {"servers": [{"url": "https://elsewhere.example"}], "responses": good}},
    }
    schemes = {"bearer": {"type": "http", "scheme": "bearer"}}
    document = {"openapi": "3.1.0", "info": {"title": "An API", "version": "1"}, "paths": paths,
                "components": {"securitySchemes": schemes}, "security": [{"bearer": []}]}  # fmt: skip
    (here.path / "api.json").write_text(json.dumps(document))
    result = here.runpytest_inprocess(
        "inventory",
        "--authconform-profile=standard",
        "--authconform-openapi=api.json",
        "--collect-only",
        "-q",
    )
    assert result.ret == 0
    result.stdout.fnmatch_lines(
        ["authconform: api.json: left aside: #/paths/~1moved/get: it has servers of its own*"]
    )


# A staging target is tested with its references; nothing of its secrets is said.
def test_staging(here: pytest.Pytester, staging: Any) -> None:
    result = here.runpytest_inprocess("bearer", f"--authconform-target={staging.file}", "-k", "scheme-case")
    assert (result.ret, outcomes(result)["passed"]) == (0, 3)
    assert not any(secret in result.stdout.str() for secret in staging.secrets.values())


# A wrong configured token is a mistake of the configuration, not of the target: exit 3, no case asked.
def test_wrong_token(here: pytest.Pytester, staging: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = "oc_live_" + "x" * 40
    monkeypatch.setenv("STAGING_TOKEN", wrong)
    result = here.runpytest_inprocess("bearer", f"--authconform-target={staging.file}")
    assert result.ret == 3
    said = unwrapped(result)
    assert "inconclusive: " in said and "the credential 'token' ($STAGING_TOKEN) is refused: " in said
    assert wrong not in said and "passed" not in outcomes(result)


# So is one that is not set, but that is a mistake of whoever starts the run.
def test_token_not_set(here: pytest.Pytester, staging: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAGING_TOKEN")
    result = here.runpytest_inprocess("bearer", f"--authconform-target={staging.file}")
    assert result.ret == 2
    said = unwrapped(result)
    assert "the environment variable STAGING_TOKEN is not set. It must hold the credential 'token'." in said


# A target that cannot be reached is inconclusive.
def test_unreachable(here: pytest.Pytester, staging: Any) -> None:
    with socket.socket() as silent:  # bound, so that nobody else is, and not listening
        silent.bind(("127.0.0.1", 0))
        port = silent.getsockname()[1]
        staging.file.write_text(staging.file.read_text().replace(f":{staging.port}'", f":{port}'"))
        result = here.runpytest_inprocess("bearer", f"--authconform-target={staging.file}")
    assert result.ret == 3
    said = unwrapped(result)
    assert f"the place 'own' at http://acme.originchain.test:{port} cannot be reached: " in said
    assert "passed" not in outcomes(result)


# Where nothing applies nothing was tested, which is no success.
def test_nothing_applies(here: pytest.Pytester, staging: Any) -> None:
    text = staging.file.read_text().replace("  token: {env: STAGING_TOKEN}\n", "")
    staging.file.write_text(text + "absent: {token: none is given out}\n")
    result = here.runpytest_inprocess(
        "bearer/opaque.suite.yaml", f"--authconform-target={staging.file}", "-rs"
    )
    assert result.ret == 3
    assert set(outcomes(result)) == {"skipped"}
    result.stdout.fnmatch_lines(["*token: none is given out*"])


# What does not apply is no letter in the run's line; with -v it has a line of its own.
def test_what_does_not_apply(here: pytest.Pytester) -> None:
    shutil.copytree(shipped.folder("suites") / "key", here.path / "key")
    files = ("key/presentation.suite.yaml", "bearer/opaque.suite.yaml", PROFILE)
    result = here.runpytest_inprocess(*files, "-q")
    count = outcomes(result)
    (line,) = [each for each in result.outlines if each.endswith("[100%]")]
    assert line.split()[0] == "." * count["passed"] and count["skipped"] > 10
    told = [each for each in result.outlines if "the profile originchain has no 'api-key'" in each]
    assert told == [f"  1 suite, {count['skipped']} cases: the profile originchain has no 'api-key'"]
    result = here.runpytest_inprocess(*files, "-v")
    result.stdout.fnmatch_lines(["key/presentation.suite.yaml::* NOT APPLICABLE *", "    key/presentation"])


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`authconform` as a shell runs it."""
    command = [sys.executable, "-c", "from harness.cli import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


# `run --json` prints the end line and nothing else; the files are in the folder that was asked for.
def test_run_json(tmp_path: Path) -> None:
    ran = run(
        tmp_path, "run", "bearer/presentation/scheme-case", "--profile", "originchain",
        "--fault", fault("rfc9110/11.1-scheme-case"), "--json", "--out", "out",
    )  # fmt: skip
    assert ran.returncode == 1
    end = json.loads(ran.stdout)
    assert (end["kind"], end["verdict"]) == ("end", "does-not-conform")
    lines = (tmp_path / "out" / "run.jsonl").read_text().splitlines()
    assert json.loads(lines[-1]) == end
    made = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"run.jsonl", "index.html", "junit.xml", "allure-results"} <= made


# A mistake leaves standard output to nobody: the sentence goes to standard error.
def test_run_json_with_a_mistake(tmp_path: Path) -> None:
    ran = run(tmp_path, "run", "bearer/presentatoin", "--profile", "originchain", "--json")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "nothing is called 'bearer/presentatoin'. Did you mean 'bearer/presentation'?" in ran.stderr
    assert "Traceback" not in ran.stderr


# A folder of one's own is meant by `.` and by its whole path; ours by their names, wherever one is.
def test_folders_of_suites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.suite.yaml").write_text("")
    (tmp_path / "suites").mkdir()
    own = (Path("."), tmp_path, Path("mine.suite.yaml"))
    assert split([".", str(tmp_path), "mine.suite.yaml"]) == Asked(own, own, ())
    ours = shipped.folder("suites")
    found = tuple(path for path in suites.find(ours) if path.parent.name == "bearer")
    assert split(["suites/bearer/"]) == Asked(found, (), ("suites/bearer/",))
    assert split(["rfc6750/3.1"]) == Asked((ours,), (), ("rfc6750/3.1",))
    assert split([]) == Asked((ours,), (), ())
    with pytest.raises(InputError, match="^there is no suite in 'suites/'. A suite's name ends in"):
        split(["suites/"])
    (tmp_path / "notes.yaml").write_text("")
    with pytest.raises(InputError, match="^there is no suite in 'notes.yaml'. A suite's name ends in"):
        split(["notes.yaml"])


# What lies in the folder is meant, even where a suite of ours is called so; hidden folders are not looked at.
def test_own_folder_called_like_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    hidden = tmp_path / "suites" / "bearer" / ".hidden"
    hidden.mkdir(parents=True)
    (hidden / "x.suite.yaml").write_text("")
    assert split(["suites/bearer"]).own == ()
    (tmp_path / "suites" / "bearer" / "x.suite.yaml").write_text("")
    own = (Path("suites/bearer"),)
    assert split(["suites/bearer"]) == Asked(own, own, ())
