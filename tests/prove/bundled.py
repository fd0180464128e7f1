"""The profiles whose whole matrix is proved here, and what nobody has yet seen fail in it."""

from __future__ import annotations

BUNDLED = ["kid-jwt"]
"""Every fault of these falls as foreseen. `make prove` proves all that have a server, which takes long."""

OPEN_SCENARIOS = frozenset(
    {
        "error/shape/problem",
        "jwt/keys/public-key-as-secret",
        "jwt/spellings/by-password",
        "jwt/spellings/json",
        "robustness/fields/control-character",
        "robustness/fields/host",
        "robustness/fields/space-before-colon",
        "robustness/fields/underscores",
    }
)
"""Scenarios without a fault of these profiles; all but the last have one of another."""

OPEN_REQUIREMENTS = frozenset(
    {
        "asvs/16.5.3-nesting",
        "asvs/9.1.1-no-claim-oracle",
        "asvs/9.1.1-not-encrypted-alone",
        "asvs/9.1.3-certificate",
        "practice/password-iterations",
        "practice/refusal-not-kept",
        "rfc7519/1-compact",
        "rfc7617/2-realm",
        "rfc7617/2.1-charset",
        "rfc7797/6-critical",
        "rfc8725/3.1-key-confusion",
        "rfc8725/3.7-utf-8",
        "rfc9110/5.5-control-characters",
        "rfc9112/3.2-one-host",
        "rfc9112/5.1-space-before-colon",
        "rfc9457/3.1-members",
    }
)
"""Requirements that are looked at here and that no fault of these profiles must break."""
