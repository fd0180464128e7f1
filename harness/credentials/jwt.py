"""JSON Web Tokens (RFC 7519): made with a configured signing key, or changed under the signature they have.

Well-formed tokens are PyJWT's. Where a token must be wrong in a way that a library refuses to write, its
bytes are put together here (RFC 7515 section 3.1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import warnings
from collections.abc import Mapping
from typing import Any

from harness.credentials.computed import compute
from harness.credentials.in_field import elsewhere, slot_of, with_scheme
from harness.credentials.presented import CannotSpoil, Mechanism, Presented, Values
from harness.durations import seconds
from harness.model import CredentialKind, Spoil
from harness.templates import render

LIFE = 3600
"""Seconds for which a token that the harness makes is good."""

ABSENT = object()
"""In the place of a member that is taken away; None is JSON's null."""

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
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
        "field",
        "scheme",
        "slot",
    }
)


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """A token as the profile says, or with the one change that `spoil` names.

    Where the credential's setting `made-by` is harness, `secret` is the signing key, and the reference's
    settings (kid) fill the header; else `secret` is a token that the API issued, which can only be changed
    under the signature that it has.
    """
    field, scheme = slot_of(kind)
    token = _Token.of(kind, secret, values)
    right = token.serialised()
    if spoil is None:
        return Presented(fields=((field, with_scheme(scheme, right)),), secrets=(right,))
    if spoil.part == "scheme":
        return Presented(fields=((field, with_scheme(spoil.change, right)),), secrets=(right,))
    if spoil.part == "field":
        names = {**values.names, "scheme": scheme, "value": right, "unknown": "unknown"}
        lines = [spoil.change] if isinstance(spoil.change, str) else spoil.change
        written = tuple((field, render(line, names, spoil.where)) for line in lines)
        return Presented(fields=written, secrets=(right,))
    if spoil.part == "slot":
        moved = elsewhere(spoil, scheme, right)
        return Presented(moved.fields, moved.query, moved.form, moved.json, (*moved.secrets, right))
    made = token.spoiled(spoil, values)
    return Presented(fields=((field, with_scheme(scheme, made)),), secrets=(right, made))


