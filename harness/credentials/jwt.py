"""JSON Web Tokens (RFC 7519): made with a configured signing key, or changed under the signature they have.

Well-formed tokens are PyJWT's. Where a token must be wrong in a way that a library refuses to write, its
bytes are put together here (RFC 7515 section 3.1).
"""

from __future__ import annotations

import base64
import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.credentials.computed import COMPUTED, compute
from harness.credentials.in_field import around, spelled
from harness.credentials.presented import CannotSpoil, Mechanism, Presented, Values
from harness.credentials.signing import (
    HASHES,
    is_private,
    loaded,
    own_algorithm,
    own_key,
    public_form,
    signature,
)
from harness.credentials.slots import SETTINGS, Slot, wrong_settings
from harness.credentials.written import Material, embedded, referred, written
from harness.durations import seconds
from harness.model import CredentialKind, Spoil
from harness.names import REFER
from harness.templates import render

LIFE = 3600
"""Seconds for which a token that the harness makes is good."""

_DEPTH = 1200
_NESTED = "".join(f"[{number**3 % 97 % 10}," for number in range(_DEPTH)) + "0" + "]" * _DEPTH
"""Arrays within each other: more than parsers of JSON bear that recurse, and less than fields may hold.

The numbers between them keep a text from being like itself, which makes it slow to look for.
"""

ABSENT = object()
"""In the place of a member that is taken away; None is JSON's null."""

_MOMENT = re.compile(r"now(?: ([+-]) ([0-9]+(?:ms|s|m|h|d)))?")

PARTS = frozenset(
    {
        "claims",
        "header",
        "signature",
        "key",
        "token",
        "payload",
        "head",
        "tamper",
        "forge",
        "embed",
        REFER,
        "confuse",
        "written",
        "field",
        "scheme",
        "slot",
    }
)


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """A token as the profile says, or with the one change that `spoil` names.

    Where the credential's setting `made-by` is harness, `secret` is the signing key (shared, or a private one
    as PEM), and the reference's settings fill the header (kid, alg) and the claims that say so; else `secret`
    is a token that the API issued, which can only be changed under the signature that it has.
    """
    slot = Slot.of(kind)
    token = _Token.of(kind, secret, values)
    right = token.serialised()
    if spoil is None:
        return replace(slot.holding(right), secrets=(right,))
    if spoil.part == "field":
        made = spelled(slot, right, "unknown", spoil, values)
        return replace(made, secrets=(right,), invented=())
    if spoil.part in ("scheme", "slot"):
        moved = around(slot, right, spoil, values)
        return replace(moved, secrets=(*moved.secrets, right))
    made_token = token.spoiled(spoil, values)
    if spoil.part == "token" and _is_made_up(spoil.change):
        return replace(slot.holding(made_token), secrets=(right,), invented=(made_token,))
    return replace(slot.holding(made_token), secrets=(right, made_token))


def _is_made_up(change: Any) -> bool:
    """Whether nothing of a right token is in what stands in its place."""
    return "${" not in change if isinstance(change, str) else "repeat" in change


