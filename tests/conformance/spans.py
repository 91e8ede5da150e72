"""The spans that sooth sends, decoded by OpenTelemetry's own definitions of OTLP."""

import http.server
import json
import os
import threading

from programs import environment, run
from report import Skip, expect, expect_equal

STARTED_NS = 1764373187000000000
ATTRIBUTES = {"http.route", "http.response.status_code", "http.request.body.size",
              "http.response.body.size", "sooth.endpoint", "sooth.version", "sooth.key_id",
              "sooth.request_id", "sooth.rows"}
# Run by a Python that has opentelemetry-proto: the body on standard input, JSON out.
DECODE = """
import json, sys
from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
body = sys.stdin.buffer.read()
request = ExportTraceServiceRequest()
request.ParseFromString(body)
unknown = len(request.SerializeToString()) - len(body)
spans = request.resource_spans[0].scope_spans[0].spans
print(json.dumps({"request": MessageToDict(request), "lost": unknown,
                  "ids": [[s.trace_id.hex(), s.span_id.hex(), s.parent_span_id.hex()]
                          for s in spans]}))
"""


class Collector:
    """Keeps what is posted to it, on a port of loopback, while the block lasts."""

    def __enter__(self):
        self.posts = []
        posts = self.posts

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):  # The name is http.server's.
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posts.append((self.path, dict(self.headers), body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def url(self):
        return f"http://127.0.0.1:{self.server.server_address[1]}/v1/traces"


def posted(build):
    program = os.path.join(build, "tests", "conformance", "span_sender")
    if not os.path.exists(program):
        raise Skip(f"{program} is not built")
    with Collector() as collector:
        metrics = run([program, collector.url()])
        expect_equal(len(collector.posts), 1, "posts")
        expect("sooth_spans_sent_total 7" in metrics, f"expected 7 spans sent, got {metrics}")
        return collector.posts[0]


def values(attributes):
    """By key; of 64 bits, which JSON has as texts, as numbers."""
    out = {}
    for each in attributes:
        value = each["value"]
        out[each["key"]] = int(value["intValue"]) if "intValue" in value else value["stringValue"]
    return out


def decodes(world, build):
    path, headers, body = posted(build)
    expect_equal(path, "/v1/traces", "path")
    expect_equal(headers.get("Content-Type"), "application/x-protobuf", "content type")
    expect_equal(headers.get("x-tenant"), "conformance", "field of its own")
    python = world.tools.venvs.python("opentelemetry")
    file, script = world.path("spans.bin"), world.path("decode_spans.py")
    with open(file, "wb") as out:
        out.write(body)
    with open(script, "w", encoding="utf-8") as out:
        out.write(DECODE)
    said = json.loads(run(["sh", "-c", 'exec "$0" "$1" < "$2"', python, script, file],
                          env=environment(PYTHONNOUSERSITE="1")))
    expect_equal(said["lost"], 0, "bytes that another writes otherwise")
    check_resource(said["request"])
    spans = said["request"]["resourceSpans"][0]["scopeSpans"][0]["spans"]
    check_joined(spans, said["ids"])
    check_failed(spans[5], said["ids"][5])
    check_grpc(spans[6], said["ids"][6])
    return f"{len(spans)} spans"


def check_resource(request):
    expect_equal(len(request["resourceSpans"]), 1, "resources")
    resource = request["resourceSpans"][0]
    expect_equal(values(resource["resource"]["attributes"]),
                 {"service.name": "span-sender", "service.version": "1.2.3"}, "resource")
    expect_equal(resource["scopeSpans"][0]["scope"], {"name": "sooth", "version": "1.2.3"}, "scope")


def check_joined(spans, ids):
    """A request of another's trace, and its four phases."""
    expect_equal(len(spans), 7, "spans")
    expect_equal(ids[0][0], "0af7651916cd43dd8448eb211c80319c", "trace")
    expect_equal(ids[0][2], "b7ad6b7169203331", "parent")
    first = spans[0]
    expect_equal(first["name"], "POST /score", "name")
    expect_equal(first["kind"], "SPAN_KIND_SERVER", "kind")
    expect_equal(first["traceState"], "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE", "trace state")
    expect_equal(first["flags"], 0x301, "flags")
    expect_equal(int(first["startTimeUnixNano"]), STARTED_NS + 1, "start")
    expect_equal(int(first["endTimeUnixNano"]), STARTED_NS + 100001, "end")
    said = values(first["attributes"])
    expect_equal(set(said), ATTRIBUTES | {"http.request.method"}, "attributes")
    expect_equal((said["sooth.endpoint"], said["sooth.version"], said["sooth.rows"]),
                 ("faq", "3", 1), "attributes")
    expect("status" not in first, "expected no status")
    begins = STARTED_NS + 1
    for span, of, (name, after, took) in zip(spans[1:5], ids[1:5], (
            ("parse", 0, 1000), ("queue", 1000, 2000), ("compute", 3000, 90000),
            ("write", 93000, 7000))):
        expect_equal(span["name"], name, "name")
        expect_equal(span["kind"], "SPAN_KIND_INTERNAL", "kind")
        expect_equal((of[0], of[2]), (ids[0][0], ids[0][1]), f"trace and parent of {name}")
        expect_equal(int(span["startTimeUnixNano"]), begins + after, f"start of {name}")
        expect_equal(int(span["endTimeUnixNano"]), begins + after + took, f"end of {name}")
    expect_equal(len({each[1] for each in ids}), 7, "different span ids")


def check_failed(span, ids):
    expect_equal(span["name"], "POST /v2/models/{model}/infer", "name")
    expect_equal(span["status"], {"code": "STATUS_CODE_ERROR"}, "status")
    expect_equal(ids[2], "", "parent")
    expect_equal(span["flags"], 0x101, "flags")
    expect_equal(values(span["attributes"])["http.response.status_code"], 503, "status code")


def check_grpc(span, ids):
    expect_equal(span["name"], "inference.GRPCInferenceService/ModelInfer", "name")
    expect_equal(values(span["attributes"])["sooth.rows"], 300, "rows")
    expect(ids[0] != "00" * 16, "expected a trace of its own")


def check_all(world, report, build):
    report.check("spans: OpenTelemetry's own definitions decode them", decodes, world, build)
