"""Faults of APIs that verify JWTs with the secret of an account: RFC 7515, RFC 7519 and RFC 8725."""
