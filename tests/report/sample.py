"""Runs as they could have happened, for the tests of the reports."""

from dataclasses import replace
from datetime import date
from typing import Any

from harness.model import Acceptance, CaseOutcome, Exchange, Finding, Problem, Timing, Where
from harness.report.record import Cited, Run, RunStart, conclude

URL = "https://acme.originchain.example"
SUITE = "suites/bearer/presentation.suite.yaml"

REQUIREMENTS = {
    "rfc6750/2.1-header": Cited(
        "The token is accepted in the Authorization header field with the Bearer scheme.",
        ("RFC 6750 section 2.1",),
        "MUST",
    ),
    "rfc6750/3-challenge": Cited(
        "A refusal for lack of a valid token carries WWW-Authenticate with the Bearer scheme.",
        ("RFC 6750 section 3",),
        "MUST",
    ),
    "rfc6750/3.1-invalid-token": Cited(
        "The challenge that follows a refused token says error=invalid_token.",
        ("RFC 6750 section 3.1",),
        "SHOULD",
    ),
    "rfc6750/5.3-no-store": Cited(
        "A response that holds a token forbids caches to store it.", ("RFC 6749 section 5.1",), "SHOULD"
    ),
    "rfc9110/11.1-scheme-case": Cited(
        "The name of an authentication scheme is compared without regard to case.",
        ("RFC 9110 section 11.1",),
        "MUST",
    ),
    "rfc9110/15.5.2-challenge": Cited(
        "A 401 response carries WWW-Authenticate with at least one challenge.",
        ("RFC 9110 section 15.5.2",),
        "MUST",
    ),
    "originchain/invalid-401": Cited(
        "A missing, malformed, unknown or revoked token is answered with 401.",
        ("OriginChain API, Authentication", "s1-401"),
        "MUST",
    ),
    "originchain/wrong-instance-403": Cited(
        "A token of another instance is answered with 403.",
        ("OriginChain API, Errors", "s1-403-foreign"),
        "MUST",
    ),
    "practice/browser-origin": Cited(
        "An API whose credentials do not belong in browsers grants nothing to web origins.",
        ("Fetch section 3.3",),
        "MAY",
    ),
    "originchain/revocation-immediate": Cited(
        "A revoked token is refused within five seconds.", ("OriginChain API, Rotation", "s1-revoke"), "MUST"
    ),
}

START = RunStart(
    authconform="0.1.0",
    suite_digest="sha256:8d2f0a6cb6e04d0a8f3e5a1dd7a3b7e66f21c5f0d9b2f1f7a9c1e52c0b6f4a10",
    profile="originchain",
    profile_digest="sha256:51b6e7a2f0c94e7cbf3f1d9a8277a0d5a5c3e0d48a1c07e2b9e6f4d81c5b7a33",
    target="targets/staging.yaml",
    environment="staging",
    places={"own": URL, "other": "https://globex.originchain.example"},
    selection=(),
    start="2026-11-21T18:37:04Z",
    seed=42,
    faults=(),
    concurrency=16,
    rate=50.0,
    strict=False,
    versions={"python": "3.11.2", "httpx": "0.28.1", "platform": "Linux x86_64"},
    requirements=REQUIREMENTS,
)


def exchange(
    status: int = 200,
    *,
    purpose: Any = "case",
    token: str | None = "[token]",
    headers: tuple[tuple[str, str], ...] = (),
    body: str = '{"schemas":[{"name":"bill-of-lading","version":3}]}',
    error: str | None = None,
    at: float = 0.2,
) -> Exchange:
    """GET the protected operation; `error` stands for an answer that never came."""
    reasons = {200: "OK", 401: "Unauthorized", 403: "Forbidden", 503: "Service Unavailable"}
    url = f"{URL}/v1/tenants/acme/schemas"
    sent = [
        ["Host", "acme.originchain.example"],
        ["Accept", "*/*"],
        ["X-Authconform-Case", "bearer/presentation"],
    ]
    if token is not None:
        sent.append(["Authorization", f"Bearer {token}"])
    shown = {"[token]": '"Authorization: Bearer $OC_TOKEN"'}.get(
        str(token), f"'Authorization: Bearer {token}'"
    )
    request = {
        "method": "GET",
        "url": url,
        "headers": sent,
        "body": None,
        "curl": f"curl --path-as-is '{url}'" + ("" if token is None else f" -H {shown}"),
    }
    response = None
    if error is None:
        response = {
            "status": status,
            "reason": reasons.get(status, ""),
            "http_version": "HTTP/1.1",
            "tls": "TLSv1.3",
            "headers": [["Content-Type", "application/json"], ["Cache-Control", "private, no-store"]]
            + [list(pair) for pair in headers],
            "body": body,
            "truncated": False,
        }
    return Exchange(
        purpose, request, response, error, Timing(at, round(at + 0.0112, 6), round(at + 0.0124, 6))
    )


