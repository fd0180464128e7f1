"""The summary that people read on a terminal."""

from dataclasses import replace
from textwrap import dedent

import sample

from harness.report.record import conclude
from harness.report.summary import summary


# The verdict comes first, then what is behind it, each requirement once.
def test_a_run_with_everything():
    assert summary(sample.everything()) == dedent("""\
        does not conform: 2 MUST and 1 SHOULD not met
        originchain at https://acme.originchain.example (staging), 2026-11-21T18:37:04Z
        16 cases in 1.8 s: 2 fail, 1 warn, 2 inconclusive, 9 pass, 2 not applicable

        Not met
          MUST originchain/wrong-instance-403: A token of another instance is answered with 403.
            specs/originchain/profile.yaml:48: status: expected 403, got 200
            suites/scoping/instances.suite.yaml:14: refused:
              expected an answer that is not an accepted one
                   got a body that is valid against schema-list.json
            scoping/instances/foreign-token@own
              GET /v1/tenants/acme/schemas → 200
              curl --path-as-is 'https://acme.originchain.example/v1/tenants/acme/schemas' -H 'Authorization: Bearer [other-token]'

          MUST rfc9110/11.1-scheme-case: The name of an authentication scheme is compared without regard to
            case.
            suites/bearer/presentation.suite.yaml:22: status: expected 200, got 401
            bearer/presentation/scheme-case@own
              GET /v1/tenants/acme/schemas → 401
              curl --path-as-is 'https://acme.originchain.example/v1/tenants/acme/schemas' -H 'Authorization: Bearer [unknown token]'

        Warnings
          SHOULD rfc6750/3.1-invalid-token: The challenge that follows a refused token says
            error=invalid_token.
            suites/bearer/presentation.suite.yaml:27: challenge:
              expected error="invalid_token"
                   got Bearer realm="originchain"
            bearer/presentation/error-code@own

        Inconclusive
          1 case: the closing control was not accepted
            lifecycle/tokens/deleted-instance@own
          1 case: the target answered 503 twice
            lifecycle/tokens/expired@own

        Not applicable
          1 suite, 2 cases: absent: issue: tokens are made in the dashboard only
        """)  # noqa: E501 - a command is kept whole, so that it can be copied


# What nothing requires is told all the same, with the cases that show it and no others.
def test_what_is_noted():
    same = sample.case("a/other", "Other", {"practice/browser-origin": "pass"}, 3)

    assert summary(sample.run([same, sample.noted()])) == dedent("""\
        conforms
        originchain at https://acme.originchain.example (staging), 2026-11-21T18:37:04Z
        2 cases in 1.8 s: 2 pass

        Noted: nothing requires it
          MAY practice/browser-origin: An API whose credentials do not belong in browsers grants nothing to
            web origins.
            suites/credential/fields.suite.yaml:9: no-cors-headers:
              expected no Access-Control field
                   got Access-Control-Allow-Origin: *
            credential/fields/browser-origin@own
        """)


# Good news is three lines.
def test_a_conforming_run_is_short():
    assert summary(sample.run(sample.passed())) == dedent("""\
        conforms
        originchain at https://acme.originchain.example (staging), 2026-11-21T18:37:04Z
        9 cases in 1.8 s: 9 pass
        """)


# A requirement that falls in a hundred cases is told once, with three of them.
def test_a_requirement_is_told_once():
    fallen = sample.broken()[1]
    text = summary(sample.run([replace(fallen, case=f"{fallen.case}-{number}") for number in range(100)]))

    assert text.startswith("does not conform: 1 MUST not met\n")
    assert text.count("expected 200, got 401") == 1
    assert "    bearer/presentation/scheme-case@own-2\n    and 97 cases more\n" in text


