"""How credentials are presented and spoiled: one file for each mechanism, and this table of them."""

from harness.credentials import basic, client, grant, in_field, jwt
from harness.credentials.presented import CannotSpoil, Mechanism, Presented

MECHANISMS: dict[str, Mechanism] = {
    each.name: each
    for each in (
        in_field.BEARER,
        in_field.API_KEY,
        basic.MECHANISM,
        jwt.MECHANISM,
        client.MECHANISM,
        grant.MECHANISM,
    )
}
"""The mechanisms by the name that a profile gives as a credential's `kind`."""

__all__ = ["MECHANISMS", "CannotSpoil", "Mechanism", "Presented"]
