"""What came of proving: what fell for each fault, and who noticed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FaultProof:
    """What fell when the server was wrong in one way.

    `breaks` are the requirements that must fall, reasoned from the specification, `also` those that may,
    each with its reason. `fallen` are requirements with a problem at any level, `blinded` those that only
    became inconclusive.
    """

    id: str
    title: str
    profile: str
    subtle: bool
    breaks: tuple[str, ...]
    also: Mapping[str, str]
    fallen: tuple[str, ...]
    blinded: tuple[str, ...]

    @property
    def exact(self) -> bool:
        """Whether what had to fall fell, and nothing else did that was not foreseen."""
        breaks, fallen = set(self.breaks), set(self.fallen)
        return breaks <= fallen <= breaks | set(self.also) and set(self.blinded) <= set(self.also)


@dataclass(frozen=True, slots=True)
class ScenarioProof:
    """The faults by which a scenario was seen to fail; `no_fault` is why there can be none.

    `profiles` are those of which it asked something. One whose credential cannot be changed as it wants is
    not among them: a JWT under a shared secret has no public key that could be taken for one.
    """

    id: str
    faults: tuple[str, ...]
    no_fault: str | None
    profiles: tuple[str, ...] = ()

    @property
    def bare(self) -> bool:
        """Whether nobody has seen it fail, and nothing says why."""
        return not self.faults and self.no_fault is None


@dataclass(frozen=True, slots=True)
class RightProof:
    """What fell, or stayed open, although the server was right: false alarms.

    `variations` are the ids of the liberties that it took; none of the server as it is documented.
    """

    profile: str
    variations: tuple[str, ...]
    title: str
    fallen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """The kill matrix: the right servers, then every fault, and what each scenario noticed."""

    right: tuple[RightProof, ...]
    faults: tuple[FaultProof, ...]
    scenarios: tuple[ScenarioProof, ...]
    partial: bool
    """Only some faults were asked for, so that nothing can be said of scenarios without one."""
    elapsed: float
    """Seconds."""

    @property
    def right_fallen(self) -> tuple[str, ...]:
        """Requirements with a problem, or inconclusive, on any right server; must be none."""
        return tuple(dict.fromkeys(fallen for right in self.right for fallen in right.fallen))

    @property
    def excused_share(self) -> float:
        """How many of the scenarios have a reason in place of a fault."""
        return sum(each.no_fault is not None for each in self.scenarios) / max(1, len(self.scenarios))
