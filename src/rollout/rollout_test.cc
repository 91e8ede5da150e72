#include "rollout/rollout.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "kube/access.h"
#include "rollout/test_cluster.h"

namespace rollout {
namespace {

using base::Code;
using nlohmann::json;

std::string image_of(char digit) { return "registry.example/faq@sha256:" + std::string(64, digit); }

// A cluster, a clock that moves only while somebody waits, and an endpoint.
class RolloutTest : public testing::Test {
 protected:
  RolloutTest() {
    auto access = kube::Access::open({.server = "http://127.0.0.1:" + std::to_string(fake_.port()),
                                      .user_agent = "test",
                                      .now = [] { return std::chrono::steady_clock::now(); }});
    EXPECT_TRUE(access.ok()) << access.error().message();
    access_ = *std::move(access);
    time_ = {.now = [this] { return std::chrono::steady_clock::time_point(clock_); },
             .sleep = [this](std::chrono::milliseconds by) { clock_ += by; }};
  }

  Cluster cluster() { return *Cluster::discover(access_->client(), "models"); }

  static deploy::EndpointSpec spec_of(const std::string& version, const std::string& more = "") {
    return *deploy::parse_endpoint(
        "endpoint.yaml", "name: faq\ndeployments:\n  blue:\n    version: " + version + "\n" + more);
  }
  static deploy_kubernetes::RenderContext context_of(char digit) {
    deploy_kubernetes::RenderContext context;
    context.images = {{"blue", image_of(digit)}, {"green", image_of(digit)}};
    context.keys_base64 = {{"keys.json", "e30="}};
    return context;
  }

  base::Result<void> deploy(const std::string& version, char digit, const std::string& more = "") {
    TRY_ASSIGN(Plan plan, plan_deploy(cluster(), spec_of(version, more), context_of(digit)));
    TRY(check(cluster(), plan, conduct_));
    return carry_out(cluster(), std::move(plan), conduct_, time_);
  }
  std::string image() {
    const json deployment = fake_.object("/apis/apps/v1/namespaces/models/deployments/faq-blue");
    return deployment.is_null()
               ? ""
               : text_at(deployment["spec"]["template"]["spec"]["containers"][0], {"image"});
  }
  Record record() {
    return *read_record(fake_.object("/api/v1/namespaces/models/configmaps/sooth-faq"));
  }
  void break_images(char digit, FakeCluster::Play how) {
    fake_.play([=](const std::string& image) {
      return image == image_of(digit) ? how : FakeCluster::Play::Ready;
    });
  }

