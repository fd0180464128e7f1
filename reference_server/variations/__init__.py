"""The liberties that a right server may take: whatever the harness says of them is a false alarm."""
