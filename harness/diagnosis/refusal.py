"""Why a credential that is right, as far as anybody knows, is not accepted: what answers tell of it.

A few more requests are made: the same once more, without a credential, with the path's last slash the other
way, and with the secret where other APIs have it. None of them changes anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from urllib.parse import urlsplit

from harness import references, templates
from harness.asking import Ask, Asked, Asker
from harness.assemble import assemble
from harness.checks.answers import accepted_statuses, named_status
from harness.checks.challenges import parse
from harness.credentials import CannotSpoil
from harness.diagnosis import proxies, redirects, secret
from harness.diagnosis.advice import Advice
from harness.errors import InputError, escaped
from harness.exchange import Answer, Lane
from harness.model import CredentialKind, Operation, Place
from harness.plan import Presentation
from harness.setting import Inconclusive, Setting, asked_pause

_ELSEWHERE = (
    ("Authorization", "Bearer"),
    ("Authorization", "Token"),
    ("Authorization", ""),
    ("X-API-Key", ""),
)
"""Where other APIs have a secret that stands alone: field and scheme."""
_REFUSALS = (400, 401, 403)
_LONGEST_WORDS = 120
"""Characters of what an answer says, once its secrets are out: one that is cut would not be found."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """What was asked, and what came."""

    kind: CredentialKind
    operation: Operation
    place: Place
    url: str
    answer: Answer
    anonymous: Answer | None
    """The answer to the same without a credential; None where none came."""

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables of the place that the path holds."""
        return tuple(each for each in templates.names(self.operation.path) if each in self.place.variables)


async def why_refused(setting: Setting, lane: Lane, name: str, operation: str) -> Advice | None:
    """What is probably wrong with a credential, its operation or its place; None where that is unclear."""
    asking = _Asking(setting, lane)
    sent = Presentation(name, setting.home(name), operation)
    held = setting.secrets.get(name)
    kind, reference = setting.profile.credentials[name], setting.target.credentials[name]
    asked = await asking.of(sent)
    if asked is None or asked.answer is None:
        return None
    anonymous = await asking.of(replace(sent, credential=None))
    scene = _Scene(
        kind=kind,
        operation=setting.profile.operations[operation],
        place=setting.target.places[sent.place],
        url=asking.url(sent),
        answer=asked.answer,
        anonymous=anonymous.answer if anonymous else None,
    )
    if advice := _not_about_the_credential(scene, setting):
        return advice
    if scene.answer.status in accepted_statuses(scene.operation):
        return _accepted_otherwise(scene)
    if scene.answer.status in (404, 405, 410):
        return await _nothing_there(asking, sent, scene)
    if held is not None and scene.answer.status in _REFUSALS:
        if advice := next(secret.oddities(kind, reference, held), None):
            return advice
        if advice := _known_but_not_here(scene) or _other_scheme_wanted(scene):
            return advice
        if advice := await _accepted_elsewhere(asking, sent, scene):
            return advice
        if words := _words(scene.answer):
            says = f"it says “{setting.redactor.text(words)[:_LONGEST_WORDS]}”"
            return Advice(reference.where, says, f"Look at {references.origin(reference)}.")
    return None


class _Asking:
    """Asks further requests; what comes of them is no outcome."""

    def __init__(self, setting: Setting, lane: Lane) -> None:
        self.setting = setting
        self.lane = lane

    async def of(self, sent: Presentation, setting: Setting | None = None) -> Asked | None:
        """What came of one; None where it cannot be asked."""
        try:
            return await Asker(setting or self.setting, self.lane, []).ask(Ask(sent, "setup"), "")
        except (Inconclusive, CannotSpoil, InputError):
            return None

    async def accepts(self, sent: Presentation, setting: Setting) -> bool:
        asked = await self.of(sent, setting)
        wanted = accepted_statuses(setting.profile.operations[sent.operation])
        return asked is not None and asked.answer is not None and asked.answer.status in wanted

    def url(self, sent: Presentation) -> str:
        anonymous = replace(sent, credential=None)
        made = assemble(self.setting.profile, self.setting.target, anonymous, None, None, "", Random(0))
        return made.request.url


# --- what has nothing to do with the credential ----------------------------------------------------


def _not_about_the_credential(scene: _Scene, setting: Setting) -> Advice | None:
    answer, place, operation = scene.answer, scene.place, scene.operation
    if shown := proxies.answering(answer, scene.anonymous):
        step = f"{proxies.DIRECT}: run it where the target is reached without a proxy."
        if setting.target.proxy is not None:
            step = f"Every request goes through {setting.target.proxy}: ask who runs it to let this through."
        says = f"a proxy answers in the target's place ({setting.redactor.text(shown)[:_LONGEST_WORDS]})"
        return Advice(place.where, says, step)
    if answer.status == 429:
        pause = asked_pause(answer)
        wait = f"Wait {pause:.0f} s" if answer.header("Retry-After") else "Wait a while"
        step = f"{wait} before the next try."
        return Advice(place.where, "the rate limit is reached", step)
    if to := redirects.leads(answer, scene.url):
        elsewhere = redirects.to_another_origin(place, scene.url, to)
        return elsewhere or redirects.to_another_path(operation, urlsplit(scene.url).path, to)
    if answer.status >= 500:
        step = "Look into the target's log; nothing can be said of a server that fails."
        return Advice(place.where, f"the server fails with {named_status(answer.status)}", step)
    return None


def _accepted_otherwise(scene: _Scene) -> Advice:
    """The status is that of acceptance, and something else of the answer is not as the profile has it."""
    kind = next(iter(scene.answer.header("Content-Type")), "").partition(";")[0].strip().lower()
    if kind == "text/html":
        step = "Is it a log-in page, or another path than the API's? Mend request:, or the url of the place."
        return Advice(scene.operation.where, "a web page came, and not the API's answer", step)
    step = "Mend what accepted: says there, its schema among it; or the canary of the target."
    return Advice(scene.operation.where, "the credential opens it, and only the answer differs", step)


