"""A server that is right, and the catalogue of ways to be wrong."""
