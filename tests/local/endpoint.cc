#include "endpoint.h"

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <utility>

#include <gtest/gtest.h>

#include "net/blocking_socket.h"
#include "net/client.h"

namespace local {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

constexpr const char* kBody = R"({"data":[{"age":30,"fare":50,"port":"Oslo"}]})";

steady_clock::time_point soon() { return steady_clock::now() + std::chrono::seconds(60); }

std::string request() {
  const std::string body = kBody;
  return "POST /score HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

// The next answer, whole; "" where the other side has ended.
std::string read_answer(net::BlockingSocket& socket) {
  std::string text;
  for (;;) {
    const std::size_t end = text.find("\r\n\r\n");
    const std::size_t at = text.find("Content-Length: ");
    if (end != std::string::npos && at < end &&
        text.size() >= end + 4 + std::stoul(text.substr(at + 16))) {
      return text;
    }
    const auto got = socket.receive(text, soon());
    if (!got.ok()) return got.error().message();
    if (*got == 0) return "";
  }
}

}  // namespace

Endpoint::Endpoint() {
  std::string name = (fs::temp_directory_path() / "sooth-local.XXXXXX").string();
  folder_ = ::mkdtemp(name.data());
  const std::string data = std::string(SOOTH_SOURCE_DIR) + "/tests/scenario/data/";
  // Other golden rows are another version.
  EXPECT_EQ(sooth({"register", data + "passengers.joblib", "--name", "rows", "--example",
                   data + "passengers.csv"})
                .status,
            0);
  EXPECT_EQ(sooth({"register", data + "passengers.joblib", "--name", "rows"}).status, 0);
}

Endpoint::~Endpoint() {
  undeploy();
  fs::remove_all(folder_);
}

threads::ProcessOutcome Endpoint::sooth(std::vector<std::string> arguments) const {
  arguments.insert(arguments.end(), {"--workspace", (folder_ / "work").string()});
  auto outcome = threads::run_process({.program = SOOTH_PROGRAM,
                                       .arguments = std::move(arguments),
                                       .environment = {"PATH=/usr/bin:/bin", "HOME=/nowhere"},
                                       .input = ""},
                                      steady_clock::now() + std::chrono::minutes(5));
  EXPECT_TRUE(outcome.ok()) << outcome.error().message();
  return outcome.ok() ? *outcome
                      : threads::ProcessOutcome{.status = -1, .output = "", .errors = ""};
}

threads::ProcessOutcome Endpoint::deploy(const std::string& deployments, const std::string& rest) {
  std::ofstream(folder_ / "endpoint.yaml") << "name: rows\ndeployments:\n" << deployments << rest;
  return sooth({"deploy", "--to", "local", "--wait", "-f", (folder_ / "endpoint.yaml").string()});
}

void Endpoint::undeploy() const {
  if (!fs::exists(folder_ / "work/local/rows")) return;
  const auto outcome = sooth({"undeploy", "rows", "--to", "local"});
  EXPECT_EQ(outcome.status, 0) << outcome.errors;
}

nlohmann::json Endpoint::status() const {
  return nlohmann::json::parse(sooth({"status", "rows", "--to", "local", "--json"}).output, nullptr,
                               false);
}

std::uint16_t Endpoint::port() const {
  const std::string url = status().value("url", "");
  return static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
}

std::vector<pid_t> Endpoint::copies() const {
  std::vector<pid_t> copies;
  const nlohmann::json now = status();
  if (!now.contains("copies")) return copies;
  for (const auto& each : now["copies"]) {
    if (each["phase"] == "ready") copies.push_back(each["pid"]);
  }
  return copies;
}

bool Endpoint::wait_for_copies(std::size_t count, const std::vector<pid_t>& other_than) const {
  const auto deadline = steady_clock::now() + std::chrono::seconds(60);
  while (steady_clock::now() < deadline) {
    std::size_t seen = 0;
    for (const pid_t each : copies()) {
      if (std::find(other_than.begin(), other_than.end(), each) == other_than.end()) ++seen;
    }
    if (seen >= count) return true;
  }
  return false;
}

Load::Load(std::uint16_t port, int clients) {
  for (int i = 0; i < clients; ++i) {
    clients_.emplace_back([this, port] { work(port); });
  }
}

void Load::stop() {
  stopping_ = true;
  clients_.clear();
}

std::vector<std::string> Load::lost() { return *lost_.lock(); }

void Load::work(std::uint16_t port) {
  const std::string text = request();
  while (!stopping_) {
    auto socket = net::BlockingSocket::connect("127.0.0.1", port, soon());
    if (!socket.ok()) {
      lost_.lock()->push_back(socket.error().message());
      continue;
    }
    for (bool open = true; open && !stopping_;) {
      const auto sent = socket->send(text, soon());
      const std::string answer = sent.ok() ? read_answer(*socket) : sent.error().message();
      if (answer.starts_with("HTTP/1.1 200 ")) {
        ++answered_;
      } else {
        lost_.lock()->push_back(answer.empty() ? "ended" : answer);
      }
      open = answer.starts_with("HTTP/1.1 200 ") &&
             answer.find("Connection: close") == std::string::npos;
    }
  }
}

int ask(std::uint16_t port) {
  const auto answer = net::fetch({.port = port,
                                  .method = "POST",
                                  .target = "/score",
                                  .headers = {{"Content-Type", "application/json"}},
                                  .body = kBody},
                                 soon());
  return answer.ok() ? answer->status : 0;
}

}  // namespace local