CHALLENGE = ("WWW-Authenticate", 'Bearer realm="originchain", error="invalid_token"')
REFUSED = '{"error":"unauthorized","message":"The token is not valid."}'
CONTROL = exchange(purpose="control", at=0.18)


def case(
    scenario: str, title: str, findings: dict[str, Any], line: int, verdict: Any = "pass", **more: Any
) -> CaseOutcome:
    """One outcome; `findings` maps requirement ids to their verdicts."""
    values: dict[str, Any] = {
        "case": f"{scenario}@own",
        "scenario": scenario,
        "title": title,
        "requirements": tuple(
            Finding(id, REQUIREMENTS[id].level if id in REQUIREMENTS else "MUST", each)
            for id, each in findings.items()
        ),
        "verdict": verdict,
        "reason": None,
        "problems": (),
        "measurements": {},
        "exchanges": (CONTROL, exchange(401, headers=(CHALLENGE,), body=REFUSED, token="[unknown token]")),
        "elapsed": 0.0413,
        "where": Where(SUITE, line),
    }
    return CaseOutcome(**(values | more))


def passed() -> list[CaseOutcome]:
    """Cases in which everything was as it must be."""
    basic = {
        "originchain/invalid-401": "pass",
        "rfc6750/3-challenge": "pass",
        "rfc9110/15.5.2-challenge": "pass",
    }
    titles = {
        "missing-header": "A request without a token is refused",
        "empty-token": "The scheme without a token is refused",
        "unknown-token": "A token that was never issued is refused",
        "cut-token": "A token without its last character is refused",
        "two-headers": "Two Authorization fields are refused",
        "basic-scheme": "The token is refused in the Basic scheme",
        "comma-list": "Two credentials in one field are refused",
    }
    made = [
        case(f"bearer/presentation/{slug}", title, basic, line, elapsed=(20 + line) / 1000)
        for line, (slug, title) in enumerate(titles.items(), 9)
    ]
    made.append(
        case(
            "bearer/presentation/valid-token",
            "A valid token is accepted",
            {"rfc6750/2.1-header": "pass"},
            5,
            exchanges=(exchange(),),
        )
    )
    made.append(
        case(
            "lifecycle/revocation/immediate",
            "A revoked token is refused within the documented time",
            {"originchain/revocation-immediate": "pass"},
            31,
            measurements={"last_acceptance_ms": 3.2, "first_refusal_ms": 8.9, "flaps": 0, "trials": 5},
            notes=("5 trials; the clock started when the revoke call returned",),
        )
    )
    return made


def broken() -> list[CaseOutcome]:
    """Two failures and a warning."""
    where = Where("specs/originchain/profile.yaml", 48)
    return [
        case(
            "scoping/instances/foreign-token",
            "A token of another instance is refused",
            {"originchain/wrong-instance-403": "fail", "originchain/invalid-401": "pass"},
            14,
            "fail",
            problems=(
                Problem("originchain/wrong-instance-403", "MUST", "status", "403", "200", where),
                Problem(
                    "originchain/wrong-instance-403",
                    "MUST",
                    "refused",
                    "an answer that is not an accepted one",
                    "a body that is valid against schema-list.json",
                    Where("suites/scoping/instances.suite.yaml", 14),
                ),
            ),
            exchanges=(CONTROL, exchange(token="[other-token]")),
            where=Where("suites/scoping/instances.suite.yaml", 14),
        ),
        case(
            "bearer/presentation/scheme-case",
            "The scheme's name is accepted in any case",
            {"rfc9110/11.1-scheme-case": "fail"},
            22,
            "fail",
            problems=(Problem("rfc9110/11.1-scheme-case", "MUST", "status", "200", "401", Where(SUITE, 22)),),
        ),
        case(
            "bearer/presentation/error-code",
            "A refused token is named in the challenge",
            {"rfc6750/3.1-invalid-token": "warn"},
            27,
            "warn",
            problems=(
                Problem(
                    "rfc6750/3.1-invalid-token",
                    "SHOULD",
                    "challenge",
                    'error="invalid_token"',
                    'Bearer realm="originchain"',
                    Where(SUITE, 27),
                    "The document does not mention the challenge, so this is advice.",
                ),
            ),
            exchanges=(
                CONTROL,
                exchange(
                    401,
                    body=REFUSED,
                    token="[cut token]",
                    headers=(("WWW-Authenticate", 'Bearer realm="originchain"'),),
                ),
            ),
        ),
    ]


