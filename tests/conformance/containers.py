"""The image started by podman and by runc: no root, nothing to write to, nothing it may do."""

import json
import os

from images import build, umoci_unpacks
from programs import Server, ask, free_port, run, run_json, wait_until_answers
from report import Skip, expect, expect_equal
from world import KEY, KEYS

QUESTIONS = 20
USER = 65532
STOP_SECONDS = 20
# In a container that lacks CAP_SYS_RESOURCE podman may not raise its own limits.
LIMITS = ("--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")


def answers(port, questions, headers):
    given = []
    for question in questions:
        status, body = ask(port, "POST", "/score", json.dumps({"input": question}), headers)
        expect_equal(status, 200, f"status for {question!r}")
        given.append(body)
    return given


def expected_answers(world, questions):
    port = free_port()
    log = world.path("serve.log")
    with Server([world.sooth, "serve", "faq:1", "--port", port, "--open"], port, "/readyz", log,
                world.env):
        return answers(port, questions, {})


def scores_like_serve(world, port):
    questions = world.questions(QUESTIONS)
    status, _ = ask(port, "POST", "/score", json.dumps({"input": questions[0]}))
    expect_equal(status, 401, "status without a key")
    given = answers(port, questions, {"Authorization": f"Bearer {KEY}"})
    expect_equal(given, expected_answers(world, questions), "answers")
    return len(questions)


def is_hardened(pid):
    """What the kernel says of the process."""
    with open(f"/proc/{pid}/status") as file:
        status = dict(line.rstrip("\n").split(":\t", 1) for line in file if ":\t" in line)
    expect_equal(set(status["Uid"].split()), {str(USER)}, "user")
    expect_equal(set(status["Gid"].split()), {str(USER)}, "group")
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd"):
        expect_equal(int(status[kind], 16), 0, kind)
    expect_equal(status["NoNewPrivs"], "1", "NoNewPrivs")
    with open(f"/proc/{pid}/mountinfo") as file:
        root = [line.split() for line in file if line.split()[4] == "/"]
    expect("ro" in root[-1][5].split(","), f"expected a root that is read-only, got {root[-1]}")


def serve_arguments(port, keys):
    return ["--address", "127.0.0.1", "--port", port, "--keys", keys]


def podman_command(world):
    podman, runc = world.tools.find("podman"), world.tools.find("runc")
    if os.geteuid() != 0:
        raise Skip("only root starts containers here")
    return [podman, "--root", world.path("podman"), "--runroot", world.path("podman-run"),
            "--runtime", runc, "--cgroup-manager=cgroupfs", "--storage-driver=vfs",
            "--events-backend=none"]


def podman_serves(world, variant):
    podman = podman_command(world)
    archive = world.path(f"podman-{variant}.tar")
    build(world, variant, archive)
    image = run(podman + ["load", "--quiet", "--input", archive]).split()[-1]
    port, name = free_port(), f"sooth-{variant}"
    keys = world.path("keys.json")
    run(["install", "-m", "0644", KEYS, keys])
    run(podman + ["run", "--detach", "--name", name, "--network=host", "--read-only",
                  "--read-only-tmpfs=false", "--cap-drop=all",
                  "--security-opt=no-new-privileges", *LIMITS,
                  "--volume", f"{keys}:/keys.json:ro", image,
                  *serve_arguments(port, "/keys.json")])
    try:
        wait_until_answers(port, "/readyz")
        state = run_json(podman + ["inspect", name])[0]["State"]
        is_hardened(state["Pid"])
        count = scores_like_serve(world, port)
        run(podman + ["stop", "--time", STOP_SECONDS, name])
        ended = run_json(podman + ["inspect", name])[0]["State"]["ExitCode"]
        expect_equal(ended, 0, "status after SIGTERM")
    finally:
        run(podman + ["rm", "--force", "--time", "1", name])
    return f"{count} questions, as `sooth serve` answers them"


def harden(bundle, arguments, keys):
    """Makes what umoci unpacked a container without a network or root of its own."""
    path = os.path.join(bundle, "config.json")
    with open(path) as file:
        config = json.load(file)
    process = config["process"]
    expect_equal(process["user"]["uid"], USER, "user in umoci's bundle")
    process["args"] += [str(each) for each in arguments]
    process["terminal"] = False
    process["noNewPrivileges"] = True
    process["rlimits"] = []
    process["capabilities"] = {}
    config["root"]["readonly"] = True
    linux = config["linux"]
    linux["namespaces"] = [each for each in linux["namespaces"] if each["type"] != "network"]
    linux["resources"] = {}
    # The mounts of umoci's bundle beside /proc are for programs that expect a whole system.
    config["mounts"] = [each for each in config["mounts"] if each["destination"] == "/proc"]
    config["mounts"].append({"destination": "/keys.json", "type": "bind", "source": keys,
                             "options": ["bind", "ro"]})
    with open(os.path.join(bundle, "rootfs", "keys.json"), "w"):
        pass  # Where it is mounted.
    with open(path, "w") as file:
        json.dump(config, file)


def runc_serves(world, variant):
    runc = world.tools.find("runc")
    bundle = world.bundle(variant)
    if not os.path.exists(os.path.join(bundle, "rootfs")):
        umoci_unpacks(world, variant)
    port, name = free_port(), f"sooth-runc-{os.getpid()}-{variant}"
    keys = world.path("keys.json")
    run(["install", "-m", "0644", KEYS, keys])
    harden(bundle, serve_arguments(port, "/keys.json"), keys)
    command = [runc, "--root", world.path("runc")]
    log = world.path(f"runc-{variant}.log")
    with Server(command + ["run", "--bundle", bundle, name], port, "/readyz", log) as container:
        is_hardened(run_json(command + ["state", name])["pid"])
        count = scores_like_serve(world, port)
        expect_equal(container.stop(), 0, "status after SIGTERM")
    return f"{count} questions, as `sooth serve` answers them"


def check_all(world, report):
    for variant in ("gzip", "base"):
        report.check(f"containers: podman starts it hardened, {variant}", podman_serves, world,
                     variant)
        report.check(f"containers: runc starts it hardened, {variant}", runc_serves, world, variant)
