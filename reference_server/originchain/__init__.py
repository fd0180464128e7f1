"""OriginChain: one bearer token per instance, created and revoked in a dashboard."""
