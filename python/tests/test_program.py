import json
import os
import sys
import unittest
from unittest import mock

from stand_in import WithStandIn

import sooth
from sooth import _program


class FindProgram(WithStandIn):
    def test_takes_the_one_that_the_variable_names(self):
        self.assertEqual(_program.find_program(), self.program)

    def test_refuses_a_variable_that_names_no_program(self):
        path = self.write("text", b"")
        with mock.patch.dict(os.environ, {"SOOTH_PROGRAM": path}):
            with self.assertRaises(sooth.SoothError) as caught:
                _program.find_program()
        self.assertEqual(str(caught.exception), f'SOOTH_PROGRAM: expected a program, got "{path}"')

    def test_never_takes_its_own_console_script(self):
        os.makedirs(os.path.join(self.folder, "first"))
        script = self.write("first/sooth", b"#!/usr/bin/python3\n")
        os.chmod(script, 0o755)
        os.makedirs(os.path.join(self.folder, "second"))
        machine = self.write("second/sooth", b"\x7fELF")
        os.chmod(machine, 0o755)
        path = os.pathsep.join(os.path.dirname(each) for each in (script, machine))
        with mock.patch.dict(os.environ, {"SOOTH_PROGRAM": "", "PATH": path}), \
                mock.patch.object(_program, "_PACKAGED", os.path.join(self.folder, "none")):
            self.assertEqual(_program.find_program(), machine)

    def test_says_what_to_do_where_there_is_none(self):
        with mock.patch.dict(os.environ, {"SOOTH_PROGRAM": "", "PATH": self.folder + "/none"}), \
                mock.patch.object(_program, "_PACKAGED", os.path.join(self.folder, "none")):
            with self.assertRaises(sooth.SoothError) as caught:
                _program.find_program()
        self.assertIn("expected the program sooth, got none", str(caught.exception))


class Run(WithStandIn):
    def test_gives_what_the_command_answers(self):
        self.answer("models", [{"reference": "m:1"}])
        self.assertEqual(_program.run(["models", "list"], "/w"), [{"reference": "m:1"}])
        self.assertEqual(self.arguments(), ["models", "list", "--json", "--workspace", "/w"])

    def test_carries_message_and_exit_code_of_a_refusal(self):
        words = "parity with expected answers: the largest relative error is 1"
        error = json.dumps({"error": {"code": "conflict", "message": words}})
        self.answer("register", status=4, errors="sooth: note: of something else\n" + error + "\n")
        with self.assertRaises(sooth.SoothError) as caught:
            _program.run(["register", "m"])
        self.assertEqual((str(caught.exception), caught.exception.exit_code), (words, 4))

    def test_takes_the_last_line_of_an_error_that_is_no_json(self):
        cases = (("", "sooth: expected it to say why it ended with 2, got nothing"),
                 ("sooth: no such thing\n", "no such thing"),
                 ("one\nterminate called\n\n", "terminate called"))
        for errors, expected in cases:
            self.assertEqual(_program.message_of(errors, 2), expected)

    def test_refuses_an_answer_that_is_no_json(self):
        self.answer("models", output="three models")
        with self.assertRaises(sooth.SoothError) as caught:
            _program.run(["models"])
        self.assertIn("models: expected JSON, got something else", str(caught.exception))


class Build(WithStandIn):
    def test_names_version_and_output(self):
        self.answer("build", {"reference": "m:1", "digest": "sha256:11"})
        built = sooth.build("m@champion", "m.tar", base="oci:layout")
        self.assertEqual(built, sooth.Built("m:1", "sha256:11", "m.tar"))
        self.assertEqual(
            self.arguments(),
            ["build", "m@champion", "-o", "m.tar", "--base", "oci:layout", "--json"])


class Package(unittest.TestCase):
    def test_needs_nothing_but_the_standard_library(self):
        code = ("import sys; before = set(sys.modules); import sooth; "
                "print([m for m in set(sys.modules) - before if m.split('.')[0] not in "
                "set(sys.stdlib_module_names) | {'sooth'}])")
        import subprocess
        if not hasattr(sys, "stdlib_module_names"):
            self.skipTest("Python before 3.10 does not list its modules")
        folder = os.path.dirname(os.path.dirname(sooth.__file__))
        done = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE,
                              env={**os.environ, "PYTHONPATH": folder})
        self.assertEqual(done.stdout.decode().strip(), "[]")

    def test_says_what_it_gives(self):
        self.assertTrue(all(hasattr(sooth, name) for name in sooth.__all__))
        self.assertTrue(all(getattr(sooth, name).__doc__ for name in sooth.__all__))
