"""A small API, made by hand: its profile, a target at a loopback server, cases, and what comes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from loopback import Loopback

from harness.checks import Facts
from harness.exchange import Answer, Network, Redactor
from harness.execute import run_batch
from harness.model import (
    CaseOutcome,
    CredentialKind,
    CredentialRef,
    Effect,
    Exchange,
    Expectation,
    Operation,
    Outcome,
    Place,
    Profile,
    Requirement,
    Scenario,
    Spoil,
    Step,
    Target,
    Timing,
    Where,
)
from harness.plan import Batch, Case, PlannedStep, Presentation
from harness.setting import Setting

SECRET = "key_live_9f8e7d6c5b4a39281706"
WRITTEN = Where("api.suite.yaml", 7)
PROFILE = Where("profile.yaml", 3)
TARGET = Where("target.yaml", 5)

UNKNOWN = Spoil("value", {"like": "it"}, False, WRITTEN)
REFUSED = Outcome("refused", "unknown-token", {}, WRITTEN)
ACCEPTED = Outcome("accepted", None, {}, WRITTEN)


def expects(check: str, requirement: str | None = "api/described", **args: Any) -> Expectation:
    return Expectation(check, args, requirement, None, None, PROFILE)


def operation(name: str = "protected", method: str = "GET", path: str = "/data", **changes: Any) -> Operation:
    plain = Operation(
        name=name,
        method=method,
        path=path,
        headers=(),
        body=None,
        body_type=None,
        accepted=(expects("status", **{"is": 200}),),
        after=None,
        undo=None,
        effect=None,
        touches=frozenset(),
        public=False,
        at=None,
        where=PROFILE,
    )
    return replace(plain, **changes)


ITEMS = (
    operation(),
    operation(
        "create",
        "POST",
        "/items/${unique}",
        accepted=(expects("status", **{"is": 201}),),
        effect=Effect("protected", "${unique}", True),
        undo="remove",
        touches=frozenset({"creates"}),
    ),
    operation("read", "GET", "/items/${unique}", after="create", touches=frozenset({"creates"})),
    operation(
        "remove",
        "DELETE",
        "/items/${unique}",
        after="create",
        effect=Effect("protected", "${unique}", False),
        touches=frozenset({"creates", "destroys"}),
    ),
)


def credential(name: str = "token", at: str = "own") -> CredentialKind:
    return CredentialKind(name, "bearer", at, ("key_live_", "key_test_"), {}, PROFILE)


def profile(*operations: Operation, **changes: Any) -> Profile:
    plain = Profile(
        name="api",
        title="An API",
        credentials={"token": credential()},
        places={"own": "the API", "other": "another one"},
        operations={each.name: each for each in operations or ITEMS},
        refusals={
            "default": (expects("status", **{"is": 401}),),
            "unknown-token": (expects("status", **{"is": 401}),),
            "rate-limited": (expects("status", **{"is": 429}),),
        },
        lifecycle={},
        limits={"burst": 5},
        capabilities=frozenset(),
        redact=(),
        where=PROFILE,
    )
    return replace(plain, **changes)


def reference(name: str = "token", at: str | None = None, issued: bool = False) -> CredentialRef:
    return CredentialRef(name, "env", name.upper(), name.upper().replace("-", "_"), at, issued, TARGET)


def target(url: str, **changes: Any) -> Target:
    plain = Target(
        profile="api",
        environment="test",
        places={"own": Place("own", url, {"tenant": "acme"}, TARGET)},
        credentials={"token": reference()},
        absent={},
        allow=frozenset(),
        resolve={},
        canary={},
        provider=None,
        where=TARGET,
    )
    return replace(plain, **changes)


def requirement(name: str, level: Any = "MUST") -> Requirement:
    return Requirement(
        name, level, "spec", f"{name} holds", (), (), None, None, Where("requirements.yaml", 1)
    )


REQUIREMENTS = {
    name: requirement(name, level)
    for name, level in {
        "api/act": "MUST",
        "api/described": "MUST",
        "api/advice": "SHOULD",
        "api/choice": "MAY",
    }.items()
}


def setting(url: str, **changes: Any) -> Setting:
    redactor = Redactor()
    redactor.learn("token", SECRET, env="TOKEN")
    plain = Setting(
        profile=profile(),
        target=target(url),
        secrets={"token": SECRET},
        requirements=REQUIREMENTS,
        redactor=redactor,
        seed=1,
    )
    return replace(plain, **changes)


def step(outcome: Outcome = REFUSED, spoil: Spoil | None = UNKNOWN, **changes: Any) -> Step:
    plain = Step(
        verb="present",
        subject="token",
        on=None,
        at=None,
        options={},
        times=1,
        together=False,
        spoil=spoil,
        outcome=outcome,
        expects=(),
        branches={},
        where=WRITTEN,
    )
    return replace(plain, **changes)


CONTROL = Presentation("token", "own", "protected")


def case(
    name: str = "unknown",
    *steps: Step,
    on: str = "protected",
    credential: str | None = "token",
    control: Presentation | None = CONTROL,
    touches: frozenset[str] = frozenset(),
) -> Case:
    """One that presents something on an operation; in place of steps: an unknown token, to be refused."""
    given = steps or (step(),)
    scenario = Scenario(
        id=f"api/{name}",
        suite="api",
        title=name.capitalize(),
        requires=("api/act",),
        needs=(),
        touches=touches,
        steps=given,
        variant=None,
        control=True,
        because=None,
        no_fault=None,
        where=WRITTEN,
    )
    sent = Presentation(credential, "own", on)
    planned = tuple(PlannedStep(each, sent, "bearer") for each in given)
    return Case(scenario.id, scenario, scenario.title, planned, control, touches, None)


def batch(*cases: Case, lane: Any = "shared") -> Batch:
    return Batch(cases, cases[0].control, lane)


async def outcomes(
    server: Loopback, *cases: Case, timeout: float = 2.0, **changes: Any
) -> Mapping[str, CaseOutcome]:
    """What comes of the cases, run as one batch against `server`: by scenario."""
    given = setting(server.url, **changes)
    found: list[CaseOutcome] = []
    network = Network(redactor=given.redactor, timeout=timeout)
    try:
        await run_batch(given, batch(*cases), network.lane(), found.append)
    finally:
        await network.aclose()
    assert [each.case for each in found] == [each.id for each in cases]
    return {each.scenario: each for each in found}


async def outcome(server: Loopback, one: Case | None = None, **changes: Any) -> CaseOutcome:
    """What comes of one case."""
    one = one or case()
    return (await outcomes(server, one, **changes))[one.scenario.id]


def problems(found: CaseOutcome) -> list[tuple[str, str, str]]:
    return [(each.check, each.expected, each.actual) for each in found.problems]


def purposes(exchanges: Sequence[Exchange]) -> list[str]:
    return [each.purpose for each in exchanges]


def authorized(request: bytes, secret: str = SECRET) -> bool:
    """Whether the request carries just the one token."""
    lines = [line for line in request.split(b"\r\n") if line.lower().startswith(b"authorization:")]
    return lines == [f"Authorization: Bearer {secret}".encode()]


def http(status: int, body: bytes = b"{}", *fields: str) -> bytes:
    """A complete response."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def answer(status: int = 200, body: bytes | str = b"", *fields: tuple[str, str]) -> Answer:
    """One as the network hands it over."""
    data = body.encode() if isinstance(body, str) else body
    timing = Timing(0.0, 0.0, 0.0)
    return Answer(status, "", fields, data, False, timing, Exchange("case", {}, None, None, timing))


def facts(**changes: Any) -> Facts:
    return replace(Facts(operation(), "GET", "bearer", "own", "own"), **changes)


def schema(folder: Path, text: str, name: str = "answer.json") -> Path:
    file = folder / name
    file.write_text(text)
    return file


def play(scene: Any) -> Any:
    """Run a coroutine to its end, within ten seconds."""

    async def bounded() -> Any:
        async with asyncio.timeout(10):
            return await scene

    return asyncio.run(bounded())
