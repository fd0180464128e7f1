"""The API with a static token for servers and, for clients, JWTs whose kid names their secret."""