# --- paths -----------------------------------------------------------------------------------------


async def _nothing_there(asking: _Asking, sent: Presentation, scene: _Scene) -> Advice:
    """Why there is nothing at the path."""
    operation, place, status = scene.operation, scene.place, named_status(scene.answer.status)
    path, _, query = operation.path.partition("?")
    other = path.rstrip("/") if path.endswith("/") and path != "/" else f"{path}/"
    moved = replace(operation, path=f"{other}?{query}" if query else other)
    profile = asking.setting.profile
    operations = {**profile.operations, operation.name: moved}
    changed = replace(asking.setting, profile=replace(profile, operations=operations))
    if await asking.accepts(sent, changed):
        says = f"the path {path} is answered with {status}, and {other} is the right one"
        return Advice(operation.where, says, f"Write request: {operation.method} {moved.path}")
    told = "".join(
        f" Is {name}: {place.variables[name]} right, at {place.where}?" for name in scene.variables
    )
    if scene.anonymous is not None and scene.anonymous.status in (401, 403) and scene.variables:
        says = f"it is answered with {status}, and without a credential with {scene.anonymous.status}"
        names = ", ".join(f"{name}: {place.variables[name]}" for name in scene.variables)
        return Advice(place.where, says, f"Is {names} what this credential belongs to?")
    step = (
        f"Mend the path of request: {operation.method} {operation.path}, or the url at {place.where}.{told}"
    )
    return Advice(operation.where, f"nothing is at {scene.url.partition('?')[0]}: {status}", step)


# --- credentials -----------------------------------------------------------------------------------


def _known_but_not_here(scene: _Scene) -> Advice | None:
    """403 where it is 401 without a credential: it knows the credential, and does not let it in."""
    if scene.answer.status != 403 or scene.anonymous is None or scene.anonymous.status == 403:
        return None
    says = "it is known, and may not do this: 403, and without a credential "
    says += str(scene.anonymous.status)
    if scene.variables:
        names = ", ".join(f"{name}: {scene.place.variables[name]}" for name in scene.variables)
        return Advice(scene.place.where, says, f"Is {names} what this credential belongs to?")
    step = "Give the credential the right to, or name those that may: takes: [NAME]."
    return Advice(scene.operation.where, says, step)


def _other_scheme_wanted(scene: _Scene) -> Advice | None:
    """The challenge names schemes, and what is sent is none of them."""
    sent = _scheme_of(scene)
    wanted = list(dict.fromkeys(_schemes(scene.answer)))
    if sent is None or not wanted or sent.lower() in (each.lower() for each in wanted):
        return None
    what = f"it is sent after {sent}" if sent else "it is sent without a word before it"
    says = f"the API asks for {' or '.join(wanted)}, and {what}"
    return Advice(scene.kind.where, says, f"Write scheme: {wanted[0]} there, if that is how it is presented.")


def _scheme_of(scene: _Scene) -> str | None:
    """The word before the secret in Authorization; None where it goes elsewhere."""
    options = scene.kind.options
    if any(each in options for each in ("cookie", "query", "form", "json", "template")):
        return None
    if str(options.get("field", "Authorization")).lower() != "authorization":
        return None
    default = {"bearer": "Bearer", "jwt": "Bearer", "basic": "Basic"}.get(scene.kind.mechanism, "")
    return str(options.get("scheme", default))


def _schemes(answer: Answer) -> Iterator[str]:
    try:
        for value in answer.header("WWW-Authenticate"):
            yield from (each.scheme for each in parse(value))
    except ValueError:
        return


async def _accepted_elsewhere(asking: _Asking, sent: Presentation, scene: _Scene) -> Advice | None:
    """Where the same secret is accepted, if it is where other APIs have it."""
    if (
        scene.kind.mechanism not in ("bearer", "api-key", "jwt")
        or scene.kind.options.get("made-by") == "harness"
    ):
        return None
    profile = asking.setting.profile
    own = (str(scene.kind.options.get("field", "Authorization")).lower(), _scheme_of(scene) or "")
    for field, scheme in _ELSEWHERE:
        if (field.lower(), scheme) == own:
            continue
        options = {"field": field, **({"scheme": scheme} if scheme else {})}
        kind = replace(scene.kind, mechanism="api-key", options=options)
        credentials = {**profile.credentials, scene.kind.name: kind}
        changed = replace(asking.setting, profile=replace(profile, credentials=credentials))
        if await asking.accepts(sent, changed):
            how = f"in {field} after {scheme}" if scheme else f"in {field} alone"
            written = ", ".join(f"{key}: {value}" for key, value in {"kind": "api-key", **options}.items())
            if (field, scheme) == ("Authorization", "Bearer"):
                written = "kind: bearer"
            step = f"Write {scene.kind.name}: {{{written}}}"
            return Advice(scene.kind.where, f"the same secret is accepted {how}", step)
    return None


def _words(answer: Answer) -> str | None:
    """What the answer says of the reason, in words."""
    try:
        for value in answer.header("WWW-Authenticate"):
            for challenge in parse(value):
                if said := challenge.get("error_description"):
                    return escaped(said)
    except ValueError:
        pass
    try:
        body = answer.json()
    except ValueError:
        return None
    for name in ("detail", "error_description", "message", "error"):
        said = body.get(name) if isinstance(body, dict) else None
        if isinstance(said, dict):
            said = said.get("message")
        if isinstance(said, str) and said.strip():
            return escaped(json.dumps(said, ensure_ascii=False)[1:-1])
    return None
