"""A right OriginChain for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from origin import Origin, make_origin


@pytest.fixture
def origin() -> Iterator[Origin]:
    made = make_origin()
    yield made
    made.server.store.close()
