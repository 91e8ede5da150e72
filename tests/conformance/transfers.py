"""Pushes to registries of other people and pulls from them."""

import json
import os

from bases import large
from programs import ask, environment, run, run_json
from registries import (PASSWORD, USER, BreakingLine, ReferrersRegistry, Registry, copy_from_layout)
from report import expect, expect_equal
from tools import REFERRERS_REGISTRY

BESIDE_BYTES_MAX = 10 << 10
LARGE_MEBIBYTES = 40
CHUNK_BYTES = 16 << 20


def push(world, version, to, *options, env=None):
    return run_json([world.sooth, "push", version, to, "--json", *options], env=env or world.env)


def reads_all_bytes(world, registry, compression):
    """crane and skopeo fetch everything and compute the digests; crane's validate knows gzip only,
    and of a version with something in it that gzip makes no smaller not even that."""
    crane, skopeo = world.tools.find("crane"), world.tools.find("skopeo")
    to = f"{registry.host()}/{compression}/faq:1"
    pushed = push(world, "faq:1", to, "--compression", compression)
    expect_equal(run([crane, "digest", "--insecure", to]).strip(), pushed["digest"], "digest")
    expect("PASS" in run([crane, "validate", "--insecure", "--fast", "--remote", to]), "no PASS")
    folder = world.path(f"read-{registry.port}-{compression}")
    run([crane, "pull", "--insecure", "--format", "oci", to, folder])
    run([skopeo, "copy", "--src-tls-verify=false", f"docker://{to}", f"dir:{folder}.dir"])
    return f"{pushed['pushed']['uploaded']} bytes sent"


def validates(world, registry):
    crane = world.tools.find("crane")
    to = f"{registry.host()}/team/flowers:1"
    push(world, "flowers:1", to)
    expect("PASS" in run([crane, "validate", "--insecure", "--remote", to]), "no PASS")


def sends_only_the_model(world, registry):
    push(world, "faq:1", f"{registry.host()}/team/faq:1")
    before = registry.stored_bytes()
    pushed = push(world, "faq:2", f"{registry.host()}/team/faq:2")
    grown = registry.stored_bytes() - before
    most = pushed["model_bytes"] + BESIDE_BYTES_MAX
    expect(pushed["pushed"]["uploaded"] <= most, f"expected at most {most} bytes, got {pushed}")
    # Beside the blobs it keeps links and manifests of its own.
    expect(grown <= most + BESIDE_BYTES_MAX, f"expected {most} bytes more there, got {grown}")
    beside = max(pushed["pushed"]["uploaded"] - pushed["model_bytes"], 0)
    return f"{pushed['pushed']['uploaded']} bytes sent, {beside} beside the model"


def pulls_back(world, registry):
    there = world.path(f"pulled-{registry.port}")
    pulled = run_json([world.sooth, "pull", f"{registry.host()}/team/faq:1", "--json",
                       "--workspace", there], env=world.env)
    expect_equal(pulled["digest"], world.digests["faq:1"], "digest of the version")


def mounts(world, registry):
    pushed = push(world, "faq:1", f"{registry.host()}/team/other:1", "--mount-from", "team/faq")
    expect_equal(pushed["pushed"]["uploaded"], 0, "bytes sent to another repository")
    return f"{pushed['pushed']['present']} bytes mounted"


def mounts_the_base(world, registry):
    skopeo, crane = world.tools.find("skopeo"), world.tools.find("crane")
    base = f"{registry.host()}/os/base:1"
    copy_from_layout(skopeo, world.base.reference(), base)
    fresh = world.workspace_with_faq(f"based-{registry.port}")
    to = f"{registry.host()}/team/based:1"
    pushed = push(world, "faq:1", to, "--base", base, env=fresh)
    for layer in world.base.layers:
        kept = os.path.join(fresh["SOOTH_WORKSPACE"], "blobs", "sha256", layer["digest"][7:])
        expect(not os.path.exists(kept), f"layer {layer['digest']}: expected it not to be fetched")
    expect("PASS" in run([crane, "validate", "--insecure", "--fast", "--remote", to]), "no PASS")
    manifest = run_json([crane, "manifest", "--insecure", to])
    said = manifest["annotations"]["org.opencontainers.image.base.name"]
    expect_equal(said, base, "name of the base")
    return f"{pushed['base_bytes']} bytes of the base mounted"


def referrers(oras, to):
    """The manifests that oras finds to refer to the image."""
    found = json.loads(run([oras, "discover", "--plain-http", "--format", "json", to]))
    repository = to.rsplit(":", 1)[0]
    return [json.loads(run([oras, "manifest", "fetch", "--plain-http",
                            f"{repository}@{each['digest']}"]))
            for each in found.get("manifests") or found["referrers"]]


