"""What came of each check: one line each, and the exit status of all."""

import time


class Skip(Exception):
    """The check could not be made; the text says why."""


class Failure(Exception):
    """What was expected did not come; the text says what did."""


def expect(condition, what):
    if not condition:
        raise Failure(what)


def expect_equal(got, expected, what):
    if got != expected:
        raise Failure(f"{what}: expected {expected!r}, got {got!r}")


def one_line(text):
    return " ".join(str(text).splitlines())


class Report:
    def __init__(self, only=""):
        self.only = only
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def check(self, name, function, *arguments):
        """Calls the function; says whether it passed. What else it raises is a failure too."""
        if self.only and self.only not in name:
            return False
        begin = time.monotonic()
        try:
            told = function(*arguments)
        except Skip as reason:
            return self._say("SKIP", name, reason)
        except Failure as reason:
            return self._say("FAIL", name, reason)
        except Exception as reason:  # The runner's own defects are failures too, not its end.
            return self._say("FAIL", name, f"{type(reason).__name__}: {reason}")
        seconds = time.monotonic() - begin
        return self._say("PASS", name, f"{told}, {seconds:.1f} s" if told else f"{seconds:.1f} s")

    def need(self, name, function, *arguments):
        """What the function gives; None, and one line that says so, where it cannot be had."""
        try:
            return function(*arguments)
        except Skip as reason:
            self._say("SKIP", name, reason)
        return None

    def relay(self, line):
        """A line that another Report has printed."""
        word, _, told = line.partition(" ")
        name, _, text = told.partition(": ")
        if word in ("PASS", "FAIL", "SKIP") and text:
            self._say(word, name, text)

    def _say(self, word, name, text):
        self.passed += word == "PASS"
        self.failed += word == "FAIL"
        self.skipped += word == "SKIP"
        print(f"{word} {name}: {one_line(text)}", flush=True)
        return word == "PASS"

    def status(self):
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        return 1 if self.failed or not self.passed else 0
