"""The kill matrix as a page: what fell, what did not and why, safe to open and quick to make."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from dataclasses import replace

from harness.model import FaultProof, Proof, RightProof, ScenarioProof
from harness.report.matrix import render

EXACT = FaultProof("open-head", "HEAD needs no credential", "api", True, ("a/1",), {}, ("a/1",), ())
WRONG = FaultProof(
    "lax", "Anything goes", "api", False, ("a/1", "a/2"), {"a/3": "why"}, ("a/3", "b/1"), ("a/2",)
)
RIGHT = RightProof("api", (), "as it is documented", ())
SCENARIO = ScenarioProof("own/first/asked", ("open-head", "lax"), None)
GOOD = Proof((RIGHT,), (EXACT,), (SCENARIO,), partial=False, elapsed=2.5)


def words(page: str) -> str:
    """The page as it is read."""
    inside = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", inside).split())


# Who opens it reads first whether the proof holds, and of how much it is made.
def test_a_proof_that_holds() -> None:
    page = render(GOOD)
    assert "<title>The kill matrix holds</title>" in page
    assert "Faults that fell as foreseen 1 of 1, 1 subtle" in words(page)
    assert "Scenarios seen to fail 1 of 1" in words(page)
    assert "HEAD needs no credential subtle open-head a/1 ✓ exact" in words(page)
    assert "own/first/asked 2 faults open-head, lax ✓ seen to fail" in words(page)
    assert "As it is documented api nothing ✓ quiet" in words(page)
    assert "Not as foreseen" not in words(page)


# What is not as foreseen stands above all else, and again beside the fault with what did fall.
def test_a_proof_that_does_not() -> None:
    alarm = RightProof("api", ("chunked",), "Bodies come in chunks", ("a/9",))
    bare = ScenarioProof("own/first/blind", (), None)
    excused = ScenarioProof("own/first/hard", (), "nothing can be seen from outside")
    page = render(
        replace(GOOD, right=(RIGHT, alarm), faults=(EXACT, WRONG), scenarios=(SCENARIO, bare, excused))
    )
    told = words(page)
    assert "<title>The kill matrix does not hold</title>" in page
    assert "The proof does not hold 7 things are not as foreseen." in told
    assert "the variation chunked (api): a/9 fell or stayed open, a false alarm" in told
    assert "lax: a/2 did not fall (it stayed open)" in told
    assert "a/3 b/1 a/1 did not fall a/2 did not fall (it stayed open) b/1 fell, which nobody foresaw" in told
    assert "33% of the scenarios have a reason in place of a fault, more than 5 %" in told
    assert "own/first/blind none ✕ bare" in told
    assert "own/first/hard nothing can be seen from outside – excused" in told
    assert '<li class="beside" title="why">a/3</li><li class="wrong">b/1</li>' in page


# A matrix of some faults does not call scenarios bare.
def test_a_partial_proof() -> None:
    untried = ScenarioProof("own/first/x", (), None)
    told = words(render(replace(GOOD, scenarios=(SCENARIO, untried), partial=True)))
    assert "What was tried fell as foreseen" in told and "Every scenario can fail" not in told
    assert "nothing is said of the scenarios that none of them made fail." in told
    assert "Scenarios seen to fail 1 of 2" in told
    assert "own/first/asked" in told and "own/first/x" not in told and "✕ bare" not in told


# Nothing is fetched, nothing runs but the one script, and what a provider says is text.
def test_safe_to_open() -> None:
    hostile = replace(EXACT, id="x", title="<script>alert(1)</script>\u202e", fallen=("<b>a/1</b>",))
    page = render(replace(GOOD, faults=(hostile,)))
    assert "<script>alert" not in page and "<b>a/1" not in page and "\u202e" not in page
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert "default-src 'none'" in policy.replace("&#39;", "'") and digest in policy


# Every row can be linked to, and the filter knows each of its states.
def test_rows() -> None:
    page = render(GOOD)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    offered = set(re.findall(r'<option value="([^"]+)"', page))
    assert {"exact", "seen"} <= set(re.findall(r'data-verdict="([^"]+)"', page)) & offered


# Three hundred faults and two hundred scenarios are a page of less than 2 MB in less than a second.
def test_large() -> None:
    faults = tuple(replace(WRONG, id=f"a-fault-with-a-rather-long-name-{number}") for number in range(300))
    names = tuple(fault.id for fault in faults)
    scenarios = tuple(ScenarioProof(f"suite/file/scenario-{number}", names, None) for number in range(200))
    render(GOOD)
    began = time.process_time()
    page = render(replace(GOOD, faults=faults, scenarios=scenarios))
    assert time.process_time() - began < 1
    assert len(page.encode()) < 2_000_000
