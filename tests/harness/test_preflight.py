"""Before the first case: a mistake in the configuration is told as one, and never as non-conformance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from loopback import answering
from scene import (
    SECRET,
    authorized,
    case,
    credential,
    http,
    operation,
    play,
    profile,
    reference,
    setting,
    target,
)

from harness import preflight
from harness.errors import TargetError
from harness.exchange import Network
from harness.model import Place, Where
from harness.plan import Case, LeftOut, Presentation
from harness.setting import Setting

Respond = Callable[[bytes], bytes]


async def check(given: Setting, *cases: Case) -> str | None:
    """What the preflight has against the target; None where nothing."""
    network = Network(redactor=given.redactor, timeout=1.0)
    try:
        await preflight.check(given, network, cases or (case(),))
    except TargetError as error:
        assert error.exit_code == 3
        return str(error)
    finally:
        await network.aclose()
    return None


def against(respond: Respond, *cases: Case, **changes: Any) -> tuple[str | None, list[bytes], int]:
    """(what it has against the target, the requests it sent, the port)."""

    async def scene() -> tuple[str | None, list[bytes], int]:
        async with answering(respond) as server:
            given = setting(server.url, **changes)
            return await check(given, *cases), server.requests, server.port

    result: tuple[str | None, list[bytes], int] = play(scene())
    return result


def good(request: bytes) -> bytes:
    return http(200 if authorized(request) else 401)


# All is well: the address answers and the credential is accepted; two requests tell.
def test_all_is_well() -> None:
    said, requests, _ = against(good)
    assert said is None
    assert [each.split()[1] for each in requests] == [b"/", b"/data"]
    assert b"Authorization" not in requests[0]


# Nothing listens: the place, its address and the line of the target.
def test_unreachable() -> None:
    async def scene() -> None:
        async with answering(b"") as server:
            url = server.url
        assert await check(setting(url)) == (
            f"target.yaml:5: the place 'own' at {url} cannot be reached: "
            f"nothing listens at {url.removeprefix('http://')}. Check its url, and that the server runs."
        )

    play(scene())


# Nor does it matter whether any case is left to ask: what the target leaves open must not hide this.
def test_unreachable_before_all_gaps() -> None:
    async def scene() -> None:
        async with answering(b"") as server:
            url = server.url
        open_case = replace(case(), left_out=LeftOut("inconclusive", "the target gives no token"))
        said = await check(setting(url), open_case)
        assert said and said.startswith(f"target.yaml:5: the place 'own' at {url} cannot be reached: ")

    play(scene())


def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    said = asyncio.run(check(setting("http://nobody.invalid")))
    assert said == (
        "target.yaml:5: the place 'own' at http://nobody.invalid cannot be reached: "
        "the name nobody.invalid does not resolve. "
        "Check its spelling; where another name server knows it, write resolve: {NAME: ADDRESS}."
    )


# Whatever answers is reachable, be it a 500.
def test_any_answer_is_reachable() -> None:
    said, _, _ = against(lambda request: good(request) if b"GET /data" in request else http(500))
    assert said is None


def test_no_http() -> None:
    said, _, port = against(lambda request: b"SSH-2.0-OpenSSH\r\n\r\n")
    assert said and f"the place 'own' at http://127.0.0.1:{port} cannot be reached: the answer from" in said


# A wrong token: the variable that holds it, what was expected and what came; not the token.
def test_a_wrong_token() -> None:
    said, _, _ = against(good, secrets={"token": "key_live_wrong"})
    assert said == (
        "target.yaml:5: the credential 'token' ($TOKEN) is refused: the control was not accepted: "
        "token for protected at own: expected accepted with 200 OK, got 401 Unauthorized. "
        "Check the secrets, or the address of their place."
    )


# Accepted in another documented operation it is no wrong token: what the first does is for the cases to tell.
def test_accepted_in_another_operation() -> None:
    two = profile(operation("status", path="/status"), operation())

    def respond(request: bytes) -> bytes:
        return good(request) if b"GET /status" in request else http(401)

    said, requests, _ = against(respond, profile=two)
    assert said is None
    # the one that most scenarios use is tried first
    assert [each.split()[1] for each in requests] == [b"/", b"/data", b"/data", b"/status"]


# A second account is served data of its own: a canary that stands in the first one's alone would be missed in
# every answer to it. Which answer lacks it is told before anything is asked, however else it is accepted.
def test_a_canary_of_one_account_alone() -> None:
    both = profile(operation(), operation("status", path="/status"))
    both = replace(both, credentials={"token": credential(), "second": credential("second")})

    async def scene(of_second: bytes) -> str | None:
        def respond(request: bytes) -> bytes:
            return http(200, b"milk of acme") if authorized(request) else http(200, of_second)

        async with answering(respond) as server:
            mine = target(server.url, canary={"own": "of acme", "other": "of globex"})
            mine = replace(mine, credentials={name: reference(name) for name in both.credentials})
            secrets = {"token": SECRET, "second": "key_of_second"}
            given = setting(server.url, profile=both, target=mine, secrets=secrets)
            return await check(given, case("second", control=Presentation("second", "own", "protected")))

    assert play(scene(b"bread of ada")) == (
        "target.yaml:5: 'protected' accepts the credential 'second', and the canary of own is not in the "
        "answer. Write a canary that every credential of own is served, or take it out."
    )
    assert play(scene(b"bread of acme")) is None
    assert play(scene(b"beer of globex")) is None, "served another's data: the cases tell"


# Nothing that changes the target is tried, and nothing that anybody may do.
def test_only_harmless_operations() -> None:
    public = operation("health", path="/health", public=True)
    all_kinds = profile(*profile().operations.values(), public)
    _, requests, _ = against(lambda request: http(401), profile=all_kinds)
    assert {each.split()[1] for each in requests} == {b"/", b"/data"}
    # where there is none, the cases must tell
    said, requests, _ = against(lambda request: http(401), profile=profile(public))
    assert said is None and len(requests) == 1


# A credential that was issued in this run cannot be a wrong one: its refusal is the API's.
def test_an_issued_credential() -> None:
    async def scene() -> None:
        async with answering(http(401)) as server:
            issued = target(server.url, credentials={"token": reference(issued=True)})
            assert await check(setting(server.url, target=issued)) is None

    play(scene())


# Only what the cases need is tried; every wrong credential is told at once.
def test_what_the_cases_need() -> None:
    others = {
        "token": credential(),
        "spare": credential("spare"),
        "foreign": credential("foreign", at="other"),
    }

    async def scene() -> None:
        async with answering(good) as server:
            gone = Place("other", "http://nobody.invalid", {}, Where("target.yaml", 9))
            deployment = target(server.url, credentials={name: reference(name) for name in others})
            deployment = replace(deployment, places={**deployment.places, "other": gone})
            given = setting(
                server.url,
                profile=profile(credentials=others),
                target=deployment,
                secrets={"token": "key_wrong_1", "spare": "key_wrong_2", "foreign": SECRET},
            )
            spare = case("spare", control=Presentation("spare", "own", "protected"))
            left_out = replace(
                case("foreign", control=Presentation("foreign", "other", "protected")),
                left_out=LeftOut("inconclusive", "no"),
            )
            said = await check(given, case(), spare, left_out)
            # in one line: the report's headline is one
            assert said and [part.split("'")[1] for part in said.split("; ")] == ["token", "spare"]
            # the place of a credential can be another than the profile's
            moved = replace(
                deployment, credentials={**deployment.credentials, "foreign": reference("foreign", "own")}
            )
            foreign = case(
                "foreign", control=Presentation("foreign", "own", "protected"), credential="foreign"
            )
            assert await check(replace(given, target=moved), foreign) is None

    play(scene())


# A passing trouble does not end the run before it has begun.
@pytest.mark.parametrize("code", [429, 503])
def test_passing_trouble(code: int) -> None:
    answers = [http(200), http(code)]
    said, _, _ = against(lambda request: answers.pop(0) if answers else good(request))
    assert said is None
