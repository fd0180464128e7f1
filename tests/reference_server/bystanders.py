"""Header fields that other parties add to a request: they stand in for no credential."""

from __future__ import annotations

FIELDS = (
    *((f"x-{name}", "1") for name in ("forwarded-user", "auth-request-user", "user-id", "consumer-id")),
    *((f"x-{name}", "1") for name in ("internal", "client-cert")),
    ("x-forwarded-for", "127.0.0.1"),
    ("forwarded", "for=127.0.0.1"),
    ("x-client-ip", "10.0.0.1"),
    ("x-http-method", "OPTIONS"),
    ("x-http-method-override", "OPTIONS"),
    ("if-none-match", "*"),
    ("if-match", '"none"'),
    ("if-modified-since", "Fri, 31 Dec 2100 23:59:59 GMT"),
    ("range", "bytes=0-10"),
)

PAGES = tuple(("origin", page) for page in ("https://elsewhere.example", "null"))
"""From where a browser says that a request comes."""
