"""Conformance tests for the authentication of any HTTP API."""

__version__ = "0.1.0"
