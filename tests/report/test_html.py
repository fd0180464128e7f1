"""The HTML report: verdict first, complete, and safe to open whatever the target answered."""

import base64
import hashlib
import re
import time
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
import sample

from harness.report.html import render
from harness.report.record import Run, conclude


class Page(HTMLParser):
    """A rendered report as a reader meets it: its text, its elements, the links within it."""

    VOID = ("meta", "link", "input", "rect")

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.source = render(run)
        self.elements: list[tuple[str, dict[str, Any]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(self.source)
        self.close()
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(sample.everything())


# Who opens the file reads the verdict, where it was found and why, before anything else.
def test_the_verdict_comes_first(page):
    assert "<title>originchain does not conform</title>" in page.source
    assert page.text.index("originchain does not conform at https://acme.originchain.example") < 200
    assert "2 MUST and 1 SHOULD not met." in page.text
    assert "Requirements decided 6 MUST, 1 SHOULD Started 21 November 2026, 18:37 UTC Took 1.8 s" in page.text
    assert "2 failed 1 warned 2 inconclusive 9 passed 2 not applicable" in page.text


# A finding has all that is needed to act on it, in the order in which one asks.
def test_a_finding_is_told_in_full(page):
    told = [
        "bearer/presentation/error-code@own",
        "A refused token is named in the challenge",
        "The challenge that follows a refused token says error=invalid_token.",
        "SHOULD rfc6750/3.1-invalid-token · RFC 6750 section 3.1",
        'Expected (challenge) error="invalid_token" Got Bearer realm="originchain"',
        "The document does not mention the challenge, so this is advice.",
        "Written at suites/bearer/presentation.suite.yaml:27",
        "The case sent 200 ms into the run answered in 12 ms",
        "Request sent GET https://acme.originchain.example/v1/tenants/acme/schemas",
        "Authorization: Bearer [cut token]",
        "Response received HTTP/1.1 401 Unauthorized",
        '{"error":"unauthorized","message":"The token is not valid."}',
        "curl --path-as-is 'https://acme.originchain.example/v1/tenants/acme/schemas' -H",
        "Controls: the same without the change (1)",
    ]
    places = []
    for sentence in told:
        places.append(page.text.index(sentence, places[-1] if places else 0))
    assert {"href": "https://www.rfc-editor.org/rfc/rfc6750#section-3.1", "rel": "noreferrer"} in page.all(
        "a"
    )


# Failures come before warnings, those before what was not learned, and passed cases last.
def test_findings_come_worst_first(page):
    titles = re.findall(r"<h2>(.*?)(?:<|$)", page.source)

    assert titles == [
        *("Not met", "Warnings", "Inconclusive", "Requirements", "Passed", "Not applicable", "Scope"),
        "This run",
    ]


# The release manager reads on the first screen what blocks, and is led to the case that shows it.
def test_what_blocks_comes_first(page):
    told = (
        "What blocks "
        "MUST A token of another instance is answered with 403. 1 case "
        "MUST The name of an authentication scheme is compared without regard to case. 1 case "
        "Requirements decided"
    )
    assert told in page.text
    assert "#case-scoping/instances/foreign-token-own" in [it.get("href") for it in page.all("a")][:4]


# What the baseline accepts does not block; a warning does where warnings decide.
def test_what_is_accepted_does_not_block():
    assert "What blocks" not in Page(sample.run([sample.accepted(), *sample.passed()])).text
    assert "What blocks" not in Page(sample.run(sample.broken()[2:])).text
    strict = Page(sample.run(sample.broken()[2:], strict=True))
    assert "What blocks SHOULD The challenge that follows a refused token" in strict.text


# Without a failure it is told what keeps the run from a conclusion; a run cut off blocks nothing yet.
def test_what_keeps_a_run_open():
    text = Page(sample.run(sample.unknown())).text

    assert "What keeps it open The target answered 503 twice. 1 case The closing control was not" in text
    assert "What would block MUST" in Page(sample.run(sample.broken(), ended=False)).text


# More than five are counted, and the list leads on to the rest.
def test_many_blockers_are_counted():
    names = [f"rfc6750/{number}-x" for number in range(1, 9)]
    case = sample.broken()[0]
    problems = tuple(replace(case.problems[0], requirement=name) for name in names)
    findings = tuple(replace(case.requirements[0], id=name) for name in names)
    page = Page(sample.run([replace(case, requirements=findings, problems=problems)]))

    assert "and 3 more requirements below" in page.text


# Each requirement that is broken is told with what can happen and what mends it, the same words only once.
def test_a_finding_gives_advice():
    case = sample.broken()[0]
    again = replace(case.problems[0], requirement="originchain/instance-scope")
    both = replace(case.problems[0], requirement="asvs/8.4.1-foreign-refused")
    page = Page(sample.run([replace(case, problems=(both, again))]))

    assert "Why it matters One customer can read or change what belongs to another" in page.text
    assert "Likely fix Once the credential is known, compare its instance" in page.text
    assert page.text.count("Why it matters") == 1


# What the requirement's own file says comes first, and what it leaves open is said as of its like.
def test_an_author_gives_advice():
    case = sample.broken()[1]
    cited = sample.REQUIREMENTS["rfc9110/11.1-scheme-case"]
    own = {"rfc9110/11.1-scheme-case": replace(cited, why="Our oldest client writes it so.")}
    text = Page(sample.run([case], requirements=own)).text

    assert "Why it matters Our oldest client writes it so. Likely fix Read the answer beside" in text


# Cases and requirements can be told apart by verdict, level and mechanism; the form offers what there is.
def test_everything_can_be_filtered(page):
    found = next(it for it in page.all("article"))
    assert (found["data-verdict"], found["data-level"], found["data-mechanism"]) == (
        *("fail", "MUST", "bearer"),
    )
    assert [it["name"] for it in page.all("select")] == ["verdict", "level", "mechanism"]
    values = [it["value"] for it in page.all("option") if it["value"]]
    assert values == [
        *("fail", "warn", "inconclusive", "pass", "not-applicable"),
        *("MUST", "SHOULD", "bearer", "lifecycle", "scoping"),
    ]


# The assessor sees of how much of each document the run speaks, and which requirements it never looked at.
def test_coverage_names_what_was_not_looked_at():
    page = Page(sample.run(sample.passed()))

    assert "RFC 6750 2 met 2 of 4" in page.text
    assert "2 of its requirements no case of this run looked at" in page.text
    assert "rfc6750/3.1-invalid-token rfc6750/5.3-no-store" in page.text
    bars = [it["viewbox"] for it in page.all("svg") if it["class"] == "bar"]
    assert "0 0 4 1" in bars


# Documents are called as people call them.
@pytest.mark.parametrize(
    ("id", "name"),
    [("asvs/1.2", "OWASP ASVS"), ("fetch/3.3", "Fetch"), ("rfc7617/1", "RFC 7617"), ("own/x", "own")],
)
def test_documents_have_their_names(id, name):
    page = Page(sample.run([sample.case("a/b", "T", {id: "pass"}, 1)]))
    assert f"{name} 1 met 1 of 1" in page.text


# The scope of the run is told whole: what was tested, excluded, not run, not applicable, declared absent.
def test_the_scope_is_told():
    outcomes = sample.broken() + sample.unknown()
    run = sample.run(outcomes, deselected=7, absent={"issue": "made in the dashboard"}, selection=("bearer",))
    text = Page(replace(run, end=conclude(outcomes, ["a/b"]))).text

    scope = text[text.index("Scope What this run speaks about") :]
    for told in (
        "Tested 5 cases; 2 MUST, 1 SHOULD decided",
        "Asked for bearer",
        "Excluded 7 cases of these suites, left out by the selection",
        "Not run 1 case that was planned",
        "Not applicable 2 cases, for 1 reason",
        "Declared absent issue: made in the dashboard",
        "Sent once more no request",
    ):
        assert told in scope


# A request that was repeated after trouble on the way says so, and the run counts it.
def test_a_repeated_request_is_visible():
    first = sample.exchange(503, body="")
    second = sample.exchange(401, body=sample.REFUSED)
    second = replace(second, request={**second.request, "again_after": "503 Service Unavailable"})
    page = Page(
        sample.run(
            [
                replace(sample.broken()[0], exchanges=(first, second)),
                replace(sample.passed()[0], exchanges=(first, second)),
            ]
        )
    )

    assert "sent once more after: 503 Service Unavailable" in page.text
    assert "→ 401 (the last of 2) (sent once more)" in page.text
    assert "Sent once more 2 requests, after trouble on the way" in page.text


# Sections are counted as people count them.
def test_requirements_come_in_the_order_of_their_sections():
    names = ["rfc6749/10.2-b", "rfc6749/4-a", "rfc6749/4.1.2-a", "rfc6749/4.1-z", "alpha/key-in-header"]
    case = sample.case("a/b", "Something", dict.fromkeys(names, "pass"), 1)
    page = Page(sample.run([case]))

    found = re.findall(r"rfc6749/[\d.]+|alpha/\S+", page.text[page.text.index("Requirements What") :])
    assert found == ["alpha/key-in-header", "rfc6749/4", "rfc6749/4.1", "rfc6749/4.1.2", "rfc6749/10.2"]


# What nothing requires is shown in full, in a section of its own, and never counted as met.
def test_what_is_noted_is_shown():
    page = Page(sample.run([sample.noted(), *sample.passed()]))

    assert "Every MUST and SHOULD that was decided is met. 1 case to note." in page.text
    assert "Noted 1 What nothing requires, and is not so here. These cases have passed. · noted" in page.text
    assert "no Access-Control field Got Access-Control-Allow-Origin: *" in page.text
    assert "practice 1 noted 1 of 1" in page.text
    assert page.text.count("credential/fields/browser-origin@own") == 1
    [article] = page.all("article")
    assert (article["class"], article["data-verdict"]) == ("finding noted", "pass")


# What passed is one line: what was asked, what came, what was measured.
def test_a_passed_case_is_short(page):
    assert (
        "A revoked token is refused within the documented time lifecycle/revocation/immediate@own "
        "GET /v1/tenants/acme/schemas → 401 41 ms "
        "last_acceptance_ms 3.2 first_refusal_ms 8.9 flaps 0 trials 5 "
        "5 trials; the clock started when the revoke call returned"
    ) in page.text


# Nothing is fetched, nothing may run but the one script, and the policy says so to the browser.
def test_it_needs_nothing_from_anywhere(page):
    policy = next(it["content"] for it in page.all("meta") if it.get("http-equiv"))
    style = re.search(r"<style>(.*?)</style>", page.source, re.DOTALL)[1]
    script = re.search(r"<script>(.*?)</script>", page.source, re.DOTALL)[1]

    def hashed(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert policy == (
        f"default-src 'none'; style-src {hashed(style)}; script-src {hashed(script)}; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    for _, attrs in page.elements:
        assert not {"src", "style", "srcset", "action"} & set(attrs)
        assert not [name for name in attrs if name.startswith("on")]
    assert [it["href"][:10] for it in page.all("link")] == ["data:image"]
    assert "url(" not in style and "@import" not in style


# Links inside the page lead somewhere, and no two things have the same name.
def test_every_anchor_exists_once(page):
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    targets = {it["href"][1:] for it in page.all("a") if it["href"].startswith("#")}

    assert len(ids) == len(set(ids))
    assert targets <= set(ids)
    assert "case-bearer/presentation/scheme-case-own" in ids


# Cases whose ids look alike in an anchor still have one each.
def test_similar_cases_have_their_own_anchors():
    first = sample.broken()[1]
    page = Page(sample.run([replace(first, case=case) for case in ("a b", "a-b", "a?b")]))

    assert [it["id"] for it in page.all("article")] == ["case-a-b", "case-a-b-2", "case-a-b-3"]


# Readers with a screen reader get a language, headings in order, header cells and named controls.
def test_it_is_marked_up_for_everyone(page):
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h\d", tag)]

    assert page.all("html") == [{"lang": "en"}]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in zip(levels, levels[1:], strict=False))
    assert all(it.get("scope") in ("col", "row") for it in page.all("th"))
    assert [tag for tag, _ in page.elements if tag in ("header", "nav", "main", "footer")] == [
        *("header", "nav", "main", "footer"),
    ]
    assert "hidden" in page.all("form")[0], "the filter does nothing without its script"


HOSTILE = "</script><img src=x onerror=alert(1)><!--</style>\"'\x1b[31m\u202egnp.exe\x00\ud800{{ 7*7 }}"


# Whatever a target answers is text: no element, no attribute, no control character comes of it.
def test_a_hostile_target_writes_only_text(page):
    exchange = sample.exchange(body=HOSTILE, token=HOSTILE, headers=((HOSTILE, HOSTILE),), error=None)
    case = sample.broken()[2]
    problem = replace(case.problems[0], expected=HOSTILE, actual=HOSTILE, note=HOSTILE)
    spoiled = replace(
        case,
        case=HOSTILE,
        title=HOSTILE,
        problems=(problem,),
        notes=(HOSTILE,),
        measurements={HOSTILE: HOSTILE},
        exchanges=(exchange,),
    )
    outcomes = [
        spoiled,
        replace(spoiled, case="passed", verdict="pass", problems=()),
        replace(spoiled, case="absent", verdict="not-applicable", reason=HOSTILE),
    ]
    run = sample.run(outcomes, target=HOSTILE, places={HOSTILE: HOSTILE}, faults=(HOSTILE,), profile=HOSTILE)
    hostile = Page(replace(run, end=conclude(outcomes, [HOSTILE], reason=HOSTILE)))

    assert not hostile.all("img")
    assert {tag for tag, _ in hostile.elements} <= {tag for tag, _ in page.elements}
    assert len(hostile.all("script")) == 1
    assert "<img src=x onerror=alert(1)>" in hostile.text, "it is shown as text"
    assert "\\x1b[31m\\u202egnp.exe\\x00\\ud800{{ 7*7 }}" in hostile.text
    assert all(each.isprintable() or each in "\n\t" for each in hostile.source)
    assert hostile.source.encode("utf-8")


# Scripts and data addresses in a source or a place are never links.
def test_only_specifications_are_linked():
    cited = {"x/y": replace(sample.REQUIREMENTS["rfc6750/2.1-header"], sources=("javascript:alert(1)",))}
    page = Page(sample.run(sample.broken(), requirements=cited, places={"own": "javascript:alert(1)"}))

    assert {it["href"].split(":")[0] for it in page.all("a") if not it["href"].startswith("#")} <= {"https"}


# A megabyte of body is cut, and the report says by how much and where the rest is.
def test_a_huge_body_is_cut():
    huge = sample.exchange(body="x" * 1_000_000)
    page = Page(sample.run([replace(sample.broken()[0], exchanges=(huge,) * 200)]))

    assert "… 992,000 more characters are in the run file" in page.text
    assert "Further exchanges of the case (197)" in page.text
    assert "157 more are in the run file." in page.text
    assert len(page.source) < 1_000_000


# Five thousand cases are a page that is made at once and can be sent by mail.
def test_five_thousand_cases():
    cases = sample.passed()
    run = sample.run([replace(cases[n % len(cases)], case=f"case/{n}") for n in range(5000)])
    started = time.process_time()

    page = render(run)

    assert time.process_time() - started < 1
    assert len(page) < 6_000_000
    assert page.count('data-verdict="pass"') > 5000


# A run that was cut off says so where the verdict would be, and concludes nothing.
def test_a_run_cut_off_says_so():
    page = Page(sample.run(sample.broken() + sample.passed(), ended=False))

    assert "the run was cut off at https://acme.originchain.example" in page.text
    assert "nothing is concluded from it. 2 MUST and 1 SHOULD not met so far." in page.text
    assert "Took" not in page.text[: page.text.index("Not met")]
    assert "does not conform" not in page.text


# A conforming run says that plainly.
def test_a_conforming_run():
    page = Page(sample.run(sample.passed()))

    assert "originchain conforms at https://acme.originchain.example" in page.text
    assert "Every requirement that was decided is met." in page.text
    assert "does not conform" not in page.text


# A run that never reached its target has a reason and no cases, and is a whole page all the same.
def test_a_run_without_cases():
    run = replace(
        sample.run([], places={}, faults=("token-in-query",), selection=("rfc6750",), rate=None, seed=None),
        end=conclude([], ["a/b", "a/c"], reason="the target could not be reached: connection refused"),
    )
    page = Page(run)

    assert "the run is inconclusive" in page.text
    assert "The target could not be reached: connection refused." in page.text
    assert "no case had an outcome" in page.text
    assert "Started with faults token-in-query Only rfc6750" in page.text
    assert "Not run 2" in page.text


# An exchange that failed shows what was sent and what became of it.
def test_an_exchange_without_answer(page):
    assert "No response the connection was closed before an answer" in page.text


# A requirement whose level the profile lowered shows both levels.
def test_a_lowered_level_is_shown():
    case = sample.broken()[1]
    problem = replace(case.problems[0], level="SHOULD", note="The document is silent.")
    page = Page(sample.run([replace(case, verdict="warn", problems=(problem,))]))

    assert "SHOULD rfc9110/11.1-scheme-case · RFC 9110 section 11.1 · MUST by itself" in page.text


# A run file may have been made by another program, with no more in an exchange than the schema asks for.
def test_an_exchange_with_the_least_there_can_be():
    request = {"method": "GET", "url": "https://acme.originchain.example", "headers": []}
    least = replace(sample.exchange(), request=request, response={"status": 204, "headers": []})
    page = Page(sample.run([replace(sample.broken()[0], exchanges=(least,)), sample.passed()[0]]))

    assert "Response received HTTP/1.1 204" in page.text


# Where warnings decide, the report does not say that they do not.
def test_a_strict_run():
    assert "Conformance does not depend on it." in Page(sample.run(sample.broken())).text
    assert "It counts as a failure here (--strict)." in Page(sample.run(sample.broken(), strict=True)).text