class _Token:
    """A token in the making: its header and claims, and how it is signed."""

    def __init__(
        self, header: dict[str, Any], claims: dict[str, Any], key: str | None, issued: str | None
    ) -> None:
        self.header = header
        self.claims = claims
        self.key = key
        self.issued = issued

    @classmethod
    def of(cls, kind: CredentialKind, secret: str, values: Values) -> _Token:
        options = kind.options
        if options.get("made-by") == "harness":
            header = {"alg": options.get("alg", "HS256"), "typ": "JWT"}
            header |= {name: value for name, value in values.settings.items() if name in ("kid",)}
            claims = {name: moment(value, values) for name, value in options.get("claims", {}).items()}
            return cls(header, {"exp": int(values.now) + LIFE, **claims}, secret, None)
        parts = secret.split(".")
        if len(parts) != 3:
            raise CannotSpoil("the token that was issued is no JWT in compact form")
        try:
            header, claims = (json.loads(_decoded(part)) for part in parts[:2])
        except ValueError:
            raise CannotSpoil("the token that was issued is no JWT that can be read") from None
        return cls(header, claims, None, secret)

    def serialised(self) -> str:
        """The token as it must be accepted."""
        if self.issued is not None:
            return self.issued
        assert self.key is not None
        import jwt  # here alone: it takes longer to import than everything else that a run without JWTs needs

        with warnings.catch_warnings():
            # a key too short for its hash is the API's affair, and has a requirement of its own
            warnings.simplefilter("ignore")
            return jwt.encode(self.claims, self.key, algorithm=self.header["alg"], headers=self.header)

    def spoiled(self, spoil: Spoil, values: Values) -> str:
        """The token with one change; CannotSpoil where that would need a key that is not known."""
        part, change = spoil.part, spoil.change
        if spoil.removed:
            part, _, name = part.partition(".")
            if part in ("claims", "header") and name:
                return self._signed(**{part: {name: ABSENT}})
            raise CannotSpoil(f"a JWT has no {spoil.part} to take away")
        if part in ("claims", "header"):
            return self._signed(**{part: {name: moment(each, values) for name, each in change.items()}})
        if part == "tamper":
            return self._tampered(change, values)
        if part == "forge":
            return self._forged(change, values)
        if part == "embed":
            return self._embedded(str(change))
        if part == "payload":
            names = moments(values)
            return self._joined(_encoded_json(self.header), render(change, names, spoil.where))
        if part == "head":
            names = {**moments(values), "kid": str(self.header.get("kid", ""))}
            return self._joined(render(change, names, spoil.where), _encoded_json(self.claims))
        if part == "key":
            return self._with_key(change, values)
        if part == "signature":
            return self._with_signature(change, values)
        if isinstance(change, Mapping) and "of" in change:
            return values.secret_of(change["of"])
        head, payload, signature = self.serialised().split(".")
        names = {"header": head, "payload": payload, "signature": signature}
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
        digest = _HASHES.get(alg if isinstance(alg, str) else "", hashlib.sha256)
        return f"{message}.{_mac(self.key.encode(), message, digest)}"

    def _forged(self, change: Mapping[str, Any], values: Values) -> str:
        """With other members of header and claims, and signed with another key where one is named."""
        parts = {
            part: {name: moment(each, values) for name, each in change.get(part, {}).items()}
            for part in ("header", "claims")
        }
        header, claims = _merged(self.header, parts["header"]), _merged(self.claims, parts["claims"])
        key = self.key if "key" not in change else _key(change["key"], self.key, values).decode("latin-1")
        return _Token(header, claims, key, None)._signed()

    def _embedded(self, key: str) -> str:
        """Signed with a key that the header itself brings along (RFC 7515 section 4.1.3)."""
        jwk = {"kty": "oct", "k": _encoded(key.encode())}
        return _Token(_merged(self.header, {"jwk": jwk}), self.claims, key, None)._signed()

    def _tampered(self, change: Mapping[str, Any], values: Values) -> str:
        """With other members under the signature of the right ones."""
        head, payload, signature = self.serialised().split(".")
        for part, members in change.items():
            made = {name: moment(each, values) for name, each in members.items()}
            if part == "header":
                head = _encoded(_encoded_json(_merged(self.header, made)).encode())
            else:
                payload = _encoded(_encoded_json(_merged(self.claims, made)).encode())
        return f"{head}.{payload}.{signature}"

    def _with_key(self, change: Any, values: Values) -> str:
        """Signed with another key: of that text, or bytes, or random."""
        key = _key(change, self.key, values)
        head, payload = _encoded_json(self.header), _encoded_json(self.claims)
        message = f"{_encoded(head.encode())}.{_encoded(payload.encode())}"
        return f"{message}.{_mac(key, message, _HASHES.get(self.header.get('alg', ''), hashlib.sha256))}"

    def _with_signature(self, change: Any, values: Values) -> str:
        """With another signature: a literal text, another of the same length, or none at all."""
        head, payload, signature = self.serialised().split(".")
        if isinstance(change, Mapping) and "like" in change:
            # a changed last character alone can decode to the same bytes
            raw = bytearray(_decoded(signature))
            raw[len(raw) // 2] ^= 0x10
            return f"{head}.{payload}.{_encoded(bytes(raw))}"
        return f"{head}.{payload}.{compute(change, signature, (), values.random)}"


def _key(change: Any, right: str | None, values: Values) -> bytes:
    """A key that is not the right one: of these bytes, another credential's, random, or a text."""
    if isinstance(change, Mapping) and "bytes" in change:
        return bytes.fromhex(change["bytes"])
    if isinstance(change, Mapping) and "of" in change:
        return values.secret_of(change["of"]).encode()
    if isinstance(change, Mapping) and "like" in change:
        return values.random.randbytes(32)
    return compute(change, right or "", (), values.random).encode()


def moment(value: Any, values: Values) -> Any:
    """`{time: now - 1h}` as a NumericDate (RFC 7519 section 2), `{like: it}` as a UUID; else as it is."""
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
        return values.settings_of(str(what)).get("kid", "")
    return value


def moments(values: Values) -> dict[str, str]:
    """Names for the texts of payloads: now, an hour later and an hour earlier."""
    now = int(values.now)
    return {"now": str(now), "later": str(now + LIFE), "earlier": str(now - LIFE)}


def _merged(members: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**members, **others}.items() if value is not ABSENT}


def _encoded_json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, separators=(",", ":"))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _mac(key: bytes, message: str, digest: Any) -> str:
    return _encoded(hmac.new(key, message.encode(), digest).digest())


MECHANISM = Mechanism("jwt", PARTS, present)
