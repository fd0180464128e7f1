"""The API of the standards: every way to authenticate that they describe, and every refusal alike."""
