#include "deploy_kubernetes/explain.h"

#include <string>

#include <gtest/gtest.h>

namespace deploy_kubernetes {
namespace {

using nlohmann::json;

constexpr const char* kImage = "registry.example/faq@sha256:aa";

json pod_with(const std::string& container_status, const std::string& conditions = "[]") {
  json pod = json::parse(R"({"kind":"Pod","metadata":{"name":"faq-blue-7d9f"},
      "spec":{"containers":[{"name":"sooth","resources":{"limits":{"memory":"512Mi"}}}]},
      "status":{"phase":"Pending"}})");
  pod["spec"]["containers"][0]["image"] = kImage;
  pod["status"]["conditions"] = json::parse(conditions);
  if (!container_status.empty()) {
    json status = json::parse(container_status);
    status["name"] = "sooth";
    pod["status"]["containerStatuses"] = json::array({status});
  }
  return pod;
}

json waiting(const std::string& reason, const std::string& message) {
  return pod_with(json{{"ready", false},
                       {"restartCount", 0},
                       {"state", {{"waiting", {{"reason", reason}, {"message", message}}}}}}
                      .dump());
}

json ended(int status, const std::string& reason, int restarts = 3) {
  return pod_with(json{{"ready", false},
                       {"restartCount", restarts},
                       {"state",
                        {{"waiting",
                          {{"reason", "CrashLoopBackOff"},
                           {"message", "back-off 40s restarting failed container"}}}}},
                       {"lastState", {{"terminated", {{"exitCode", status}, {"reason", reason}}}}}}
                      .dump());
}

json unscheduled(const std::string& message) {
  return pod_with("", json::array({{{"type", "PodScheduled"},
                                    {"status", "False"},
                                    {"reason", "Unschedulable"},
                                    {"message", message}}})
                          .dump());
}

json event(const std::string& reason, const std::string& message) {
  return json::array({{{"type", "Warning"}, {"reason", reason}, {"message", message}}});
}

struct Case {
  json pod;
  json events;
  std::string log;
  Cause cause;
  std::string sentence;
};

void check(const Case& c) {
  const auto found = explain(c.pod, c.events, c.log);
  ASSERT_TRUE(found) << c.sentence;
  EXPECT_EQ(found->sentence, c.sentence);
  EXPECT_EQ(cause_name(found->cause), cause_name(c.cause));
}

TEST(ExplainTest, ImagesThatCannotBePulled) {
  const std::string image = "image \"registry.example/faq@sha256:aa\" ";
  const Case cases[] = {
      {waiting("ErrImagePull",
               "failed to pull and unpack image \"registry.example/faq@sha256:aa\": failed to "
               "resolve reference: unexpected status from HEAD request to "
               "https://registry.example/v2/faq/manifests/sha256:aa: 401 Unauthorized"),
       json::array(), "", Cause::ImageDenied,
       image + "cannot be pulled: the registry answers 401; name a pull secret of the namespace "
               "that holds its credentials"},
      {waiting("ImagePullBackOff", "Back-off pulling image"),
       event("Failed",
             "Failed to pull image \"x\": failed to authorize: failed to fetch oauth "
             "token: unexpected status: 403 Forbidden"),
       "", Cause::ImageDenied,
       image + "cannot be pulled: the registry answers 403; give the pull secret's account the "
               "right to read the repository"},
      {waiting("ErrImagePull",
               "rpc error: code = NotFound desc = failed to pull and unpack image: "
               "registry.example/faq@sha256:aa: not found"),
       json::array(), "", Cause::ImageMissing,
       image + "cannot be pulled: the registry does not have it; push it with sooth push"},
      {waiting("ErrImagePull", "dial tcp: lookup registry.example: no such host"), json::array(),
       "", Cause::ImageMissing,
       image + "cannot be pulled: its registry cannot be reached from the node; check its name and "
               "the network"},
      {waiting("ErrImagePull",
               "tls: failed to verify certificate: x509: certificate signed by "
               "unknown authority"),
       json::array(), "", Cause::ImageMissing,
       image + "cannot be pulled: its registry's TLS is not trusted; give the nodes its "
               "certificate"},
      {waiting("InvalidImageName", "couldn't parse image name"), json::array(), "",
       Cause::ImageMissing, image + "is no valid name; correct the reference"},
      {waiting("ImagePullBackOff", "Back-off"), json::array(), "", Cause::ImageMissing,
       image + "cannot be pulled: see the node's events; kubectl describe pod shows them"},
  };
  for (const Case& c : cases) check(c);
}

TEST(ExplainTest, CopiesThatEnd) {
  const Case cases[] = {
      {ended(1, "Error"), json::array(), "starting\n\nsooth: model \"faq\": not found\n",
       Cause::Crash,
       "the copy ends again and again with exit status 1, and its last words were \"sooth: model "
       "\\\"faq\\\": not found\"; sooth logs shows all it said"},
      {ended(2, "Error"), json::array(), "", Cause::Crash,
       "the copy ends again and again with exit status 2; sooth logs shows all it said"},
      {ended(137, "OOMKilled"), json::array(), "", Cause::OutOfMemory,
       "the copy was ended because it needs more memory than its limit of 512Mi; raise \"memory\" "
       "in the endpoint file"},
      {ended(8, "Error"), json::array(), "golden row 3: expected 0.5, got 0.25", Cause::GoldenRows,
       "the version does not give the answers that it was registered with, and its last words were "
       "\"golden row 3: expected 0.5, got 0.25\"; compare the image with the version, and register "
       "it again if it was meant to change"},
      {ended(8, "Error"), json::array(),
       "golden rows replayed\nsooth: \"/model/model.joblib\": byte 2: expected a value",
       Cause::Corrupt,
       "what the image holds is corrupt, and its last words were \"sooth: "
       "\\\"/model/model.joblib\\\": byte 2: expected a value\"; build and push it again from the "
       "workspace, which sooth doctor checks"},
      {ended(137, "Error"),
       event("Unhealthy",
             "Liveness probe failed: Get \"http://10.0.0.1:8080/healthz\": context "
             "deadline exceeded"),
       "", Cause::ProbeFails,
       "its liveness probe fails: \"Get \\\"http://10.0.0.1:8080/healthz\\\": context deadline "
       "exceeded\"; raise the timeout under \"probes\", or give it more \"cpu\""},
  };
  for (const Case& c : cases) check(c);
}

TEST(ExplainTest, CopiesThatNoNodeTakes) {
  const Case cases[] = {
      {unscheduled("0/3 nodes are available: 3 Insufficient nvidia.com/gpu. preemption: 0/3 nodes "
                   "are available: 3 No preemption victims found for incoming pod."),
       json::array(), "", Cause::NoGpu,
       "no node with a free GPU: every one is taken or none has any; add a node with a GPU, or say "
       "\"update: replace\" if the old copy holds it"},
      {unscheduled("0/2 nodes are available: 2 Insufficient cpu."), json::array(), "",
       Cause::NoRoom,
       "no node has enough processor time left; add a node, or ask for less in the endpoint file"},
      {unscheduled("0/2 nodes are available: 1 Insufficient memory, 1 Insufficient cpu."),
       json::array(), "", Cause::NoRoom,
       "no node has enough processor time and memory left; add a node, or ask for less in the "
       "endpoint file"},
      {unscheduled("0/1 nodes are available: 1 node(s) had untolerated taint {team: a}."),
       json::array(), "", Cause::NodesRefuse,
       "no node takes the copy: \"0/1 nodes are available: 1 node(s) had untolerated taint {team: "
       "a}.\"; take the taint off a node, or add nodes without it"},
      {pod_with(""),
       event("FailedScheduling",
             "0/1 nodes are available: 1 node(s) didn't match "
             "Pod's node affinity/selector."),
       "", Cause::NodesRefuse,
       "no node takes the copy: \"0/1 nodes are available: 1 node(s) didn't match Pod's node "
       "affinity/selector.\"; correct \"node_selector\", or label a node so"},
  };
  for (const Case& c : cases) check(c);
}

TEST(ExplainTest, WhatIsMissingOrNotAllowed) {
  const Case cases[] = {
      {waiting("CreateContainerConfigError", "secret \"tracing\" not found"), json::array(), "",
       Cause::ConfigMissing,
       "something that the copy refers to is not there: \"secret \\\"tracing\\\" not found\"; "
       "create "
       "it in the namespace"},
      {waiting("ContainerCreating", ""),
       event("FailedMount",
             "MountVolume.SetUp failed for volume \"keys\" : secret \"faq-keys\" not "
             "found"),
       "", Cause::ConfigMissing,
       "something that the copy refers to is not there: \"MountVolume.SetUp failed for volume "
       "\\\"keys\\\" : secret \\\"faq-keys\\\" not found\"; create it in the namespace"},
      {waiting("CreateContainerConfigError",
               "container has runAsNonRoot and image will run as root"),
       json::array(), "", Cause::AdmissionDenied,
       "the image wants to run as root, which is not allowed; build it with sooth build, or give "
       "it "
       "a user"},
      {nullptr,
       event("FailedCreate",
             "Error creating: pods \"faq-blue-7d9f-x\" is forbidden: exceeded quota: "
             "small, requested: cpu=2, used: cpu=3, limited: cpu=4"),
       "", Cause::QuotaExceeded,
       "the namespace's quota is used up: \"exceeded quota: small, requested: cpu=2, used: cpu=3, "
       "limited: cpu=4\"; raise the quota, or ask for less"},
      {nullptr,
       event("FailedCreate",
             "Error creating: admission webhook \"policy.example\" denied the "
             "request: no digest"),
       "", Cause::AdmissionDenied,
       "the cluster's rules do not admit the copy: \"Error creating: admission webhook "
       "\\\"policy.example\\\" denied the request: no digest\"; ask who keeps the cluster, or "
       "correct "
       "what it names"},
      {nullptr,
       event("FailedCreate", "Error creating: pods \"x\": serviceaccount \"faq\" not found"), "",
       Cause::ConfigMissing,
       "no copy can be created: \"Error creating: pods \\\"x\\\": serviceaccount \\\"faq\\\" not "
       "found\"; correct what it names"},
  };
  for (const Case& c : cases) check(c);
}

TEST(ExplainTest, ProbesThatFail) {
  const json running = pod_with(R"({"ready":false,"restartCount":0,"state":{"running":{}}})");
  check({running,
         event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"), "",
         Cause::ProbeFails,
         "its readiness probe fails: \"HTTP probe failed with statuscode: 503\"; sooth logs shows "
         "what it waits for, and \"probes\" how long it may"});
  check({running,
         event("Unhealthy", "Startup probe failed: HTTP probe failed with statuscode: 503"),
         "golden row 1: expected 1, got 2\n", Cause::GoldenRows,
         "the version does not give the answers that it was registered with, and its last words "
         "were \"golden row 1: expected 1, got 2\"; compare the image with the version, and "
         "register it again if it was meant to change"});
}

TEST(ExplainTest, AnOrdinaryStartNeedsNoExplanation) {
  const json ready = pod_with(R"({"ready":true,"restartCount":2,"state":{"running":{}},
      "lastState":{"terminated":{"exitCode":1,"reason":"Error"}}})");
  EXPECT_FALSE(explain(ready, event("Unhealthy", "Readiness probe failed: x")));
  EXPECT_FALSE(explain(pod_with(R"({"ready":false,"state":{"running":{}}})"), json::array()));
  EXPECT_FALSE(explain(waiting("ContainerCreating", ""), json::array()));
  EXPECT_FALSE(explain(nullptr, json::array()));
  // What is not a warning says nothing.
  EXPECT_FALSE(explain(nullptr, json::parse(R"([{"type":"Normal","reason":"FailedCreate",
      "message":"exceeded quota"}])")));
}

TEST(ExplainTest, TakesEventListsAndTheNewerForm) {
  const json list = {{"kind", "EventList"},
                     {"items", json::array({{{"type", "Warning"},
                                             {"reason", "FailedCreate"},
                                             {"note", "Error creating: exceeded quota: q"}}})}};
  const auto found = explain(nullptr, list);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->cause, Cause::QuotaExceeded);
}

TEST(ExplainTest, PassesOverFormsThatItDoesNotKnow) {
  for (const char* pod :
       {"7", "[]", R"({"status":7})", R"({"status":{"containerStatuses":[7]}})",
        R"({"status":{"containerStatuses":{}},"spec":{"containers":7}})",
        R"({"status":{"containerStatuses":[{"state":{"terminated":{"exitCode":"x"}}}]}})"}) {
    for (const char* events :
         {"7", "[7]", R"({"items":{}})", R"([{"type":"Warning","reason":7}])"}) {
      EXPECT_FALSE(explain(json::parse(pod), json::parse(events))) << pod << events;
    }
  }
}

}  // namespace
}  // namespace deploy_kubernetes
