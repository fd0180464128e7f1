"""What a run compared of times: the section of the report, the drawing, and odd run files."""

import re
from dataclasses import replace
from random import Random

import pytest
import sample
from test_html import Page

from harness.measure.timing import measurement
from harness.report.density import density
from harness.report.record import Writer, read
from harness.report.summary import summary
from harness.report.timed import fine, timing

CAUSES = {"unknown-user": 0.0021, "wrong-password": 0.0033}


def compared(causes=CAUSES, blocks=3, noise=0.0002, **more):
    """A case that compared these causes, each with its usual time in seconds."""
    random = Random(7)

    def window():
        return {
            cause: [usual + random.lognormvariate(0, 0.7) * noise for _ in range(5)]
            for cause, usual in causes.items()
        }

    value = measurement([[window() for _ in range(30)] for _ in range(blocks)])
    return sample.case(
        "basic/timing/unknown-user",
        "An unknown user and a wrong password take the same time",
        {"rfc6750/5.3-no-store": more.get("verdict", "pass")},
        12,
        measurements={"timing": value},
        **more,
    )


def drawn(outcome):
    return density(timing(outcome))


# Who opens the report reads which cause is answered sooner, by how much, and of how many answers.
def test_a_difference_is_told_in_words():
    page = Page(sample.run([compared(verdict="warn"), *sample.passed()]))

    told = page.text[page.text.index("Timing 1") :]
    assert (
        "unknown user is answered 1.2 ms sooner than wrong password 2 causes, 150 + 150 + 150 answers to each"
    ) in told
    assert (
        "Unknown user is answered 1.2 ms sooner than wrong password, in three blocks of 150 answers" in told
    )
    assert "differ by no more than 0.1 ms raises an alarm in one run of 10,000 at most." in told
    assert "unknown user differs wrong password 1.2 ms" in told
    assert {"href": "#timed-1"} in page.all("a"), "the case refers to its drawing"
    assert {"href": "#timed"} in page.all("a"), "the contents do too"
    assert [it for it in page.all("details") if "warn" in it["class"] and "open" in it]


# Where none was seen the report says what would have been.
def test_no_difference():
    page = Page(sample.run([compared({"unknown-user": 0.002, "wrong-password": 0.002}, blocks=1)]))

    assert "no difference above 0.1 ms 2 causes, 150 answers to each" in page.text
    assert re.search(r"No difference seen; a difference of 0\.1\d ms would have shown", page.text)
    assert "differs" not in page.text


# Who does not see the drawing has it in words.
def test_the_drawing_is_told_too():
    page = Page(sample.run([compared()]))

    labelled = next(it for it in page.all("svg") if it.get("role") == "img")
    assert labelled["aria-labelledby"] == "timed-1-title timed-1-desc"
    assert re.search(
        r"Unknown user: 450 answers, half of them within 2\.3 ms, the middle half from 2\.2 ms to 2\.4 ms\. "
        r"Wrong password: 450 answers, half of them within 3\.5 ms",
        page.text,
    )


# Every hill, median and quartile stands within the drawing: of times alike, far apart, all the same.
@pytest.mark.parametrize(
    ("causes", "noise"),
    [
        (CAUSES, 0.0002),
        ({"a": 0.0, "b": 9.0}, 0.1),
        ({"a": 0.001, "b": 0.001}, 0.0),
        ({f"cause-{number}": 0.03 for number in range(8)}, 0.01),
    ],
)
def test_everything_stands_within_the_drawing(causes, noise):
    found = drawn(compared(causes, noise=noise))

    assert len(found.hills) == len(causes)
    assert 0 < len(found.ticks) <= 10 and all(0 <= tick.x <= 100 for tick in found.ticks)
    for hill in found.hills:
        points = [tuple(map(float, each)) for each in re.findall(r"[ML]([\d.]+) ([\d.]+)", hill.path)]
        assert all(0 <= x <= 1000 and 0 <= y <= 40 for x, y in points)
        assert 0 <= hill.lower <= hill.median <= 100 and hill.lower + hill.extent <= 100.3
    assert found.quickest == min(hill.median for hill in found.hills)
    assert len({tick.label for tick in found.ticks}) == len(found.ticks), "no two ticks are named the same"


# The slowest answers are not drawn, so that the others can be told apart; it is said how slow they were.
def test_the_slowest_are_counted():
    outcome = compared()
    values = outcome.measurements["timing"]["causes"]["wrong-password"]["values_s"]
    values[-1] = 1.8
    hill = drawn(outcome).hills[1]

    assert hill.beyond.endswith("% slower, up to 1.8 s")
    assert hill.label == "wrong password · median 3.5 ms"


# Another version's form is shown as it is, and what is no time is no measurement.
@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        {"causes": {}, "pairs": []},
        {"verdict": "alike", "causes": {"a": {"n": 1}}, "pairs": [1]},
    ],
)
def test_odd_measurements(odd):
    outcome = replace(compared(), measurements={"timing": odd})

    assert timing(outcome) is None
    assert "Timing" not in [it.get("id") for it in Page(sample.run([outcome])).all("section")]


# Times that no answer can have taken are no measurement either.
@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -1, "soon", None])
def test_odd_times(seconds):
    outcome = compared()
    outcome.measurements["timing"]["causes"]["unknown-user"]["median_s"] = seconds
    assert timing(outcome) is None


# Nor is a chance that is none: no page divides by it.
def test_odd_chances():
    outcome = compared()
    outcome.measurements["timing"]["false_alarms"] = 0
    assert "raises an alarm in no run." in Page(sample.run([outcome])).text
    for odd in (-1, 2, float("nan")):
        outcome.measurements["timing"]["false_alarms"] = odd
        assert timing(outcome) is None


# Markup in the name of a cause is text.
def test_markup_is_text():
    page = Page(sample.run([compared({"<b>bold</b>": 0.001, "b": 0.002})]))
    assert "<b>bold</b> is answered 1 ms sooner" in page.text


# The terminal has a line for it.
def test_the_summary():
    told = summary(sample.run([compared(verdict="warn")]))
    assert (
        "Measured\n  basic/timing/unknown-user@own: unknown user is answered 1.2 ms sooner than wrong "
        "password; 2 causes\n"
    ) in told


# The report needs the run file and nothing else.
def test_it_survives_the_run_file(tmp_path):
    run = sample.run([compared(verdict="warn")])
    with Writer(tmp_path / "run.jsonl", run.start) as writer:
        writer.add(run.outcomes[0])
        writer.close(run.end)

    assert Page(read(tmp_path / "run.jsonl")).source == Page(run).source


# Times are told as finely as they are known.
def test_times():
    told = [fine(each) for each in (0.0000432, 0.0012, 0.0347, 0.9994, 1.0, 2.217)]
    assert told == ["0.043 ms", "1.2 ms", "35 ms", "999 ms", "1.0 s", "2.2 s"]
