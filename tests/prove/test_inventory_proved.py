"""The operations of a bundled server's own document are proved too, and on what only the document knows."""

from __future__ import annotations

from bundled import Narrow

from harness import proving, shipped
from harness.proving.matrix import _wrong_trial
from harness.proving.subjects import is_varied
from harness.proving.trials import Reach, Trial, try_all

INVENTORY = proving.Aim("standard", None, shipped.folder("suites") / "inventory")
ONE_FOR_EACH = ("export-open", "export-takes-any-key", "export-to-other-tenants", "export-shown-by-options")
"""Faults of an operation that no profile describes, by which each scenario but one is seen to fail."""
SUBTLE = ("export-open-to-head", "whoami-takes-any-token", "whoami-takes-any-user", "whoami-reads-any-jwt")


def trial(fault: str) -> Trial:
    (written,) = [each for each in proving.subject(INVENTORY).faults() if each["id"] == fault]
    return _wrong_trial(proving.subject(INVENTORY), written)


# The document lies beside the profile: nobody has to name it.
def test_the_bundled_document_is_asked() -> None:
    cases = {case.id.removeprefix("inventory/operations/") for case in proving.subject(INVENTORY).cases}
    asked = {"without-credential[export]", "head-without-credential[export]", "varied[export]"}
    asked |= {"options-without-credential[export]", "unknown-credential[jwt,whoami]"}
    asked |= {"foreign-credential[token,export]"}
    assert asked <= cases
    assert not [case for case in cases if "public" in case or "jwks" in case]


# Each scenario is seen to fail on an operation that no other scenario asks, one only where it varies.
def test_each_scenario_is_seen_to_fail() -> None:
    proof = proving.prove([proving.subject(INVENTORY)], [*ONE_FOR_EACH, "csv-export-open"])
    assert proof.right_fallen == ()
    assert [(fault.id, fault.fallen) for fault in proof.faults if not fault.exact] == []
    noticed = {each.id.removeprefix("inventory/operations/"): each.faults for each in proof.scenarios}
    assert {name for name, faults in noticed.items() if not faults} == set()
    assert set(noticed["varied"]) == {"csv-export-open", "export-open", "export-takes-any-key"}
    assert "csv-export-open" not in noticed["without-credential"]


# What takes long is asked where it can show something, and of whoever is right.
def test_who_is_asked_what_varies(narrow: Narrow) -> None:
    varied = [case for case in proving.subject(INVENTORY).cases if is_varied(case)]
    assert len(varied) > 5
    assert [trial(fault).asks(varied[0]) for fault in ("csv-export-open", "export-open-to-head")] == [
        True,
        False,
    ]
    assert Trial(INVENTORY).asks(varied[0])
    (listening,) = narrow([trial("csv-export-open")])
    assert listening.reach == Reach(frozenset()) and listening.asks(varied[0])


# What a faulty server is not asked would have shown nothing, of the document's operations either.
def test_nothing_of_the_document_is_hidden(narrow: Narrow) -> None:
    whole = [trial(fault) for fault in SUBTLE]
    few = narrow(whole)
    found = [[(seen.fallen, seen.scenarios) for seen in try_all(trials)] for trials in (few, whole)]
    assert found[0] == found[1]
    cases = proving.subject(INVENTORY).cases
    assert all(0 < sum(map(each.asks, cases)) < len(cases) / 2 for each in few)


# Servers that are proved side by side wait for each other's turn with Schemathesis, and miss nothing.
def test_varied_side_by_side() -> None:
    seen = try_all([trial("csv-export-open")] * 2)
    assert [each.fallen for each in seen] == [("practice/varied-refused",)] * 2
