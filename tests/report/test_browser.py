"""The report in a real browser: it runs without complaint, finds, links, prints, and everybody can use it."""

import re
from contextlib import suppress
from dataclasses import replace

import pytest
import sample
from chromium import PHONE, WIDE, violations
from playwright.sync_api import TimeoutError, expect

from harness.report.html import render

LAG = 500
"""Milliseconds that a filter may take on a machine that does other things too."""
CASE = "#case-bearer/presentation/unknown-token-own"
SHOWN = (
    "[...document.querySelectorAll('[data-verdict][id^=case-]')]"
    ".filter((it) => !it.closest('[hidden]')).map((it) => it.id)"
)
"""In the page's own language, the ids of the cases that are shown."""


@pytest.fixture(scope="module")
def report():
    late = sample.settled(sample.trial(0.012), sample.trial(1.3, back=(5.4,)), verdict="fail")
    quick = sample.settled(sample.trial(0.012), case="quick")
    others = [*sample.broken(), *sample.unknown(), sample.noted(), *sample.passed()]
    return render(sample.run([late, quick, *others]))


def choose(page, name, value):
    """Choose a value of the filter, and wait until the page has been drawn anew."""
    page.get_by_role("combobox", name=name).select_option(value)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def shown(page):
    """The ids of the cases that are shown."""
    return page.evaluate(SHOWN)


def wait_until_shown(page, *ids):
    """Wait until these cases are shown and no other: the page is drawn anew some time after a key."""
    with suppress(TimeoutError):
        page.wait_for_function(f"(ids) => JSON.stringify({SHOWN}) === JSON.stringify(ids)", arg=list(ids))
    assert shown(page) == list(ids)


# The script runs under the page's own content policy: the filter appears, and nothing is complained of.
def test_a_report_opens_without_complaint(visit, report):
    page = visit(report)

    assert page.said == []
    assert page.get_by_role("search").is_visible()
    assert not page.locator(CASE.replace("/", "\\/")).is_visible(), "what passed is folded"


# Without its script the report is whole, and has no filter that would do nothing.
def test_a_report_without_its_script(visit, report):
    page = visit(re.sub(r"<script>.*?</script>", "", report, flags=re.DOTALL))

    assert not page.get_by_role("search").is_visible()
    page.get_by_text("Show the cases in which everything").click()
    assert page.get_by_text("bearer/presentation/unknown-token@own").is_visible()


# A script that is not the page's own is refused, and this test notices.
def test_a_foreign_script_is_refused(visit, report):
    page = visit(report.replace("</main>", "<script>document.body.id = 'owned'</script></main>"))

    assert page.locator("#owned").count() == 0
    assert any("Content Security Policy" in line for line in page.said)


# Markup in any string of the target is text: no element comes of it, and nothing runs.
def test_markup_is_shown_as_text(visit):
    markup = "<img src=x onerror=\"document.body.id='owned'\"><script>document.body.id='owned'</script>"
    case = sample.broken()[0]
    exchange = sample.exchange(body=markup, token=markup, headers=((markup, markup),))
    problems = tuple(replace(each, actual=markup) for each in case.problems)
    hostile = replace(case, title=markup, exchanges=(exchange,), problems=problems, notes=(markup,))
    passed = replace(hostile, case=f"b/{markup}", verdict="pass", problems=())
    page = visit(render(sample.run([hostile, passed], profile=markup, target=markup)))

    assert page.locator("img, #owned").count() == 0
    assert page.said == []
    assert markup in page.locator("h1").inner_text()


# The first screen has the verdict and what blocks; each leads to the case that shows it.
@pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_first_screen_says_what_blocks(visit, report, viewport):
    page = visit(report, viewport=viewport)
    first = page.get_by_role("link", name="A revoked token is refused within five seconds.").first

    assert page.get_by_role("heading", level=1).inner_text().startswith("originchain does not conform")
    assert first.bounding_box()["y"] < viewport["height"]
    first.click()
    assert page.url.endswith("#case-lifecycle/revocation/latency-own")
    assert page.locator("article:target").is_visible()


