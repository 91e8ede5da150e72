"""curl: every path with its methods, and the bodies of refusals."""

import json
import os
import subprocess

from house import main
from report import Failure, Skip, expect, expect_equal

BODY_BYTES_MAX = 8 << 20  # As the server has it without a flag.
GETS = ("/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/swagger.json", "/ping",
        "/health", "/version", "/endpoints/{m}/swagger.json", "/endpoints/{m}/openapi.json",
        "/v1/models", "/v1/models/{m}", "/v1/models/{m}/metadata", "/v1/models/{m}/versions/1",
        "/v1/models/{m}/versions/1/metadata", "/v1/models/{m}/labels/1", "/v2",
        "/v2/", "/v2/health/live", "/v2/health/ready", "/v2/models", "/v2/models/{m}",
        "/v2/models/{m}/", "/v2/models/{m}/ready", "/v2/models/{m}/config",
        "/v2/models/{m}/versions/1", "/v2/models/{m}/versions/1/ready",
        "/v2/models/stats", "/v2/models/{m}/stats", "/v2/models/{m}/versions/1/stats")
# By path, the key that errors have there, and whose rows it takes.
POSTS = {
    "/score": ("message", {"data": None}),
    "/endpoints/{m}/score": ("message", {"data": None}),
    "/api/v1/service/{m}/score": ("message", {"data": None}),
    "/invocations": ("message", {"dataframe_records": None}),
    "/endpoints/{m}/invocations": ("message", {"dataframe_records": None}),
    "/v1/models/{m}:predict": ("error", {"instances": None}),
    "/v1/models/{m}/versions/1:predict": ("error", {"instances": None}),
    "/v1/models/{m}/labels/1:predict": ("error", {"instances": None}),
    "/v1/models/{m}:classify": ("error", {"examples": None}),
    "/v2/models/{m}/infer": ("error", None),
    "/v2/models/{m}/versions/1/infer": ("error", None),
}


def curl(model, path, *arguments, body=None):
    """Status, fields in lower case, and body."""
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "30", "--noproxy",
               "*", "--suppress-connect-headers", *arguments, model.url + path]
    if body is not None:
        command += ["--data-binary", "@-"]
    done = subprocess.run(command, input=body or b"", capture_output=True, check=False)
    if done.returncode != 0:
        raise Failure(f"{' '.join(command)}: {done.stderr.decode().strip()}")
    head, _, told = done.stdout.partition(b"\r\n\r\n")
    while head.startswith(b"HTTP/1.1 100"):
        head, _, told = told.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    fields = dict(line.lower().split(": ", 1) for line in lines[1:] if ": " in line)
    return int(lines[0].split()[1]), fields, told


def rows_for(model, shape):
    if shape is None:
        return {"inputs": [{"name": name, "shape": [len(values)],
                            "datatype": "BYTES" if model.is_text(name) else "FP64",
                            "data": values} for name, values in model.columns().items()]}
    return {key: model.rows for key in shape}


def gets(model):
    for path in GETS:
        path = path.format(m=model.name)
        status, fields, body = curl(model, path)
        expect_equal(status, 200, f"status of GET {path}")
        if "json" in fields["content-type"]:
            json.loads(body)
        head_status, head_fields, head_body = curl(model, path, "--head")
        expect_equal((head_status, head_body), (200, b""), f"HEAD {path}")
        for name in ("content-type", "content-length"):
            if path != "/metrics" or name != "content-length":
                expect_equal(head_fields.get(name), fields.get(name), f"{name} of HEAD {path}")
    return f"{len(GETS)} paths"


def posts(model, *arguments):
    for path, (_, shape) in POSTS.items():
        path = path.format(m=model.name)
        status, fields, body = curl(model, path, "-H", "Content-Type: application/json",
                                    *arguments,
                                    body=json.dumps(rows_for(model, shape)).encode())
        expect_equal(status, 200, f"status of POST {path}: {body}")
        expect_equal(fields["content-type"], "application/json", f"Content-Type of {path}")
        json.loads(body)
    return f"{len(POSTS)} paths"


def expect_error(path, key, status, answer):
    expect_equal(answer[0], status, f"status of {path}: {answer[2][:200]}")
    expect_equal(answer[1].get("content-type"), "application/json", f"Content-Type of {path}")
    told = json.loads(answer[2])
    expect(isinstance(told.get(key), str) and told[key], f"{path}: expected {key!r} in {told}")


