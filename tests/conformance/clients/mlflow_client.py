"""mlflow's deployments client, and the bodies that its scoring server documents, by pandas."""

import json
import os
import urllib.error
import urllib.request

import pandas
from mlflow.deployments import get_deploy_client
from mlflow.exceptions import MlflowException

from house import expect_raises, main
from report import expect, expect_equal


def deploy_client(model):
    # It signs with whatever of these it finds.
    for name in [each for each in os.environ if each.startswith(("MLFLOW_", "DATABRICKS_"))]:
        del os.environ[name]
    os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] = "0"
    return get_deploy_client(model.url)


def frame_of(model):
    return pandas.DataFrame(model.rows)


def plain(value):
    """pandas' missing number as JSON has it."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return None if value != value else value


def deployments(house, model, inputs):
    answer = deploy_client(model).predict(endpoint=model.name, inputs=inputs)
    model.expect_answer("predict", answer["predictions"])


def deployments_match(house):
    model = house.similarity
    answer = deploy_client(model).predict(endpoint=model.name, inputs={
        "dataframe_records": model.rows, "params": {"top_k": 3}})
    for output in ("id", "answer_id", "probability"):
        model.expect_answer(output, [each[output] for each in answer["predictions"]])


def deployments_error(house):
    client = deploy_client(house.passengers)
    wrong = {"dataframe_records": [{"age": "old", "fare": 1, "port": "Rome"}]}
    return expect_raises((MlflowException, OSError), "", client.predict,
                         endpoint="passengers", inputs=wrong)


def invoke(model, body, content_type="application/json", path="/invocations"):
    body = body if isinstance(body, str) else json.dumps(body)
    request = urllib.request.Request(model.url + path, body.encode(),
                                     {"Content-Type": content_type})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers["Content-Type"], json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, error.headers["Content-Type"], json.load(error)


def scores(model, body, content_type="application/json"):
    status, _, answer = invoke(model, body, content_type)
    expect_equal(status, 200, f"status of {answer}")
    expect_equal(list(answer), ["predictions"], "keys of the answer")
    model.expect_answer("predict", answer["predictions"])


def form(model, name):
    """A body as the documentation of `mlflow models serve` makes it with pandas."""
    frame = frame_of(model)
    if name == "dataframe_split":
        return {name: plain(frame.to_dict(orient="split"))}
    if name == "dataframe_records":
        return {name: plain(frame.to_dict(orient="records"))}
    if name == "instances":
        return {name: plain(frame.to_dict(orient="records"))}
    return {name: plain(frame.to_dict(orient="list"))}


def split_by_pandas_json(model):
    """As to_json writes it: no spaces, missing values as null, slashes escaped."""
    split = frame_of(model).to_json(orient="split")
    scores(model, '{"dataframe_split": ' + split + "}")


def bare_nan(model):
    """Python's json.dumps of a frame writes a missing number as NaN, and MLflow takes it."""
    scores(model, json.dumps({"dataframe_records": frame_of(model).to_dict(orient="records")}))


def csv(model, content_type):
    scores(model, frame_of(model).to_csv(index=False), content_type)


def arrays(house):
    """A tensor for a model of numbers."""
    model = house.flowers
    for key in ("instances", "inputs"):
        scores(model, {key: frame_of(model).to_numpy().tolist()})


def columns_in_another_order(model):
    frame = frame_of(model)
    scores(model, {"dataframe_split": plain(frame[frame.columns[::-1]].to_dict(orient="split"))})


def extra_column(model):
    """MLflow leaves out what the signature does not have."""
    frame = frame_of(model).assign(note="x")
    for name, orient in (("dataframe_split", "split"), ("dataframe_records", "records"),
                         ("instances", "records"), ("inputs", "list")):
        scores(model, {name: plain(frame.to_dict(orient=orient))})
    scores(model, frame.to_csv(index=False), "text/csv")


def no_params(model):
    scores(model, {**form(model, "dataframe_split"), "params": None})


def dates(model):
    """Columns of dates, as pandas writes them, that the model does not read."""
    frame = frame_of(model).assign(day=pandas.Timestamp("2026-11-29T08:00"))
    for date_format in ("iso", "epoch"):
        split = frame.to_json(orient="split", date_format=date_format)
        scores(model, '{"dataframe_split": ' + split + "}")


def date_for_a_number(model):
    """MLflow says the types that it cannot convert; here the place is said."""
    frame = frame_of(model).head(2)
    frame["fare"] = pandas.Timestamp("2026-11-29T08:00")
    split = json.loads(frame.to_json(orient="split", date_format="iso"))
    status, _, answer = invoke(model, {"dataframe_split": split})
    expect_equal(status, 400, "status")
    expect('row 0, column "fare": expected a number, got the date "2026-11-29T08:00'
           in answer["message"], f"got {answer}")
    return answer["message"]


def params(house):
    model = house.passengers
    _, _, answer = invoke(model, {**form(model, "dataframe_split"),
                                  "params": {"method": "predict_proba"}})
    model.expect_answer("predict_proba", answer["predictions"])


def errors(house):
    model = house.passengers
    for body in ("{", "[]", "{}", {"dataframe_split": {}, "instances": []},
                 {"instances": []}, {"inputs": {"age": [1], "fare": [1, 2], "port": ["x"]}},
                 {"dataframe_split": {"columns": ["age"], "data": [[1, 2]]}}):
        status, content_type, answer = invoke(model, body)
        expect_equal(status, 400, f"status of {body}")
        expect_equal(content_type, "application/json", "Content-Type")
        expect_equal(answer["error_code"], "BAD_REQUEST", "error_code")
        expect(answer["message"], "expected a message")


def content_type_of_nobody(house):
    """As MLflow's server answers it."""
    status, _, answer = invoke(house.passengers, "<rows/>", "application/xml")
    expect_equal(status, 415, f"status of {answer}")


def probes(house):
    for path in ("/ping", "/health", "/version"):
        with urllib.request.urlopen(house.passengers.url + path, timeout=30) as answer:
            expect_equal(answer.status, 200, path)


def check_all(report, house):
    say = "mlflow: "
    for model in house.models:
        for name in ("dataframe_split", "dataframe_records", "instances", "inputs"):
            report.check(say + f"deployments client, {name}, {model.name}", deployments, house,
                         model, form(model, name))
            report.check(say + f"{name}, {model.name}", scores, model, form(model, name))
        report.check(say + f"to_json, {model.name}", split_by_pandas_json, model)
        report.check(say + f"CSV, {model.name}", csv, model, "text/csv")
        report.check(say + f"columns in another order, {model.name}", columns_in_another_order,
                     model)
    report.check(say + "deployments client, a match", deployments_match, house)
    report.check(say + "deployments client, an error", deployments_error, house)
    report.check(say + "CSV, as SageMaker calls it", csv, house.passengers,
                 "text/csv; charset=utf-8")
    report.check(say + "a missing number as NaN", bare_nan, house.passengers)
    report.check(say + "arrays", arrays, house)
    report.check(say + "a column too many", extra_column, house.passengers)
    report.check(say + "params", params, house)
    report.check(say + "params: null", no_params, house.passengers)
    report.check(say + "dates that nothing reads", dates, house.passengers)
    report.check(say + "a date where a number is read", date_for_a_number, house.passengers)
    report.check(say + "errors", errors, house)
    report.check(say + "a type that nobody knows", content_type_of_nobody, house)
    report.check(say + "probes", probes, house)


if __name__ == "__main__":
    main(check_all)
