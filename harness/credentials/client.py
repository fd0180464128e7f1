"""A client's id and secret at a token endpoint: in the body or as Basic (RFC 6749 section 2.3.1)."""

from __future__ import annotations

import base64
from urllib.parse import quote_plus

from harness.credentials.computed import compute
from harness.credentials.presented import CannotSpoil, Mechanism, Presented, Values
from harness.model import CredentialKind, Spoil

PARTS = frozenset({"id", "secret", "by", "scheme"})
BODY, BASIC = "body", "basic"


def present(kind: CredentialKind, secret: str, spoil: Spoil | None, values: Values) -> Presented:
    """`id:secret`, of which the id has no colon, as the credential's setting `by` says: body or basic.

    Both are form-urlencoded before they become Basic. Spoiled with `by` they are sent the other way, by
    `both`, in the `query` of the URL, or the `id` alone. CannotSpoil where the request would remain as it is.
    """
    id, colon, password = secret.partition(":")
    if not colon:
        raise CannotSpoil(f"the secret of '{kind.name}' is no id:secret")
    by, scheme = str(kind.options.get("by", BODY)), "Basic"
    part = spoil.part if spoil else ""
    if spoil and part == "id":
        id = compute(spoil.change, id, (), values.random)
    elif spoil and part == "secret":
        password = compute(spoil.change, password, (), values.random)
    elif spoil and part == "by":
        if spoil.change == by:
            raise CannotSpoil(f"{kind.name} authenticates by {by} already")
        by = str(spoil.change)
    elif spoil and part == "scheme":
        if by != BASIC:
            raise CannotSpoil(f"{kind.name} authenticates by {by}, which has no scheme")
        scheme = str(spoil.change)
    if by == "id":
        return Presented(form=(("client_id", id),))
    in_body = (("client_id", id), ("client_secret", password))
    encoded = base64.b64encode(f"{quote_plus(id)}:{quote_plus(password)}".encode()).decode()
    return Presented(
        fields=(("Authorization", f"{scheme} {encoded}"),) if by in (BASIC, "both") else (),
        query=in_body if by == "query" else (),
        form=in_body if by in (BODY, "both") else (),
        secrets=(password, encoded),
    )


MECHANISM = Mechanism("client", PARTS, present, frozenset({"by"}))
