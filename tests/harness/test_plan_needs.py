"""Where a request comes from, who may send it, and what a deployment lacks for it: the line to add."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import profiles, suites, targets
from harness.checks import CHECKS
from harness.credentials import MECHANISMS
from harness.errors import InputError
from harness.model import Profile, Target
from harness.plan import Case, Presentation
from harness.planner import plan
from harness.positions import parse

PROFILE = """\
profile: acme
title: Acme
places: {own: The API., auth: Where tokens are issued., other: Another.}
addresses: {other-address: An address that the restricted key may not be used from.}
origins: {listed: A page of the customer's., unlisted: A page of somebody else's.}
credentials:
  key: {kind: api-key, field: X-Key}
  admin-key: {like: key}
  other-key: {like: key, at: other}
  jwt: {kind: jwt, made-by: api, obtained-by: exchange}
  brief-jwt: {like: jwt, using: brief-key}
  brief-key: {like: key, manages: true}
  client: {kind: client}
  user: {kind: basic, manages: true}
  code: {kind: grant, once: true, obtained-by: authorize, redeemed-by: token}
operations:
  protected: {request: GET /things, accepted: {status: 200}, takes: [key, other-key, jwt, brief-jwt]}
  admin: {request: GET /admin, accepted: {status: 200}, takes: [admin-key]}
  allow: {request: POST /allow, json: {address: "${addresses.default}"}, accepted: {status: 200}}
  token: {request: POST /token, form: {grant_type: authorization_code}, accepted: {status: 200},
    at: auth, beside: client}
lifecycle:
  exchange: {request: POST /exchange, credential: key, gives: {secret: /token}, touches: [creates]}
  authorize:
    at: auth
    visits:
      - open: /authorize
        query: {client_id: "${secrets.client.id}"}
      - submit: {password: "${secrets.user.password}"}
    gives: {secret: "redirect:code"}
"""
TARGET = """\
profile: acme
places:
  own: {url: "https://own.example"}
  auth: {url: "https://auth.example"}
  other: {url: "https://other.example"}
addresses: {default: 127.0.0.1, other-address: 127.0.0.2}
origins: {listed: "https://app.example", unlisted: "https://evil.example"}
credentials:
  key: {env: A}
  admin-key: {env: B}
  other-key: {env: C}
  brief-key: {env: D}
  client: {env: E}
  user: {env: F}