  FakeCluster fake_;
  std::unique_ptr<kube::Access> access_;
  std::chrono::milliseconds clock_{0};
  Time time_;
  Conduct conduct_{.wait = true};
};

TEST_F(RolloutTest, AppliesTheOwnerFirstAndMakesItOwnAllOthers) {
  const auto done = deploy("faq:3", 'a');
  ASSERT_TRUE(done.ok()) << done.error().message();
  EXPECT_EQ(fake_.names(), (std::vector<std::string>{
                               "ConfigMap sooth-faq", "Deployment faq-blue", "NetworkPolicy faq",
                               "PodDisruptionBudget faq-blue", "Secret faq-keys", "Service faq",
                               "Service faq-blue", "ServiceAccount faq"}));
  const json owner = fake_.object("/api/v1/namespaces/models/configmaps/sooth-faq");
  const json deployment = fake_.object("/apis/apps/v1/namespaces/models/deployments/faq-blue");
  EXPECT_EQ(deployment["metadata"]["ownerReferences"][0]["uid"], owner["metadata"]["uid"]);
  const auto requests = fake_.requests();
  const auto first = std::find_if(requests.begin(), requests.end(), [](const std::string& each) {
    return each.find("dryRun") == std::string::npos;
  });
  ASSERT_NE(first, requests.end());
  EXPECT_EQ(*first, "PATCH /api/v1/namespaces/models/configmaps/sooth-faq?fieldManager=sooth");
}

TEST_F(RolloutTest, RemembersWhatWasGoodButNoSecret) {
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  ASSERT_TRUE(deploy("faq:4", 'b').ok());
  const Record kept = record();
  EXPECT_TRUE(kept.ready);
  EXPECT_EQ(versions_of(kept), (std::vector<std::string>{"faq:3", "faq:4"}));
  const json owner = fake_.object("/api/v1/namespaces/models/configmaps/sooth-faq");
  EXPECT_EQ(owner.dump().find("e30="), std::string::npos);
}

TEST_F(RolloutTest, ShowsWhatWouldChangeAndNothingOfItsOwnRecord) {
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  const auto same = plan_deploy(cluster(), spec_of("faq:3"), context_of('a'));
  ASSERT_TRUE(same.ok()) << same.error().message();
  EXPECT_EQ(deploy_kubernetes::to_text(same->changes), "no change\n");
  const auto other = plan_deploy(cluster(), spec_of("faq:4"), context_of('b'));
  const std::string text = deploy_kubernetes::to_text(other->changes);
  EXPECT_NE(text.find("spec.template.spec.containers[sooth].image"), std::string::npos) << text;
  EXPECT_EQ(text.find("current.json"), std::string::npos) << text;
}

TEST_F(RolloutTest, ADryRunChangesNothing) {
  const auto plan = plan_deploy(cluster(), spec_of("faq:3"), context_of('a'));
  ASSERT_TRUE(plan.ok());
  EXPECT_TRUE(check(cluster(), *plan, conduct_).ok());
  EXPECT_TRUE(fake_.names().empty());
  EXPECT_FALSE(fake_.requests().empty());
}

TEST_F(RolloutTest, ABrokenVersionGoesBackByItselfAndSaysWhy) {
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  break_images('b', FakeCluster::Play::PullDenied);
  const auto done = deploy("faq:4", 'b');
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::Unavailable);
  EXPECT_NE(done.error().message().find("401"), std::string::npos) << done.error().message();
  EXPECT_TRUE(done.error().message().ends_with("; rolled back to what was there before"))
      << done.error().message();
  EXPECT_EQ(image(), image_of('a'));
  EXPECT_EQ(versions_of(record()), std::vector<std::string>{"faq:3"});
  EXPECT_FALSE(fake_.object("/api/v1/namespaces/models/secrets/faq-keys").is_null());
}

TEST_F(RolloutTest, TheLastWordsAreThoseOfTheRunThatEnded) {
  break_images('a', FakeCluster::Play::Ended);
  const auto done = deploy("faq:3", 'a');
  ASSERT_FALSE(done.ok());
  EXPECT_NE(done.error().message().find("its last words were \"a line of log\""), std::string::npos)
      << done.error().message();
}

TEST_F(RolloutTest, WhatTheNodeSaysOfALogThatIsGoneIsNobodysLastWords) {
  break_images('a', FakeCluster::Play::Ended);
  fake_.say(
      "failed to try resolving symlinks in path \"/var/log/pods/a/sooth/0.log\": no such file");
  const auto done = deploy("faq:3", 'a');
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().message().find("last words"), std::string::npos) << done.error().message();
}

TEST_F(RolloutTest, AFirstVersionThatFailsLeavesNothing) {
  break_images('a', FakeCluster::Play::PullDenied);
  const auto done = deploy("faq:3", 'a');
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().message().ends_with("removed again, since nothing was there before"))
      << done.error().message();
  EXPECT_TRUE(fake_.names().empty());
}

