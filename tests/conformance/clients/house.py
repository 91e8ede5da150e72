"""What every client is told: where the models are served, and what scikit-learn says to some rows.

A client is a script, run by ../clients.py in its own environment as `CLIENT.py HOUSE.json ONLY`.
It prints a line for each check.
"""

import json
import sys

from report import Failure, Report, expect

TOLERANCE = 1e-9


class Model:
    """One server. `rows` are columns by name; `expected` has scikit-learn's answer by method."""

    def __init__(self, name, described):
        self.name = name
        self.port = described["port"]
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        self.rows = described["rows"]
        self.expected = described["expected"]
        self.http2 = described["http2"]

    def columns(self):
        return {name: [row[name] for row in self.rows] for name in self.rows[0]}

    def is_text(self, column):
        return isinstance(self.rows[0][column], str)

    def expect_answer(self, method, got):
        """Labels as they are, numbers to within what their last digits may differ."""
        wanted = self.expected[method]
        expect(close(got, wanted), f"{method}: expected {wanted}, got {got}")


def close(got, wanted):
    if isinstance(wanted, list):
        return (isinstance(got, list) and len(got) == len(wanted)
                and all(close(a, b) for a, b in zip(got, wanted)))
    if isinstance(wanted, float):
        return isinstance(got, (int, float)) and abs(got - wanted) <= TOLERANCE
    if isinstance(got, bytes):
        got = got.decode()
    return got == wanted


class House:
    def __init__(self, described):
        self.passengers = Model("passengers", described["passengers"])
        self.flowers = Model("flowers", described["flowers"])
        self.similarity = Model("similarity", described["similarity"])
        self.network = described.get("network")  # Its port; None: there is none.
        self.folder = described["folder"]

    @property
    def models(self):
        return self.passengers, self.flowers


def expect_raises(kinds, text, function, *arguments, **options):
    """The client's own error, with the server's words in it."""
    try:
        got = function(*arguments, **options)
    except kinds as error:
        expect(text in str(error), f"expected {text!r} in the client's error, got {error}")
        return " ".join(f"{type(error).__name__}: {error}".split())[:200]
    raise Failure(f"expected the client to raise an error with {text!r}, got {got!r}")


def main(check_all):
    with open(sys.argv[1], encoding="utf-8") as file:
        house = House(json.load(file))
    check_all(Report(sys.argv[2] if len(sys.argv) > 2 else ""), house)