def other_methods(model):
    """405 with Allow, in the form of the path."""
    for path, (key, _) in POSTS.items():
        path = path.format(m=model.name)
        for method in ("GET", "PUT", "DELETE", "PATCH", "OPTIONS"):
            answer = curl(model, path, "-X", method)
            expect_error(f"{method} {path}", key, 405, answer)
            expect_equal(answer[1].get("allow"), "post", f"Allow of {method} {path}")
    for path in GETS:
        path = path.format(m=model.name)
        answer = curl(model, path, "-X", "DELETE")
        expect_equal(answer[0], 405, f"status of DELETE {path}")
        expect_equal(answer[1].get("allow"), "get, head", f"Allow of DELETE {path}")


def head_of_posts(model):
    for path in POSTS:
        path = path.format(m=model.name)
        answer = curl(model, path, "--head")
        expect_equal((answer[0], answer[2]), (405, b""), f"HEAD {path}")


def unknown_names(model):
    for path, (key, _) in POSTS.items():
        if "{m}" in path:
            path = path.format(m="nobody")
            expect_error(path, key, 404, curl(model, path, body=b"{}"))
    for path in ("/v2/models/{m}/versions/9/infer", "/v1/models/{m}/versions/9:predict"):
        path = path.format(m=model.name)
        expect_error(path, "error", 404, curl(model, path, body=b"{}"))


def bad_bodies(model):
    for path, (key, _) in POSTS.items():
        path = path.format(m=model.name)
        for body in (b"", b"{", b"[]", b"null", b"\xff", b"{}"):
            expect_error(f"{path} with {body!r}", key, 400, curl(model, path, body=body))


def too_large(model, folder, *arguments):
    """413 before the body is read where its length is said."""
    path = os.path.join(folder, "large.json")
    with open(path, "wb") as file:
        file.truncate(BODY_BYTES_MAX + 1)
    for each, (key, _) in POSTS.items():
        each = each.format(m=model.name)
        answer = curl(model, each, "--data-binary", f"@{path}", *arguments)
        expect_error(each, key, 413, answer)


def no_body(model):
    """Without a length there is no body."""
    expect_error("/score", "message", 400, curl(model, "/score", "-X", "POST"))


def kept_connection(model):
    """A refusal leaves the connection as it was."""
    command = ["curl", "--silent", "--noproxy", "*", "--write-out", "%{num_connects} ",
               "--output", "/dev/null", model.url + "/nothing", "--output", "/dev/null",
               model.url + "/healthz", "--output", "/dev/null", model.url + "/score"]
    told = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    expect_equal(told.split(), ["1", "0", "0"], "connections made")


def http2(model):
    if not model.http2:
        raise Skip("the server does not speak HTTP/2")
    over = "--http2-prior-knowledge"
    answer = curl(model, "/score", over, "-X", "GET")
    expect_error("GET /score", "message", 405, answer)
    expect_error("/nothing", "error", 404, curl(model, "/nothing", over))
    return posts(model, over)


def http10(model):
    status, _, _ = curl(model, "/healthz", "--http1.0")
    expect_equal(status, 200, "status")


def compressed(model):
    status, fields, body = curl(model, "/openapi.json", "--compressed")
    expect_equal(status, 200, "status")
    json.loads(body)
    return fields.get("content-encoding", "not compressed")


def forms(model):
    """What --data sends where nothing is said of its type."""
    status, _, body = curl(model, "/score", "-d", json.dumps({"data": model.rows}))
    expect_equal(status, 200, f"status of {body}")


def check_all(report, house):
    for model in house.models:
        report.check(f"curl: GET and HEAD, {model.name}", gets, model)
        report.check(f"curl: POST, {model.name}", posts, model)
    model = house.passengers
    report.check("curl: other methods: 405", other_methods, model)
    report.check("curl: HEAD of what is posted: 405", head_of_posts, model)
    report.check("curl: unknown names: 404", unknown_names, model)
    report.check("curl: bad bodies: 400", bad_bodies, model)
    report.check("curl: too large: 413", too_large, model, house.folder)
    report.check("curl: too large, after 100-continue: 413", too_large, model, house.folder,
                 "-H", "Expect: 100-continue")
    report.check("curl: too large, in chunks: 413", too_large, model, house.folder, "-H",
                 "Transfer-Encoding: chunked")
    report.check("curl: no body: 400", no_body, model)
    report.check("curl: the connection is kept", kept_connection, model)
    report.check("curl: HTTP/1.0", http10, model)
    report.check("curl: HTTP/2", http2, model)
    report.check("curl: --compressed", compressed, model)
    report.check("curl: the type of a form", forms, model)


if __name__ == "__main__":
    main(check_all)
