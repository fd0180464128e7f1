"""`diff` of a right server and a wrong one names exactly what fell: twenty faults, over all profiles."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from reference_server.provider import provider

CHOSEN = {
    "originchain": [
        "open-head",
        "single-space-parser",  # a SHOULD, as the others that end in a comment
        "cross-tenant-head",
        "listing-shows-ends",  # SHOULD
        "revocation-cached-8s",  # told by what is measured
        "activity-empty",  # MAY
    ],
    "kid-jwt": [
        "jwt-scheme-not-in-capitals",
        "key-in-query",
        "jwt-typ-required",  # SHOULD
        "kid-jwt-grants-every-origin",  # MAY
    ],
    "origoid": [
        "basic-under-bearer",
        "cors-by-end",
        "exchange-by-get",  # SHOULD
        "disabled-account-keeps-tokens",
    ],
    "sk-oauth": [
        "code-in-other-case",
        "redirect-with-slash",
        "scope-as-substring",
        "users-cacheable",  # SHOULD
    ],
    "standard": [
        "ecdsa-as-der",
        "path-in-capitals",
        "standard-name-truncated",  # SHOULD
        "old-version-open",  # SHOULD
    ],
}
FAULTS = {
    str(fault["id"]): (profile, fault)
    for profile, names in CHOSEN.items()
    for fault in provider.faults(profile)
    if fault["id"] in names
}
AT_ONCE = 3
COMMAND = [sys.executable, "-c", "from harness.cli import main; main()"]
BADLY = {"fail", "warn", "noted"}
WORST_FIRST = ("fail", "warn", "inconclusive", "noted", "pass", "not-applicable")


def authconform(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=300)


class Run:
    """A run file, read here line by line and by nothing of the harness; a MAY that is not so is `noted`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cases: dict[str, set[str]] = {}
        """What each case has against the API, each as "fail rfc6750/3-missing-refused"."""
        self.requirements: dict[str, str] = {}
        lines = map(json.loads, (folder / "run.jsonl").read_text(encoding="utf-8").splitlines())
        for outcome in (line for line in lines if line["kind"] == "outcome"):
            noted = {each["requirement"] for each in outcome["problems"] if each["level"] == "MAY"}
            said = self.cases[outcome["case"]] = set()
            for finding in outcome["requirements"]:
                id, verdict = finding["id"], finding["verdict"]
                verdict = "noted" if verdict == "pass" and id in noted else verdict
                if verdict not in ("pass", "not-applicable"):
                    said.add(f"{verdict} {id}")
                known = self.requirements.get(id, "not-applicable")
                self.requirements[id] = min(known, verdict, key=WORST_FIRST.index)


def selectors(profile: str, scenarios: list[dict[str, Any]]) -> list[str]:
    """The scenarios that cite what one of the chosen faults of the profile breaks."""
    broken = {id for of, fault in FAULTS.values() if of == profile for id in fault["breaks"]}
    return [each["id"] for each in scenarios if broken.intersection(each["requirements"])]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Future[Run]]]:
    """A run of each right server, by its profile, and of each fault, by its name: of the same cases."""
    out = tmp_path_factory.mktemp("runs")
    scenarios = json.loads(authconform("list", "scenarios", "--json").stdout)

    def run(name: str, profile: str, *more: str) -> Run:
        asked = [*selectors(profile, scenarios), "--profile", profile, "--trials", "1", "--seed", "9"]
        ran = authconform("run", *asked, "--out", str(out / name), *more)
        assert ran.returncode in (0, 1), ran.stdout + ran.stderr
        return Run(out / name)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        started = {profile: pool.submit(run, profile, profile) for profile in CHOSEN}
        started |= {
            fault: pool.submit(run, fault, profile, "--fault", fault)
            for fault, (profile, _) in FAULTS.items()
        }
        yield started


# What the difference names is what another reading of the two files finds, and what the fault must break.
@pytest.mark.parametrize("fault", FAULTS)
def test_what_fell_is_named(runs: dict[str, Future[Run]], fault: str) -> None:
    profile, known = FAULTS[fault]
    right, wrong = runs[profile].result(), runs[fault].result()
    against = {case: {each.partition(" ")[2] for each in said} for case, said in wrong.cases.items() if said}
    fallen = {id for id, verdict in wrong.requirements.items() if verdict in BADLY}
    assert set(known["breaks"]) <= fallen <= {*known["breaks"], *known["also"]}
    assert right.cases.keys() == wrong.cases.keys()

    told = authconform("diff", str(right.folder), str(wrong.folder), "--json")
    found = json.loads(told.stdout)
    named = [*found["newly_failing"], *found["newly_warned"], *found["newly_noted"]]
    assert {each["case"]: set(each["requirements"]) for each in named} == against
    assert {each["id"] for each in found["requirements"] if each["new"] in BADLY} == {
        id for id in fallen if wrong.requirements[id] != "noted"
    }
    assert found["settings"] == [{"name": "faults", "old": "none", "new": fault}]
    filled = {name for name, value in found.items() if value}
    assert filled <= {
        *("newly_failing", "newly_warned", "newly_noted", "requirements", "settings", "measurements"),
    }
    failing = {case for case, said in wrong.cases.items() if any(each.startswith("fail ") for each in said)}
    assert {each["case"] for each in found["newly_failing"]} == failing
    assert told.returncode == (1 if failing else 0)


# There are twenty of them: of each profile, of each level, and one of time.
def test_they_are_of_all_kinds() -> None:
    assert len(FAULTS) == sum(map(len, CHOSEN.values())) >= 20
    assert {fault["level"] for _, fault in FAULTS.values()} == {"MUST", "SHOULD", "MAY"}


# The right servers have nothing against them, or there would be nothing to compare with.
@pytest.mark.parametrize("profile", CHOSEN)
def test_the_right_server_is_right(runs: dict[str, Future[Run]], profile: str) -> None:
    right = runs[profile].result()
    assert right.cases and not any(right.cases.values())
    assert "pass" in right.requirements.values()