TEST_F(RolloutTest, AnApiServerThatIsAwayForAMomentFailsNothing) {
  for (const int status : {503, 429, 504}) {
    auto plan = plan_deploy(cluster(), spec_of("faq:3"), context_of('a'));
    ASSERT_TRUE(plan.ok());
    fake_.fail_next("GET", "/deployments/faq-blue", status, "leader changed");
    const auto done = carry_out(cluster(), *std::move(plan), conduct_, time_);
    EXPECT_TRUE(done.ok()) << done.error().message();
    fake_.fail_next("GET", "/pods", status, "leader changed");
    EXPECT_TRUE(undeploy(cluster(), "faq", std::chrono::seconds(30), time_).ok());
  }
}

TEST_F(RolloutTest, GoingBackIsTriedAnewWhileTheApiServerIsAway) {
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  break_images('b', FakeCluster::Play::PullDenied);
  // Going back takes over what it finds, an attempt does not.
  fake_.fail_next("PATCH", "force=true", 503, "leader changed");
  fake_.fail_next("PATCH", "force=true", 503, "leader changed");
  const auto done = deploy("faq:4", 'b');
  ASSERT_FALSE(done.ok());
  EXPECT_TRUE(done.error().message().ends_with("; rolled back to what was there before"))
      << done.error().message();
  EXPECT_EQ(image(), image_of('a'));
  EXPECT_EQ(clock_, std::chrono::seconds(2));
}

TEST_F(RolloutTest, LeavesWhatFailedWhereAskedTo) {
  break_images('a', FakeCluster::Play::PullDenied);
  conduct_.roll_back = false;
  EXPECT_FALSE(deploy("faq:3", 'a').ok());
  EXPECT_EQ(image(), image_of('a'));
  EXPECT_FALSE(record().ready);
}

TEST_F(RolloutTest, WaitsNoLongerThanToldAndSaysHowFarItCame) {
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  break_images('b', FakeCluster::Play::Slow);
  conduct_.time_max = std::chrono::seconds(30);
  std::vector<std::string> said;
  conduct_.on_progress = [&](const std::string& sentence) { said.push_back(sentence); };
  const auto done = deploy("faq:4", 'b');
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::Deadline);
  EXPECT_EQ(said, std::vector<std::string>{"faq-blue: 2 of 2 copies are ready, 1 of 3 are new"});
  EXPECT_GE(clock_, std::chrono::seconds(30));
  EXPECT_EQ(image(), image_of('a'));
}

TEST_F(RolloutTest, ARefusalHalfwayGoesBackToo) {
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  auto plan = plan_deploy(cluster(), spec_of("faq:4"), context_of('b'));
  ASSERT_TRUE(plan.ok());
  fake_.fail_next("PATCH", "/poddisruptionbudgets/", 403, "poddisruptionbudgets is forbidden");
  const auto done = carry_out(cluster(), *std::move(plan), conduct_, time_);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::Denied);
  EXPECT_NE(done.error().message().find("PodDisruptionBudget faq-blue"), std::string::npos);
  EXPECT_EQ(image(), image_of('a'));
}

TEST_F(RolloutTest, TwoWhoDeployAtOnceDoNotOverwriteEachOther) {
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  auto late = plan_deploy(cluster(), spec_of("faq:4"), context_of('b'));
  ASSERT_TRUE(deploy("faq:5", 'c').ok());
  const auto done = carry_out(cluster(), *std::move(late), conduct_, time_);
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code(), Code::Conflict);
  EXPECT_EQ(image(), image_of('c'));
}

TEST_F(RolloutTest, PrunesWhatIsNotWantedAnyMore) {
  ASSERT_TRUE(
      deploy("faq:3", 'a', "  green:\n    version: faq:4\ntraffic: {blue: 100, green: 0}\n").ok());
  const std::string green = "/apis/apps/v1/namespaces/models/deployments/faq-green";
  ASSERT_FALSE(fake_.object(green).is_null());
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  EXPECT_TRUE(fake_.object(green).is_null());
}

