"""Selectors: the beginning of a suite or of a requirement, or the name of a scenario or case."""

from __future__ import annotations

import pytest

from harness import shipped, suites
from harness.errors import InputError
from harness.inputs import Choice, Inputs
from harness.plan import Case
from harness.selection import matching


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    return Inputs(Choice(profile="originchain"))


@pytest.fixture(scope="module")
def cases(inputs: Inputs) -> list[Case]:
    return [case for path in suites.find(shipped.folder("suites")) for case in inputs.cases(path)]


def chosen(inputs: Inputs, cases: list[Case], *selectors: str) -> list[str]:
    return [case.id for case in matching(cases, selectors, inputs.profile)]


# A folder, a suite, a file of it, with or without suites/ before it.
def test_suites(inputs: Inputs, cases: list[Case]) -> None:
    folder = [case.id for case in cases if case.scenario.suite.startswith("instance/")]
    assert chosen(inputs, cases, "instance") == chosen(inputs, cases, "suites/instance/") == folder
    suite = [case.id for case in cases if case.scenario.suite == "instance/environments"]
    assert chosen(inputs, cases, "instance/environments") == suite
    assert chosen(inputs, cases, "suites/instance/environments.suite.yaml") == suite


# A scenario is all of its cases; a case is only itself.
def test_scenarios_and_cases(inputs: Inputs, cases: list[Case]) -> None:
    scheme = chosen(inputs, cases, "bearer/presentation/scheme-case")
    assert scheme == [f"bearer/presentation/scheme-case[{each}]" for each in ("lower", "upper", "mixed")]
    assert chosen(inputs, cases, scheme[1]) == [scheme[1]]


# A requirement is every case that looks at it: cited by the scenario, or named by the profile.
def test_requirements(inputs: Inputs, cases: list[Case]) -> None:
    found = chosen(inputs, cases, "rfc9110/11.1")
    assert {f"bearer/presentation/scheme-case[{each}]" for each in ("lower", "upper", "mixed")} <= set(found)
    assert all("/scheme-case[" in each for each in found)
    assert "instance/scoping/token-elsewhere" in chosen(inputs, cases, "originchain/403-foreign")
    section = set(chosen(inputs, cases, "rfc6750/3"))
    assert set(chosen(inputs, cases, "rfc6750/3.1")) <= section


# Several selectors add up; the order is that of the suites, and nothing comes twice.
def test_several(inputs: Inputs, cases: list[Case]) -> None:
    both = chosen(inputs, cases, "instance", "bearer/opaque", "bearer")
    assert both == [case.id for case in cases if case.scenario.suite.startswith(("bearer/", "instance/"))]


# A beginning ends where a word does.
@pytest.mark.parametrize("selector", ["bear", "rfc6750/3.1-unk", "bearer/presentation/scheme", "", "/"])
def test_half_a_word(inputs: Inputs, cases: list[Case], selector: str) -> None:
    with pytest.raises(InputError, match=f"^nothing is called '{selector}'"):
        chosen(inputs, cases, selector)


# A name that is like none: what begins as it does, else how names begin at all.
def test_what_begins_so(inputs: Inputs, cases: list[Case]) -> None:
    with pytest.raises(InputError) as raised:
        chosen(inputs, cases, "rfc9110/99", "nowhere")
    first, second = str(raised.value).splitlines()
    assert first.startswith(
        "nothing is called 'rfc9110/99'. What begins with rfc9110/: rfc9110/11.1-scheme-case, "
    )
    assert second.startswith("nothing is called 'nowhere'. Names begin with asvs, basic, bearer, ")


# Everything that means nothing is told, with what was probably meant.
def test_nothing_is_called_so(inputs: Inputs, cases: list[Case]) -> None:
    with pytest.raises(InputError) as raised:
        chosen(inputs, cases, "bearer", "baerer/opaque", "originchain/403-foreing")
    assert str(raised.value).splitlines() == [
        "nothing is called 'baerer/opaque'. Did you mean 'bearer/opaque'?",
        "nothing is called 'originchain/403-foreing'. Did you mean 'originchain/403-foreign'?",
    ]
