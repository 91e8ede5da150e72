"""Credentials where podman and Docker's helpers keep them."""

import json
import os

from programs import environment, run
from registries import PASSWORD, USER, Registry
from report import expect, expect_equal
from transfers import push


def podmans_file(world, registry):
    skopeo = world.tools.find("skopeo")
    auth = world.path("auth.json")
    run([skopeo, "login", "--tls-verify=false", "--authfile", auth, "--username", USER,
         "--password-stdin", registry.host()], text=PASSWORD)
    env = environment(**{**world.changes, "REGISTRY_AUTH_FILE": auth,
                         "DOCKER_CONFIG": world.made("docker-none")})
    push(world, "faq:1", f"{registry.host()}/team/podman:1", env=env)


def password_store(world):
    """The environment of a pass of its own, with Docker's configuration naming it."""
    gpg, pass_ = world.tools.find("gpg"), world.tools.find("pass")
    world.tools.find("docker-credential-pass")
    config = world.made("docker-pass")
    with open(os.path.join(config, "config.json"), "w") as file:
        json.dump({"credsStore": "pass"}, file)
    gnupg = world.made("gnupg")
    os.chmod(gnupg, 0o700)
    env = environment(**{**world.changes, "DOCKER_CONFIG": config, "GNUPGHOME": gnupg,
                         "PASSWORD_STORE_DIR": world.path("store")})
    run([gpg, "--batch", "--passphrase", "", "--quick-generate-key", "conformance", "default",
         "default", "never"], env=env)
    run([pass_, "init", "conformance"], env=env)
    return env


def helper(world, registry):
    env = password_store(world)
    helper_program = world.tools.find("docker-credential-pass")
    to = f"{registry.host()}/team/helper:1"
    run([world.sooth, "login", registry.host(), "--user", USER, "--password-stdin"], env=env,
        text=PASSWORD + "\n")
    with open(os.path.join(env["DOCKER_CONFIG"], "config.json")) as file:
        expect(PASSWORD not in file.read(), "expected no password in config.json")
    kept = json.loads(run([helper_program, "get"], env=env, text=registry.host()))
    expect_equal((kept["Username"], kept["Secret"]), (USER, PASSWORD), "what the helper has")
    push(world, "faq:1", to, env=env)
    run([world.sooth, "login", registry.host(), "--forget"], env=env)
    expect_equal(json.loads(run([helper_program, "list"], env=env) or "{}"), {},
                 "what the helper has in the end")
    run([world.sooth, "push", "faq:1", to], env=env, status=5)


def tools_read_ours(world, registry):
    crane = world.tools.find("crane")
    env = environment(**{**world.changes, "DOCKER_CONFIG": world.made("docker-ours")})
    run([world.sooth, "login", registry.host(), "--user", USER, "--password-stdin"], env=env,
        text=PASSWORD + "\n")
    digest = push(world, "faq:1", f"{registry.host()}/team/ours:1", env=env)["digest"]
    said = run([crane, "digest", "--insecure", f"{registry.host()}/team/ours:1"], env=env)
    expect_equal(said.strip(), digest, "digest that crane finds with what sooth login kept")


def check_all(world, report):
    program = report.need("credentials: all", world.tools.find, "docker-registry")
    if not program:
        return
    with Registry(program, world.path("registry-credentials"), with_password=True) as registry:
        report.check("credentials: podman's auth.json, written by skopeo login", podmans_file,
                     world, registry)
        report.check("credentials: docker-credential-pass", helper, world, registry)
        report.check("credentials: crane reads what sooth login kept", tools_read_ours, world,
                     registry)
