"""A browser for the tests that look at pages; they are skipped where there is none."""

import pytest


@pytest.fixture(scope="module")  # not for the session: while it runs, no other test could run an event loop
def chromium():
    from chromium import CHROMIUM, browser

    if CHROMIUM is None:
        pytest.skip("no chromium is installed")
    with browser() as started:
        yield started


@pytest.fixture
def visit(chromium, tmp_path):
    """Open a document; what it writes to the console is collected in `page.said`."""
    from chromium import WIDE

    pages = []

    def open_page(source, fragment="", **settings):
        file = tmp_path / "page.html"
        file.write_text(source, encoding="utf-8")
        page = chromium.new_page(**{"viewport": WIDE} | settings)
        page.set_default_timeout(10_000)
        page.said = []
        page.on("console", lambda message: page.said.append(message.text))
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.goto(f"{file.as_uri()}{fragment}")
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()