TEST_F(RolloutTest, RollbackGoesToWhatWasReadyBeforeAndForthAgain) {
  EXPECT_EQ(plan_rollback(cluster(), "faq").error().code(), Code::NotFound);
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  EXPECT_EQ(plan_rollback(cluster(), "faq").error().code(), Code::NotFound);
  ASSERT_TRUE(deploy("faq:4", 'b').ok());
  for (const char expected : {'a', 'b'}) {
    auto plan = plan_rollback(cluster(), "faq");
    ASSERT_TRUE(plan.ok()) << plan.error().message();
    const auto done = carry_out(cluster(), *std::move(plan), conduct_, time_);
    ASSERT_TRUE(done.ok()) << done.error().message();
    EXPECT_EQ(image(), image_of(expected));
  }
}

TEST_F(RolloutTest, AnAutoscalerTakesOverTheNumberOfCopies) {
  ASSERT_TRUE(deploy("faq:3", 'a', "    replicas: 4\n").ok());
  const auto before = fake_.requests().size();
  ASSERT_TRUE(deploy("faq:3", 'a', "    autoscale: {max: 8}\n").ok());
  const auto requests = fake_.requests();
  EXPECT_TRUE(std::any_of(requests.begin() + static_cast<std::ptrdiff_t>(before), requests.end(),
                          [](const std::string& each) {
                            return each.ends_with("faq-blue?fieldManager=sooth-scale&force=true");
                          }));
}

TEST_F(RolloutTest, UndeployLeavesNothingOfOursAndAllOfOthers) {
  fake_.put("/api/v1/namespaces/models/secrets/other",
            {{"apiVersion", "v1"},
             {"kind", "Secret"},
             {"metadata", {{"name", "other"}, {"labels", {{"sooth/endpoint", "faq"}}}}}});
  ASSERT_TRUE(deploy("faq:3", 'a').ok());
  ASSERT_TRUE(undeploy(cluster(), "faq", std::chrono::seconds(30), time_).ok());
  EXPECT_EQ(fake_.names(), std::vector<std::string>{"Secret other"});
  EXPECT_EQ(undeploy(cluster(), "faq", std::chrono::seconds(30), time_).error().code(),
            Code::NotFound);
}

TEST_F(RolloutTest, RefusesToTakeOverWhatIsNotOurs) {
  fake_.put("/api/v1/namespaces/models/services/faq",
            {{"apiVersion", "v1"}, {"kind", "Service"}, {"metadata", {{"name", "faq"}}}});
  EXPECT_EQ(plan_deploy(cluster(), spec_of("faq:3"), context_of('a')).error().code(),
            Code::Conflict);
  fake_.put("/api/v1/namespaces/models/configmaps/sooth-faq",
            {{"apiVersion", "v1"}, {"kind", "ConfigMap"}, {"metadata", {{"name", "sooth-faq"}}}});
  EXPECT_EQ(cluster().find_owner("faq").error().code(), Code::Conflict);
}

TEST_F(RolloutTest, ErrorsOfTheApiServerKeepTheirKindAndWords) {
  const struct {
    int status;
    Code code;
  } cases[] = {{401, Code::Unauthenticated}, {403, Code::Denied},    {409, Code::Conflict},
               {422, Code::Invalid},         {429, Code::Exhausted}, {500, Code::Unavailable}};
  const Cluster open = cluster();
  for (const auto& [status, code] : cases) {
    fake_.fail_next("GET", "/configmaps/", status, "because of this");
    const auto found = open.find_owner("faq");
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().code(), code) << status;
    EXPECT_NE(found.error().message().find("because of this"), std::string::npos);
  }
}

TEST_F(RolloutTest, AGpuThatNobodyOffersIsExplainedWhileItIsWaitedFor) {
  break_images('a', FakeCluster::Play::NoGpu);
  conduct_.roll_back = false;
  conduct_.time_max = std::chrono::seconds(5);
  const auto done = deploy("faq:3", 'a', "    gpu: 1\n");
  ASSERT_FALSE(done.ok());
  EXPECT_NE(done.error().message().find("GPU"), std::string::npos) << done.error().message();
}

}  // namespace
}  // namespace rollout
