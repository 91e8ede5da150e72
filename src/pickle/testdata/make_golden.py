# -*- coding: utf-8 -*-
"""Writes the golden pickles of this folder: one for each protocol of the Python that runs it.

    python make_golden.py py313 .

The same values every time; document_test.cc says what they must read as. Runs on Python 2.7 and
later, with any NumPy.
"""
from __future__ import print_function

import collections
import os
import pickle
import sys

import numpy as np


class Point(object):
    def __init__(self):
        self.x = 1
        self.name = "p"


def values():
    shared = [1, 2]
    cycle = [1]
    cycle.append(cycle)
    structured = np.array([(1, 2.5), (-3, 4.5)], dtype=[("a", "<i4"), ("b", "<f8")])
    return {
        "none": None,
        "true": True,
        "false": False,
        "ints": [0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, -(2**31), 2**40, -(2**40)],
        "big": [2**63, -(2**63) - 1, 2**200],
        "floats": [0.0, -1.5, 1e300, float("inf"), float("-inf"), 0.1],
        "complex": complex(1.5, -2),
        "text": u"caf\xe9 \U0001f600 \\ ' \n \t",
        "bytes": bytearray(range(256)),
        "tuples": [(), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4)],
        "set": set([1, 2, 3]),
        "frozenset": frozenset([4, 5]),
        "ordered": collections.OrderedDict([(u"b", 1), (u"a", 2)]),
        "shared": [shared, shared],
        "cycle": cycle,
        "many": dict((i, str(i)) for i in range(100)),
        "point": Point(),
        "type": np.float64,
        "f8": np.arange(6, dtype="<f8").reshape(2, 3),
        "fortran": np.asfortranarray(np.arange(6, dtype="<i4").reshape(2, 3)),
        "big_endian": np.array([1, -2, 300], dtype=">i2"),
        "bool": np.array([True, False, True]),
        "unicode": np.array([u"a", u"b\xe9", u"\U0001f600"]),
        "string": np.array([b"x", b"yz"]),
        "objects": np.array([1, u"two", None], dtype=object),
        "structured": structured,
        "empty": np.zeros((0, 3)),
        "int_scalar": np.int64(-7),
        "float_scalar": np.float32(2.5),
        "bool_scalar": np.bool_(True),
        "dtype": np.dtype("<f4"),
        "half": np.array([1.5, -2.0, 65504.0], dtype="<f2"),
    }


def main():
    label, folder = sys.argv[1:]
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        path = os.path.join(folder, "golden_%s_p%d.pkl" % (label, protocol))
        with open(path, "wb") as out:
            pickle.dump(values(), out, protocol)


if __name__ == "__main__":
    main()
