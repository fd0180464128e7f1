"""A signed payload: the envelope of DSSE (Dead Simple Signing Envelope, version 1)."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from harness.certificate.keys import Key, PublicKey

TYPE = "application/vnd.in-toto+json"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and one signature of it; `keyid` is the signer's fingerprint, a hint and no proof."""

    payload: bytes
    keyid: str
    signature: bytes

    def json(self) -> bytes:
        """The envelope as it is written: always in the same bytes."""
        value = {
            "payload": base64.b64encode(self.payload).decode(),
            "payloadType": TYPE,
            "signatures": [{"keyid": self.keyid, "sig": base64.b64encode(self.signature).decode()}],
        }
        return json.dumps(value, indent=1).encode() + b"\n"

    def is_signed_by(self, key: PublicKey) -> bool:
        """Whether the signature is that of `key`."""
        return self.keyid == key.fingerprint and key.verifies(self.signature, _signed(self.payload))


def seal(payload: bytes, key: Key) -> Envelope:
    """`payload`, signed by `key`."""
    return Envelope(payload, key.public.fingerprint, key.sign(_signed(payload)))


def opened(data: bytes) -> Envelope | None:
    """The envelope in `data`; None where it is not one exactly as `json` writes it."""
    try:
        value = json.loads(data)
        (signature,) = value["signatures"]
        found = Envelope(
            base64.b64decode(value["payload"], validate=True),
            str(signature["keyid"]),
            base64.b64decode(signature["sig"], validate=True),
        )
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return found if found.json() == data else None


def _signed(payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding of the payload and its type."""
    kind = TYPE.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)
