"""Twelve mistakes that newcomers make: doctor and run tell each with its place and the next step."""

from __future__ import annotations

import base64
import json
import socket
import time

import notes
import pytest
from deployment import TOKEN, Told, answering, write

REFUSED = (
    "target.yaml:6: the credential 'token' ($NOTES_TOKEN) is refused: the control was not accepted: "
    "token for protected at own: expected accepted with 200 OK, got "
)


def both(told: Told, code: int, sentence: str) -> None:
    """Both commands end with `code`, and say this."""
    doctor_code, lines = told.doctor()
    run_code, line = told.run()
    assert (doctor_code, run_code) == (code, code), (lines, line)
    assert any(sentence in each for each in lines), lines
    assert sentence in line


# 1. The variable has another name: which one is looked for, and the one that is there.
def test_wrong_variable(port: int, told: Told) -> None:
    write(port, target={"NOTES_TOKEN": "NOTES_TOKN"})
    both(
        told,
        2,
        "target.yaml:6: the environment variable NOTES_TOKN is not set. "
        "It must hold the credential 'token'. Did you mean 'NOTES_TOKEN'?",
    )


# 2. The path is another: where nothing is, and the two lines that it is made of.
def test_wrong_path(port: int, told: Told) -> None:
    write(port, profile={"GET /notes": "GET /note"})
    both(
        told,
        3,
        f"{REFUSED}404 Not Found: nothing is at http://127.0.0.1:{port}/v1/note: 404 Not Found. "
        "profile.yaml:7: Mend the path of request: GET /note, or the url at target.yaml:4.",
    )


# 3. A slash too many, or one too few: the right line, whether the API redirects or knows no such path.
def test_trailing_slash(port: int, told: Told) -> None:
    write(port, profile={"GET /notes": "GET /notes/"})
    both(
        told,
        3,
        f"{REFUSED}404 Not Found: the path /notes/ is answered with 404 Not Found, "
        "and /notes is the right one. "
        "profile.yaml:7: Write request: GET /notes",
    )
    with notes.serving(answering(308, ("Location", "/v1/notes/"))) as other:
        write(other)
        both(
            told,
            3,
            f"{REFUSED}308 Permanent Redirect: it redirects to the same path with a slash at its end. "
            "profile.yaml:7: Write request: GET /notes/",
        )


# 4. http where https is meant: the address to write, and no credential follows.
def test_http_for_https(told: Told) -> None:
    with notes.serving(answering(301, ("Location", "https://127.0.0.1/v1/notes"))) as port:
        write(port)
        both(
            told,
            3,
            f"{REFUSED}301 Moved Permanently: it redirects to https: 'https://127.0.0.1/v1/notes'. "
            'target.yaml:4: Write url: "https://127.0.0.1/v1".',
        )
        _, lines = told.doctor()
    assert lines[0] == (
        "place own: it redirects to https: 'https://127.0.0.1/v1/notes'. "
        'target.yaml:4: Write url: "https://127.0.0.1/v1".'
    )


