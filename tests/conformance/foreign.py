"""Images of ours that other tools have copied, changed or built upon, read back."""

import os

from bases import tar_of
from containers import answers, expected_answers
from programs import Server, free_port, run, run_json
from registries import Registry
from report import Skip, expect_equal
from transfers import push

QUESTIONS = 3


def pulled_digest(world, reference, name):
    return run_json([world.sooth, "pull", reference, "--name", "faq", "--json", "--workspace",
                     world.path(name)], env=world.env)["digest"]


def expect_same_version(world, reference, name):
    expect_equal(pulled_digest(world, reference, name), world.digests["faq:1"],
                 "digest of the version")


def skopeo_copies(world, registry, form):
    skopeo = world.tools.find("skopeo")
    to = f"{registry.host()}/copied/{form}:1"
    run([skopeo, "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--format", form,
         f"docker://{registry.host()}/team/faq:1", f"docker://{to}"])
    expect_same_version(world, to, f"skopeo-{form}")


def skopeo_packs_anew(world, registry):
    skopeo = world.tools.find("skopeo")
    to, folder = f"{registry.host()}/copied/anew:1", world.path("plain")
    run([skopeo, "copy", "--src-tls-verify=false", "--dest-decompress",
         f"docker://{registry.host()}/team/faq:1", f"dir:{folder}"])
    run([skopeo, "copy", "--dest-tls-verify=false", "--dest-compress-format", "gzip",
         f"dir:{folder}", f"docker://{to}"])
    expect_same_version(world, to, "skopeo-anew")


def crane_copies(world, registry):
    crane = world.tools.find("crane")
    to = f"{registry.host()}/copied/crane:1"
    run([crane, "copy", "--insecure", f"{registry.host()}/team/faq:1", to])
    expect_same_version(world, to, "crane")


def crane_changes(world, registry):
    crane = world.tools.find("crane")
    to, layer = f"{registry.host()}/copied/changed:1", world.path("above.tar")
    with open(layer, "wb") as file:
        file.write(tar_of([("etc/motd", b"above\n")]))
    run([crane, "append", "--insecure", "--base", f"{registry.host()}/team/faq:1",
         "--new_layer", layer, "--new_tag", to])
    run([crane, "mutate", "--insecure", "--label", "seen=yes", "--tag", to, to])
    expect_same_version(world, to, "crane-changed")


def buildah_builds_upon(world, registry):
    buildah = world.tools.find("buildah")
    if os.geteuid() != 0:
        raise Skip("only root builds images here")
    to = f"{registry.host()}/copied/buildah:1"
    command = [buildah, "--root", world.path("buildah"), "--runroot", world.path("buildah-run"),
               "--storage-driver=vfs"]
    with open(world.path("note"), "w") as file:
        file.write("above\n")
    container = run(command + ["from", "--tls-verify=false",
                               f"{registry.host()}/team/faq:1"]).strip()
    run(command + ["copy", container, world.path("note"), "/etc/note"])
    run(command + ["config", "--label", "seen=yes", container])
    run(command + ["commit", "--tls-verify=false", container, f"docker://{to}"])
    run(command + ["rm", container])
    expect_same_version(world, to, "buildah")


def serves_a_copy(world, registry):
    questions, port = world.questions(QUESTIONS), free_port()
    reference = f"{registry.host()}/copied/v2s2:1"
    env = dict(world.env, SOOTH_WORKSPACE=world.path("served"))
    with Server([world.sooth, "serve", reference, "--port", port, "--open"], port, "/readyz",
                world.path("copy.log"), env):
        expect_equal(answers(port, questions, {}), expected_answers(world, questions), "answers")


def check_all(world, report):
    program = report.need("foreign: all", world.tools.find, "docker-registry")
    if not program:
        return
    with Registry(program, world.path("registry-foreign")) as registry:
        push(world, "faq:1", f"{registry.host()}/team/faq:1")
        for form in ("oci", "v2s2"):
            report.check(f"foreign: a copy by skopeo is pulled, {form}", skopeo_copies, world,
                         registry, form)
        for what, function in (("layers that skopeo packed anew are pulled", skopeo_packs_anew),
                               ("a copy by crane is pulled", crane_copies),
                               ("an image that crane changed is pulled", crane_changes),
                               ("an image that buildah built upon ours is pulled",
                                buildah_builds_upon),
                               ("a copy in Docker's form is served", serves_a_copy)):
            report.check(f"foreign: {what}", function, world, registry)
