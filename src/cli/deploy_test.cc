#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "cli/run.h"
#include "cli/test_sink.h"
#include "rollout/test_cluster.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

// The commands that deploy, against a cluster in this process.
class DeployTest : public testing::Test {
 protected:
  DeployTest() {
    std::string name = testing::TempDir() + "cli-deploy.XXXXXX";
    folder_ = ::mkdtemp(name.data());
    std::ofstream(folder_ / "endpoint.yaml")
        << "name: faq\ndeployments:\n  blue:\n    version: faq:3\n";
  }
  ~DeployTest() override { fs::remove_all(folder_); }

  std::string server() const { return "http://127.0.0.1:" + std::to_string(cluster_.port()); }
  int call(std::vector<std::string> arguments, std::string_view in = "") {
    for (const std::string& each :
         {std::string("--server"), server(), std::string("-n"), std::string("models")}) {
      arguments.push_back(each);
    }
    return call_alone(std::move(arguments), in);
  }
  int call_alone(std::vector<std::string> arguments, std::string_view in = "") {
    table::TextSource source(in);
    out_.written.clear();
    err_.written.clear();
    World world{.arguments = std::move(arguments),
                .in = source,
                .out = out_,
                .err = err_,
                .now = std::chrono::steady_clock::now,
                .wall_now = std::chrono::system_clock::now,
                .user = "ada",
                .environment = [this](const std::string& variable) -> std::string {
                  if (variable == "SOOTH_WORKSPACE") return (folder_ / "work").string();
                  return variable == "SOOTH_KEY" ? "sooth_a.b.c" : "";
                }};
    return run(world);
  }
  // From now on faq:1 of a workspace is what is deployed.
  void use_workspace() {
    const std::string model = std::string(SOOTH_SOURCE_DIR) + "/tests/scenario/data/flowers.joblib";
    ASSERT_EQ(call_alone({"register", model, "--name", "faq"}), 0) << err_.written;
    std::ofstream(folder_ / "endpoint.yaml")
        << "name: faq\ndeployments:\n  blue:\n    version: faq:1\n";
  }
  int deploy(char digit, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "deploy",
        "-f",
        (folder_ / "endpoint.yaml").string(),
        "--keys",
        std::string(SOOTH_SOURCE_DIR) + "/tests/scenario/data/keys.json",
        "--image",
        "blue=registry.example/faq@sha256:" + std::string(64, digit)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return call(std::move(arguments));
  }

  rollout::FakeCluster cluster_;
  fs::path folder_;
  TextSink out_;
  TextSink err_;
};

TEST_F(DeployTest, ShowsThePlanThenCarriesItOut) {
  EXPECT_EQ(deploy('a', {"--dry-run"}), 0) << err_.written;
  EXPECT_NE(out_.written.find("+ Deployment faq-blue\n"), std::string::npos) << out_.written;
  EXPECT_TRUE(out_.written.ends_with("endpoint faq: nothing was changed\n"));
  EXPECT_TRUE(cluster_.names().empty());
  EXPECT_EQ(deploy('a', {"--wait"}), 0) << err_.written;
  EXPECT_TRUE(out_.written.ends_with("endpoint faq: ready\n")) << out_.written;
  EXPECT_EQ(cluster_.names().size(), 8U);
}

TEST_F(DeployTest, GivesThePlanAsJson) {
  EXPECT_EQ(deploy('a', {"--wait", "--json"}), 0) << err_.written;
  const auto body = nlohmann::json::parse(out_.written);
  EXPECT_EQ(body["ended"], "ready");
  EXPECT_EQ(body["changes"].size(), 8U);
}

TEST_F(DeployTest, ABrokenVersionExitsByItsKindAndSaysWhereItEnded) {
  ASSERT_EQ(deploy('a', {"--wait"}), 0);
  cluster_.play([](const std::string& image) {
    return image.ends_with("b") ? rollout::FakeCluster::Play::PullDenied
                                : rollout::FakeCluster::Play::Ready;
  });
  EXPECT_EQ(deploy('b', {"--wait"}), 6);
  EXPECT_TRUE(err_.written.ends_with("; rolled back to what was there before\n")) << err_.written;
  EXPECT_EQ(call({"status", "faq"}), 0);
  EXPECT_EQ(out_.written, "faq:3          faq-blue: 2 of 2 copies are ready\n");
}

