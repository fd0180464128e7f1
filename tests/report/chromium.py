"""Pages in Debian's chromium, driven by Playwright, and what axe finds in them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}


@contextmanager
def browser() -> Iterator[Browser]:
    """A browser without a network: no name resolves, and no address is asked."""
    arguments = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        try:
            yield started
        finally:
            started.close()


def violations(page: Page) -> list[str]:
    """What axe finds, a line each: rule, impact, and the first element that it is about.

    The page's content policy lets no script in; the debugger may. What is not drawn before it is scrolled to
    is drawn, or its contrast could not be told.
    """
    page.locator(".finding, .short").evaluate_all(
        "(all) => all.forEach((it) => { it.style.contentVisibility = 'visible'; })"
    )
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": AXE})
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']} ({each['impact']}): {each['nodes'][0]['html'][:200]}: "
        f"{each['nodes'][0]['failureSummary']}"
        for each in found["violations"]
    ]
