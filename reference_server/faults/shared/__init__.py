"""Ways to be wrong that several APIs have, each written once and entered for an API by what differs there."""
