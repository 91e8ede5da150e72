"""The cases: each is a function of the story, has a namespace of its own, and says what it shows by
its first line."""

from __future__ import annotations

import json
import threading
import time
from typing import Any, Callable

from broken import file_in, with_files
from cluster import (
    KEYS,
    ROOT,
    GatewayConnection,
    ask,
    ask_in_clear,
    ask_on,
    expect,
    get,
    kubectl,
    metrics,
    objects,
    pods,
    run,
    until,
)
from story import QUESTION, REPOSITORY, SMALL, Story
from traffic import Traffic

# How long clients ask before and after a change that they are not to notice.
SOME_TIME = 2.0


def answers_with_a_key_over_https(story: Story) -> str:
    """from a registered version to a keyed answer over HTTPS through the gateway"""
    story.make_namespace("way")
    before = objects("way")
    file = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1"}})
    started = time.monotonic()
    story.deploy("way", file)
    answer = story.first_answer("way")
    took = time.monotonic() - started
    expect(answer == story.local_answer("faq:1"), f"other than sooth serve answers: {answer}")
    host = story.host("way")
    by_field = ask(host, QUESTION, {"x-api-key": story.key})
    expect(by_field.status == 200 and by_field.body == answer, f"x-api-key: {by_field}")
    for fields in ({}, {"Authorization": "Bearer " + story.key[:-1] + "!"}):
        refused = ask(host, QUESTION, fields)
        expect(refused.status == 401, f"without a good key: {refused}")
    counted = metrics(host, story.monitor_key)
    expect(
        counted.status == 200 and "sooth_requests_total" in counted.body,
        f"metrics with their key: {counted}",
    )
    expect(metrics(host, story.key).status == 403, "metrics are read with a key to score")
    moved = ask_in_clear(host, "/score")
    expect(
        moved.status == 301 and moved.fields.get("location", "") == f"https://{host}/score",
        f"plain HTTP: {moved}",
    )
    again = story.sooth(*story.deploy_words("way", file, "--dry-run"))
    expect("nothing was changed" in again, f"--dry-run: {again}")
    expect(again.startswith("no change\n"), f"a second time: {again}")
    status = json.loads(story.sooth("status", "faq", *story.target("way"), "--json"))
    expect(all(each["ready"] for each in status["deployments"]), f"status: {status}")
    logs = story.sooth("logs", "faq", *story.target("way"))
    expect('"ready"' in logs and "golden rows replayed" in logs, f"logs: {logs}")
    scored = story.sooth(
        "score", "faq", *story.target("way"), stdin=QUESTION, env={"SOOTH_KEY": story.key}
    )
    expect(scored.strip() == answer.strip(), f"sooth score: {scored}")
    story.undeploy("way")
    left = objects("way") - before
    expect(not left, f"undeploy left {sorted(left)}")
    return f"{took:.1f} s from deploy to the first answer, the image pulled"


def the_pods_are_what_was_promised(story: Story) -> str:
    """pods run unprivileged, on both nodes, without a token, from an image by digest"""
    story.make_namespace("pods")
    kubectl("label", "namespace", "pods", "pod-security.kubernetes.io/enforce=restricted")
    file = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq@champion"}})
    story.deploy("pods", file)
    listed = pods("pods", "faq")
    nodes = {each["spec"]["nodeName"] for each in listed}
    expect(len(nodes) == 2, f"the two copies are on {sorted(nodes)}")
    for each in listed:
        container = each["spec"]["containers"][0]
        digest = story.images["1"]
        expect(container["image"] == f"{REPOSITORY}@{digest}", f"image {container['image']}")
        expect(each["spec"]["automountServiceAccountToken"] is False, "a token is mounted")
    inside = run(["kubectl", "-n", "pods", "exec", listed[0]["metadata"]["name"], "--", "/bin/sh"])
    expect(inside.status != 0, "the image holds a shell")
    used = kubectl("-n", "pods", "get", "secret", "faq-keys", "-o", "jsonpath={.data}")
    expect(story.key not in used, "the Secret holds a key itself")
    story.undeploy("pods")
    return "restricted pod security enforced"


