"""A server of the Open Inference Protocol, as the cases of oip.py see it."""

import contextlib
import http.client
import json
import struct
import urllib.parse

from report import Failure, Skip, expect, expect_equal

SECONDS_MAX = 30
TOLD_BYTES_MAX = 160
ROWS = 2
SIZES = {"BOOL": 1, "INT8": 1, "INT16": 2, "INT32": 4, "INT64": 8, "UINT8": 1, "UINT16": 2,
         "UINT32": 4, "UINT64": 8, "FP16": 2, "BF16": 2, "FP32": 4, "FP64": 8, "BYTES": 0}
PACKED = {"BOOL": "?", "INT8": "b", "INT16": "<h", "INT32": "<i", "INT64": "<q", "UINT8": "B",
          "UINT16": "<H", "UINT32": "<I", "UINT64": "<Q", "FP32": "<f", "FP64": "<d"}
LENGTH = "Inference-Header-Content-Length"


class Answer:
    def __init__(self, status, fields, body):
        self.status, self.fields, self.body = status, fields, body

    def json(self):
        try:
            return json.loads(self.body, parse_constant=lambda _: float("nan"))
        except ValueError:
            raise Failure(f"expected JSON, got {self}") from None

    def field(self, name):
        return self.fields.get(name)

    def __str__(self):
        shown = self.body[:TOLD_BYTES_MAX].decode("utf-8", "replace").replace("\n", "\\n")
        return f"{self.status} {shown}".strip()


def elements_of(shape):
    product = 1
    for extent in shape:
        product *= extent
    return product


def flat(data):
    if not isinstance(data, list):
        return [data]
    return [element for each in data for element in flat(each)]


def sample(datatype, count):
    """Values that no two rows share."""
    if datatype == "BYTES":
        return [f"how do I do task {i}" for i in range(count)]
    if datatype == "BOOL":
        return [i % 2 == 0 for i in range(count)]
    if datatype.startswith(("INT", "UINT")):
        return list(range(1, count + 1))
    return [0.5 + i for i in range(count)]


def packed(datatype, data):
    if datatype == "BYTES":
        texts = [each.encode() for each in data]
        return b"".join(struct.pack("<I", len(each)) + each for each in texts)
    return b"".join(struct.pack(PACKED[datatype], each) for each in data)


def unpacked(datatype, data):
    values = []
    if datatype == "BYTES":
        while data:
            size = struct.unpack_from("<I", data)[0]
            expect(4 + size <= len(data), f"a text of {size} bytes in {len(data) - 4}")
            values.append(data[4:4 + size].decode())
            data = data[4 + size:]
        return values
    expect_equal(len(data) % SIZES[datatype], 0, f"bytes behind the {datatype} elements")
    return [each[0] for each in struct.iter_unpack(PACKED[datatype], data)]