# Verdict, level and mechanism narrow what is shown, together; the number is told.
def test_cases_are_filtered(visit, report):
    page = visit(report)
    choose(page, "Verdict", "fail")
    assert page.get_by_role("status").inner_text() == "3 shown"
    assert page.locator("section#pass").is_hidden()

    choose(page, "Mechanism", "bearer")
    assert shown(page) == ["case-bearer/presentation/scheme-case-own"]

    choose(page, "Verdict", "")
    choose(page, "Level", "SHOULD")
    assert shown(page) == ["case-bearer/presentation/error-code-own"]
    choose(page, "Level", "")
    choose(page, "Mechanism", "")
    assert page.get_by_role("status").inner_text() == ""
    assert len(shown(page)) == 19


# Every word that is searched for must be there: in a title, an id, a field or a body. What fits unfolds.
def test_cases_are_searched(visit, report):
    page = visit(report)
    search = page.get_by_role("searchbox", name="Search")
    search.fill("never ISSUED")
    wait_until_shown(page, CASE[1:])
    expect(page.get_by_role("status")).to_have_text("1 shown")
    assert page.locator(CASE.replace("/", "\\/")).is_visible()

    search.fill("bill-of-lading instance")
    wait_until_shown(page, "case-scoping/instances/foreign-token-own")

    search.fill("nothing has this")
    wait_until_shown(page)
    expect(page.get_by_role("status")).to_have_text("0 shown")


# What is chosen stands in the address: whoever gets the link sees the same.
def test_a_view_can_be_sent(visit, report):
    page = visit(report)
    choose(page, "Verdict", "inconclusive")
    page.get_by_role("searchbox").fill("deleted")
    expect(page.get_by_role("status")).to_have_text("1 shown")
    fragment = page.evaluate("location.hash")
    assert fragment == "#?verdict=inconclusive&search=deleted"

    other = visit(report, fragment)
    assert shown(other) == ["case-lifecycle/tokens/deleted-instance-own"]
    assert other.get_by_role("combobox", name="Verdict").input_value() == "inconclusive"
    assert shown(visit(report, "#?verdict=nonsense&x=y")) != []


# A link to a case that is folded away unfolds it, and one to a filtered case clears the filter.
def test_a_link_to_a_passed_case_unfolds_it(visit, report):
    page = visit(report, CASE)
    case = page.locator(CASE.replace("/", "\\/"))
    assert case.is_visible()
    assert 0 <= case.bounding_box()["y"] < WIDE["height"]

    choose(page, "Verdict", "fail")
    assert case.is_hidden()
    page.evaluate(f"location.hash = '{CASE}2'")
    page.evaluate(f"location.hash = '{CASE}'")
    expect(page.get_by_role("status")).to_have_text("")
    assert case.is_visible()
    assert page.said == []


# So does a link to a requirement, or to the curve of a case in which all was well.
@pytest.mark.parametrize("fragment", ["#requirement-rfc6750/3-challenge", "#measured-2"])
def test_a_link_to_other_things(visit, report, fragment):
    page = visit(report, fragment)
    place = page.locator(fragment.replace("/", "\\/")).bounding_box()

    assert 0 <= place["y"] < WIDE["height"]
    page.reload()
    place = page.locator(fragment.replace("/", "\\/")).bounding_box()
    assert 0 <= place["y"] < WIDE["height"]
    assert page.said == []


# A fragment that is no case, or no fragment at all, is not an error.
@pytest.mark.parametrize("fragment", ["#nothing", "#%E0%A4%A", "#", "#?"])
def test_a_link_to_nothing(visit, report, fragment):
    assert visit(report, fragment).said == []