def lists_the_bill(world, registry, has_api):
    oras, crane = world.tools.find("oras"), world.tools.find("crane")
    to = f"{registry.host()}/team/faq:1"
    digest = push(world, "faq:1", to)["digest"]
    status, _ = ask(registry.port, "GET", f"/v2/team/faq/referrers/{digest}")
    expect_equal(status == 200, has_api, "whether the registry lists referrers")
    # None of these says OCI-Subject, so the tag has to be there too.
    tags = run([crane, "ls", "--insecure", f"{registry.host()}/team/faq"]).split()
    expect(digest.replace(":", "-") in tags, f"expected the fallback tag, got {tags}")
    manifests = referrers(oras, to)
    # What the list says of kinds is the registry's; the manifest says what it is.
    kinds = [each["artifactType"] for each in manifests]
    expect_equal(kinds, ["application/spdx+json"], "what refers to the image")
    return "listed by the registry" if has_api else "by the fallback tag"


def fetches_the_bill(world, registry):
    """What a scanner would read: packages with their versions, and the model."""
    oras = world.tools.find("oras")
    to = f"{registry.host()}/team/faq:1"
    push(world, "faq:1", to)
    manifest = referrers(oras, to)[0]
    names = set()
    for layer in manifest["layers"]:
        document = json.loads(run([oras, "blob", "fetch", "--plain-http", "--output", "-",
                                   f"{registry.host()}/team/faq@{layer['digest']}"]))
        names |= {each["name"] for each in document["packages"]}
    expect({"faq", "sooth", "libc6"} <= names, f"packages: got {sorted(names)}")
    return f"{len(names)} packages in {len(manifest['layers'])} documents"


def push_over_breaking_line(world, registry, behind_answer):
    """The bytes that were to be sent, and those that went over the line."""
    crane = world.tools.find("crane")
    repository = f"team/large-{int(behind_answer)}"
    base = large(world.path(f"large-{registry.port}-{int(behind_answer)}"), LARGE_MEBIBYTES)
    # The first chunk is through, or the second is on its way.
    after = CHUNK_BYTES if behind_answer else CHUNK_BYTES + (CHUNK_BYTES >> 1)
    with BreakingLine(registry.port, after, behind_answer) as line:
        pushed = push(world, "faq:1", f"127.0.0.1:{line.port}/{repository}:1", "--base",
                      base.reference())
        expect_equal(line.broken, 1, "broken connections")
        sent = line.sent_bytes
    run([crane, "pull", "--insecure", "--format", "oci", f"{registry.host()}/{repository}:1",
         world.path(f"read-{registry.port}-{int(behind_answer)}")])
    return pushed["pushed"]["uploaded"], sent


def goes_on_behind_a_chunk(world, registry):
    size, sent = push_over_breaking_line(world, registry, True)
    expect(sent < size + CHUNK_BYTES // 2, f"expected {size} bytes on the line, got {sent}")
    return f"{size} bytes in chunks, {sent} on the line"


def survives_a_break_in_a_chunk(world, registry):
    """What the registry makes of half a chunk is its own affair: it may forget the upload."""
    size, sent = push_over_breaking_line(world, registry, False)
    return f"{size} bytes in chunks, {sent} on the line"


def asks_for_a_password(world, program, folder):
    with Registry(program, folder, with_password=True) as registry:
        to = f"{registry.host()}/team/faq:1"
        env = environment(**{**world.changes, "DOCKER_CONFIG": world.path("docker-basic")})
        run([world.sooth, "push", "faq:1", to], env=env, status=5)
        login = [world.sooth, "login", registry.host(), "--user", USER, "--password-stdin"]
        run(login, env=env, text="wrong\n", status=5)
        run(login, env=env, text=PASSWORD + "\n")
        push(world, "faq:1", to, env=env)


def check_registry(world, report, name, program):
    folder = world.path(f"registry-{name.replace(' ', '-')}")
    with Registry(program, folder) as registry:
        for compression in ("gzip", "zstd", "none"):
            report.check(f"{name}: crane and skopeo read all of a push, {compression}",
                         reads_all_bytes, world, registry, compression)
        for what, function in (("crane validates a push", validates),
                               ("a new version sends the model alone", sends_only_the_model),
                               ("a pull gives the same version", pulls_back),
                               ("another repository's layers are mounted", mounts),
                               ("a base's layers are mounted", mounts_the_base),
                               ("an upload that broke behind a chunk goes on",
                                goes_on_behind_a_chunk),
                               ("an upload that broke within a chunk ends well",
                                survives_a_break_in_a_chunk)):
            report.check(f"{name}: {what}", function, world, registry)
        report.check(f"{name}: oras finds the bill of materials", lists_the_bill, world, registry,
                     False)
        report.check(f"{name}: oras fetches the bill of materials", fetches_the_bill, world,
                     registry)
    report.check(f"{name}: a password is asked for", asks_for_a_password, world, program,
                 folder + "-basic")


def check_all(world, report):
    for name, program in (("docker-registry 2.8", "docker-registry"),
                          ("distribution 3", "registry")):
        found = report.need(f"{name}: all", world.tools.find, program)
        if found:
            check_registry(world, report, name, found)
    report.check("a registry with referrers: oras finds the bill of materials", with_referrers,
                 world)


def with_referrers(world):
    program = world.tools.find(REFERRERS_REGISTRY)
    with ReferrersRegistry(program, world.path("registry-referrers")) as registry:
        return lists_the_bill(world, registry, True)
