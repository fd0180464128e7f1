"""`authconform list`: what there is, for people and as JSON."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from harness import coverage, profiles, providers, shipped, specs, suites
from harness.checks import CHECKS
from harness.errors import did_you_mean, mistake, quoted
from harness.inputs import TARGET_FILE, Choice, Inputs, load_profile
from harness.inventory import NO_DOCUMENT
from harness.model import Requirement, Scenario
from harness.plan import Case

Row = Mapping[str, Any]


@click.command("list")
@click.argument("what", metavar="WHAT")
@click.option("--profile", metavar="NAME", help="Only what this profile has.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array, and nothing else.")
def command(what: str, profile: str | None, as_json: bool) -> None:
    """List profiles, suites, scenarios, requirements, faults, checks."""
    if what not in _KINDS:
        raise mistake(f"there is no list of {quoted(what)}", None, did_you_mean(what, _KINDS))
    rows, told = _KINDS[what]
    found = list(rows(profile))
    if as_json:
        click.echo(json.dumps(found))
    else:
        for row in found:
            click.echo(told(row))


def list_profiles(profile: str | None) -> Iterable[Row]:
    """Each profile: its title, and whether it has a bundled server."""
    specs_folder = shipped.folder("specs")
    requirements = specs.load(specs_folder)
    for name in _profiles(profile):
        loaded = load_profile(specs_folder / name / profiles.FILE, specs_folder, requirements)
        bundled = (specs_folder / name / TARGET_FILE).is_file()
        yield {"id": name, "title": loaded.title, "bundled": bundled}


def list_suites(profile: str | None) -> Iterable[Row]:
    """Each suite and how many scenarios it has; of a profile, those that apply to it."""
    applies = _applying(profile)
    for suite in _suites(profile):
        ids = {scenario.id for scenario in suite.scenarios if applies is None or scenario.id in applies}
        if ids:
            yield {"id": suite.id, "title": suite.title, "scenarios": len(ids)}


def list_scenarios(profile: str | None) -> Iterable[Row]:
    """Each scenario; what its variants need is put together."""
    applies = _applying(profile)
    for suite in _suites(profile):
        by_id: dict[str, list[Scenario]] = {}
        for scenario in suite.scenarios:
            by_id.setdefault(scenario.id, []).append(scenario)
        for id, variants in by_id.items():
            if applies is None or id in applies:
                yield {
                    "id": id,
                    "title": variants[0].title,
                    "suite": suite.id,
                    "requirements": _all(variant.requires for variant in variants),
                    "needs": _all(variant.needs for variant in variants),
                    "touches": _all(sorted(variant.touches) for variant in variants),
                }


def list_requirements(profile: str | None) -> Iterable[Row]:
    """Each requirement with the scenarios that look at it; of a profile, those it names or has tested."""
    scenarios: dict[str, list[str]] = {}
    for name in _profiles(profile):
        loaded = _inputs(name)
        for case in _cases(name) if loaded else ():
            assert loaded is not None
            for requirement, _ in coverage.looked_at(case, loaded.profile) if _can_be_asked(case) else ():
                found = scenarios.setdefault(requirement, [])
                if case.scenario.id not in found:
                    found.append(case.scenario.id)
    for each in specs.load(shipped.folder("specs")).values():
        if profile is None or each.id in scenarios or each.id.startswith(f"{profile}/"):
            yield _requirement(each, scenarios.get(each.id, []))


def list_faults(profile: str | None) -> Iterable[Row]:
    """Each fault that a bundled server can have."""
    for name in _profiles(profile):
        loaded = _inputs(name)
        if loaded and loaded.target.provider:
            yield from providers.load(loaded.target.provider).faults(name)


def list_checks(profile: str | None) -> Iterable[Row]:
    """Each check and what it looks for."""
    for name, check in CHECKS.items():
        yield {"id": name, "title": (inspect.getdoc(check) or "").partition("\n")[0]}


def _requirement(each: Requirement, scenarios: list[str]) -> Row:
    return {
        "id": each.id,
        "level": each.level,
        "basis": each.basis,
        "sources": list(each.sources),
        "catalogue": list(each.catalogue),
        "scenarios": scenarios,
        "not_tested": each.not_tested,
    }


def _profiles(only: str | None) -> Sequence[str]:
    folder = shipped.folder("specs")
    if only is None:
        return profiles.names(folder)
    profiles.path_of(only, folder)  # an unknown name is an error
    return [only]


def _inputs(profile: str) -> Inputs | None:
    """The files of a profile with its bundled target; None where it has none."""
    if not (shipped.folder("specs") / profile / TARGET_FILE).is_file():
        return None
    return Inputs(Choice(profile=profile))


def _files() -> list[Path]:
    return suites.find(shipped.folder("suites"))


def _suites(profile: str | None) -> Iterable[Any]:
    names = _profiles(profile)
    loaded = next(
        found for name in (*names, *profiles.names(shipped.folder("specs"))) if (found := _inputs(name))
    )
    return [loaded.suite(path) for path in _files()]


def _cases(profile: str) -> Iterable[Case]:
    loaded = _inputs(profile)
    return [case for path in _files() for case in loaded.cases(path)] if loaded else []


def _applying(profile: str | None) -> set[str] | None:
    """The scenarios that can be asked of the bundled server of a profile; None where all are meant."""
    return {case.scenario.id for case in _cases(profile) if not case.left_out} if profile else None


def _can_be_asked(case: Case) -> bool:
    """Whether the bundled server can be asked a case, the API's document given where it is about that."""
    return case.left_out is None or case.left_out.reason == NO_DOCUMENT


def _all(groups: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(each for group in groups for each in group))


def _titled(row: Row) -> str:
    return f"{row['id']:<44}  {row['title']}"


def _told_profile(row: Row) -> str:
    return _titled(row) + ("" if row["bundled"] else " (no bundled server)")


def _told_requirement(row: Row) -> str:
    tested = ", ".join(row["scenarios"]) or row["not_tested"] or "not tested yet"
    return f"{row['level']:<6}  {row['id']}\n        {tested}"


_KINDS: dict[str, tuple[Callable[[str | None], Iterable[Row]], Callable[[Row], str]]] = {
    "profiles": (list_profiles, _told_profile),
    "suites": (list_suites, _titled),
    "scenarios": (list_scenarios, _titled),
    "requirements": (list_requirements, _told_requirement),
    "faults": (list_faults, _titled),
    "checks": (list_checks, _titled),
}