TEST_F(DeployTest, RollsBackAndTakesAway) {
  ASSERT_EQ(deploy('a', {"--wait"}), 0);
  EXPECT_EQ(call({"rollback", "faq", "--wait"}), 3);
  ASSERT_EQ(deploy('b', {"--wait"}), 0);
  EXPECT_EQ(call({"rollback", "faq", "--wait"}), 0) << err_.written;
  EXPECT_EQ(call({"undeploy", "faq"}), 0) << err_.written;
  EXPECT_EQ(out_.written, "endpoint faq: gone, nothing of it is left\n");
  EXPECT_TRUE(cluster_.names().empty());
  EXPECT_EQ(call({"undeploy", "faq"}), 3);
  EXPECT_EQ(call({"status", "faq"}), 3);
}

TEST_F(DeployTest, TheWorkspaceKnowsWhatRunsWhereAndForgetsIt) {
  use_workspace();
  ASSERT_EQ(deploy('a', {"--wait"}), 0) << err_.written;
  EXPECT_EQ(call_alone({"models", "show", "faq:1"}), 0);
  EXPECT_NE(out_.written.find("runs as endpoint faq on kubernetes:" + server() + "/models\n"),
            std::string::npos)
      << out_.written;
  EXPECT_EQ(call_alone({"models", "remove", "faq:1"}), 4);
  cluster_.forget_everything();
  EXPECT_EQ(call({"undeploy", "faq"}), 0) << err_.written;
  EXPECT_EQ(call({"undeploy", "faq"}), 3);
  ASSERT_EQ(deploy('a', {"--wait"}), 0) << err_.written;
  EXPECT_EQ(call({"undeploy", "faq", "--forget"}), 0) << err_.written;
  EXPECT_EQ(out_.written, "endpoint faq: forgotten\n");
  EXPECT_FALSE(cluster_.names().empty());
  EXPECT_EQ(call({"undeploy", "faq", "--forget"}), 3);
  EXPECT_EQ(call_alone({"models", "remove", "faq:1"}), 0) << err_.written;
}

TEST_F(DeployTest, WhyItFailedIsSaidEvenWhereTheWorkspaceCannotBeTold) {
  use_workspace();
  ASSERT_EQ(deploy('a', {"--wait"}), 0) << err_.written;
  cluster_.play([](const std::string&) { return rollout::FakeCluster::Play::PullDenied; });
  // Planning asks for it first.
  cluster_.fail_next("GET", "configmaps/sooth-faq", 503, "going down", 1);
  EXPECT_EQ(deploy('b', {"--wait"}), 6);
  EXPECT_NE(err_.written.find("401"), std::string::npos) << err_.written;
  EXPECT_NE(err_.written.find("note: GET "), std::string::npos) << err_.written;
}

TEST_F(DeployTest, ScoresAndReadsLogsThroughTheApiServer) {
  ASSERT_EQ(deploy('a', {"--wait"}), 0);
  EXPECT_EQ(call({"score", "faq"}, "{\"input\": \"how\"}"), 0) << err_.written;
  EXPECT_EQ(out_.written, "[[1, 2, 0.5]]\n");
  EXPECT_EQ(cluster_.requests().back(),
            "POST /api/v1/namespaces/models/services/http:faq:http/proxy/score?");
  EXPECT_EQ(call({"logs", "faq"}), 0) << err_.written;
  EXPECT_EQ(out_.written, "a line of log\n");
  cluster_.fail_next("POST", "/proxy/", 401, "the key is not accepted");
  EXPECT_EQ(call({"score", "faq"}, "{}"), 5);
  EXPECT_EQ(call({"score", "../x"}, "{}"), 2);
}

TEST_F(DeployTest, ErrorsOfTheClusterComeOutByKind) {
  cluster_.fail_next("PATCH", "dryRun=All", 403,
                     "configmaps is forbidden: User \"ada\" cannot patch");
  EXPECT_EQ(deploy('a'), 5);
  EXPECT_NE(err_.written.find("User \"ada\" cannot patch"), std::string::npos) << err_.written;
  EXPECT_TRUE(cluster_.names().empty());
}

}  // namespace
}  // namespace cli
