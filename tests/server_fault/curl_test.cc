// Bodies that are too large, over each version of HTTP, by a client that most people have.

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "served.h"
#include "threads/process.h"

namespace server_fault {
namespace {

class CurlTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (::access("/usr/bin/curl", X_OK) != 0) GTEST_SKIP() << "there is no curl";
  }

  // "EXIT STATUS BODY" of a POST of so many bytes.
  std::string post(std::size_t bytes, std::vector<std::string> flags) {
    const std::string path = folder_.path("body");
    std::ofstream(path) << std::string(bytes, 'x');
    flags.insert(flags.end(),
                 {"-sS", "--max-time", "60", "-w", " %{http_code}", "--data-binary", "@" + path,
                  "http://127.0.0.1:" + std::to_string(served_.port()) + "/score"});
    const auto outcome =
        threads::run_process({.program = "/usr/bin/curl",
                              .arguments = std::move(flags),
                              .environment = {"PATH=/usr/bin:/bin"},
                              .input = ""},
                             std::chrono::steady_clock::now() + std::chrono::minutes(2));
    if (!outcome.ok()) return outcome.error().message();
    return std::to_string(outcome->status) + " " + outcome->output + outcome->errors;
  }

  Folder folder_;
  Served served_{{.arguments = {"--threads", "2", "--body-bytes-max", "100KiB"}}};
};

TEST_F(CurlTest, IsToldThatABodyIsTooLarge) {
  const std::string refused = R"(0 {"message":"body too large"} 413)";
  for (const std::string version : {"--http1.1", "--http2-prior-knowledge"}) {
    for (const std::size_t bytes : {110'000U, 200'000U, 1'000'000U, 20'000'000U}) {
      EXPECT_EQ(post(bytes, {version}), refused) << version << " " << bytes;
      EXPECT_EQ(post(bytes, {version, "-H", "Expect:"}), refused) << version << " " << bytes;
    }
    // Without a length that is told beforehand.
    for (const std::size_t bytes : {110'000U, 200'000U, 1'000'000U}) {
      EXPECT_EQ(post(bytes, {version, "-H", "Transfer-Encoding: chunked"}), refused)
          << version << " " << bytes;
    }
  }
}

TEST_F(CurlTest, IsToldOfOtherRefusalsWithALargeBody) {
  for (const std::string version : {"--http1.1", "--http2-prior-knowledge"}) {
    for (const std::size_t bytes : {50'000U, 99'000U}) {
      const std::string answer = post(bytes, {version, "-H", "Content-Type: image/png"});
      EXPECT_TRUE(answer.starts_with("0 {\"message\":\"Content-Type")) << version << answer;
      EXPECT_TRUE(answer.ends_with(" 415")) << version << answer;
    }
  }
}

}  // namespace
}  // namespace server_fault
