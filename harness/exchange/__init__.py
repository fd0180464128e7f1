"""Ask one request, get one answer, and the redacted record of both: the only door to the network.

A `Network` is one per run, a `Lane` one per line of work. `Lane.send` returns an `Answer` or raises
`NoAnswer`; both carry the `Exchange` that is stored. Secrets a `Redactor` has learned never leave in it.
"""

from harness.exchange.message import Answer, NoAnswer, NoAnswerKind, Purpose, Request
from harness.exchange.network import AT_ONCE, Lane, Network
from harness.exchange.redaction import Redactor
from harness.exchange.views import readings

__all__ = [
    "AT_ONCE",
    "Answer",
    "Lane",
    "Network",
    "NoAnswer",
    "NoAnswerKind",
    "Purpose",
    "Redactor",
    "Request",
    "readings",
]
