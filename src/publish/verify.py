"""Asks the library that made a model for its answers.

Reads one JSON object on standard input and writes one on standard output. It runs in the user's own
Python, and loads the model as the user would: whatever the file asks for is done. Nothing of Sooth
depends on it but the comparison.
"""
import importlib
import json
import math
import os
import platform
import sys
import warnings

VALUES_MAX = 2_000_000


def number(value):
    value = float(value)
    return value if math.isfinite(value) else str(value)


def label(value):
    return str(value.item() if hasattr(value, "item") else value)


def versions():
    found = [["Python", platform.python_version()]]
    for module, name in (("sklearn", "scikit-learn"), ("lightgbm", "LightGBM"),
                         ("xgboost", "XGBoost"), ("catboost", "CatBoost")):
        if module in sys.modules:
            found.append([name, sys.modules[module].__version__])
    return found


class XgboostModel:
    """A booster that takes rows as they are."""

    def __init__(self, path):
        self.xgboost = importlib.import_module("xgboost")
        self.booster = self.xgboost.Booster(model_file=path)

    def predict(self, rows):
        names = self.booster.feature_names if not hasattr(rows, "columns") else None
        return self.booster.predict(self.xgboost.DMatrix(rows, feature_names=names))


def catboost_model(path):
    catboost = importlib.import_module("catboost")
    model = catboost.CatBoostClassifier().load_model(path)
    if len(model.classes_) > 0:
        return model
    return catboost.CatBoostRegressor().load_model(path)


def load(path):
    with open(path, "rb") as file:
        start = file.read(5)
    if start == b"tree\n":
        return importlib.import_module("lightgbm").Booster(model_file=path)
    if start[:4] == b"CBM1":
        return catboost_model(path)
    if start[:1] == b"{" or start[:4] == b"binf":
        return XgboostModel(path)
    try:
        importlib.import_module("sklearn")
    except ImportError:
        pass
    return importlib.import_module("joblib").load(path)


def columns_of(asked):
    missing = float("nan")
    columns = {}
    for place, column in enumerate(asked["columns"]):
        cells = [row[place] for row in asked["rows"]]
        columns[column["name"]] = [missing if cell is None else cell for cell in cells]
    return columns


def forms(model, asked):
    """What the model may take for rows, the likeliest first."""
    columns = columns_of(asked)
    lists = list(columns.values())
    texts = [column["type"] == "text" for column in asked["columns"]]
    try:
        pandas = importlib.import_module("pandas")
        frame = pandas.DataFrame(columns)
    except ImportError:
        frame = None
    tables = [] if frame is None else [frame]
    if not any(texts):
        numpy = importlib.import_module("numpy")
        array = numpy.array(lists, dtype=float).T.reshape(len(asked["rows"]), len(lists))
        return tables + [array]
    named = getattr(model, "feature_names_in_", None) is not None
    if len(lists) == 1 and not named:
        return [lists[0]] + tables
    return tables


def two_dimensional(answer, rows):
    numpy = importlib.import_module("numpy")
    if hasattr(answer, "toarray"):
        if answer.shape[0] * answer.shape[1] > VALUES_MAX:
            raise ValueError("more than %d values" % VALUES_MAX)
        answer = answer.toarray()
    if isinstance(answer, (list, tuple)):
        answer = numpy.concatenate([numpy.asarray(each) for each in answer], axis=1)
    answer = numpy.asarray(answer)
    if answer.ndim == 0 or answer.shape[0] != rows:
        raise ValueError("expected %d rows, got %s" % (rows, answer.shape))
    if answer.size > VALUES_MAX:
        raise ValueError("more than %d values" % VALUES_MAX)
    return answer.reshape(rows, -1)


def ask(model, method, tables, rows):
    problem = None
    for table in tables:
        try:
            return two_dimensional(getattr(model, method)(table), rows)
        except Exception as error:
            problem = problem or error
    raise problem or ValueError("needs pandas")


def say(error):
    return "%s: %s" % (type(error).__name__, str(error).split("\n")[0][:200])


def answer_columns(model, asked):
    answers, not_compared = [], []
    tables = forms(model, asked)
    for method in asked["methods"]:
        name = method["name"]
        try:
            answer = ask(model, name, tables, len(asked["rows"]))
        except Exception as error:
            not_compared.append("%s: %s" % (name, say(error)))
            continue
        cells = answer.reshape(-1)
        as_labels = method["labels"]
        kept = [label(each) for each in cells] if as_labels else [number(each) for each in cells]
        answers.append({"method": name, "width": int(answer.shape[1]),
                        "labels" if as_labels else "numbers": kept})
    return answers, not_compared


def answer_pairs(model, asked):
    pandas = importlib.import_module("pandas")
    queries, candidates = asked["queries"], asked["candidates"]
    frame = pandas.DataFrame({
        asked["query_column"]: [query for query in queries for _ in candidates],
        asked["candidate_column"]: candidates * len(queries),
    })
    return model.predict_proba(frame)[:, 1]


def answer_similarity(model, asked):
    normalize = importlib.import_module("sklearn.preprocessing").normalize
    of_queries = normalize(model.transform(asked["queries"]))
    of_candidates = normalize(model.transform(asked["candidates"]))
    scores = of_queries @ of_candidates.T
    return (scores.toarray() if hasattr(scores, "toarray") else scores).reshape(-1)


def answer_match(model, asked):
    by = answer_pairs if asked["match"] == "pairs" else answer_similarity
    try:
        scores = by(model, asked)
    except Exception as error:
        return [], ["match: " + say(error)]
    numbers = [number(each) for each in scores]
    return [{"method": "match", "width": len(asked["candidates"]), "numbers": numbers}], []


def main():
    # What the model prints when it is loaded must not stand between the answers.
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    asked = json.load(sys.stdin)
    folder = os.path.dirname(asked["model"])
    sys.path.insert(0, folder)
    os.chdir(folder)
    model = load(asked["model"])
    answer = answer_match if asked["match"] else answer_columns
    answers, not_compared = answer(model, asked)
    json.dump({"versions": versions(), "answers": answers, "not_compared": not_compared}, out)


main()
