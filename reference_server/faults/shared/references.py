"""Faults: keys are fetched from where a token says (RFC 7515 sections 4.1.2 and 4.1.5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

from reference_server.deciding import Refusal
from reference_server.faults.shared.decisions import Asked, Facts
from reference_server.faults.shared.sets import FaultSet
from reference_server.reading import Jws, decoded, json_object

Named = tuple[str, ...]

PATIENCE = 1.0
"""Seconds for which whoever has the keys is waited for."""
LONGEST = 65_536
"""Bytes of keys that are read."""
ASKED = "rfc8725/3.10-key-address"


class Verifying(Asked, Protocol):
    """The decisions about a token that these faults replace, with its signer beside it where there is one."""

    @property
    def verify(self) -> Callable[[Any, str], Any]: ...
    @property
    def judge_algorithm(self) -> Callable[..., Any]: ...
    @property
    def holds(self) -> Callable[..., bool]: ...


V = TypeVar("V", bound=Verifying)


@dataclass(frozen=True, slots=True)
class Referring:
    """What differs: what an API's document says of a token by a key that is none of its own."""

    untrusted: Named


REFERENCES: FaultSet[Referring] = FaultSet()
fault = REFERENCES.fault


def _trusted(api: Referring) -> Named:
    return ("rfc8725/3.10-keys-at-address", ASKED, *api.untrusted)


def _fetching(behaviour: V, read: Callable[[Jws], str | None]) -> V:
    """Verify by the key, in PEM, that `read` fetches for a token, and by the algorithm of its header."""

    def judge_algorithm(facts: Facts, jws: Jws, *signer: Any) -> Any:
        return None if read(jws) else behaviour.judge_algorithm(facts, jws, *signer)

    def holds(facts: Facts, jws: Jws, *signer: Any) -> bool:
        from reference_server import jose

        public, name = read(jws), str(jws.header.get("alg"))
        if public is None or name not in jose.KINDS:
            return behaviour.holds(facts, jws, *signer)
        return jose.holds(jws.text, jose.pair(public, name), name)

    return replace(behaviour, judge_algorithm=judge_algorithm, holds=holds)


@fault("jku-trusted", "Keys are fetched from the jku of a token", breaks=_trusted)
def jku_trusted(api: Referring, behaviour: V) -> V:
    """Whoever signs a token says where the keys are that verify it. The certificate of an x5u is not asked
    for, and a kid that nobody has is refused all the same."""

    def read(jws: Jws) -> str | None:
        from joserfc.jwk import JWKRegistry

        fetched = json_object(_fetched(jws.header.get("jku")) or b"") or {}
        for each in fetched.get("keys", ()):
            if each.get("kid") == jws.header.get("kid"):
                key: Any = JWKRegistry.import_key(each)
                return str(key.as_pem(private=False).decode())
        return None

    return _fetching(behaviour, read)


@fault("x5u-trusted", "A certificate is fetched from the x5u of a token", breaks=_trusted)
def x5u_trusted(api: Referring, behaviour: V) -> V:
    """The same with certificates: that one is there is enough, whoever has issued it."""

    def read(jws: Jws) -> str | None:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
        from cryptography.x509 import load_pem_x509_certificate

        chain = _fetched(jws.header.get("x5u"))
        if chain is None:
            return None
        public = load_pem_x509_certificate(chain).public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    return _fetching(behaviour, read)


@fault(
    "jku-asked",
    "The jku of a token is asked for keys that are not used",
    level="SHOULD",
    breaks=(ASKED,),
)
def jku_asked(api: Referring, behaviour: V) -> V:
    """They are wanted for a comparison, and the token is refused as it must be: the answer shows nothing. But
    anybody can have the server call whom he wants."""

    def verify(facts: Facts, token: str) -> Any:
        _fetched(_header(token).get("jku"))
        return behaviour.verify(facts, token)

    return replace(behaviour, verify=verify)


@fault(
    "jku-asked-for-unknown-kid",
    "Where nobody has the kid of a token, its jku is asked",
    level="SHOULD",
    subtle=True,
    breaks=(ASKED,),
)
def jku_asked_for_unknown_kid(api: Referring, behaviour: V) -> V:
    """The set of keys is fetched anew when a key is not found in it, from where the token says. The keys that
    are known by then are the same, and so is the answer."""

    def verify(facts: Facts, token: str) -> Any:
        found = behaviour.verify(facts, token)
        if isinstance(found, Refusal) and found.reason == "unknown-kid":
            _fetched(_header(token).get("jku"))
        return found

    return replace(behaviour, verify=verify)


def _header(token: str) -> Any:
    return json_object(decoded(token.partition(".")[0]) or b"") or {}


def _fetched(url: Any) -> bytes | None:
    """What is at `url`; None where nothing comes in time, or it leads away from this machine."""
    try:
        if not isinstance(url, str) or not ip_address(urlsplit(url).hostname or "").is_loopback:
            return None
        with build_opener(ProxyHandler({})).open(url, timeout=PATIENCE) as answer:
            found: bytes = answer.read(LONGEST)
    except (ValueError, OSError, HTTPException):
        return None
    return found
