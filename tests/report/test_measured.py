"""What a run measured of changes: the section of the report, the curve, and odd run files."""

import re
from dataclasses import replace

import pytest
import sample
from test_html import Page

from harness.measure import latency
from harness.measure.latency import Probe, measurement
from harness.report.curve import curve
from harness.report.measured import instant, settling
from harness.report.record import Writer, read


def drawn(*trials, **more):
    return curve(settling(sample.settled(*trials, **more)))


# Who opens the report reads how long it took, each trial's interval, and what so many trials prove.
def test_a_measured_case_is_told_in_words():
    page = Page(sample.run([sample.settled(sample.trial(0.012), sample.trial(-0.01))]))

    told = page.text[page.text.index("Measured 1") :]
    assert (
        "A revoked token is refused within the time allowed took 15 ms at most · 5 s allowed · no flaps "
        "(8 ms, 15 ms] (−12 ms, −5 ms] within 1 s"
    ) in told
    assert "2 trials prove what they prove. How long" in told
    assert (
        "How long it takes at other times, from other networks or under other load they do not show." in told
    )
    assert "measured-1" in {it.get("id") for it in page.all("figure")}
    assert {"href": "#measured-1"} in page.all("a"), "the case refers to its curve"


# A change that came too late is open at once, with its flaps, and without the mark of quality.
def test_a_late_change():
    late = sample.settled(sample.trial(0.012), sample.trial(1.3, back=(2.4, 5.4)), verdict="fail")
    page = Page(sample.run([late, *sample.passed()]))

    assert "took 5.5 s at most · 5 s allowed · 2 flaps" in page.text
    assert "Trial 2 (5.4 s, 5.5 s] · 2 flaps · too late" in page.text
    assert "they do not show" not in page.text
    assert "within 1 s" not in page.text
    assert [it for it in page.all("details") if "measure" in it["class"] and "open" in it]
    classes = [it.get("class") for _, it in page.elements]
    assert (classes.count("late"), classes.count("flap")) == (2, 3), "each once in the curve, and its key"


# A change that never came has no end, and no time.
def test_a_change_that_never_came():
    page = Page(sample.run([sample.settled(sample.trial(99), verdict="fail")]))

    assert "did not take effect in 1 of 1 trial · 5 s allowed" in page.text
    assert "(5.9 s, …)" in page.text


# Who does not see the curve has it in words, and as a table.
def test_the_curve_is_told_too():
    page = Page(sample.run([sample.settled(sample.trial(0.012), sample.trial(1.3, back=(2.4,)))]))

    labelled = next(it for it in page.all("svg") if it.get("role") == "img")
    assert labelled["aria-labelledby"] == "measured-1-title measured-1-desc"
    assert (
        "Allowed were 5 s, watched was 1 s longer. "
        "Trial 1: answered as before the change up to 8 ms, and as after it from 15 ms on, no flaps. "
        "Trial 2: answered as before the change up to 2.4 s, and as after it from 2.5 s on, 1 flap."
    ) in page.text
    assert "Trial Last as before, sent First as after, arrived Flaps Probes 1 8 ms 15 ms 0 156" in page.text


# The first milliseconds, the seconds allowed and the time watched each have their part of the width.
def test_the_axis_shows_milliseconds_and_seconds():
    found = drawn(sample.trial(0.012))

    assert [tick.label for tick in found.ticks] == ["0", "10 ms", "100 ms", "1 s", "5 s", "6 s"]
    places = [tick.x for tick in found.ticks]
    assert all(later - earlier >= 5 for earlier, later in zip(places, places[1:], strict=False))
    assert (found.change, found.beyond, places[-1]) == (15, 72, 100)


# Everything stands within the drawing, whatever the times: allowed is nothing, or a day; watched is nothing.
@pytest.mark.parametrize(("within", "watch"), [(0.0, 1.0), (0.01, 0.0), (5.0, 0.0), (86_400.0, 1.0)])
def test_everything_stands_within_the_drawing(within, watch):
    for lane in drawn(sample.trial(0.012), within=within, watch=watch).lanes:
        steps = [int(each) for each in re.findall(r"[MH](\d+)", lane.step)]
        assert steps and all(0 <= each <= 1000 for each in steps)
        assert 0 <= lane.start <= 100 and lane.extent > 0