class _Token:
    """A token in the making: its header and claims, and how it is signed."""

    def __init__(
        self,
        header: dict[str, Any],
        claims: dict[str, Any],
        key: str | bytes | None,
        issued: str | None,
        alg: str,
    ) -> None:
        self.header = header
        self.claims = claims
        self.key = key
        self.issued = issued
        self.alg = alg
        """What the key signs by, whatever a header says."""

    @classmethod
    def of(cls, kind: CredentialKind, secret: str, values: Values) -> _Token:
        options = kind.options
        if options.get("made-by") == "harness":
            header = {"alg": options.get("alg", "HS256"), "typ": options.get("typ", "JWT")}
            header |= {name: value for name, value in values.settings.items() if name in ("kid", "alg")}
            claims = {name: moment(value, values) for name, value in options.get("claims", {}).items()}
            claims = {"exp": int(values.now) + LIFE, **claims}
            return cls(header, claims, secret, None, str(header["alg"]))
        parts = secret.split(".")
        if len(parts) != 3:
            raise CannotSpoil("the token that was issued is no JWT in compact form")
        try:
            read = [json.loads(_decoded(part)) for part in parts[:2]]
        except (ValueError, RecursionError):
            read = []
        if not read or not all(isinstance(each, dict) for each in read):
            raise CannotSpoil("the token that was issued is no JWT that can be read")
        header, claims = read
        return cls(header, claims, None, secret, str(header.get("alg")))

    def serialised(self) -> str:
        """The token as it must be accepted."""
        if self.issued is not None:
            return self.issued
        assert self.key is not None
        import jwt  # here alone: it takes longer to import than everything else that a run without JWTs needs

        with warnings.catch_warnings():
            # a key too short for its hash is the API's affair, and has a requirement of its own
            warnings.simplefilter("ignore")
            return jwt.encode(self.claims, self._signing(), algorithm=self.header["alg"], headers=self.header)

    def _signing(self) -> Any:
        """The key as PyJWT takes it: a private one read before, for reading it takes longer than signing."""
        assert self.key is not None
        if not is_private(self.key):
            return self.key
        return loaded(self.key.encode() if isinstance(self.key, str) else self.key)

    def spoiled(self, spoil: Spoil, values: Values) -> str:
        """The token with one change; CannotSpoil where that would need a key that is not known."""
        part, change = spoil.part, spoil.change
        if spoil.removed:
            part, _, name = part.partition(".")
            if part in ("claims", "header") and name:
                return self._signed(**{part: {name: ABSENT}})
            raise CannotSpoil(f"a JWT has no {spoil.part} to take away")
        if part in ("claims", "header"):
            members = self.claims if part == "claims" else self.header
            made = {name: _made(name, each, members.get(name), values) for name, each in change.items()}
            return self._signed(**{part: made})
        if part == "tamper":
            return self._tampered(change, values)
        if part == "forge":
            return self._forged(change, values)
        if part == "embed":
            return self._embedded(change)
        if part == REFER:
            return self._referring(change, values)
        if part == "confuse":
            return self._confused(change)
        if part == "written":
            compact = self.serialised()
            return written(change, Material(self.header, self.claims, self.key, self.alg, compact))
        if part == "payload":
            names = {**moments(values), "others": _members(self.claims, "exp", "nbf"), "nested": _NESTED}
            return self._joined(_encoded_json(self.header), render(change, names, spoil.where))
        if part == "head":
            kid = str(self.header.get("kid", ""))
            names = {**moments(values), "kid": kid, "alg": self.alg, "nested": _NESTED}
            names["others"] = _members(self.header, "alg")
            return self._joined(render(change, names, spoil.where), _encoded_json(self.claims))
        if part == "key":
            return self._with_key(change, values)
        if part == "signature":
            return self._with_signature(change, values)
        if isinstance(change, Mapping) and "of" in change:
            return values.secret_of(change["of"])
        if isinstance(change, Mapping):
            return compute(change, self.serialised(), (), values.random)
        head, payload, last = self.serialised().split(".")
        names = {"header": head, "payload": payload, "signature": last}
        return render(change, names, spoil.where)

    def _signed(
        self, claims: Mapping[str, Any] | None = None, header: Mapping[str, Any] | None = None
    ) -> str:
        """With other members (ABSENT takes one away), signed with the right key."""
        head = _merged(self.header, header or {})
        return self._joined(_encoded_json(head), _encoded_json(_merged(self.claims, claims or {})), head)

    def _joined(self, head: str, payload: str, header: Mapping[str, Any] | None = None) -> str:
        """From the texts of header and payload; signed as the header's alg says, not at all for none."""
        alg = (header or self.header).get("alg")
        message = f"{_encoded(head.encode())}.{_encoded(payload.encode())}"
        if isinstance(alg, str) and alg.lower() == "none":
            return f"{message}."
        if self.key is None:
            raise CannotSpoil("this change would need the signing key")
        return f"{message}.{_encoded(signature(self.key, alg, self.alg, message.encode()))}"

    def _forged(self, change: Mapping[str, Any], values: Values) -> str:
        """With other members of header and claims, and signed with another key where one is named."""
        parts = {
            part: {name: moment(each, values, name) for name, each in change.get(part, {}).items()}
            for part in ("header", "claims")
        }
        key, alg = self.key, self.alg
        if "key" in change:
            key = _key(change["key"], self, values)
            alg = alg if is_private(key) or alg in HASHES else "HS256"
        header = _merged({**self.header, "alg": alg}, parts["header"])
        return _Token(header, _merged(self.claims, parts["claims"]), key, None, alg)._signed()

    def _embedded(self, change: Any) -> str:
        """Signed with a key that the header itself brings along (RFC 7515 section 4.1).

        A text is that key where secrets are shared. Else it is one of our own, as `jwk` or in a certificate.
        """
        if isinstance(change, str) and self.alg in HASHES:
            member: Mapping[str, Any] = {"jwk": {"kty": "oct", "k": _encoded(change.encode())}}
            return _Token(_merged(self.header, member), self.claims, change, None, self.alg)._signed()
        alg = own_algorithm(self.alg)
        member = embedded("jwk" if isinstance(change, str) else change["as"], own_key(alg))
        header = _merged({**self.header, "alg": alg}, member)
        return _Token(header, self.claims, own_key(alg), None, alg)._signed()

    def _referring(self, change: Mapping[str, Any], values: Values) -> str:
        """Signed with a key of our own, which is offered where the header says (RFC 7515 section 4.1)."""
        if values.offer is None:
            raise CannotSpoil("nobody listens for calls of the target here")
        alg = own_algorithm(self.alg)
        others = {name: moment(each, values, name) for name, each in change.get("header", {}).items()}
        header = _merged({**self.header, "alg": alg}, others)
        offered = referred(change["by"], own_key(alg), {"kid": header.get("kid"), "alg": alg, "use": "sig"})
        header[change["by"]] = values.offer(*offered)
        return _Token(header, self.claims, own_key(alg), None, alg)._signed()

    def _confused(self, form: str) -> str:
        """Signed with the public key, in this form, as if it were a shared secret (RFC 8725 section 2.1)."""
        if self.key is None or not is_private(self.key):
            raise CannotSpoil("the credential is not signed with a private key")
        raw = self.key.encode() if isinstance(self.key, str) else self.key
        header = {**self.header, "alg": "HS256"}
        return _Token(header, self.claims, public_form(raw, form), None, "HS256")._signed()

    def _tampered(self, change: Mapping[str, Any], values: Values) -> str:
        """With other members under the signature of the right ones."""
        head, payload, last = self.serialised().split(".")
        for part, members in change.items():
            made = {name: moment(each, values, name) for name, each in members.items()}
            if part == "header":
                head = _encoded(_encoded_json(_merged(self.header, made)).encode())
            else:
                payload = _encoded(_encoded_json(_merged(self.claims, made)).encode())
        return f"{head}.{payload}.{last}"

    def _with_key(self, change: Any, values: Values) -> str:
        """Signed with another key: of that text, or bytes, another credential's, or random."""
        key = _key(change, self, values)
        if self.alg not in HASHES and not is_private(key):
            raise CannotSpoil("such a key is a shared secret, where this credential has a private key")
        return _Token(self.header, self.claims, key, None, self.alg)._signed()

    def _with_signature(self, change: Any, values: Values) -> str:
        """With another signature: a literal text, these bytes, another of the same length, or none at all."""
        head, payload, last = self.serialised().split(".")
        if isinstance(change, Mapping) and "bytes" in change:
            return f"{head}.{payload}.{_encoded(bytes.fromhex(change['bytes']))}"
        if isinstance(change, Mapping) and "like" in change:
            # a changed last character alone can decode to the same bytes
            raw = bytearray(_decoded(last))
            raw[len(raw) // 2] ^= 0x10
            return f"{head}.{payload}.{_encoded(bytes(raw))}"
        return f"{head}.{payload}.{compute(change, last, (), values.random)}"


def _key(change: Any, token: _Token, values: Values) -> str | bytes:
    """A key that is not the right one: of these bytes, another credential's, random, or a text."""
    if isinstance(change, Mapping) and "bytes" in change:
        return bytes.fromhex(change["bytes"])
    if isinstance(change, Mapping) and "of" in change:
        return values.secret_of(change["of"])
    if isinstance(change, Mapping) and "like" in change:
        return values.random.randbytes(32) if token.alg in HASHES else own_key(token.alg)
    right = "" if token.key is None or is_private(token.key) else str(token.key)
    return compute(change, right, (), values.random)


def _made(name: str, change: Any, right: Any, values: Values) -> Any:
    """The value of a member that is changed: made of the `right` one where that is a text, or as `moment`.

    In a list, each is; there `{right: it}` is the right one itself.
    """
    if isinstance(change, list):
        return [_made(name, each, right, values) for each in change]
    if change == {"right": "it"}:
        return right
    if isinstance(change, Mapping) and change.keys() & (COMPUTED - {"like"}) and isinstance(right, str):
        return compute(change, right, (), values.random)
    return moment(change, values, name)


def moment(value: Any, values: Values, name: str = "kid") -> Any:
    """`{time: now - 1h}` as a NumericDate (RFC 7519 section 2), `{like: it}` as a UUID; else as it is.

    `{setting: sub}` is what the target says of this credential, `{of: jwt}` what it says of another one under
    the member's `name`.
    """
    if not isinstance(value, Mapping) or len(value) != 1:
        return value
    ((how, what),) = value.items()
    if how == "time":
        found = _MOMENT.fullmatch(str(what))
        if not found:
            raise CannotSpoil(f"{what} is no moment such as now - 1h")
        shift = seconds(found[2]) if found[2] else 0.0
        return int(values.now) + int(-shift if found[1] == "-" else shift)
    if how == "like":
        raw = f"{values.random.getrandbits(128):032x}"
        return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"
    if how == "repeat":
        return str(what[0]) * int(what[1])
    if how == "absent":
        return ABSENT
    if how == "of":
        return values.settings_of(str(what)).get(name, "")
    if how == "setting":
        if what not in values.settings:
            raise CannotSpoil(f"the target does not say the {what} of this credential: add it under with:")
        return values.settings[what]
    return value


def moments(values: Values) -> dict[str, str]:
    """Names for the texts of payloads: now, an hour later and an hour earlier."""
    now = int(values.now)
    return {"now": str(now), "later": str(now + LIFE), "earlier": str(now - LIFE)}


def _merged(members: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **others}.items() if value is not ABSENT}


def _members(whole: Mapping[str, Any], *without: str) -> str:
    """The text of the members of a JSON object but for those named, each followed by a comma."""
    others = {name: value for name, value in whole.items() if name not in without}
    return "".join(f"{json.dumps(name)}: {json.dumps(value)}, " for name, value in others.items())


def _encoded_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


MECHANISM = Mechanism("jwt", PARTS, present, SETTINGS | {"made-by", "alg", "typ", "claims"}, wrong_settings)
