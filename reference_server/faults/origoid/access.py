"""Faults: who sends nothing, or nothing that is known, is served."""

from __future__ import annotations

from dataclasses import replace

from reference_server.faults.origoid.entry import ANONYMOUS, STATUS, UNREFUSED, fault
from reference_server.faults.origoid.wrong import answering, first_account, waiving
from reference_server.messages import Answer
from reference_server.origoid.behaviour import Behaviour, Facts


@fault(
    "open-to-anybody",
    "Requests without a credential are served",
    breaks=(*ANONYMOUS, "rfc9110/9.3.2-head-like-get", "practice/varied-refused"),
    also=UNREFUSED,
)
def open_to_anybody(behaviour: Behaviour) -> Behaviour:
    """One forgotten guard, by every operation. A credential in another place is none, so that it is served as
    well; what has one in its place is judged as before. HEAD is asked without one too, and so is what
    Schemathesis varies."""
    return waiving(behaviour, "missing-credential")


def _with_data(behaviour: Behaviour) -> Behaviour:
    """The refusal of nobody, over what the oldest account would be served."""

    def change(facts: Facts, answer: Answer) -> Answer:
        return replace(answer, body=behaviour.operate(facts, first_account(facts)).body)

    return answering(behaviour, change, "missing-credential")


@fault(
    "data-beside-401",
    "The 401 to a request without a credential has the data in its body",
    subtle=True,
    breaks=tuple(name for name in ANONYMOUS if name != STATUS),
    also=UNREFUSED,
)
def data_beside_401(behaviour: Behaviour) -> Behaviour:
    """The handler writes its answer and the guard only changes the status, which is right therefore."""
    return _with_data(behaviour)
