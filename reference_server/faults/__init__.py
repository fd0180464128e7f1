"""The ways to be wrong, by profile and area."""