"""


def load(folder: Path, text: str = PROFILE) -> Profile:
    path = folder / "profile.yaml"
    path.write_text(text)
    return profiles.load(path, folder, profiles.Vocabulary(("r/1",), CHECKS, MECHANISMS))


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    return load(tmp_path)


def target(profile: Profile, text: str = TARGET) -> Target:
    return targets.with_obtainable(targets.build(parse(text, "t.yaml")), profile)


def cases(profile: Profile, step: str, text: str = TARGET) -> list[Case]:
    written = f"suite: s\ntitle: t\nscenarios:\n- id: a\n  requires: r/1\n  {step}\n"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    return list(plan([suite], profile, target(profile, text)).cases)


def only(profile: Profile, step: str, text: str = TARGET) -> Case:
    (case,) = cases(profile, step, text)
    return case


def reason(profile: Profile, step: str, text: str = TARGET) -> str:
    left_out = only(profile, step, text).left_out
    assert left_out is not None
    return f"{left_out.verdict}: {left_out.reason}"


def without(line: str) -> str:
    assert line in TARGET
    return TARGET.replace(line, "")


# --- where it comes from --------------------------------------------------------------------------


# From another address, or from a web page: the control is the same request without that.
def test_from_elsewhere(profile: Profile) -> None:
    case = only(profile, "present: key\n  from: other-address\n  refused: wrong-address")
    assert case.steps[0].sent == Presentation("key", "own", "protected", address="other-address")
    assert case.control == Presentation("key", "own", "protected")
    case = only(profile, "present: key\n  origin: unlisted\n  accepted: true")
    assert case.steps[0].sent == Presentation("key", "own", "protected", origin="unlisted")
    assert case.control == Presentation("key", "own", "protected")


# A preflight presents nothing; what asks for it could: its control is a credential which that takes.
def test_preflight(profile: Profile) -> None:
    case = only(profile, "preflight: admin\n  origin: listed\n  asks: [key]\n  status: 204")
    assert case.steps[0].sent == Presentation(None, "own", "admin", origin="listed", asks=("key",))
    assert case.control == Presentation("admin-key", "own", "admin")
    case = only(profile, "preflight: token\n  status: 204")
    assert case.steps[0].sent == Presentation(None, "auth", "token", asks=())
    assert case.control == Presentation("code", "auth", "token")


# What a preflight asks for changes nothing.
def test_preflight_touches_nothing(tmp_path: Path) -> None:
    text = PROFILE.replace("request: GET /admin,", "request: GET /admin, touches: [destroys],")
    profile = load(tmp_path, text)
    assert only(profile, "preflight: admin\n  status: 204").touches == frozenset()
    assert only(profile, "present: admin-key\n  on: admin\n  accepted: true").touches == {"destroys"}


# --- who may ask ----------------------------------------------------------------------------------


# On every operation: each that takes it. Nothing is sent to all of them, each with a control of its own.
def test_takes(profile: Profile) -> None:
    found = cases(profile, "present: key\n  on: every\n  but: {value: {like: it}}\n  refused: unknown-token")
    assert [each.id for each in found] == ["s/a[protected]", "s/a[allow]"]
    found = cases(profile, "present: nothing\n  on: every\n  refused: missing-credential")
    assert [(each.id, each.control and each.control.credential) for each in found] == [
        ("s/a[protected]", "key"),
        ("s/a[admin]", "admin-key"),
        ("s/a[allow]", "key"),
        ("s/a[token]", "code"),
    ]


# Of another place its own credential is left out, and one that only goes along never is.
def test_nothing_elsewhere(profile: Profile) -> None:
    case = only(profile, "present: nothing\n  at: other\n  refused: missing-credential")
    assert case.control == Presentation("other-key", "other", "protected")


# A grant is redeemed where its profile says, and the client goes along.
def test_redeem(profile: Profile) -> None:
    case = only(profile, "redeem: code\n  but: {value: {like: it}}\n  refused: invalid-grant")
    assert case.steps[0].sent == Presentation("code", "auth", "token")
    assert case.control == Presentation("code", "auth", "token")


# What is obtained in the case has another one stand by, of those that the API itself takes.
def test_bystander(profile: Profile) -> None:
    steps = "steps:\n  - {obtain: code, as: spent}\n  - {redeem: spent, accepted: true}\n"
    case = only(profile, f"{steps}  - {{redeem: spent, refused: invalid-grant}}")
    assert case.control == Presentation("key", "own", "protected")


# --- what is lacking ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "lacks", "line"),
    [
        ("present: key\n  from: other-address\n  refused: wrong-address", ", other-address: 127.0.0.2",
         "no other-address; add `addresses: other-address: <an address of this machine>`"),
        ("present: key\n  origin: unlisted\n  accepted: true", ', unlisted: "https://evil.example"',
         "no unlisted; add `origins: unlisted: https://…`"),
        ("preflight: protected\n  origin: listed\n  status: 204", 'listed: "https://app.example", ',
         "no listed; add `origins: listed: https://…`"),
        ("present: key\n  but: {add: {header: {X-Forwarded-For: '${addresses.default}'}}}\n  observed: x",
         "default: 127.0.0.1, ", "no default; add `addresses: default: <an address of this machine>`"),
        ("present: key\n  but: {add: {header: {Referer: '${origins.listed}/'}}}\n  observed: x",
         'listed: "https://app.example", ', "no listed; add `origins: listed: https://…`"),
        ("present: key\n  on: allow\n  accepted: true", "default: 127.0.0.1, ",
         "no default; add `addresses: default: <an address of this machine>`"),
        ("redeem: code\n  accepted: true", "  client: {env: E}\n",
         "no client; add `credentials: client: {env: CLIENT}`"),
        ("redeem: code\n  accepted: true", "  user: {env: F}\n",
         "no user; add `credentials: user: {env: USER}`"),
        ("redeem: code\n  accepted: true", '  auth: {url: "https://auth.example"}\n',
         "no auth; add `places: auth: {url: …}`"),
        ("do: authorize\n  status: 302", "  user: {env: F}\n",
         "no user; add `credentials: user: {env: USER}`"),
        ("present: brief-jwt\n  accepted: true", "  brief-key: {env: D}\n",
         "no brief-key; add `credentials: brief-key: {env: BRIEF_KEY}`"),
        ("present: key\n  but: {beside: admin-key}\n  observed: x", "  admin-key: {env: B}\n",
         "no admin-key; add `credentials: admin-key: {env: ADMIN_KEY}`"),
        ("present: jwt\n  but: {token: {of: admin-key}}\n  observed: x", "  admin-key: {env: B}\n",
         "no admin-key; add `credentials: admin-key: {env: ADMIN_KEY}`"),
    ],
)  # fmt: skip
def test_what_is_lacking(profile: Profile, step: str, lacks: str, line: str) -> None:
    assert only(profile, step).left_out is None
    name = line.split(";")[0].removeprefix("no ")
    told = f"inconclusive: the target gives {line} to t.yaml, or `absent: {name}: <reason>`"
    assert reason(profile, step, without(lacks)) == told


# What is declared absent does not apply, be it an address, an origin, or what another credential comes from.
@pytest.mark.parametrize(
    ("step", "lacks", "name"),
    [
        ("present: key\n  from: other-address\n  refused: wrong-address", ", other-address: 127.0.0.2",
         "other-address"),
        ("present: key\n  origin: listed\n  accepted: true", 'listed: "https://app.example", ', "listed"),
        ("present: brief-jwt\n  accepted: true", "  brief-key: {env: D}\n", "brief-key"),
    ],
)  # fmt: skip
def test_declared_absent(profile: Profile, step: str, lacks: str, name: str) -> None:
    told = f"not-applicable: {name}: one machine"
    assert reason(profile, step, without(lacks) + f"absent: {{{name}: one machine}}\n") == told


# What the profile itself does not have does not apply.
def test_no_such_name(profile: Profile) -> None:
    for step, what in {
        "present: key\n  from: moon\n  accepted: true": "address 'moon'",
        "present: key\n  origin: moon\n  accepted: true": "origin 'moon'",
        "preflight: moon\n  status: 204": "operation 'moon'",
        "present: key\n  but: {beside: moon}\n  observed: x": "credential 'moon'",
        "redeem: moon\n  accepted: true": "credential 'moon'",
    }.items():
        assert reason(profile, step) == f"not-applicable: the profile acme has no {what}"


# A misspelt one in a suite's template is a mistake of the suite.
def test_misspelt_in_a_template(profile: Profile) -> None:
    with pytest.raises(InputError) as caught:
        cases(profile, "present: key\n  but: {add: {header: {X: '${addresses.defualt}'}}}\n  observed: x")
    assert str(caught.value) == (
        "s.suite.yaml:7: unknown name 'addresses.defualt' in '${…}'. Did you mean 'addresses.default'?"
    )


# --- what the run obtains itself ------------------------------------------------------------------


# It need not be given; what is done to obtain it touches a production target.
def test_obtained(profile: Profile) -> None:
    assert {
        name for name, each in target(profile).credentials.items() if each.source == "obtained"
    } == {"jwt", "brief-jwt", "code"}  # fmt: skip
    production = TARGET + "environment: production\n"
    assert only(profile, "present: key\n  accepted: true", production).left_out is None
    assert reason(profile, "present: jwt\n  accepted: true", production).endswith(
        "add `allow: [creates]` to t.yaml"
    )
    assert only(profile, "present: jwt\n  accepted: true", production + "allow: [creates]\n").left_out is None


# One that the target gives, or whose verb it declares absent, is not obtained.
def test_not_obtained(profile: Profile) -> None:
    given = target(profile, TARGET + "  jwt: {env: J}\n")
    assert given.credentials["jwt"].source == "env"
    text = TARGET + "absent: {exchange: there is none}\n"
    assert reason(profile, "present: jwt\n  accepted: true", text) == (
        "inconclusive: the target gives no jwt; add `credentials: jwt: {env: JWT}` to t.yaml, "
        "or `absent: jwt: <reason>`"
    )
    assert "jwt" not in target(profile, TARGET + "absent: {jwt: none}\n").credentials


# What can only be had with itself must be given by somebody: the run never waits for it.
@pytest.mark.parametrize(
    ("jwt", "brief"), [("using: jwt", "using: brief-key"), ("using: brief-jwt", "using: jwt")]
)
def test_obtained_with_itself(tmp_path: Path, jwt: str, brief: str) -> None:
    text = PROFILE.replace("obtained-by: exchange}", f"obtained-by: exchange, {jwt}}}")
    profile = load(
        tmp_path,
        text.replace("brief-jwt: {like: jwt, using: brief-key}", f"brief-jwt: {{like: jwt, {brief}}}"),
    )
    assert "jwt" not in target(profile).credentials
    assert target(profile, TARGET + "  jwt: {env: J}\n").credentials["jwt"].source == "env"


# --- mistakes in a target -------------------------------------------------------------------------


# A name that the profile does not have is told with its line and the nearest one that it has.
def test_mistakes_in_a_target(profile: Profile) -> None:
    wrong = TARGET.replace("other-address:", "other-adress:").replace("unlisted:", "unlistet:")
    document = parse(wrong + "absent: {listd: x}\n", "t.yaml")
    found = [str(each) for each in targets.mistakes_against(targets.build(document), profile, document)]
    assert found == [
        "t.yaml:6: the profile has no address 'other-adress'. Did you mean 'other-address'?",
        "t.yaml:7: the profile has no origin 'unlistet'. Did you mean 'unlisted'?",
        "t.yaml:15: the profile has no part 'listd'. Did you mean 'listed'?",
    ]


# The address that everything else comes from needs no name in the profile.
def test_default_address(profile: Profile) -> None:
    document = parse(TARGET, "t.yaml")
    assert list(targets.mistakes_against(targets.build(document), profile, document)) == []


# A log-in says by itself who asks, and what it gives has no name: neither can be asked for otherwise.
@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("do: issue\n  but: {credential: nothing}\n  refused: management-refused",
         "'issue' says by itself who asks, and presents no credential that could be another"),
        ("do: revoke\n  but: {credential: nothing}\n  refused: management-refused",
         "'revoke' says by itself who asks, and presents no credential that could be another"),
        ("obtain: key\n  with: {name: one}\n  checks: [all-different]",
         "'issue' gives no name to what it issues"),
    ],
)  # fmt: skip
def test_a_log_in(tmp_path: Path, step: str, reason: str) -> None:
    verbs = """\
