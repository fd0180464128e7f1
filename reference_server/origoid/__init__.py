"""OrigoID: an API key, Basic, or a JWT that is had for either; and one answer to all that is refused."""
