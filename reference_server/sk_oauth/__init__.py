"""The API with secret keys, OAuth 2.0 by authorization code, and JWTs, each sent as a bearer token."""
