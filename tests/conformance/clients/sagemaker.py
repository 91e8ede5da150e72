"""boto3's sagemaker-runtime, asked by its own signature at our address."""

import csv
import io
import json

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from house import expect_raises, main
from report import expect, expect_equal


def runtime(model):
    return boto3.client("sagemaker-runtime", endpoint_url=model.url, region_name="eu-north-1",
                        aws_access_key_id="AKIAEXAMPLE", aws_secret_access_key="secret",
                        config=Config(retries={"max_attempts": 0}, connect_timeout=10,
                                      read_timeout=30))


def invoke(model, body, **options):
    answer = runtime(model).invoke_endpoint(EndpointName=model.name, Body=body, **options)
    return answer["ContentType"], answer["Body"].read(), answer


def json_rows(model):
    body = json.dumps({"instances": model.rows})
    kind, answer, _ = invoke(model, body, ContentType="application/json",
                             Accept="application/json")
    expect_equal(kind, "application/json", "ContentType")
    model.expect_answer("predict", json.loads(answer)["predictions"])


def table_of(model, header):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if header:
        writer.writerow(model.rows[0])
    for row in model.rows:
        writer.writerow(["" if each is None else each for each in row.values()])
    return out.getvalue()


def csv_in(model, header):
    _, answer, _ = invoke(model, table_of(model, header), ContentType="text/csv")
    model.expect_answer("predict", json.loads(answer)["predictions"])


def csv_in_and_out(model):
    kind, answer, _ = invoke(model, table_of(model, False), ContentType="text/csv",
                             Accept="text/csv")
    expect_equal(kind.split(";")[0], "text/csv", "ContentType")
    rows = list(csv.reader(io.StringIO(answer.decode())))
    wanted = [str(each) for each in model.expected["predict"]]
    got = [row[0] for row in rows]
    expect(wanted in (got, got[1:]), f"expected {wanted}, got {rows}")
    return f"{rows[0]}, with a line of names" if len(got) > len(wanted) else "no line of names"


def csv_with_a_question(model):
    body = "".join(f'"{row["input"]}"\n' for row in model.rows)
    _, answer, _ = invoke(model, body, ContentType="text/csv")
    predictions = json.loads(answer)["predictions"]
    model.expect_answer("id", [row["id"][:3] for row in predictions])


def json_lines(model):
    body = "".join(json.dumps(row) + "\n" for row in model.rows)
    kind, answer, _ = invoke(model, body, ContentType="application/jsonlines",
                             Accept="application/jsonlines")
    expect_equal(kind, "application/jsonlines", "ContentType")
    model.expect_answer("predict", [json.loads(line) for line in answer.splitlines()])


def fields(model):
    """What SageMaker has beside the body: a variant, attributes, an id."""
    _, answer, told = invoke(model, json.dumps({"instances": model.rows}),
                             ContentType="application/json", CustomAttributes="trace=1",
                             InferenceId="7", TargetVariant="blue")
    model.expect_answer("predict", json.loads(answer)["predictions"])
    return f"variant {told.get('InvokedProductionVariant')!r}"


def errors(model):
    asked = runtime(model)
    told = expect_raises(ClientError, "400", asked.invoke_endpoint, EndpointName=model.name,
                         Body=b"{}", ContentType="application/json")
    expect_raises(ClientError, "404", asked.invoke_endpoint, EndpointName="nobody", Body=b"{}",
                  ContentType="application/json")
    return told


def check_all(report, house):
    for model in house.models:
        report.check(f"sagemaker: JSON, {model.name}", json_rows, model)
        report.check(f"sagemaker: CSV with names, {model.name}", csv_in, model, True)
        report.check(f"sagemaker: CSV without names, {model.name}", csv_in, model, False)
        report.check(f"sagemaker: CSV in and out, {model.name}", csv_in_and_out, model)
        report.check(f"sagemaker: JSON lines, {model.name}", json_lines, model)
    report.check("sagemaker: CSV of questions", csv_with_a_question, house.similarity)
    report.check("sagemaker: variant, attributes, id", fields, house.passengers)
    report.check("sagemaker: errors", errors, house.passengers)


if __name__ == "__main__":
    main(check_all)
