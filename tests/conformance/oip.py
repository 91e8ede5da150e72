#!/usr/bin/env python3
"""oip.py --url URL --model NAME: the Open Inference Protocol over REST, case by case.

Needs nothing but Python, and asks any server of the protocol. Prints PASS, FAIL or SKIP and what
came for each case; ends with 1 where one failed. What a good request is, is read from the model's
metadata; where that names no inputs, or its columns may come as one tensor too, it can be said:
  --matrix x:FP64:4
  --inputs '[{"name": "x", "shape": [2, 4], "datatype": "FP32", "data": [1, 2, 3, 4, 5, 6, 7, 8]}]'
"""

import argparse
import json
import sys

import oip_json
import oip_tensors
from oip_peer import Peer
from report import Report


def parse_matrix(text):
    name, datatype, columns = text.split(":")
    return name, datatype, int(columns)


def check_all(report, peer, prefix="oip"):
    if not report.check(f"{prefix}: a good request is known", peer.learn):
        return
    for name, case in oip_json.CASES + oip_tensors.CASES:
        report.check(f"{prefix}: {name}", case, peer)
    peer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="http://host:port")
    parser.add_argument("--model", required=True)
    parser.add_argument("--matrix", type=parse_matrix, help="name:datatype:columns")
    parser.add_argument("--inputs", type=json.loads, help="the inputs of a good request")
    options = parser.parse_args()
    report = Report()
    check_all(report, Peer(options.url, options.model, options.inputs, options.matrix))
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
