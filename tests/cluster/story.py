"""What the cases share: the models, the endpoint's files, and how it is reached."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cluster import (
    AUTHORITY,
    CONTEXT,
    PUSH,
    REGISTRY,
    ROOT,
    Answer,
    Done,
    Failure,
    Sooth,
    ask,
    expect,
    kubectl,
    run,
    until,
)
from broken import pull_secret

QUESTION = json.dumps({"input": "how do I copy an object with nested objects in it", "top_k": 3})
REPOSITORY = f"{REGISTRY}/team/faq"
GATEWAY_FLAGS = ["--gateway", "gateway/public", "--client-namespace", "gateway"]
# Room for a test on a busy machine: the pods of one case beside those of another.
SMALL = {"cpu": "100m", "cpu_limit": "500m", "memory": "128Mi", "drain_time": "3 s"}


@dataclass
class Story:
    """One workspace and one registry, and a namespace for each case."""

    sooth: Sooth
    key: str = ""
    monitor_key: str = ""
    images: dict[str, str] = field(default_factory=dict)  # Digest by version.
    namespaces: list[str] = field(default_factory=list)

    @property
    def work(self) -> Path:
        return self.sooth.work

    def target(self, namespace: str) -> list[str]:
        return ["--to", CONTEXT, "-n", namespace]

    def make_namespace(self, namespace: str, secret: bool = True) -> None:
        # An earlier run may have left it, to be looked at.
        kubectl("delete", "namespace", namespace, "--ignore-not-found")
        kubectl("create", "namespace", namespace)
        self.namespaces.append(namespace)
        # What the cluster itself puts there must not be taken for something left behind.
        until("the namespace's own objects", 30, lambda: ours_come(namespace))
        if secret:
            kubectl("-n", namespace, "apply", "-f", "-", stdin=pull_secret("pull"))

    def host(self, namespace: str) -> str:
        return f"{namespace}.cluster.example"

    def endpoint_file(self, name: str, deployments: dict[str, Any], **more: Any) -> str:
        path = self.work / f"{name}-{len(list(self.work.glob('*.yaml')))}.yaml"
        # JSON is YAML.
        path.write_text(json.dumps({"name": name, "deployments": deployments, **more}), "utf-8")
        return str(path)

    def deploy_words(self, namespace: str, file: str, *more: str) -> list[str]:
        words = ["deploy", "-f", file, *self.target(namespace), "--ca-file", AUTHORITY]
        words += ["--repository", REPOSITORY, "--pull-secret", "pull"]
        if "--time-max" not in more:
            words += ["--time-max", "180"]
        exposure = [] if "--ingress-class" in more else GATEWAY_FLAGS
        return [*words, "--host", self.host(namespace), *exposure, *more]

    def deploy(self, namespace: str, file: str, *more: str) -> str:
        return self.sooth(*self.deploy_words(namespace, file, "--wait", *more))

    def try_deploy(self, namespace: str, file: str, *more: str) -> Done:
        return self.sooth.run(*self.deploy_words(namespace, file, "--wait", *more))

    def ask(self, namespace: str, key: str = "", body: str = QUESTION) -> Answer:
        return ask(self.host(namespace), body, {"Authorization": f"Bearer {key or self.key}"})

    def first_answer(self, namespace: str, seconds: float = 30) -> str:
        """The first answer that is one: the gateway learns of a new route within moments."""

        def probe() -> str:
            try:
                got = self.ask(namespace)
            except OSError:
                return ""
            return got.body if got.status == 200 else ""

        return until("an answer through the gateway", seconds, probe)

    def undeploy(self, namespace: str, name: str = "faq") -> str:
        return self.sooth("undeploy", name, *self.target(namespace), "--time-max", "120")

    def end_namespaces(self) -> None:
        while self.namespaces:
            kubectl("delete", "namespace", self.namespaces.pop(), "--wait=false")

    def local_answer(self, version: str) -> str:
        """What `sooth serve` on this machine answers to the question."""
        server = self.sooth.start("serve", version, "--port", "0", "--open")
        try:
            expect(server.stdout is not None, "the server has no output")
            assert server.stdout is not None
            for line in server.stdout:
                if " at http://" in line:
                    url = line.split(" at ", 1)[1].split(",", 1)[0]
                    break
            else:
                raise Failure(f"sooth serve {version} ended with {server.wait()}")
            done = run(["curl", "-s", "--max-time", "10", url, "-d", QUESTION])
            return done.out
        finally:
            server.terminate()
            server.wait(30)


def ours_come(namespace: str) -> bool:
    done = run(["kubectl", "-n", namespace, "get", "serviceaccount/default", "configmap/kube-root-ca.crt"])
    return done.status == 0


def prepare(sooth: Sooth) -> Story:
    """Two versions in the workspace and the registry, keys, and who may push."""
    user, password = PUSH
    story = Story(sooth)
    sooth("login", REGISTRY, "--user", user, "--password-stdin", "--ca-file", AUTHORITY, stdin=password)
    sooth("register", str(ROOT / "demos/faq"), "--name", "faq", "--alias", "champion")
    best = json.loads(story.local_answer("faq:1"))[0][0]
    sooth("register", str(faq_without(str(best), sooth.work)), "--name", "faq")
    for version in ("1", "2"):
        words = ["push", f"faq:{version}", f"{REPOSITORY}:{version}", "--ca-file", AUTHORITY, "--json"]
        story.images[version] = json.loads(sooth(*words))["digest"]
    story.key = mint(sooth, "tests", "score")
    story.monitor_key = mint(sooth, "monitor", "metrics")
    return story


def mint(sooth: Sooth, client: str, scope: str) -> str:
    """The primary one of a new client's keys."""
    words = ["keys", "create", "faq", "--client", client, "--scope", scope, "--json"]
    return next(each["key"] for each in json.loads(sooth(*words)) if each["slot"] == "primary")


def faq_without(candidate: str, work: Path) -> Path:
    """The FAQ without one entry: another version, with other answers to what that one answers."""
    folder = work / "changed"
    folder.mkdir()
    source = ROOT / "demos/faq"
    for name in ("model.joblib", "sooth.yaml"):
        shutil.copy(source / name, folder / name)
    lines = (source / "questions.tsv").read_text("utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.split("\t")[0] != candidate]
    expect(len(kept) == len(lines) - 1, f"expected one entry {candidate} in questions.tsv")
    (folder / "questions.tsv").write_text("".join(kept), "utf-8")
    return folder
