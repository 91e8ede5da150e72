import json
import os

from stand_in import WithStandIn

import sooth
from sooth import _rows


class Frame:
    """A data frame as far as this package knows one."""

    columns = ("age", "port")

    def to_dict(self, how):
        return {"records": [{"age": 3.5, "port": "NA"}, {"age": float("nan"), "port": None}]}[how]


class Array:
    def __init__(self, rows):
        self.rows = rows

    def tolist(self):
        return self.rows


class Records(WithStandIn):
    def test_takes_whatever_holds_rows(self):
        cases = (
            (Frame(), [{"age": 3.5, "port": "NA"}, {"age": None, "port": None}]),
            (Array([[1.0, "x"], [2.0, "y"]]), [{"age": 1.0, "port": "x"}, {"age": 2.0, "port": "y"}]),
            ([(1, True)], [{"age": 1, "port": True}]),
            ([{"port": "x", "age": 2}], [{"port": "x", "age": 2}]),
        )
        for example, expected in cases:
            with self.subTest(example=type(example).__name__):
                self.assertEqual(_rows.records_of(example, ["age", "port"]), expected)

    def test_texts_are_rows_of_one_column(self):
        self.assertEqual(_rows.records_of(["a b", ""], ["text"]), [{"text": "a b"}, {"text": ""}])

    def test_refuses_what_is_no_row(self):
        cases = (
            ("a text", "example: expected rows, got one str; put it into a list"),
            ({"age": 1}, "example: expected rows, got one dict; put it into a list"),
            ([], "example: expected rows, got none"),
            ([[1]], "example: row 0: expected 2 cells (age, port), got 1"),
            ([[1, b"x"]], "example: expected numbers and texts, got bytes: b'x'"),
            ([[1, float("inf")]], "example: expected finite numbers, got an infinite one"),
        )
        for example, message in cases:
            with self.subTest(example=example):
                with self.assertRaises(sooth.SoothError) as caught:
                    _rows.records_of(example, ["age", "port"])
                self.assertEqual(str(caught.exception), message)


class Files(WithStandIn):
    def test_rows_are_json_lines_that_keep_every_text(self):
        path = os.path.join(self.folder, "rows.jsonl")
        _rows.write_rows(path, [{"a": 0.1, "b": "NA"}, {"a": None, "b": 'é\n"'}])
        lines = self.read(path).splitlines()
        self.assertEqual([json.loads(line) for line in lines],
                         [{"a": 0.1, "b": "NA"}, {"a": None, "b": 'é\n"'}])

    def test_answers_keep_all_of_their_digits(self):
        path = os.path.join(self.folder, "answers.csv")
        _rows.write_answers(path, Array([[0.1, 1e-300], [1 / 3, 2.0]]), ["p(a)", 'p("b")'])
        self.assertEqual(self.read(path),
                         'p(a),"p(""b"")"\n0.1,1e-300\n0.3333333333333333,2.0\n')

    def test_labels_are_written_as_python_says_them(self):
        path = os.path.join(self.folder, "answers.csv")
        _rows.write_answers(path, ["yes, it is", True, 3], ["predict"])
        self.assertEqual(self.read(path), 'predict\n"yes, it is"\nTrue\n3\n')

    def test_answers_of_another_width_are_refused(self):
        with self.assertRaises(sooth.SoothError) as caught:
            _rows.write_answers(os.path.join(self.folder, "a"), [[1, 2]], ["one"])
        self.assertEqual(str(caught.exception), "answers: row 0: expected 1, got 2")
