#include "kube/access.h"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "net/test_server.h"
#include "threads/process.h"

namespace kube {
namespace {

namespace fs = std::filesystem;
using base::Code;

std::chrono::steady_clock::time_point now() { return std::chrono::steady_clock::now(); }

class AccessTest : public testing::Test {
 protected:
  AccessTest() {
    std::string name = testing::TempDir() + "kube.XXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  ~AccessTest() override { fs::remove_all(folder_); }

  // A program of that name that stands for kubectl.
  void make_kubectl(const std::string& script) {
    const fs::path path = folder_ / "kubectl";
    std::ofstream(path) << "#!/bin/sh\n" << script;
    fs::permissions(path, fs::perms::owner_all);
  }
  base::Result<std::unique_ptr<Access>> open_context(const std::string& context) {
    return Access::open({.context = context,
                         .search_path = folder_.string(),
                         .environment = {"PATH=/usr/bin:/bin"},
                         .user_agent = "test",
                         .now = now});
  }
  std::string read(const char* name) {
    std::ifstream file(folder_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_;
};

void answer(net::ScriptedServer::Socket& socket, int status, const std::string& body,
            std::string* request = nullptr) {
  const std::string got = net::read_request(socket);
  if (request != nullptr) *request = got;
  net::write_text(socket, "HTTP/1.1 " + std::to_string(status) +
                              " X\r\nConnection: close\r\nContent-Length: " +
                              std::to_string(body.size()) + "\r\n\r\n" + body);
}

TEST_F(AccessTest, StartsKubectlWithTheContextAndEndsIt) {
  std::string request;
  net::ScriptedServer server(
      [&](auto& socket) { answer(socket, 200, R"({"kind":"Pod"})", &request); });
  make_kubectl("echo \"$@\" > " + (folder_ / "arguments").string() + "\necho $$ > " +
               (folder_ / "pid").string() + "\necho Starting to serve on 127.0.0.1:" +
               std::to_string(server.port()) + "\nexec sleep 60\n");
  {
    auto access = open_context("prod; rm -rf /");
    ASSERT_TRUE(access.ok()) << access.error().message();
    const auto pod = (*access)->client().get("/api/v1/namespaces/a/pods/b");
    ASSERT_TRUE(pod.ok()) << pod.error().message();
    EXPECT_EQ(*pod, nlohmann::json({{"kind", "Pod"}}));
  }
  EXPECT_EQ(read("arguments"), "proxy --port=0 --context=prod; rm -rf /\n");
  EXPECT_EQ(request.find("Authorization"), std::string::npos);
  EXPECT_NE(::kill(std::stoi(read("pid")), 0), 0);
}

TEST_F(AccessTest, SaysWhatKubectlSaidLast) {
  make_kubectl("echo 'error: context \"prod\" does not exist' >&2\nexit 1\n");
  const auto access = open_context("prod");
  ASSERT_FALSE(access.ok());
  EXPECT_EQ(access.error().code(), Code::Unavailable);
  EXPECT_EQ(access.error().message(),
            "kubectl proxy: it ended: error: context \"prod\" does not exist");
}

TEST_F(AccessTest, NeedsKubectlForAContext) {
  EXPECT_EQ(open_context("prod").error().code(), Code::NotFound);
}

TEST_F(AccessTest, APlainServerIsOnLoopbackOnly) {
  for (const char* server : {"http://10.0.0.1:8001", "https://127.0.0.1:6443", "nonsense"}) {
    const auto access = Access::open({.server = server, .user_agent = "test", .now = now});
    ASSERT_FALSE(access.ok()) << server;
    EXPECT_EQ(access.error().code(), Code::Invalid) << server;
  }
}

TEST_F(AccessTest, InAPodNeedsWhatEveryPodHas) {
  EXPECT_EQ(open_context(Access::kInCluster).error().code(), Code::Invalid);
  const auto access = Access::open({.context = Access::kInCluster,
                                    .service_host = "10.0.0.1",
                                    .service_port = "443",
                                    .account_folder = folder_.string(),
                                    .user_agent = "test",
                                    .now = now});
  ASSERT_FALSE(access.ok());  // There is no authority to believe.
  EXPECT_NE(access.error().message().find("ca.crt"), std::string::npos);
}

TEST_F(AccessTest, TheTokenIsReadForEachRequest) {
  std::string request;
  net::ScriptedServer server([&](auto& socket) { answer(socket, 200, "{}", &request); });
  const auto trust = net::TlsTrust::load({.system = false, .ca_file = "", .ca_folder = ""});
  net::HttpClient http({.user_agent = "test", .proxy = std::nullopt}, *trust);
  Client client(http,
                {*net::Url::parse("http://127.0.0.1:" + std::to_string(server.port())),
                 (folder_ / "token").string()},
                {.now = now});
  EXPECT_FALSE(client.get("/a").ok());
  for (const char* token : {"first", "second"}) {
    std::ofstream(folder_ / "token") << token << "\n";
    ASSERT_TRUE(client.get("/a").ok());
    EXPECT_NE(request.find(std::string("Authorization: Bearer ") + token + "\r\n"),
              std::string::npos)
        << request;
  }
}

TEST_F(AccessTest, AnswersThatAreNoJsonObjectAreCorrupt) {
  const std::string deep(100'000, '[');
  for (const std::string& body : {std::string("<html>"), std::string("[]"), deep}) {
    net::ScriptedServer server([&](auto& socket) { answer(socket, 200, body); });
    auto access = Access::open({.server = "http://127.0.0.1:" + std::to_string(server.port()),
                                .user_agent = "test",
                                .now = now});
    ASSERT_TRUE(access.ok());
    EXPECT_EQ((*access)->client().get("/a").error().code(), Code::Corrupt);
  }
}

TEST_F(AccessTest, ListsGoOnWhereAPageEnds) {
  int page = 0;
  net::ScriptedServer server([&](auto& socket) {
    std::string request;
    const bool last = page++ == 1;
    answer(socket, 200,
           R"({"kind":"PodList","apiVersion":"v1","metadata":{"continue":")" +
               std::string(last ? "" : "a=b") + R"("},"items":[{"metadata":{"name":"p"}}]})",
           &request);
    EXPECT_EQ(request.find("continue=a%3Db") != std::string::npos, last) << request;
  });
  auto access = Access::open({.server = "http://127.0.0.1:" + std::to_string(server.port()),
                              .user_agent = "test",
                              .now = now});
  const auto pods = (*access)->client().list("/api/v1/namespaces/a/pods", "a=b");
  ASSERT_TRUE(pods.ok()) << pods.error().message();
  ASSERT_EQ(pods->size(), 2U);
  EXPECT_EQ((*pods)[0]["kind"], "Pod");
}

TEST_F(AccessTest, AListWhosePagesNeverEndIsGivenUp) {
  int pages = 0;
  net::ScriptedServer server([&](auto& socket) {
    ++pages;
    answer(socket, 200, R"({"kind":"PodList","metadata":{"continue":"more"},"items":[]})");
  });
  auto access = Access::open({.server = "http://127.0.0.1:" + std::to_string(server.port()),
                              .user_agent = "test",
                              .now = now});
  const auto pods = (*access)->client().list("/pods", "");
  ASSERT_FALSE(pods.ok());
  EXPECT_EQ(pods.error().code(), Code::Exhausted);
  EXPECT_EQ(pods.error().message(), "GET /pods: expected at most 200 pages, got more");
  EXPECT_EQ(pages, 200);
}

TEST(KubectlProxyTest, KnowsTheLineThatSaysWhere) {
  EXPECT_EQ(parse_proxy_line("Starting to serve on 127.0.0.1:8001")->text(),
            "http://127.0.0.1:8001/");
  EXPECT_EQ(parse_proxy_line("Starting to serve on 10.0.0.1:8001").error().code(), Code::Denied);
  EXPECT_FALSE(parse_proxy_line("Starting to serve on ").ok());
  EXPECT_FALSE(parse_proxy_line("error: unknown flag").ok());
}

TEST_F(AccessTest, TheRealKubectlIsUnderstood) {
  const auto program = threads::find_program("kubectl", "/usr/local/bin:/usr/bin");
  if (!program) GTEST_SKIP() << "kubectl is not installed";
  net::ScriptedServer server([&](auto& socket) { answer(socket, 200, R"({"kind":"Pod"})"); });
  std::ofstream(folder_ / "config")
      << R"({"apiVersion":"v1","kind":"Config","current-context":"here",
             "clusters":[{"name":"c","cluster":{"server":"http://127.0.0.1:)"
      << server.port()
      << R"("}}],"users":[],"contexts":[{"name":"here","context":{"cluster":"c","user":""}}]})";
  auto access = Access::open(
      {.context = "here",
       .search_path = "/usr/local/bin:/usr/bin",
       .environment = {"KUBECONFIG=" + (folder_ / "config").string(), "HOME=" + folder_.string()},
       .user_agent = "test",
       .now = now});
  ASSERT_TRUE(access.ok()) << access.error().message();
  const auto pod = (*access)->client().get("/api/v1/namespaces/a/pods/b");
  ASSERT_TRUE(pod.ok()) << pod.error().message();
  EXPECT_EQ((*pod)["kind"], "Pod");
}

}  // namespace
}  // namespace kube
