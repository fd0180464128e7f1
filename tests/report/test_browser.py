"""The report in a real browser: it runs without complaint, and a deep link shows what it names."""

import os
import re
import shutil
import signal
import subprocess
from html.parser import HTMLParser

import pytest
import sample

from harness.report.html import render

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
LIMIT = 60.0
"""Seconds that a page may take."""

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium is installed")


class Dom(HTMLParser):
    """A page after its script has run: the elements around each id, and their attributes."""

    def __init__(self, source):
        super().__init__()
        self.open = []
        self.around = {}
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in ("meta", "link", "input"):
            self.open.append((tag, attrs))
        if "id" in attrs:
            self.around[attrs["id"]] = list(self.open) if tag != "input" else [*self.open, (tag, attrs)]

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        self.open.pop()


@pytest.fixture
def visit(tmp_path):
    """Open a page, and return its elements and what was written to the console."""

    def open_page(source, fragment=""):
        page = tmp_path / "report.html"
        page.write_text(source, encoding="utf-8")
        command = [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
            *("--disable-component-update", "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND"),
            *(f"--user-data-dir={tmp_path / 'user'}", "--enable-logging=stderr", "--dump-dom"),
            f"{page.as_uri()}{fragment}",
        ]
        pipe = subprocess.PIPE
        with subprocess.Popen(command, stdout=pipe, stderr=pipe, start_new_session=True) as process:
            try:
                out, said = process.communicate(timeout=LIMIT)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        return Dom(out.decode()), re.findall(r"CONSOLE.*?\] (.*)", said.decode(errors="replace"))

    return open_page


@pytest.fixture(scope="module")
def report():
    late = sample.settled(sample.trial(0.012), sample.trial(1.3, back=(5.4,)), verdict="fail")
    quick = sample.settled(sample.trial(0.012), case="quick")
    return render(sample.run([late, quick, *sample.broken(), *sample.unknown(), *sample.passed()]))


# The script runs under the page's own content policy: the filter appears, and nothing is complained of.
def test_a_report_opens_without_complaint(visit, report):
    dom, console = visit(report)

    assert console == []
    assert "hidden" not in dom.around["filter"][-1][1], "only the script shows the filter"
    passed = dom.around["case-bearer/presentation/unknown-token-own"]
    assert not any("open" in attrs for tag, attrs in passed if tag == "details")


# A script that is not the page's own is refused, and this test notices.
def test_a_foreign_script_is_refused(visit, report):
    dom, console = visit(report.replace("</main>", "<script>document.body.id = 'owned'</script></main>"))

    assert "owned" not in dom.around
    assert any("Content Security Policy" in line for line in console)


# A link to a case that is folded away unfolds it.
def test_a_link_to_a_passed_case_unfolds_it(visit, report):
    dom, console = visit(report, "#case-bearer/presentation/unknown-token-own")

    around = dom.around["case-bearer/presentation/unknown-token-own"]
    assert all("open" in attrs for tag, attrs in around if tag == "details")
    assert console == []


# So does a link to the curve of a case in which all was well.
def test_a_link_to_a_curve_unfolds_it(visit, report):
    assert "open" not in visit(report)[0].around["measured-2"][-2][1]

    dom, console = visit(report, "#measured-2")

    tag, attrs = dom.around["measured-2"][-2]
    assert (tag, "open" in attrs) == ("details", True)
    assert console == []


# A fragment that is no case, or no fragment at all, is not an error.
@pytest.mark.parametrize("fragment", ["#nothing", "#%E0%A4%A", "#"])
def test_a_link_to_nothing(visit, report, fragment):
    assert visit(report, fragment)[1] == []