# An answer that breaks several requirements is shown with the first of them only.
def test_an_answer_is_shown_once():
    fallen = sample.broken()[1]
    other = replace(fallen.problems[0], requirement="x/y", actual="200")
    both = (*fallen.requirements, replace(fallen.requirements[0], id="x/y"))
    text = summary(sample.run([replace(fallen, requirements=both, problems=(*fallen.problems, other))] * 2))

    assert text.count("curl --path-as-is") == 1
    assert text.index("rfc9110/11.1-scheme-case") < text.index("curl") < text.index("MUST x/y")


# Among several exchanges the one is shown whose status the problem names.
def test_the_answer_that_broke_it_is_shown():
    case = sample.broken()[0]
    text = summary(sample.run([replace(case, exchanges=(sample.exchange(200), sample.exchange(401)))]))

    assert "GET /v1/tenants/acme/schemas → 200\n" in text
    assert "→ 401" not in text


# What led there may have been answered alike: of several it is the last.
def test_the_last_of_several_alike_is_shown():
    case, led = sample.broken()[0], sample.exchange(200)
    led = replace(led, request={**led.request, "url": "http://h/v1/tokens"})
    exchanges = (led, sample.exchange(200), sample.exchange(401))
    text = summary(sample.run([replace(case, exchanges=exchanges)]))

    assert "GET /v1/tenants/acme/schemas → 200\n" in text
    assert "/v1/tokens" not in text


# Suites that do not apply are one line for each reason, whatever their number; verbose names them.
def test_what_does_not_apply_is_counted():
    ruled_out = next(each for each in sample.unknown() if each.verdict == "not-applicable")
    whole = [
        replace(ruled_out, case=f"jwt/{name}/a@own", scenario=f"jwt/{name}/a", reason=f"there is no {name}")
        for name in ("claims", "form", "kid", "signature")
    ]
    single = replace(
        ruled_out, case="bearer/presentation/b", scenario="bearer/presentation/b", reason="there is no head"
    )
    run = sample.run([*sample.passed(), *whole, single])

    assert summary(run).endswith("""
Not applicable
  4 suites, 4 cases, and 1 of other suites: there is no claims, form, kid or 2 others
""")
    assert summary(run, verbose=True).endswith("""
Not applicable
  4 suites, 4 cases, and 1 of other suites: there is no claims, form, kid or 2 others
    jwt/claims
    jwt/form
    jwt/kid
    jwt/signature
    bearer/presentation/b
""")


# A case without an exchange, or whose request got no answer, has what there is.
def test_a_failure_without_an_answer():
    case = sample.broken()[1]
    silent = replace(case, exchanges=(sample.exchange(error="the connection was closed"),))

    assert "GET /v1/tenants/acme/schemas → no answer\n" in summary(sample.run([silent]))
    assert "curl" not in summary(sample.run([replace(case, exchanges=())]))


# Trials that differ only in how late an answer was are told once.
def test_problems_that_differ_in_a_time_are_one():
    case = sample.broken()[1]
    problems = [replace(case.problems[0], actual=f"200 OK: accepted, {each} s after it") for each in (5, 6.5)]
    text = summary(sample.run([replace(case, problems=tuple(problems))]))

    assert text.count("200 OK: accepted") == 1


# The same reason for each operation is one reason.
def test_alike_reasons_are_folded():
    case = sample.unknown()[0]
    names = ("list", "add", "change", "remove")
    open_ones = [replace(case, reason=f"the control on {name} was refused", case=name) for name in names]
    other = replace(case, reason="nothing was entered", case="other")

    told = "Inconclusive\n  4 cases: the control on list, add, change or 1 other was refused\n    list\n"
    assert told in summary(sample.run([other, *open_ones]))


# Two are both named, and what ends each of them ends the sentence once.
def test_two_alike_reasons_are_both_named():
    case = sample.unknown()[0]
    open_ones = [replace(case, reason=f"there is no '{name}';", case=name) for name in ("jwt", "basic")]

    assert "\n  2 cases: there is no 'jwt' or 'basic';\n" in summary(sample.run(open_ones))