# 5. Another word before the token, another beginning of it, or the word within the secret.
def test_wrong_prefix(port: int, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    write(port, profile={"{kind: bearer, prefix: nt_}": "{kind: bearer, scheme: Token}"})
    both(
        told,
        3,
        f"{REFUSED}401 Unauthorized: the API asks for Bearer, and it is sent after Token. "
        "profile.yaml:5: Write scheme: Bearer there, if that is how it is presented.",
    )

    class Quiet(notes.Notes):
        def account(self, *, keys: bool) -> str | None:
            return notes.TOKENS.get(self.headers.get("Authorization", "").removeprefix("Token "))

        def send_header(self, keyword: str, value: str) -> None:
            if keyword != "WWW-Authenticate":
                super().send_header(keyword, value)

    with notes.serving(Quiet) as quiet:
        write(quiet)
        both(
            told,
            3,
            f"{REFUSED}401 Unauthorized: the same secret is accepted in Authorization after Token. "
            "profile.yaml:5: Write token: {kind: api-key, field: Authorization, scheme: Token}",
        )
    monkeypatch.setenv("NOTES_TOKEN", "sk_3kT9vWq2LmX8")
    write(port)
    both(
        told,
        3,
        f"{REFUSED}401 Unauthorized: its secret does not begin with nt_, as the profile has it. "
        "target.yaml:6: Look at $NOTES_TOKEN, or mend prefix: at profile.yaml:5.",
    )
    monkeypatch.setenv("NOTES_TOKEN", f"Bearer {TOKEN}")
    both(
        told,
        3,
        f"{REFUSED}401 Unauthorized: its secret begins with the word Bearer, which is not part of it. "
        "target.yaml:6: Leave 'Bearer ' out of $NOTES_TOKEN: the profile says what stands before it.",
    )


# 6. A schema that is not there: the path at which it is looked for.
def test_schema_file_missing(port: int, told: Told) -> None:
    write(port, profile={"{status: 200}": "{status: 200, schema: notes.json}"})
    both(told, 2, "profile.yaml:9: there is no schema file schemas/notes.json. Write it, or mend the name.")


# 7. A reason for refusal that there is none of: the nearest.
def test_unknown_refusal(port: int, told: Told) -> None:
    write(port, profile={"default:\n": "expired-tokens:\n"})
    both(told, 2, "profile.yaml:11: unknown refusal 'expired-tokens'. Did you mean 'expired-token'?")


# 8. A token whose time is over: since when, and by whose clock.
def test_expired_token(port: int, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    write(port, profile={"{kind: bearer, prefix: nt_}": "{kind: bearer}"})
    parts = ({"alg": "HS256"}, {"exp": int(time.time()) - 3 * 86400 - 60})
    head, claims = (
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in parts
    )
    monkeypatch.setenv("NOTES_TOKEN", f"{head}.{claims}.c2lnbmF0dXJl")
    both(
        told,
        3,
        f"{REFUSED}401 Unauthorized: its token expired 3 days ago, by this machine's clock. "
        "target.yaml:6: Put a fresh one into $NOTES_TOKEN.",
    )


# 9. Another tenant than the credential's: the variable, where it is known but not let in.
def test_wrong_tenant(told: Told) -> None:
    class Tenants(notes.Notes):
        def do_GET(self) -> None:
            account = self.account(keys=False)
            right = self.path == f"/v1/tenants/{account}/notes"
            self.answer(200 if right else 403 if account else 401, {})

    with notes.serving(Tenants) as port:
        write(
            port,
            profile={"GET /notes": "GET /tenants/${tenant}/notes"},
            target={'/v1"}': '/v1", tenant: globex}'},
        )
        both(
            told,
            3,
            f"{REFUSED}403 Forbidden: it is known, and may not do this: 403, and without a credential 401. "
            "target.yaml:4: Is tenant: globex what this credential belongs to?",
        )


# 10. Nothing listens there.
def test_unreachable_host(told: Told) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        write(port)
        both(
            told,
            3,
            f"target.yaml:4: the place 'own' at http://127.0.0.1:{port}/v1 cannot be reached: "
            f"nothing listens at 127.0.0.1:{port}. Check its url, and that the server runs.",
        )


# 11. A name that does not resolve.
NO_NAME = (
    "target.yaml:4: the place 'own' at http://notes.invalid:8000/v1 cannot be reached: the name "
    "notes.invalid does not resolve. "
    "Check its spelling; where another name server knows it, write resolve: {NAME: ADDRESS}."
)


def test_name_that_does_not_resolve(told: Told) -> None:
    write(8000, target={"127.0.0.1": "notes.invalid"})
    both(told, 3, NO_NAME)


# 12. A proxy that we do not use, and one that answers in the target's place.
def test_proxy_in_the_way(told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.invalid:3128")
    write(8000, target={"127.0.0.1": "notes.invalid"})
    both(
        told,
        3,
        f"{NO_NAME} HTTP_PROXY is set here, and authconform connects directly: "
        "where notes.invalid is reached through it alone, add `proxy: URL`.",
    )
    monkeypatch.setenv("NO_PROXY", "example.com, .invalid")
    _, line = told.run()
    assert NO_NAME in line and "HTTP_PROXY" not in line
    with notes.serving(answering(407, ("Proxy-Authenticate", 'Basic realm="proxy"'))) as port:
        write(port)
        both(
            told,
            3,
            f"{REFUSED}407 Proxy Authentication Required: a proxy answers in the target's place "
            "(407 Proxy Authentication Required). "
            "target.yaml:4: authconform connects directly: "
            "run it where the target is reached without a proxy.",
        )
    # one that the target names itself: who can let it through
    with notes.serving(answering(403, ("Via", "1.1 squid"))) as port:
        write(8000, target={"credentials:\n": f'proxy: "http://127.0.0.1:{port}"\ncredentials:\n'})
        _, line = told.run()
    assert (
        "a proxy answers in the target's place (Via: 1.1 squid). target.yaml:4: Every request goes through "
        f"http://127.0.0.1:{port}: ask who runs it to let this through."
    ) in line
