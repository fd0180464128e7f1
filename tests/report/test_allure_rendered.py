"""The Allure results as Allure itself renders them: everything is there, and nothing is fetched."""

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import sample
from playwright.sync_api import expect

from harness.report.allure import files

FOLDER = Path(__file__).parent / "allure"
ALLURE = FOLDER / "node_modules" / ".bin" / "allure"
LIMIT = 60
"""Seconds that Allure may take on a busy machine."""
MARKUP = "<img src=x onerror=\"document.body.id='owned'\">"


@pytest.fixture
def rendered(tmp_path, visit):
    """Render a run with Allure and open what it made; `page.asked` are the addresses it wanted."""
    if not ALLURE.exists():
        pytest.skip("Allure is not installed: npm ci --ignore-scripts in tests/report/allure")

    def render(run):
        results = tmp_path / "results"
        results.mkdir()
        for name, text in files(run):
            (results / name).write_text(text, encoding="utf-8")
        made = subprocess.run(
            [ALLURE, "allure2", results, "--output", tmp_path / "made", "--single-file", "--lang", "en"],
            cwd=tmp_path,
            env=os.environ | {"ALLURE_NO_ANALYTICS": "true"},
            capture_output=True,
            text=True,
            timeout=LIMIT,
        )
        assert made.returncode == 0, made.stdout + made.stderr
        asked = []
        page = visit("")
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "made" / "index.html").as_uri())
        page.asked = asked
        return page

    return render


def local(page):
    """What the page wanted from anywhere but its own file."""
    return [address for address in page.asked if not address.startswith(("file:", "data:", "blob:"))]


def to_suites(page, *names):
    """Show the suites, unfolded down the path that `names` are."""
    page.goto(f"{page.url.partition('#')[0]}#suites")
    for name in names:
        page.locator(".node__title").get_by_text(name, exact=True).click()


# Every case is counted as what it came to, and a failure is told with its steps and what is attached.
def test_a_run_is_rendered(rendered):
    page = rendered(sample.everything())
    to_suites(page, "bearer", "bearer/presentation")
    counts = page.locator(".status-toggle__item").all_inner_texts()
    assert counts == ["2", "2", "10", "2", "0"], "failed, broken, passed, skipped, unknown"

    page.get_by_text("The scheme's name is accepted in any case").click()
    detail = page.locator(".side-by-side__right")
    for text in (
        "bearer/presentation/scheme-case@own",
        "suites/bearer/presentation.suite.yaml:22: expected 200, got 401",
        "Categories: A MUST is not met",
        "control: GET /v1/tenants/acme/schemas → 200",
    ):
        expect(detail).to_contain_text(text)
    detail.get_by_text("sent and came").click()
    expect(detail).to_contain_text("Authorization: Bearer [unknown token]")
    assert detail.get_by_role("link", name="RFC 9110 section 11.1").count() == 1
    assert local(page) == page.said == []


# What a target answers is text in Allure's pages as well.
def test_markup_is_shown_as_text(rendered):
    case, sent = sample.broken()[0], sample.exchange(body=MARKUP, token=MARKUP)
    problems = tuple(replace(each, actual=MARKUP) for each in case.problems)
    page = rendered(sample.run([replace(case, title=MARKUP, problems=problems, exchanges=(sent,))]))
    to_suites(page, "scoping", "scoping/instances")
    page.locator(".node__name").get_by_text(MARKUP).click()
    page.locator(".side-by-side__right").get_by_text("sent and came").click()

    for text in (f"got {MARKUP}", f"Authorization: Bearer {MARKUP}"):
        expect(page.locator(".side-by-side__right")).to_contain_text(text)
    assert page.locator("#owned").count() == 0
    assert local(page) == []