# A change that lets in is never seen as before: nothing stands before it, and the interval has no beginning.
def test_nothing_before_the_change():
    trial = sample.trial(-99)
    points = [each for each in trial["points"] if each[0] > 0.3]
    found = drawn({**trial, "points": points, "at_latest_s": points[0][1]})

    assert found.lanes[0].trial.interval == "(…, 307 ms]"
    assert (found.change, found.lanes[0].start) == (2, 0)


# Of a hundred trials the slowest twenty are drawn; all are in the table.
def test_very_many_trials():
    trials = [sample.trial(0.12 * number, within=20.0) for number in range(100)]
    page = Page(sample.run([sample.settled(*trials, within=20.0)]))

    assert "The 20 slowest trials are drawn, 80 others are not." in page.text
    assert page.text.count("Trial 81: ") == 1 and "Trial 80: " not in page.text
    assert len(page.source) < 400_000


# Probes that stand on the same spot are one stroke, so that a curve stays small.
def test_probes_on_one_spot_are_one_stroke():
    trial = sample.trial(0.012)
    lane = drawn({**trial, "points": trial["points"] * 50}).lanes[0]

    assert lane.strokes == drawn(trial).lanes[0].strokes


# Where a person made the change nobody knows when it was made: nothing is too late, and it is said.
def test_a_change_by_hand():
    page = Page(sample.run([sample.settled(sample.trial(5.4), upper_bound=True, verdict="inconclusive")]))

    assert (
        "A person or a program made the change and the clock ran meanwhile: it took no longer than this."
        in page.text
    )
    assert "too late" not in page.text


# What the harness measures is what the report reads.
def test_it_reads_what_is_measured():
    probes = [Probe(-0.004, -0.001, "before"), Probe(0.002, 0.005, "after"), Probe(6.0, 6.1, "nothing")]
    value = measurement([latency.Trial(tuple(probes), 5.0, 1.0)])
    found = settling(replace(sample.settled(sample.trial(1)), measurements={"settling": value}))

    assert found.took == "took 5 ms at most"
    assert found.trials[0].interval == "(−4 ms, 5 ms]"
    assert [each.standing for each in found.trials[0].points] == ["before", "after", "nothing"]
    assert found.proves == value["proves"]


# Times are told as finely as they are known.
def test_times():
    told = [instant(each) for each in (0.000007, 0.0056, 0.0369, 0.9999, 1.0, 2.217, 12.34, 3600, -0.0102)]

    assert told == ["0 ms", "5.6 ms", "37 ms", "1 s", "1 s", "2.22 s", "12.3 s", "3,600 s", "−10 ms"]


# The report needs the run file and nothing else.
def test_it_is_made_of_the_run_file(tmp_path):
    run = sample.run([sample.settled(sample.trial(0.012))])
    with Writer(tmp_path / "run.jsonl", run.start) as writer:
        for outcome in run.outcomes:
            writer.add(outcome)
        writer.close(run.end)

    assert Page(read(tmp_path / "run.jsonl")).source == Page(run).source


# Markup in what was measured is text, in the section and in its drawing.
def test_markup_in_a_measurement_is_text():
    markup = "<img src=x onerror=alert(1)></svg><script>alert(2)</script>"
    case = sample.settled(sample.trial(0.012))
    value = {**case.measurements["settling"], "proves": markup}
    page = Page(sample.run([replace(case, title=markup, case=markup, measurements={"settling": value})]))

    assert not page.all("img") and len(page.all("script")) == 1
    assert f"{markup}. How long it takes" in page.text
    assert f"{markup}: what probes showed over time" in page.text


# What another version measured in another form is shown as it stands, and breaks nothing.
@pytest.mark.parametrize(
    "change",
    [
        {"trials": []},
        {"trials": "<b>three</b>"},
        {"trials": [{"after_s": 1}]},
        {"within_s": "soon"},
        {"within_s": 1e300},
        {"worst_s": []},
    ],
)
def test_another_form_is_shown_as_it_stands(change):
    case = sample.settled(sample.trial(0.012))
    measurements = {"settling": {**case.measurements["settling"], **change}}
    page = Page(sample.run([replace(case, measurements=measurements)]))

    assert "Measured 1" not in page.text
    assert '"watch_s": 1.0' in page.text
    assert not page.all("b") or "<b>three</b>" not in page.source
