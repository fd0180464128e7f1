"""Faults: another form of a token is read, is judged before its signature, or costs the server dear."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from reference_server.faults.shared.crashes import crash_if, crashing
from reference_server.faults.shared.decisions import A, Facts
from reference_server.faults.shared.macs import mac_holds
from reference_server.faults.shared.sets import FaultSet
from reference_server.faults.shared.signed.adapter import Claims, Holder, Named, V
from reference_server.faults.shared.ways import also_parsing, holding_back
from reference_server.messages import Answer
from reference_server.reading import Jws, decoded, is_date, json_object


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelled:
    """What differs between APIs that are sent tokens in other forms."""

    malformed: Named
    """Beside the suites' own requirement, what the document says of a token that is not well-formed."""
    header: Callable[[Any], Mapping[str, Any]] = lambda facts: {"alg": "HS256"}
    """Of the facts: the header of somebody's right token."""


SPELLINGS: FaultSet[Spelled] = FaultSet()
fault = SPELLINGS.fault


# --- the form --------------------------------------------------------------------------------------


@fault("as-json-read", "A token as JSON is read", breaks=("rfc7519/1-compact",))
def as_json_read(api: Spelled, behaviour: A) -> A:
    """The library knows both forms, and the server lets it choose. The flattened one, with dots in it or
    without."""

    def read(value: str) -> str | None:
        parts = json_object(value.partition(" ")[2].encode("latin-1"))
        members = [parts.get(name) for name in ("protected", "payload", "signature")] if parts else []
        return ".".join(map(str, members)) if members and all(members) else None

    return also_parsing(behaviour, read)


@fault(
    "unencoded-read",
    "An unencoded payload is read where the header says so",
    breaks=lambda api: ("rfc7797/6-critical", *api.malformed),
)
def unencoded_read(api: Spelled, behaviour: V) -> V:
    """That b64 must be critical is not looked at: what others take for a wrong signature holds here. A token
    whose signature covers the encoded payload is refused, whatever its b64."""

    def plain(jws: Jws) -> bool:
        return jws.header.get("b64") is False and "crit" not in jws.header

    def judge_extensions(facts: Facts, jws: Jws) -> Any:
        return None if plain(jws) else behaviour.judge_extensions(facts, jws)

    def holds(facts: Facts, jws: Jws, account: Holder) -> bool:
        if not plain(jws):
            return behaviour.holds(facts, jws, account)
        payload = (decoded(jws.payload) or b"").decode("utf-8", "replace")
        return mac_holds(f"{jws.head}.{payload}", jws.signature, account.secret.encode())

    return replace(behaviour, judge_extensions=judge_extensions, holds=holds)


def _reading_claims(behaviour: V, read: Callable[[bytes], Any]) -> V:
    """Find claims in payloads in which there are none."""

    def read_claims(facts: Facts, raw: bytes) -> Claims | None:
        if claims := behaviour.read_claims(facts, raw):
            return claims
        try:
            found = read(raw)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None

    return replace(behaviour, read_claims=read_claims)


def _charset(api: Spelled) -> Named:
    return ("rfc8725/3.7-utf-8", *api.malformed)


@fault("claims-in-utf-16", "Claims in UTF-16 are read", breaks=_charset)
def claims_in_utf_16(api: Spelled, behaviour: V) -> V:
    """Python's parser guesses the encoding of bytes. RFC 7519 section 7.1 has them in UTF-8."""
    return _reading_claims(behaviour, lambda raw: json.loads(raw) if b"\0" in raw[:2] else None)


@fault("no-utf-8-passed-over", "What is no UTF-8 in claims is passed over", subtle=True, breaks=_charset)
def no_utf_8_passed_over(api: Spelled, behaviour: V) -> V:
    """Replaced by the decoder. One of the encodings is nearly right, the others are no JSON then."""
    return _reading_claims(
        behaviour, lambda raw: json.loads(raw.decode("utf-8", "replace")) if b"\xed\xa0" in raw else None
    )


# --- whose it is -----------------------------------------------------------------------------------


@fault(
    "encrypted-with-zeros",
    "A token that is encrypted with zeros need not be signed",
    breaks=lambda api: ("asvs/9.1.1-not-encrypted-alone", *api.malformed),
)
def encrypted_with_zeros(api: Spelled, behaviour: V) -> V:
    """The key of the encryption was never set, so that it is that of everybody, and what can be decrypted is
    taken for the issuer's (RFC 7516 section 3.1). One that is encrypted under a password stays closed."""
    opened: set[str] = set()

    def split(facts: Facts, token: str) -> tuple[str, str, str] | None:
        claims = _decrypted(token)
        if claims is None:
            return behaviour.split(facts, token)
        parts = (_encoded(json.dumps(dict(api.header(facts))).encode()), _encoded(claims), "")
        opened.add(".".join(parts))
        return parts

    def holds(facts: Facts, jws: Jws, account: Holder) -> bool:
        return jws.text in opened or behaviour.holds(facts, jws, account)

    return replace(behaviour, split=split, holds=holds)


