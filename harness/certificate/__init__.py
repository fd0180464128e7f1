"""The certificate of a run: what it claims, the statement that is signed, the bundle, whether it holds."""
