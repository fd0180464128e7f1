"""What an OpenAPI document (3.0, 3.1) says of authentication: its schemes, its operations, their answers."""

from harness.openapi.described import Described, Endpoint, Scheme
from harness.openapi.reading import LARGEST, parse
from harness.openapi.schemas import cut
from harness.openapi.survey import survey, variable

__all__ = ["LARGEST", "Described", "Endpoint", "Scheme", "cut", "parse", "survey", "variable"]