class Peer:
    """Calls a server, and knows how its model is asked."""

    def __init__(self, url, model, inputs=None, matrix=None, columns=True):
        self.at = urllib.parse.urlsplit(url)
        self.model = model
        self.path = f"/v2/models/{model}"
        self.connection = None
        self.version = None
        self.given, self.matrix = inputs, matrix
        # Whether its inputs are columns of the same rows, its texts words: else a network's tensors.
        self.columns = columns
        self.inputs = []  # What one good request sends.
        self.outputs = []  # As its answer names them,
        self.good = {}     # and what they hold.

    def ask(self, method, path, body=None, **fields):
        """One answer; the connection is kept from one to the next, as clients do."""
        fields = {name.replace("_", "-"): value for name, value in fields.items()}
        for last in (False, True):
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.at.hostname, self.at.port,
                                                             timeout=SECONDS_MAX)
            try:
                self.connection.request(method, self.at.path + path, body=body, headers=fields)
                answer = self.connection.getresponse()
                return Answer(answer.status, answer.headers, answer.read())
            except (OSError, http.client.HTTPException) as error:
                self.close()
                if last:
                    raise Failure(f"{method} {path}: no answer: {error!r}") from None
        return None

    def close(self):
        with contextlib.suppress(OSError):
            if self.connection:
                self.connection.close()
        self.connection = None

    def get(self, path):
        return self.ask("GET", path)

    def infer(self, request, path=None, **fields):
        body = request if isinstance(request, (bytes, str)) else json.dumps(request)
        fields.setdefault("Content_Type", "application/json")
        return self.ask("POST", path or self.path + "/infer", body, **fields)

    def request(self, **changes):
        return {"inputs": [dict(each) for each in self.inputs], **changes}

    def changed(self, **changes):
        """The good request with another first input; None takes a key away."""
        request = self.request()
        first = {**request["inputs"][0], **changes}
        request["inputs"][0] = {key: value for key, value in first.items() if value is not None}
        return request

    def binary(self, request, **fields):
        """Sends it with each input that is not marked as JSON behind it in binary."""
        tail = b""
        for each in request["inputs"]:
            if each.pop("in_json", False):
                continue
            data = packed(each["datatype"], flat(each.pop("data")))
            each["parameters"] = {"binary_data_size": len(data), **each.get("parameters", {})}
            tail += data
        head = json.dumps(request).encode()
        fields = {"Content_Type": "application/octet-stream", LENGTH: str(len(head)), **fields}
        return self.ask("POST", self.path + "/infer", head + tail, **fields)

    def learn(self):
        """What a good request is, by the model's metadata or by what was said."""
        if self.given:
            self.inputs = self.given
        elif self.matrix:
            self.inputs = [self.matrix_input()]
        else:
            described = self.get(self.path).json()
            self.inputs = [self.input_of(each) for each in described.get("inputs", [])]
        if not self.inputs:
            raise Skip("the metadata names no inputs: say them with --inputs or --matrix")

    @staticmethod
    def input_of(described):
        shape = [ROWS if extent < 0 else extent for extent in described["shape"]]
        datatype = described["datatype"]
        return {"name": described["name"], "shape": shape, "datatype": datatype,
                "data": sample(datatype, elements_of(shape))}

    def matrix_input(self):
        """One tensor of all columns."""
        if not self.matrix:
            raise Skip("no tensor of two dimensions is known: say one with --matrix")
        name, datatype, columns = self.matrix
        shape = [ROWS, columns]
        return {"name": name, "shape": shape, "datatype": datatype,
                "data": sample(datatype, elements_of(shape))}

    def need_extension(self, name):
        if name not in self.get("/v2").json().get("extensions", []):
            raise Skip(f"the server does not announce {name}")


def expect_ok(answer):
    expect_equal(answer.status, 200, f"status of {answer}")
    return answer


def expect_refused(answer, *statuses):
    """One of the statuses, 400 if none is said, with {"error": text}."""
    statuses = statuses or (400,)
    expect(answer.status in statuses,
           f"expected {' or '.join(map(str, statuses))}, got {answer}")
    try:
        body = json.loads(answer.body)
    except ValueError:
        raise Failure(f'expected {{"error": text}}, got {answer}') from None
    expect(isinstance(body, dict) and isinstance(body.get("error"), str) and body["error"],
           f'expected {{"error": text}}, got {answer}')
    return str(answer)


def outputs_of(answer):
    """By name, the data of an answer's outputs, wherever it stands, flat."""
    length = answer.field(LENGTH)
    head, tail = answer.body, b""
    if length is not None:
        expect_equal(answer.field("Content-Type"), "application/octet-stream", "Content-Type")
        head, tail = answer.body[:int(length)], answer.body[int(length):]
    outputs = {}
    for each in json.loads(head)["outputs"]:
        size = each.get("parameters", {}).get("binary_data_size")
        if size is None:
            data = flat(each["data"])
        else:
            expect("data" not in each, f"expected binary data alone, got {each}")
            expect(size <= len(tail), f"expected {size} bytes, got {len(tail)}")
            data, tail = unpacked(each["datatype"], tail[:size]), tail[size:]
        expect_equal(len(data), elements_of(each["shape"]), f"elements of {each['name']}")
        outputs[each["name"]] = data
    expect_equal(len(tail), 0, "bytes behind the outputs")
    return outputs
