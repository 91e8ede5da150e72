"""Access tokens that npm's jose signs, and those of a whole issuer, oauth2-mock-server."""

import json
import os
import urllib.parse

from programs import Server, ask, free_port, run_json
from report import expect, expect_equal

AUDIENCE = "api://sooth"
ISSUER = "https://issuer.example"
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


def score(world, port, token):
    question = world.questions(1)[0]
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return ask(port, "POST", "/score", json.dumps({"input": question}), headers)[0]


def serve(world, name, port, *flags):
    return Server([world.sooth, "serve", "faq:1", "--port", port, "--jwt-audience", AUDIENCE,
                   *flags], port, "/readyz", world.path(f"tokens-{name}.log"), world.env)


def signed_by_jose(world, folder):
    node = world.tools.find("node")
    signed = run_json([node, os.path.join(folder, "sign.mjs"), ISSUER, AUDIENCE])
    keys, port = world.path("jwks.json"), free_port()
    with open(keys, "w", encoding="utf-8") as file:
        json.dump(signed["jwks"], file)
    with serve(world, "jose", port, "--jwt-issuer", ISSUER, "--jwt-keys", keys,
               "--jwt-algorithms", ",".join(ALGORITHMS)):
        for name, token in signed["tokens"].items():
            expected = 401 if name.startswith("refused") else 200
            expect_equal(score(world, port, token), expected, f"status with the token {name}")
        expect(all(name in signed["tokens"] for name in ALGORITHMS), "expected each algorithm")
    return ", ".join(sorted(signed["tokens"]))


def issued(port):
    """An access token by client credentials."""
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "score",
                                   "aud": AUDIENCE})
    status, body = ask(port, "POST", "/token", form,
                       {"Content-Type": "application/x-www-form-urlencoded"})
    expect_equal(status, 200, "status of the issuer")
    return json.loads(body)["access_token"]


def of_an_issuer(world, folder):
    """Discovery, keys and a token, by nothing but the issuer's name."""
    node, at, port = world.tools.find("node"), free_port(), free_port()
    with Server([node, os.path.join(folder, "issuer.mjs"), at], at, "/jwks",
                world.path("issuer.log")):
        with serve(world, "issuer", port, "--jwt-issuer", f"http://localhost:{at}"):
            expect_equal(score(world, port, issued(at)), 200, "status with a token")
            expect_equal(score(world, port, None), 401, "status without")
            expect_equal(ask(port, "GET", "/metrics", None,
                             {"Authorization": f"Bearer {issued(at)}"})[0], 403,
                         "status of the metrics")


def check_all(world, report):
    folder = report.need("tokens: all", world.tools.node_folder, "token_issuer")
    if not folder:
        return
    report.check("tokens: jose signs, a server takes what it should", signed_by_jose, world, folder)
    report.check("tokens: discovery and tokens of oauth2-mock-server", of_an_issuer, world, folder)