def nothing_is_lost_in_an_update(story: Story) -> str:
    """a rolling update and a rollback under load lose no request"""
    story.make_namespace("update")
    old = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1"}})
    new = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:2"}})
    story.deploy("update", old)
    first = story.first_answer("update")
    with Traffic(story.host("update"), story.key, QUESTION) as traffic:
        time.sleep(SOME_TIME)
        story.deploy("update", new)
        time.sleep(SOME_TIME)
    traffic.expect_nothing_lost(200)
    second = story.first_answer("update")
    expect(second == story.local_answer("faq:2") and second != first, f"after the update: {second}")
    expect(set(traffic.answers) == {first, second}, "answers of neither version")
    with Traffic(story.host("update"), story.key, QUESTION) as back:
        time.sleep(SOME_TIME)
        story.sooth("rollback", "faq", *story.target("update"), "--wait")
        time.sleep(SOME_TIME)
    back.expect_nothing_lost(200)
    expect(story.first_answer("update") == first, "after the rollback another version answers")
    story.undeploy("update")
    return f"0 of {traffic.answered + back.answered} requests lost"


def a_drained_node_loses_nothing(story: Story) -> str:
    """a node is drained under load, and no request is lost"""
    story.make_namespace("drain")
    story.deploy("drain", story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1"}}))
    story.first_answer("drain")
    try:
        with Traffic(story.host("drain"), story.key, QUESTION) as traffic:
            time.sleep(SOME_TIME)
            kubectl("drain", "node-b", "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=90s")
            until("two copies on the other node", 60, lambda: ready_on("drain", "node-a") == 2)
            time.sleep(SOME_TIME)
        traffic.expect_nothing_lost(200)
    finally:
        kubectl("uncordon", "node-b")
    story.undeploy("drain")
    return f"0 of {traffic.answered} requests lost"


def ready_on(namespace: str, node: str) -> int:
    return sum(
        each["spec"]["nodeName"] == node
        and any(c["type"] == "Ready" and c["status"] == "True" for c in each["status"]["conditions"])
        for each in pods(namespace, "faq")
    )


def an_ingress_does_as_well(story: Story) -> str:
    """without a Gateway an Ingress answers over HTTPS and sends plain HTTP there"""
    story.make_namespace("ingress")
    before = objects("ingress")
    words = ["-n", "ingress", "create", "secret", "tls", "certificate"]
    kubectl(*words, f"--cert={KEYS / 'gateway.crt'}", f"--key={KEYS / 'gateway.key'}")
    file = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1", "replicas": 1}})
    story.deploy("ingress", file, "--ingress-class", "contour", "--tls-secret", "certificate")
    story.first_answer("ingress")
    host = story.host("ingress")
    moved = ask_in_clear(host, "/score")
    expect(moved.status == 301, f"plain HTTP: {moved}")
    story.undeploy("ingress")
    left = objects("ingress") - before
    expect(left == {"Secret/certificate"}, f"undeploy left {sorted(left)}")
    return ""


def golden_rows_that_differ_roll_back(story: Story) -> str:
    """a version with other answers rolls back by itself, with the reason, and nobody notices"""
    story.make_namespace("golden")
    good = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1"}})
    story.deploy("golden", good)
    first = story.first_answer("golden")
    golden = json.loads(file_in("team/faq", story.images["1"], "model/.sooth/golden.json"))
    spoil(golden)
    image = with_files(
        "team/faq",
        story.images["1"],
        {"model/.sooth/golden.json": json.dumps(golden).encode()},
    )
    with Traffic(story.host("golden"), story.key, QUESTION) as traffic:
        failed = story.try_deploy("golden", good, "--image", f"blue={image}")
    expect(failed.status == 6, f"exit {failed.status}: {failed.said}")
    for part in ("registered with", "golden rows: ", "rolled back to what was there before"):
        expect(part in failed.err, f"expected {part!r} in: {failed.err}")
    traffic.expect_nothing_lost(50)
    expect(story.first_answer("golden") == first, "another version answers")
    story.undeploy("golden")
    return failed.err.strip().splitlines()[-1]


def spoil(value: Any) -> bool:
    """Changes the first number of a golden answer."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == "answers" and change_number(inner):
                return True
            if spoil(inner):
                return True
    if isinstance(value, list):
        return any(spoil(each) for each in value)
    return False


def change_number(value: Any) -> bool:
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for at, inner in items:
        if isinstance(inner, float):
            value[at] = inner + 0.25
            return True
        if isinstance(inner, (dict, list)) and change_number(inner):
            return True
    return False


def a_failed_first_version_leaves_nothing(story: Story, **how: Any) -> str:
    """Deploys what cannot work into an empty namespace; gives the last sentence of the error."""
    namespace = how["namespace"]
    story.make_namespace(namespace, how.get("secret", True))
    before = objects(namespace)
    deployment = {**SMALL, "version": "faq:1", **how.get("deployment", {})}
    file = story.endpoint_file("faq", {"blue": deployment})
    failed = story.try_deploy(namespace, file, *how.get("flags", []))
    expect(failed.status == 6, f"exit {failed.status}: {failed.said}")
    sentence = failed.err.strip().splitlines()[-1]
    for part in (*how["expected"], "removed again"):
        expect(part in sentence, f"expected {part!r} in: {failed.said}")
    left = objects(namespace) - before
    expect(not left, f"left behind: {sorted(left)}")
    return sentence


def a_crash_loop_is_explained(story: Story) -> str:
    """a copy that ends again and again is explained by its last words"""
    image = with_files("team/faq", story.images["1"], {"model/model.joblib": b"\x80\x04."})
    return a_failed_first_version_leaves_nothing(
        story,
        namespace="crash",
        flags=["--image", f"blue={image}"],
        expected=["what the image holds is corrupt", "its last words were", "model.joblib"],
    )


def a_missing_image_is_explained(story: Story) -> str:
    """an image that the registry does not have is explained"""
    image = f"{REPOSITORY}@sha256:{'7' * 64}"
    return a_failed_first_version_leaves_nothing(
        story,
        namespace="missing",
        flags=["--image", f"blue={image}"],
        expected=["cannot be pulled", "does not have it"],
    )


def a_refused_pull_is_explained(story: Story) -> str:
    """an image that may not be pulled is explained: 401"""
    # An image that no node has yet: what is there is not asked for again.
    image = with_files("team/faq", story.images["1"], {"denied": b"denied"})
    return a_failed_first_version_leaves_nothing(
        story,
        namespace="denied",
        secret=False,
        flags=["--image", f"blue={image}"],
        expected=["cannot be pulled", "401", "pull secret"],
    )


def too_little_memory_is_explained(story: Story) -> str:
    """a copy that needs more memory than it may have is explained"""
    return a_failed_first_version_leaves_nothing(
        story,
        namespace="memory",
        deployment={"memory": "6Mi"},
        expected=["more memory than its limit", "raise"],
    )


def gpus_are_waited_for(story: Story) -> str:
    """a GPU is waited for with the reason, and taken when a node offers one"""
    story.make_namespace("gpu")
    file = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1", "replicas": 1, "gpu": 1}})
    failed = story.try_deploy("gpu", file, "--time-max", "5")
    expect(failed.status == 7, f"exit {failed.status}: {failed.said}")
    for part in ("not ready after 5 s", "no node with a free GPU", "removed again"):
        expect(part in failed.err, f"expected {part!r} in: {failed.err}")
    deploying = story.sooth.start(*story.deploy_words("gpu", file, "--wait"))
    said: list[str] = []
    reader = threading.Thread(target=lambda: said.extend(deploying.stdout or []), daemon=True)
    reader.start()
    try:
        until("the reason", 30, lambda: "no node with a free GPU" in "".join(said))
        offer_gpu(1)
        expect(deploying.wait(90) == 0, f"deploy: {''.join(said)}")
        story.first_answer("gpu")
        story.undeploy("gpu")
    finally:
        deploying.kill()
        offer_gpu(0)
    return next(each for each in said if "no node with a free GPU" in each).strip()


def offer_gpu(count: int) -> None:
    """As a device plug-in would, on the first node."""
    patch = [
        {"op": "add", "path": f"/status/{part}/nvidia.com~1gpu", "value": str(count)}
        for part in ("capacity", "allocatable")
    ]
    words = ["patch", "node", "node-a", "--subresource=status", "--type=json", "-p", json.dumps(patch)]
    kubectl(*words)


def load_adds_copies(story: Story) -> str:
    """the autoscaler adds copies under load, and an update leaves their number alone"""
    story.make_namespace("scale")
    scaled = {"min": 1, "max": 3, "cpu_percent": 50, "scale_down_after": "5 min"}
    blue = {**SMALL, "version": "faq:1", "cpu": "20m", "autoscale": scaled}
    story.deploy("scale", story.endpoint_file("faq", {"blue": blue}))
    story.first_answer("scale")

    def copies() -> int:
        return int(get("scale", "deployment", "faq-blue")["spec"]["replicas"])

    started = time.monotonic()
    with Traffic(story.host("scale"), story.key, QUESTION, clients=4):
        until("three copies", 150, lambda: copies() == 3)
        took = time.monotonic() - started
    blue["environment"] = {"NOTE": "changed"}
    story.deploy("scale", story.endpoint_file("faq", {"blue": blue}))
    expect(copies() == 3, f"after an update there are {copies()} copies")
    story.undeploy("scale")
    return f"1 to 3 copies in {took:.0f} s"


def keys_change_without_a_restart(story: Story) -> str:
    """a revoked key stops working in the pods that run, a new one works"""
    story.make_namespace("keys")
    file = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1"}})
    story.deploy("keys", file)
    story.first_answer("keys")
    before = {each["metadata"]["name"] for each in pods("keys", "faq")}
    minted = json.loads(story.sooth("keys", "create", "faq", "--client", "another", "--json"))
    story.deploy("keys", file)
    key = minted[0]["key"]
    until("the new key works", 120, lambda: story.ask("keys", key).status == 200)
    for each in minted:
        story.sooth("keys", "revoke", each["id"])
    story.deploy("keys", file)
    until("the revoked key is refused", 120, lambda: story.ask("keys", key).status == 401)
    expect(story.ask("keys").status == 200, "the other client's key was lost")
    after = {each["metadata"]["name"] for each in pods("keys", "faq")}
    expect(before == after, "pods were started anew")
    story.undeploy("keys")
    return ""


def traffic_is_shared(story: Story) -> str:
    """two versions share the traffic by their weights"""
    story.make_namespace("share")
    both = {
        "blue": {**SMALL, "version": "faq:1", "replicas": 1},
        "green": {**SMALL, "version": "faq:2", "replicas": 1},
    }
    story.deploy("share", story.endpoint_file("faq", both, traffic={"blue": 80, "green": 20}))
    story.first_answer("share")
    blue, green = story.local_answer("faq:1"), story.local_answer("faq:2")
    counts = {blue: 0, green: 0}
    connection = GatewayConnection(story.host("share"))
    for _ in range(400):
        answer = ask_on(connection, QUESTION, {"x-api-key": story.key})
        expect(answer.status == 200 and answer.body in counts, f"{answer}")
        counts[answer.body] += 1
    connection.close()
    # Four standard deviations of a fair share.
    expect(48 <= counts[green] <= 112, f"20 % of 400 is {counts[green]}")
    scored = story.sooth(
        "score",
        "faq",
        "--deployment",
        "green",
        *story.target("share"),
        stdin=QUESTION,
        env={"SOOTH_KEY": story.key},
    )
    expect(scored.strip() == green.strip(), f"--deployment green: {scored}")
    story.undeploy("share")
    return f"20 %: {counts[green]} of 400"


def others_fields_are_respected(story: Story) -> str:
    """a field that somebody else has set is a conflict that names them"""
    story.make_namespace("conflict")
    blue = {**SMALL, "version": "faq:1", "replicas": 1}
    story.deploy("conflict", story.endpoint_file("faq", {"blue": blue}))
    patch = json.dumps({"spec": {"progressDeadlineSeconds": 500}})
    words = ["-n", "conflict", "patch", "deployment", "faq-blue", "--field-manager=platform-team"]
    kubectl(*words, "-p", patch)
    blue["environment"] = {"NOTE": "changed"}
    file = story.endpoint_file("faq", {"blue": blue})
    refused = story.try_deploy("conflict", file)
    expect(refused.status == 4, f"exit {refused.status}: {refused.said}")
    for part in ("platform-team", "progressDeadlineSeconds"):
        expect(part in refused.err, f"expected {part!r} in: {refused.err}")
    story.deploy("conflict", file, "--force-conflicts")
    story.undeploy("conflict")
    return refused.err.strip().splitlines()[-1]


def it_works_inside_a_pod(story: Story) -> str:
    """in a pod the program reaches the API server by the pod's own token"""
    story.make_namespace("inside")
    file = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1", "replicas": 1}})
    story.deploy("inside", file)
    kubectl("-n", "inside", "create", "serviceaccount", "viewer")
    words = ["-n", "inside", "create", "rolebinding", "viewer", "--clusterrole=view"]
    kubectl(*words, "--serviceaccount=inside:viewer")
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "look"},
        "spec": {
            "serviceAccountName": "viewer",
            "restartPolicy": "Never",
            "imagePullSecrets": [{"name": "pull"}],
            "containers": [
                {
                    "name": "look",
                    "image": f"{REPOSITORY}@{story.images['1']}",
                    "command": ["/usr/bin/sooth"],
                    "args": ["status", "faq", "--to", "in-cluster", "-n", "inside", "--json"],
                }
            ],
        },
    }
    kubectl("-n", "inside", "apply", "-f", "-", stdin=json.dumps(pod))
    until(
        "the pod has ended",
        60,
        lambda: get("inside", "pod", "look")["status"]["phase"] in ("Succeeded", "Failed"),
    )
    said = kubectl("-n", "inside", "logs", "look")
    expect('"ready": true' in said, f"in the pod: {said}")
    story.undeploy("inside")
    return ""