ACCEPTED = Acceptance(
    requirement="rfc9110/11.1-scheme-case",
    case="bearer/presentation/scheme-case@own",
    reason="The gateway matches the name as it is written; the next one will not.",
    owner="Ada",
    ticket="GW-12",
    expires=date(2027, 3, 31),
    where=Where("authconform-baseline.yaml", 3),
)


def accepted() -> CaseOutcome:
    """A failure that the baseline accepts."""
    return replace(broken()[1], accepted=(ACCEPTED,))


def noted() -> CaseOutcome:
    """A case that passes, and shows what nothing requires."""
    return case(
        "credential/fields/browser-origin",
        "What a request from a web page is granted",
        {"practice/browser-origin": "pass", "rfc6750/2.1-header": "pass"},
        9,
        problems=(
            Problem(
                "practice/browser-origin",
                "MAY",
                "no-cors-headers",
                "no Access-Control field",
                "Access-Control-Allow-Origin: *",
                Where("suites/credential/fields.suite.yaml", 9),
            ),
        ),
        where=Where("suites/credential/fields.suite.yaml", 9),
    )


def unknown() -> list[CaseOutcome]:
    """Cases from which nothing was learned, and cases that do not apply."""
    down = "the target answered 503 twice"
    dashboard = "absent: issue: tokens are made in the dashboard only"
    return [
        case(
            "lifecycle/tokens/expired",
            "An expired token is refused",
            {"originchain/invalid-401": "inconclusive"},
            8,
            "inconclusive",
            reason=down,
            exchanges=(
                exchange(503, body="upstream unavailable"),
                exchange(503, body="upstream unavailable"),
            ),
        ),
        case(
            "lifecycle/tokens/deleted-instance",
            "A token of a deleted instance is refused",
            {"originchain/invalid-401": "inconclusive"},
            12,
            "inconclusive",
            reason="the closing control was not accepted",
            exchanges=(exchange(error="the connection was closed before an answer"),),
        ),
        *(
            case(
                f"lifecycle/issue/{slug}",
                title,
                {"rfc6750/5.3-no-store": "not-applicable"},
                line,
                "not-applicable",
                reason=dashboard,
                exchanges=(),
                elapsed=0.0,
            )
            for line, (slug, title) in enumerate(
                {
                    "shown-once": "A token is shown once",
                    "no-store": "A new token is not stored by caches",
                }.items(),
                4,
            )
        ),
    ]


def trial(
    took: float, *, within: float = 5.0, watch: float = 1.0, back: tuple[float, ...] = ()
) -> dict[str, Any]:
    """What a run file has of a change that took effect `took` seconds after its call returned.

    It was probed every 4 ms around the change and every 100 ms later; each answer took 3 ms. At the instants
    `back` the answer was as before once more.
    """
    sent = [number / 250 for number in range(-20, 80)]
    sent += [number / 10 for number in range(4, int(10 * (within + watch)))]
    points = [
        [each, round(each + 0.003, 6), "before" if each < took or each in back else "after"] for each in sent
    ]
    last = max((each for each, _, standing in points if standing == "before"), default=None)
    later = [done for each, done, standing in points if standing == "after" and (last is None or each > last)]
    return {
        "after_s": last,
        "at_latest_s": min(later, default=None),
        "flaps": len(back),
        "probes": len(points),
        "points": points,
    }


def settled(
    *trials: dict[str, Any], within: float = 5.0, watch: float = 1.0, upper_bound: bool = False, **more: Any
) -> CaseOutcome:
    """A case that measured these changes."""
    ends = [each["at_latest_s"] for each in trials]
    measurement = {
        "within_s": within,
        "watch_s": watch,
        "worst_s": None if None in ends else max(ends),
        "flaps": sum(each["flaps"] for each in trials),
        "upper_bound": upper_bound,
        "proves": f"{len(trials)} trials prove what they prove",
        "trials": list(trials),
    }
    return case(
        "lifecycle/revocation/latency",
        "A revoked token is refused within the time allowed",
        {"originchain/revocation-immediate": more.get("verdict", "pass")},
        31,
        measurements={"settling": measurement},
        **more,
    )


def run(outcomes: list[CaseOutcome], ended: bool = True, **settings: Any) -> Run:
    """A run with these outcomes, with or without its end."""
    return Run(
        replace(START, **settings), tuple(outcomes), conclude(outcomes, elapsed=1.84) if ended else None
    )


def everything() -> Run:
    """A run with every kind of outcome."""
    return run(broken() + unknown() + passed())
