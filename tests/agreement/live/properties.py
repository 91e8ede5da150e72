"""Random pipelines on random data, asked of scikit-learn and of Sooth; each has its seed."""

import contextlib
import re
import signal
from typing import Any, Dict, Iterator, List, Optional, Set

import numpy as np
from sklearn.base import clone

from live.judge import PROOFS, Judge, Outcome
from live.limits import EXACT, limit_of
from live.random_models import Problem
from live.roundings import HOLDERS

ATTEMPTS = 6
# Some options and data keep an optimiser busy for ever.
SECONDS = 6


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise TimeoutError("takes more than %g seconds" % seconds)

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def classes_in(model: Any) -> Set[str]:
    found = {type(model).__name__}
    for value in model.get_params(deep=True).values():
        if hasattr(value, "get_params") and not isinstance(value, type):
            found.add(type(value).__name__)
    return found


def limit_for(model: Any) -> float:
    """Trees behind what is exact are exact themselves, and no row may be called a flip there."""
    kinds = classes_in(model) - HOLDERS
    limits = [limit_of(kind) for kind in kinds if kind not in ("StandardScaler",)]
    return max(limits, default=0.0) if kinds - EXACT else (0.0 if kinds <= EXACT else 1e-12)


def smaller(model: Any) -> Iterator[Any]:
    """The same model with a part left out, or a part alone."""
    for name in ("steps", "transformer_list", "transformers"):
        parts = getattr(model, name, None)
        if not isinstance(parts, list):
            continue
        for i, part in enumerate(parts):
            if len(parts) > 1:
                kept = clone(model)
                setattr(kept, name, [clone_part(each) for k, each in enumerate(parts) if k != i])
                yield kept
            for less in smaller(part[1]) if hasattr(part[1], "get_params") else ():
                kept = clone(model)
                changed = [clone_part(each) for each in parts]
                changed[i] = (part[0], less) + tuple(part[2:])
                setattr(kept, name, changed)
                yield kept
        if name == "steps" and len(parts) == 1 and hasattr(parts[0][1], "get_params"):
            yield clone(parts[0][1])
    for name in ("estimator", "regressor"):
        inner = getattr(model, name, None)
        if hasattr(inner, "get_params"):
            yield clone(inner)


def clone_part(part: Any) -> Any:
    return (part[0], clone(part[1]) if hasattr(part[1], "get_params") else part[1]) + tuple(part[2:])


def is_wrong(outcomes: List[Outcome]) -> bool:
    return any(outcome.wrong for outcome in outcomes)


def shrunk(judge: Judge, problem: Problem, model: Any) -> Any:
    """A smaller model that still differs on the same data, after at most a hundred tries."""
    tries = 100
    changed = True
    while changed and tries > 0:
        changed = False
        for less in smaller(model):
            tries -= 1
            try:
                with limited(SECONDS):
                    less.fit(problem.fitted, problem.y)
                if is_wrong(judge.judge(less, problem.rows, limit_for(less))):
                    model, changed = less, True
                    break
            except Exception:  # What cannot be fitted is no smaller example.
                continue
            if tries <= 0:
                break
    return model


def reason_of(refused: str) -> str:
    """Without where in the model it is, so that the same reasons count together."""
    return re.sub(r"^(model|steps|transformer|[a-z_]+\[)[^:]*: ", "", refused)[:200]


def fitted(seed: int, result: Dict[str, Any]) -> Optional[Problem]:
    """The first of a few drawn from the seed that its random options let be fitted."""
    for attempt in range(ATTEMPTS):
        try:
            problem = Problem(seed, attempt)
            with limited(SECONDS):
                problem.model.fit(problem.fitted, problem.y)
            return problem
        except Exception as reason:
            first = (str(reason).splitlines() or [""])[0]
            result["unfit"] = "%s: %s" % (type(reason).__name__, first[:120])
    return None


def one(judge: Judge, seed: int) -> Dict[str, Any]:
    result: Dict[str, Any] = {"seed": seed}
    problem = fitted(seed, result)
    if problem is None:
        return result
    result.pop("unfit", None)
    model, rows = problem.model, problem.rows
    limit = limit_for(model)
    outcomes = judge.judge(model, rows, limit)
    if outcomes and outcomes[0].method:
        outcomes += judge.judge(model, rows[:1], limit)
    result["flips"] = sum(each.flips for each in outcomes)
    result["proofs"] = {kind: sum(each.proofs.get(kind, 0) for each in outcomes) for kind in PROOFS}
    result["values"] = sum(each.values for each in outcomes if not each.wrong)
    result["error"] = max((each.error for each in outcomes if not each.wrong), default=0.0)
    result["refused"] = sorted({reason_of(each.refused) for each in outcomes if each.refused and not each.upstream})
    result["upstream"] = sorted({each.upstream.split(":")[0] for each in outcomes if each.upstream})
    if is_wrong(outcomes):
        less = shrunk(judge, problem, model)
        last = judge.judge(less, rows, limit_for(less)) if less is not model else outcomes
        result["wrong"] = [each.method + ": " + each.wrong for each in last if each.wrong]
        result["model"] = re.sub(r"\s+", " ", repr(less))
        result["limit"] = limit_for(less)
    return result


def properties(judge: Judge, first: int, count: int) -> Iterator[Dict[str, Any]]:
    np.seterr(all="ignore")
    for seed in range(first, first + count):
        yield one(judge, seed)
