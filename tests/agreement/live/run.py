"""Asks live models and Sooth the same, inside the environment of a release.

run.py PROBE OUT gallery [NAME...]      a fitted model of every estimator
run.py PROBE OUT pickles FOLDER         the pickles that gen.py wrote with the same release
run.py PROBE OUT properties FIRST COUNT random pipelines, of the seeds from FIRST on
run.py PROBE OUT strangers FILE...      models that others published
OUT gets a line of JSON for each model.
"""

import json
import os
import pickle
import sys
import tempfile
import traceback
import warnings
from typing import Any, Dict, Iterator, List

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402

from live.careful import opened  # noqa: E402
from live.gallery import Data, models  # noqa: E402
from live.judge import Judge  # noqa: E402
from live.limits import limit_of  # noqa: E402
from live.probe import Probe  # noqa: E402
from live.strangers import parts_of, rows_for  # noqa: E402


def entry(name: str, outcomes: List[Any]) -> Dict[str, Any]:
    return {"name": name, "limit": limit_of(name), "outcomes": [each.as_json() for each in outcomes]}


def of_gallery(judge: Judge, wanted: List[str]) -> Iterator[Dict[str, Any]]:
    for name, make, rows in models(Data()):
        if wanted and name not in wanted and name.split(" ")[0] not in wanted:
            continue
        try:
            model = make()
        except (ImportError, AttributeError) as problem:
            yield {"name": name, "absent": str(problem)}
            continue
        except Exception as problem:  # A release that cannot fit it so: said, never hidden.
            yield {"name": name, "unfit": "%s: %s" % (type(problem).__name__, str(problem)[:200])}
            continue
        yield entry(name, judge.judge(model, rows, limit_of(name)))
    seen = {name.split(" ")[0] for name, _, _ in models(Data())}
    for name in [] if wanted else public_estimators():
        if name not in seen:
            outcome = {"method": "", "error": 0.0, "wrong": "gallery.py has no model of it"}
            yield {"name": name, "limit": limit_of(name), "outcomes": [outcome]}


def public_estimators() -> List[str]:
    """What the release itself lists, where it can without the packages of its tests."""
    try:
        from sklearn.utils import all_estimators
    except ImportError:
        return []
    return [name for name, _ in all_estimators()]


def rows_of_generator() -> Dict[str, Any]:
    """The data of gen.py, the same draws in the same order, and more rows that nothing was fitted with."""
    x = np.random.RandomState(0).randn(120, 6)
    rows = np.vstack([x, x[::-1] * 2.5, np.zeros((1, 6)), np.ones((1, 6))])
    texts = ["How do I parse JSON in JavaScript?", "What is the difference between == and ===",
             "how to clone an object in js", "R\u00e9sum\u00e9 na\u00efve caf\u00e9 d\u00e9j\u00e0 vu",
             "remove element from array"] * 24  # fmt: skip
    words = np.array([["a", "x"], ["b", "y"], ["c", "x"]] * 40, dtype=object)
    holes = np.array(rows)
    holes[::7, 2] = np.nan
    counts = (np.abs(x) * 3).astype(int)
    frame = pd.DataFrame({"t": texts, "c": words[:, 0], "n": x[:, 0]})
    special = {
        "TfidfVectorizer": texts[:8], "CountVectorizer": texts[:8], "FeatureUnion": texts[:8],
        "Pipeline": texts[:8], "HashingVectorizer": texts[:2], "TfidfTransformer": counts,
        "OneHotEncoder": words, "OrdinalEncoder": words, "LabelEncoder": words[:, 0],
        "LabelBinarizer": np.digitize(x[:, 1], [-0.5, 0.5]).astype(float), "SimpleImputer": holes,
        "FunctionTransformer": np.abs(rows), "ColumnTransformer": frame, "MultinomialNB": np.abs(rows),
        "ComplementNB": np.abs(rows), "CategoricalNB": counts,
    }  # fmt: skip
    return {"": rows, **special}


def know_classes_of_bits() -> None:
    """NumPy 2 pickles a generator of random bits by its class and with its seed; an older NumPy knows names
    and states alone. No answer needs the numbers that it would draw."""
    if int(np.__version__.split(".")[0]) >= 2:
        return
    from numpy.random import _pickle

    by_name = getattr(_pickle, "__bit_generator_ctor", None)
    if by_name is None:  # The oldest.
        return

    def made(known: Any = "MT19937") -> Any:
        if isinstance(known, str):
            return by_name(known)

        def set_state(self: Any, state: Any) -> None:
            self.state = state[0] if isinstance(state, tuple) else state

        return type(known.__name__, (known,), {"__setstate__": set_state})()

    def drawing_from(kind: Any) -> Any:
        return lambda bits="MT19937", *_: kind(by_name(bits) if isinstance(bits, str) else bits)

    vars(_pickle)["__bit_generator_ctor"] = made
    vars(_pickle)["__randomstate_ctor"] = drawing_from(np.random.RandomState)
    vars(_pickle)["__generator_ctor"] = drawing_from(np.random.Generator)


def of_pickles(judge: Judge, folder: str) -> Iterator[Dict[str, Any]]:
    know_classes_of_bits()
    rows = rows_of_generator()
    for file in sorted(os.listdir(folder)):
        if not file.endswith(".p4.pkl"):
            continue
        name = file[: -len(".p4.pkl")]
        path = os.path.join(folder, file)
        try:
            with open(path, "rb") as opened:
                model = pickle.load(opened)
        except Exception as problem:  # NumPy 2 wrote what this environment's NumPy cannot read.
            outcome = {"method": "", "error": 0.0, "upstream": "%s: %s" % (type(problem).__name__, problem)}
            yield {"name": name, "limit": limit_of(name), "outcomes": [outcome]}
            continue
        yield entry(name, judge.judge(model, rows.get(name, rows[""]), limit_of(name), path))


def of_strangers(judge: Judge, paths: List[str]) -> Iterator[Dict[str, Any]]:
    for path in paths:
        try:
            model = opened(path)
        except Exception as problem:  # Of whatever class: another release may open it.
            yield {"name": path, "absent": "%s: %s" % (type(problem).__name__, str(problem)[:200])}
            continue
        if not hasattr(model, "predict") and not hasattr(model, "transform"):
            yield {"name": path, "absent": "holds no estimator", "last": True}
            continue
        limit = max((limit_of(type(part).__name__) for part in parts_of(model)), default=1e-9)
        rows = rows_for(model)
        try:
            outcomes = judge.judge(model, rows, limit, path) if rows is not None else []
        except Exception as problem:
            yield {"name": path, "absent": "cannot be asked: %s" % str(problem)[:200], "last": True}
            continue
        answered = [each for each in outcomes if not each.upstream]
        if rows is not None and answered:
            yield dict(entry(path, outcomes), name=path)
        else:
            said = outcomes[0].upstream if outcomes else "it does not say what it takes"
            yield {"name": path, "absent": "opens, and answers nothing: " + said}


def main(program: str, out: str, what: str, *rest: str) -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder, open(out, "w", encoding="utf-8") as file:
        judge = Judge(Probe(program, folder), folder)
        if what == "gallery":
            entries = of_gallery(judge, list(rest))
        elif what == "pickles":
            entries = of_pickles(judge, rest[0])
        elif what == "strangers":
            entries = of_strangers(judge, list(rest))
        else:
            from live.properties import properties  # Of the newest release alone.

            entries = properties(judge, int(rest[0]), int(rest[1]))
        for each in entries:
            file.write(json.dumps(each) + "\n")
            file.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Exception:
        traceback.print_exc()
        sys.exit(1)
