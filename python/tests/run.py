"""run.py [--frameworks] [name...]: runs the tests of this folder, or of `frameworks/`.

Each test is reported in GoogleTest's lines, which is what tools/ctest_summary.awk counts, skipped
ones with their reason.
"""

import os
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))


class Lines(unittest.TestResult):
    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()
        print(f"[ RUN      ] {name_of(test)}", flush=True)

    def addSuccess(self, test):
        self._end("      OK", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if isinstance(test, unittest.suite._ErrorHolder) or not hasattr(self, "began"):
            self.began = time.monotonic()
        print(f"{HERE}: Skipped\n{reason}")
        self._end(" SKIPPED", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._failed(test, self.failures[-1][1])

    def addError(self, test, error):
        super().addError(test, error)
        self._failed(test, self.errors[-1][1])

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._failed(subtest, self._exc_info_to_string(error, test))

    def _failed(self, test, text):
        self.began = getattr(self, "began", time.monotonic())
        print(text)
        self._end(" FAILED ", test)

    def _end(self, word, test):
        took = (time.monotonic() - self.began) * 1000
        print(f"[ {word} ] {name_of(test)} ({took:.0f} ms)", flush=True)


def name_of(test):
    """PythonRows.test_it"""
    return ".".join(["Python" + part.replace("test_", "").title().replace("_", "") if not place
                     else part for place, part in enumerate(test.id().split(".")[-3:])])


def main():
    names = [each for each in sys.argv[1:] if not each.startswith("-")]
    folder = os.path.join(HERE, "frameworks") if "--frameworks" in sys.argv[1:] else HERE
    sys.path[:0] = [HERE, folder]
    sys.dont_write_bytecode = True
    loader = unittest.TestLoader()
    loader.testNamePatterns = ["*" + each + "*" for each in names] or None
    tests = loader.discover(folder, top_level_dir=folder)
    result = Lines()
    tests.run(result)
    print(f"{result.testsRun} tests, {len(result.failures) + len(result.errors)} failed, "
          f"{len(result.skipped)} skipped")
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)


main()
