"""The other pages in a real browser: the kill matrix, and the index of several runs."""

from dataclasses import replace

import pytest
import sample
from chromium import PHONE, WIDE, violations
from playwright.sync_api import expect
from test_matrix_page import EXACT, GOOD, SCENARIO, WRONG

from harness.model import ScenarioProof
from harness.report import matrix, several

BARE = ScenarioProof("own/first/blind", (), None)


@pytest.fixture(scope="module")
def pages():
    wrong = replace(GOOD, faults=(EXACT, WRONG), scenarios=(SCENARIO, BARE))
    runs = [several.Entry("good", "good/index.html", sample.run(sample.passed()))]
    runs += [several.Entry("bad", "bad/index.html", sample.everything()), several.Entry("none", "x", None)]
    return {
        "matrix that holds": matrix.render(GOOD),
        "matrix": matrix.render(wrong),
        "several": several.render(runs),
    }


# They open without complaint, everybody can use them, and nothing is scrolled to the side.
@pytest.mark.parametrize("name", ["matrix that holds", "matrix", "several"])
@pytest.mark.parametrize(("viewport", "scheme"), [(WIDE, "light"), (PHONE, "dark")], ids=["wide", "phone"])
def test_axe_finds_nothing(visit, pages, name, scheme, viewport):
    page = visit(pages[name], viewport=viewport, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((it) => { it.open = true; })")

    assert page.said == []
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


# The matrix is filtered and searched as a report is.
def test_the_matrix_is_filtered(visit, pages):
    page = visit(pages["matrix"])
    page.get_by_role("combobox", name="Show").select_option("bare")
    expect(page.get_by_role("status")).to_have_text("1 shown")
    assert page.get_by_text("own/first/blind", exact=True).last.is_visible()

    page.get_by_role("combobox", name="Show").select_option("")
    page.get_by_role("searchbox", name="Search").fill("open-head exact")
    expect(page.get_by_role("status")).to_have_text("1 shown")
    assert visit(pages["matrix"], "#?verdict=other").get_by_role("status").inner_text() == "1 shown"
