"""What is probably wrong where a target cannot be tested: where to look, and what to do next."""

from harness.diagnosis.advice import Advice
from harness.diagnosis.canary import canary_of_others
from harness.diagnosis.clock import skew
from harness.diagnosis.proxies import in_the_way, way
from harness.diagnosis.redirects import moved
from harness.diagnosis.refusal import why_refused
from harness.diagnosis.unguarded import unguarded

__all__ = [
    "Advice",
    "canary_of_others",
    "in_the_way",
    "moved",
    "skew",
    "unguarded",
    "way",
    "why_refused",
]