def the_api_server_takes_every_golden_object(story: Story) -> str:
    """the API server's own dry run takes the golden files, unknown fields refused"""
    story.make_namespace("models", secret=False)
    count = 0
    for path in sorted((ROOT / "tests/golden/kubernetes").glob("*.yaml")):
        text = path.read_text("utf-8")
        kept = []
        for document in text.split("\n---\n"):
            kind = next(line for line in document.splitlines() if line.startswith("kind: "))
            # No cluster here has the Prometheus operator.
            if kind == "kind: PodMonitor":
                continue
            kept.append(document)
        flags = ["apply", "--server-side", "--dry-run=server", "--validate=strict", "-f", "-"]
        namespace = ["-n", "models"]
        kubectl(*namespace, *flags, stdin="\n---\n".join(kept))
        count += len(kept)
    return f"{count} objects"


def a_killed_deploy_is_taken_up(story: Story) -> str:
    """a deploy that was killed half way is finished by the next one"""
    story.make_namespace("killed")
    before = objects("killed")
    file = story.endpoint_file("faq", {"blue": {**SMALL, "version": "faq:1", "replicas": 1}})
    for after in (0.3, 0.8, 1.5):
        deploying = story.sooth.start(*story.deploy_words("killed", file, "--wait"))
        time.sleep(after)
        deploying.kill()
        deploying.wait()
    story.deploy("killed", file)
    story.first_answer("killed")
    story.undeploy("killed")
    left = objects("killed") - before
    expect(not left, f"undeploy left {sorted(left)}")
    return ""


Case = Callable[[Story], str]

CASES: list[Case] = [
    answers_with_a_key_over_https,
    the_pods_are_what_was_promised,
    nothing_is_lost_in_an_update,
    a_drained_node_loses_nothing,
    an_ingress_does_as_well,
    golden_rows_that_differ_roll_back,
    a_crash_loop_is_explained,
    a_missing_image_is_explained,
    a_refused_pull_is_explained,
    too_little_memory_is_explained,
    gpus_are_waited_for,
    load_adds_copies,
    keys_change_without_a_restart,
    traffic_is_shared,
    others_fields_are_respected,
    it_works_inside_a_pod,
    the_api_server_takes_every_golden_object,
    a_killed_deploy_is_taken_up,
]
