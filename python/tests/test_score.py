import base64
import http.server
import json
import pathlib
import threading

from stand_in import WithStandIn

import sooth


class Handler(http.server.BaseHTTPRequestHandler):
    """Keeps what it is asked, and gives what the test wants."""

    def do_POST(self):
        size = int(self.headers.get("Content-Length") or 0)
        self.server.asked.append((self.path, dict(self.headers), self.rfile.read(size)))
        status, body, headers = self.server.answer
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST

    def log_message(self, *_):
        pass


class Score(WithStandIn):
    def setUp(self):
        super().setUp()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.asked, self.server.answer = [], (200, b"[1]", {})
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def test_sends_each_kind_of_data_in_its_form(self):
        cases = (
            ([{"a": 1}], {}, {"data": [{"a": 1}]}),
            ([[1, 2]], {"method": "predict_proba"}, {"data": [[1, 2]], "method": "predict_proba"}),
            ("a question", {"top_k": 2}, {"input": "a question", "top_k": 2}),
            ({"input": "x"}, {}, {"input": "x"}),
            (b"\x89PNG", {"top_k": 1},
             {"input": base64.b64encode(b"\x89PNG").decode(), "top_k": 1}),
        )
        for data, parameters, body in cases:
            with self.subTest(data=data):
                self.assertEqual(sooth.score(self.url + "/", data, **parameters), [1])
                path, headers, sent = self.server.asked[-1]
                self.assertEqual((path, json.loads(sent)), ("/score", body))
                self.assertEqual(headers["Content-Type"], "application/json")

    def test_sends_a_picture_as_it_is(self):
        path = pathlib.Path(self.write("7.png", b"\x89PNG"))
        for data in (path, b"\x89PNG"):
            sooth.score(self.url, data, endpoint="digits and more")
            path, headers, sent = self.server.asked[-1]
            self.assertEqual(path, "/endpoints/digits%20and%20more/score")
            self.assertEqual((headers["Content-Type"], sent), ("application/octet-stream", b"\x89PNG"))

    def test_shows_its_key(self):
        sooth.score(self.url, "x", key="sooth_1")
        self.assertEqual(self.server.asked[-1][1]["Authorization"], "Bearer sooth_1")
        sooth.score(self.url, "x")
        self.assertNotIn("Authorization", self.server.asked[-1][1])

    def test_carries_the_servers_words(self):
        cases = ((b'{"message": "row 0: no"}', "row 0: no"), (b'{"error": "no"}', "no"),
                 (b"plain", "plain"))
        for body, words in cases:
            self.server.answer = (400, body, {})
            with self.assertRaises(sooth.SoothError) as caught:
                sooth.score(self.url, "x")
            self.assertEqual((str(caught.exception), caught.exception.status), (words, 400))

    def test_takes_a_key_nowhere_else(self):
        self.server.answer = (302, b"moved", {"Location": self.url + "/other"})
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.score(self.url, "x", key="sooth_1")
        self.assertEqual(caught.exception.status, 302)
        self.assertEqual(len(self.server.asked), 1)

    def test_says_where_nobody_answers(self):
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.score("http://127.0.0.1:1", "x")
        self.assertEqual(str(caught.exception),
                         "http://127.0.0.1:1/score: [Errno 111] Connection refused")

    def test_refuses_what_json_cannot_say(self):
        with self.assertRaises(sooth.SoothError) as caught:
            sooth.score(self.url, [[b"x"]])
        self.assertEqual(str(caught.exception),
                         "data: expected numbers and texts, got bytes: b'x'")

    def test_tensors_go_in_binary(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("there is no NumPy")
        outputs = [
            {"name": "y", "datatype": "FP32", "shape": [1, 2], "parameters": {"binary_data_size": 8}},
            {"name": "s", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 6}},
            {"name": "h", "datatype": "BF16", "shape": [1], "parameters": {"binary_data_size": 2}},
            {"name": "l", "datatype": "INT64", "shape": [2], "data": [3, 4]},
        ]
        header = json.dumps({"outputs": outputs}).encode()
        body = header + numpy.array([1, 2], "<f4").tobytes() + b"\2\0\0\0hi" + b"\x80\x3f"
        length = {"Inference-Header-Content-Length": str(len(header))}
        self.server.answer = (200, body, length)
        tensors = {"x": numpy.array([[1.5]], ">f4"), "t": numpy.array(["\u00e9"])}
        answered = sooth.score(self.url, tensors, endpoint="n")
        path, headers, sent = self.server.asked[-1]
        self.assertEqual(path, "/v2/models/n/infer")
        size = int(headers["Inference-Header-Content-Length"])
        self.assertEqual(json.loads(sent[:size])["inputs"], [
            {"name": "x", "datatype": "FP32", "shape": [1, 1], "parameters": {"binary_data_size": 4}},
            {"name": "t", "datatype": "BYTES", "shape": [1], "parameters": {"binary_data_size": 6}}])
        self.assertEqual(sent[size:], b"\0\0\xc0\x3f\2\0\0\0\xc3\xa9")
        self.assertEqual({name: array.tolist() for name, array in answered.items()},
                         {"y": [[1.0, 2.0]], "s": [b"hi"], "h": [1.0], "l": [3, 4]})