lifecycle:
  issue: {request: POST /login, json: {password: "${secrets.user.password}"}, gives: {secret: /t, token: /t}}
  revoke: {request: DELETE /session, headers: {Authorization: "Bearer ${of.token}"}}
"""
    path = tmp_path / "profile.yaml"
    path.write_text(PROFILE.replace("lifecycle:\n", verbs))
    profile = profiles.load(path, tmp_path, profiles.Vocabulary(("r/1",), CHECKS, MECHANISMS))
    written = f"suite: s\ntitle: t\nscenarios:\n- id: a\n  requires: r/1\n  {step}\n"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    (found,) = plan([suite], profile, targets.build(parse(TARGET, "t.yaml"))).cases
    assert found.left_out is not None and found.left_out.verdict == "not-applicable"
    assert found.left_out.reason.startswith(reason)


# What a program does shows no answer, so nothing that only an answer tells is asked of it.
@pytest.mark.parametrize(
    ("step", "reason"),
    [
        ("do: issue\n  but: {credential: nothing}\n  refused: management-refused",
         "'issue' is done by a function, and no answer to it is seen"),
        ("obtain: key\n  headers: {Cache-Control: no-store}",
         "'issue' is done by a function, and no answer to it is seen"),
        ("do: revoke\n  status: 204", "'revoke' is done by a command, and no answer to it is seen"),
        ("obtain: key\n  checks: [all-different]", None),
        ("do: revoke\n  checks: [no-internals]", None),
    ],
)  # fmt: skip
def test_what_a_program_does(tmp_path: Path, step: str, reason: str | None) -> None:
    by_program = "issue: {call: own:made, touches: [creates]}\n  revoke: {command: [own-tool], touches: []}"
    text = PROFILE.replace("lifecycle:\n", f"lifecycle:\n  {by_program}\n")
    left_out = only(load(tmp_path, text), step).left_out
    told = f"{reason} ({tmp_path}/profile.yaml:" if reason else ""
    assert (left_out.reason if left_out else "").startswith(told)
    assert (left_out is None) == (reason is None)


# A limit that the profile does not have is told with the line that is wanting, and before anything is asked.
def test_no_such_limit(tmp_path: Path) -> None:
    step = "present: key\n  settles: {accepted: true, within: '${limits.activation}'}"
    line = f"add `limits: {{activation: …}}` to {tmp_path}/profile.yaml"
    assert reason(load(tmp_path), step) == (
        f"inconclusive: the profile acme says nothing of limits.activation; {line}"
    )
    with_limit = load(tmp_path, PROFILE + "limits: {activation: 5s}\n")
    assert only(with_limit, step).left_out is None


# A challenge names the scheme of a bearer token only where it goes as RFC 6750 has it.
@pytest.mark.parametrize(
    ("settings", "known"),
    [
        ("", "bearer"),
        (", scheme: bearer", "bearer"),
        (", scheme: Token", ""),
        (", field: X-Token", ""),
        (", cookie: sid", ""),
        (", query: token", ""),
    ],
)
def test_what_a_challenge_names(tmp_path: Path, settings: str, known: str) -> None:
    path = tmp_path / "profile.yaml"
    path.write_text(
        "profile: acme\ntitle: Acme\nplaces: {own: The API.}\n"
        f"credentials: {{token: {{kind: bearer{settings}}}}}\n"
        "operations: {protected: {request: GET /things, accepted: {status: 200}}}\n"
    )
    profile = profiles.load(path, tmp_path, profiles.Vocabulary(("r/1",), CHECKS, MECHANISMS))
    target = parse(
        "profile: acme\nplaces: {own: {url: 'https://own.example'}}\ncredentials: {token: {env: A}}\n", "t"
    )
    written = "suite: s\ntitle: t\nscenarios:\n- id: a\n  requires: r/1\n  present: token\n  accepted: true\n"
    suite = suites.build(parse(written, "s.suite.yaml"), suites.Vocabulary(("r/1",), CHECKS))
    (found,) = plan([suite], profile, targets.build(target)).cases
    assert found.steps[0].mechanism == known