def _decrypted(token: str) -> bytes | None:
    """What is encrypted in the token with a key of zeros; None where it is not."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    parts = token.split(".")
    raw = [decoded(part) for part in parts]
    if len(parts) != 5 or any(part is None for part in raw) or raw[1] != b"":
        return None
    nonce, sealed, tag = (part or b"" for part in raw[2:])
    try:
        return AESGCM(bytes(32)).decrypt(nonce, sealed + tag, parts[0].encode())
    except (InvalidTag, ValueError):
        return None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@fault(
    "certificate-trusted",
    "A certificate that a token brings along is trusted",
    breaks=lambda api: ("asvs/9.1.3-certificate", *api.malformed),
)
def certificate_trusted(api: Spelled, behaviour: V) -> V:
    """Its signature is verified, with the key that is in it; who has issued it nobody asks. The algorithm is
    that of the certificate, whatever the API's own is."""

    def judge_algorithm(facts: Facts, jws: Jws) -> Any:
        return None if brought_key(jws) else behaviour.judge_algorithm(facts, jws)

    def holds(facts: Facts, jws: Jws, account: Holder) -> bool:
        from reference_server import jose

        public, name = brought_key(jws), str(jws.header.get("alg"))
        if public is None or name not in jose.KINDS:
            return behaviour.holds(facts, jws, account)
        return jose.holds(jws.text, jose.pair(public, name), name)

    return replace(behaviour, judge_algorithm=judge_algorithm, holds=holds)


def brought_key(jws: Jws) -> str | None:
    """The key of the first certificate in a header, in PEM (RFC 7515 section 4.1.6); None without one."""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
    from cryptography.x509 import load_der_x509_certificate

    chain = jws.header.get("x5c")
    if not isinstance(chain, list) or not chain:
        return None
    public = load_der_x509_certificate(base64.b64decode(chain[0])).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


@fault(
    "forged-expiry-told",
    "Of a forged token it is told that it has expired",
    level="SHOULD",
    breaks=("asvs/9.1.1-no-claim-oracle",),
)
def forged_expiry_told(api: Spelled, behaviour: V) -> V:
    """Claims are read before the signature is. Status and challenge are as they should be, with one member
    more in the body; one claim tells, the others do not."""
    told: list[Jws] = []

    def holds(facts: Facts, jws: Jws, account: Holder) -> bool:
        held = behaviour.holds(facts, jws, account)
        end = (json_object(decoded(jws.payload) or b"") or {}).get("exp")
        if not held and is_date(end) and end < facts.now:
            told.append(jws)
        return held

    def respond(facts: Facts) -> Answer:
        told.clear()
        answer = behaviour.respond(facts)
        if not told or answer.status != 401:
            return answer
        body = {**json.loads(answer.body), "detail": "The token has expired."}
        return replace(answer, body=json.dumps(body).encode())

    return replace(behaviour, holds=holds, respond=respond)


# --- what it costs ---------------------------------------------------------------------------------


def _sent(facts: Facts) -> str:
    return "".join(facts.request.values("authorization"))


@fault(
    "iterations-unbounded",
    "A key is derived from a password, however long it takes",
    level="SHOULD",
    breaks=("practice/password-iterations",),
)
def iterations_unbounded(api: Spelled, behaviour: A) -> A:
    """The number of steps is in the token, and is believed. Here the server takes three seconds over them."""

    def slow(facts: Facts) -> bool:
        head = _sent(facts).partition(" ")[2].partition(".")[0]
        return str((json_object(decoded(head) or b"") or {}).get("alg")).startswith("PBES2")

    return holding_back(behaviour, 3.0, slow)


@fault(
    "nesting-crash",
    "Thousands of arrays within each other bring the server down",
    level="SHOULD",
    breaks=("asvs/16.5.3-nesting",),
)
def nesting_crash(api: Spelled, behaviour: V) -> V:
    """The parser calls itself for each, and what comes of that is caught by nobody."""

    def read_claims(facts: Facts, raw: bytes) -> Claims | None:
        crash_if(raw.count(b"[") > 500)
        return behaviour.read_claims(facts, raw)

    return crashing(replace(behaviour, read_claims=read_claims))


@fault(
    "dots-cost-dearly",
    "Thousands of dots take seconds to be taken apart",
    level="SHOULD",
    breaks=("practice/many-dots",),
)
def dots_cost_dearly(api: Spelled, behaviour: A) -> A:
    """An expression that tries all ways to divide a text. It is refused in the end."""
    return holding_back(behaviour, 3.0, lambda facts: _sent(facts).count(".") > 1000)
