"""expected.py ROOT OUT: what scikit-learn says to some rows of the models that are served."""

import json
import os
import sys

import joblib
import numpy
import pandas
from sklearn.metrics.pairwise import cosine_similarity

ROWS = 5
TOP = 3
QUESTIONS = ["how to clone an object", "what does typeof null give", "reverse a string"]


def frame_model(root, name):
    """The first rows of its table, with a missing value where the model takes one."""
    data = os.path.join(root, "tests", "scenario", "data")
    model = joblib.load(os.path.join(data, f"{name}.joblib"))
    frame = pandas.read_csv(os.path.join(data, f"{name}.csv")).head(ROWS)
    if name == "passengers":
        frame.loc[1, "age"] = numpy.nan
    methods = [name for name in ("predict", "predict_proba", "decision_function")
               if hasattr(model, name)]
    expected = {method: getattr(model, method)(frame).tolist() for method in methods}
    rows = [{key: None if value != value else value for key, value in row.items()}
            for row in frame.to_dict("records")]
    return {"rows": rows, "expected": expected}


def match(root):
    """Each question's best answers by cosine, the best phrasing of each."""
    folder = os.path.join(root, "demos", "faq", "similarity")
    vectorizer = joblib.load(os.path.join(folder, "model.joblib"))
    texts = pandas.read_csv(os.path.join(folder, "phrasings.tsv"), sep="\t", quoting=3)
    scores = cosine_similarity(vectorizer.transform(QUESTIONS), vectorizer.transform(texts["text"]))
    answers = []
    for row in scores:
        order = numpy.argsort(-row, kind="stable")
        best = {}
        for at in order:
            best.setdefault(int(texts["answer_id"][at]), [int(texts["id"][at]), float(row[at])])
        answers.append([[id_, answer, score] for answer, (id_, score) in
                        list(best.items())[:TOP]])
    expected = {"id": [[each[0] for each in row] for row in answers],
                "answer_id": [[each[1] for each in row] for row in answers],
                "probability": [[each[2] for each in row] for row in answers],
                "ranked": answers}
    return {"rows": [{"input": question} for question in QUESTIONS], "expected": expected}


def main():
    root, out = sys.argv[1:]
    described = {name: frame_model(root, name) for name in ("passengers", "flowers")}
    described["similarity"] = match(root)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(described, file)


if __name__ == "__main__":
    main()
