"""Images that `sooth build` writes, read by skopeo, umoci and crane."""

import json
import os

from programs import run, run_json
from report import Skip, expect, expect_equal

VARIANTS = ("gzip", "zstd", "none", "base")


def build(world, variant, output):
    arguments = [world.sooth, "build", "faq:1", "-o", output, "--json"]
    if variant == "base":
        arguments += ["--base", world.base.reference()]
    else:
        arguments += ["--compression", variant]
    return run_json(arguments, env=world.env)


def skopeo_reads_a_layout(world, variant):
    skopeo = world.tools.find("skopeo")
    layout = world.path(f"layout-{variant}/")
    built = build(world, variant, layout)
    inspected = run_json([skopeo, "inspect", f"oci:{layout}:faq:1"])
    expect_equal(inspected["Digest"], built["digest"], "digest")
    expect_equal(inspected["Layers"], [each["digest"] for each in built["layers"]], "layers")
    expect_equal(inspected["Os"], "linux", "operating system")
    run([skopeo, "copy", f"oci:{layout}:faq:1", f"dir:{world.path('dir-' + variant)}"])
    return f"{len(built['layers'])} layers"


def skopeo_reads_an_archive(world, variant, kind):
    skopeo = world.tools.find("skopeo")
    archive = world.path(f"{variant}.tar")
    built = build(world, variant, archive)
    # docker-archive names images differently, and unpacks the layers.
    inspected = run_json([skopeo, "inspect", f"{kind}:{archive}:faq:1"])
    if kind == "oci-archive":
        expect_equal(inspected["Digest"], built["digest"], "digest")
    expect_equal(inspected["Labels"]["org.opencontainers.image.title"], "faq", "title")
    run([skopeo, "copy", f"{kind}:{archive}:faq:1", f"dir:{world.path(kind + variant)}"])


def crane_validates_an_archive(world, variant):
    crane = world.tools.find("crane")
    if variant != "none":
        raise Skip("crane takes all layers of an archive for packed if the first is; ours are "
                   "packed where that makes them smaller")
    archive = world.path(f"crane-{variant}.tar")
    build(world, variant, archive)
    expect("PASS" in run([crane, "validate", "--tarball", archive]), "crane validate says no PASS")


def umoci_unpacks(world, variant):
    umoci, skopeo = world.tools.find("umoci"), world.tools.find("skopeo")
    if variant == "zstd":
        raise Skip("umoci 0.4 knows no zstd")
    if os.geteuid() != 0:
        raise Skip("only root can unpack as root's what belongs to root")
    layout = world.made(f"umoci-{variant}")
    build(world, variant, layout + "/built/")
    # It takes no colon in names.
    run([skopeo, "copy", f"oci:{layout}/built:faq:1", f"oci:{layout}/named:v1"])
    stat = json.loads(run([umoci, "stat", "--json", "--image", f"{layout}/named:v1"]))
    made_by = [each["created_by"] for each in stat["history"]]
    expect("sooth runtime" in made_by, f"history: expected sooth's, got {made_by}")
    bundle = world.bundle(variant)
    run([umoci, "unpack", "--image", f"{layout}/named:v1", bundle])
    program = "sooth/bin/sooth" if variant == "base" else "usr/bin/sooth"
    for name in (program, "model/.sooth/version.json"):
        expect(os.path.exists(os.path.join(bundle, "rootfs", name)), f"expected {name} in it")


def same_bytes(world):
    first, second = world.path("first.tar"), world.path("second.tar")
    build(world, "base", first)
    build(world, "base", second)
    run(["cmp", first, second])


def check_all(world, report):
    for variant in VARIANTS:
        report.check(f"images: skopeo reads a layout, {variant}",
                     skopeo_reads_a_layout, world, variant)
        for kind in ("oci-archive", "docker-archive"):
            report.check(f"images: skopeo reads an archive as {kind}, {variant}",
                         skopeo_reads_an_archive, world, variant, kind)
        report.check(f"images: crane validates an archive, {variant}",
                     crane_validates_an_archive, world, variant)
        report.check(f"images: umoci unpacks, {variant}", umoci_unpacks, world, variant)
    report.check("images: upon a base the same bytes twice", same_bytes, world)