# The whole way from the address bar to a finding needs no mouse, and where one is can be seen.
def test_the_keyboard_alone(visit, report):
    page = visit(report)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the findings"
    assert page.locator(".skip").bounding_box()["x"] >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#content"

    page.get_by_role("combobox", name="Verdict").focus()
    page.keyboard.type("warn")
    expect(page.get_by_role("status")).to_have_text("1 shown")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    seen = []
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 40)"))
    assert "bearer/presentation/error-code@own" in seen
    assert "Copy command" in seen


# A folded part opens and closes by the keyboard.
def test_what_is_folded_opens_by_the_keyboard(visit, report):
    page = visit(report)
    summary = page.get_by_text("Show the cases in which everything")
    summary.focus()
    page.keyboard.press("Enter")
    assert page.get_by_text("bearer/presentation/unknown-token@own").is_visible()


# The command is copied, or at least selected.
def test_a_command_is_copied(visit, report):
    page = visit(report)
    button = page.locator("article.fail .curl button").first
    button.click()
    expect(button).to_have_text(re.compile("Copied|Selected"))


# A command that had to be cut cannot be copied, and says that it is not whole.
def test_a_command_that_is_cut_is_not_offered(visit):
    case, sent = sample.broken()[1], sample.exchange(401)
    request = {**sent.request, "curl": f"curl x:{''.join(map(str, range(4000)))}"}
    page = visit(render(sample.run([replace(case, exchanges=(replace(sent, request=request),))])))

    assert page.locator(".curl code").inner_text().endswith("…")
    assert page.locator(".curl button").count() == 0
    assert page.get_by_text("run.jsonl has the whole command").is_visible()


# axe finds no violation: in light and dark, wide and on a phone, with all unfolded.
@pytest.mark.parametrize(
    ("viewport", "scheme"),
    [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light")],
    ids=["wide", "dark", "phone"],
)
def test_axe_finds_nothing(visit, report, scheme, viewport, tmp_path_factory):
    page = visit(report, viewport=viewport, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")

    assert violations(page) == []
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0, "nothing is scrolled to the side"
    folder = tmp_path_factory.getbasetemp() / "screenshots"
    folder.mkdir(exist_ok=True)
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=folder / f"{scheme}-{viewport['width']}.png", full_page=True)


# Dark is dark.
def test_dark_is_dark(visit, report):
    backgrounds = [
        visit(report, color_scheme=scheme).evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    brightness = [sum(map(int, re.findall(r"\d+", each)[:3])) for each in backgrounds]
    assert brightness[0] > 600 and brightness[1] < 150


# On paper everything is unfolded but the list of what passed, in light colours and without the filter.
def test_the_report_prints(visit, report, tmp_path):
    page = visit(report, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.get_by_role("search").is_hidden()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.get_by_text("Controls: the same without the change").first.is_visible()
    page.locator("details.folded figure.exchange").first.wait_for(state="visible")
    paper = page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert paper.startswith(b"%PDF") and len(paper) > 20_000


# Five thousand cases, five hundred of them in full, open and filter without lag.
def test_five_thousand_cases(visit):
    broken, passed = sample.broken(), sample.passed()
    cases = [
        replace((broken if number < 500 else passed)[number % 3], case=f"a/{number}", title=f"title {number}")
        for number in range(5000)
    ]
    page = visit(render(sample.run(cases)))
    for name, choice, told in (
        ("verdict", "fail", "334 shown"),
        ("search", "title 47", "9 shown"),
        ("verdict", "", f"{sum('47' in str(number) for number in range(5000))} shown"),
        ("search", "", ""),
    ):
        took = page.evaluate(
            """([name, choice]) => new Promise((done) => {
                const form = document.getElementById("filter");
                const began = performance.now();
                form.elements[name].value = choice;
                form.dispatchEvent(new Event("input"));
                requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
            })""",
            [name, choice],
        )
        assert page.locator("#told").inner_text() == told
        assert took < LAG, f"{name} = {choice!r} took {took:.0f} ms"
