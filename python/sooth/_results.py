"""What the commands answer, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Tuple


@dataclass(frozen=True)
class Parity:
    """How far a version's answers are from the original's, as it was measured at registration."""

    against: str
    rows: int
    values: int
    equal: int
    abs_max: float
    rel_max: float
    tolerance: float
    worst: str
    not_compared: Tuple[str, ...]

    @classmethod
    def parse(cls, report: Mapping[str, Any]) -> Parity:
        return cls(
            against=str(report["against"]),
            rows=int(report["rows"]),
            values=int(report["values"]),
            equal=int(report["equal"]),
            abs_max=float(report["abs_max"]),
            rel_max=float(report["rel_max"]),
            tolerance=float(report["tolerance"]),
            worst=str(report["worst"]),
            not_compared=tuple(report.get("not_compared", ())),
        )


@dataclass(frozen=True)
class Registered:
    """A version: what to serve and build it by, and the proof that it answers as the original."""

    reference: str  # "faq:3"
    digest: str  # "sha256:..."
    new: bool  # False: the same bytes, rows and proof were registered before.
    parity: Optional[Parity]  # None: there was nothing to compare with.
    aliases: Tuple[str, ...]
    notes: Tuple[str, ...]
    description: Dict[str, Any]  # The whole of it, as `sooth models show --json` has it.

    def __str__(self) -> str:
        return self.reference

    @classmethod
    def parse(cls, answer: Mapping[str, Any]) -> Registered:
        description = dict(answer["description"])
        report = description.get("parity")
        return cls(
            reference=str(answer["reference"]),
            digest=str(answer["digest"]),
            new=bool(answer["new"]),
            parity=None if report is None else Parity.parse(report),
            aliases=tuple(answer.get("aliases", ())),
            notes=tuple(answer.get("notes", ())),
            description=description,
        )


@dataclass(frozen=True)
class Built:
    """The image of a version."""

    reference: str
    digest: str
    path: str