# A field of eight kilobytes is generated by the command, which can still be copied; nothing else is so long.
def test_a_long_command_is_shortened():
    case, url = sample.broken()[1], f"https://x.example/{'a/b' * 500}"
    sent = sample.exchange(401)
    request = {**sent.request, "url": url, "curl": f"curl '{url}' -H 'X-API-Key: {'A' * 8192}'"}
    text = summary(sample.run([replace(case, exchanges=(replace(sent, request=request),))]))

    assert f"      GET /{('a/b' * 500)[:299]}… (1,501 characters) → 401\n" in text
    assert """-H 'X-API-Key: AAAAAAAA'"$(printf -- 'A%.0s' {1..8184})"''\n""" in text


# What cannot be generated is cut, and that is said: nobody is to take it for the command.
def test_a_command_that_is_cut_says_so():
    case, sent = sample.broken()[1], sample.exchange(401)
    token = "".join(map(str, range(2000)))
    request = {**sent.request, "curl": f"curl -H 'Authorization: Bearer {token}'"}
    text = summary(sample.run([replace(case, exchanges=(replace(sent, request=request),))]))

    assert "…\n      (4,923 characters are left out here: run.jsonl has the whole command)\n" in text


# What was measured is a line for each case, the command's last word on a run that conforms.
def test_measured_cases():
    quick = sample.settled(sample.trial(0.012), sample.trial(0.2))
    late = sample.settled(sample.trial(0.012), sample.trial(1.3, back=(2.4, 5.4)), case="late")
    never = sample.settled(sample.trial(99), case="never")
    text = summary(sample.run([quick, late, never]))

    assert text.endswith("""
Measured
  late: took 5.5 s at most, 5 s allowed; 2 trials, 2 flaps; too late
  lifecycle/revocation/latency@own: took 203 ms at most, 5 s allowed; 2 trials, no flaps
  never: did not take effect in 1 of 1 trial, 5 s allowed; 1 trial, no flaps; too late
""")


# A run without its end says so, and tells what is known without a verdict of its own.
def test_a_run_cut_off_says_so():
    text = summary(sample.run(sample.broken(), ended=False))

    assert text.splitlines()[0] == (
        "cut off: the run has no end, 3 cases had an outcome; until then 2 MUST and 1 SHOULD not met"
    )
    assert "3 cases: 2 fail, 1 warn\n" in text


# A run that was stopped names its reason and what was left.
def test_a_stopped_run_names_what_was_left():
    left = [f"scoping/instances/{number}" for number in range(5)]
    outcomes = sample.passed()
    text = summary(replace(sample.run(outcomes), end=conclude(outcomes, left)))

    assert text.startswith("inconclusive: the run was stopped before 5 cases had been asked\n")
    assert text.endswith(
        "Not run: 5 cases\n    scoping/instances/0\n    scoping/instances/1\n"
        "    scoping/instances/2\n    and 2 cases more\n"
    )


# A strict run says why it does not conform although every MUST is met.
def test_a_strict_run_tells_why():
    warned = sample.broken()[2:]
    run = replace(sample.run(warned, strict=True), end=conclude(warned, strict=True))

    assert summary(run).splitlines()[0] == (
        "does not conform: 1 SHOULD not met; warnings count as failures (--strict)"
    )


# What a hostile target answered cannot move the cursor or write to the title of the window.
def test_control_sequences_are_shown_not_obeyed():
    case = sample.broken()[1]
    problem = replace(case.problems[0], actual="\x1b]0;owned\x07\r\x9b2J\u202e")
    text = summary(sample.run([replace(case, problems=(problem,), case="a\x1b[31m")]))

    assert all(each.isprintable() or each == "\n" for each in text)
    assert "got \\x1b]0;owned\\x07\\r\\x9b2J\\u202e" in text


# On a narrow terminal sentences are broken, ids are not.
def test_a_narrow_terminal():
    lines = summary(sample.everything(), width=60).splitlines()

    assert "    suites/bearer/presentation.suite.yaml:27: challenge:" in lines
    assert all(len(line) <= 60 for line in lines if "://" not in line)
