// What a body of JSON costs in memory, measured on the whole server.

#include <array>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <string>

#include <gtest/gtest.h>

#include "served.h"

namespace server_fault {
namespace {

constexpr std::size_t kBytes = 16 << 20;

std::string filled(const std::string& before, const std::string& part, const std::string& after) {
  std::string body = before;
  body.reserve(kBytes + part.size() + after.size());
  while (body.size() + after.size() < kBytes) body += part;
  return body + after;
}

// A body that is read to its end and then not what was asked for, so that nothing is scored.
TEST(MemoryTest, ABodyOfJsonCostsAtMostEightBytesForEachOfItsOwn) {
  const struct {
    const char* name;
    std::string body;
  } cases[] = {
      {"numbers", filled(R"({"data":1,"columns":[)", "0,", "0]}")},
      {"texts", filled(R"({"data":")", "x", "\"}")},
      {"escapes", filled(R"({"data":")", R"(\u0041)", "\"}")},
      {"keys", filled("{", R"("":0,)", R"("":0})")},
      {"empty arrays", filled("[", "[],", "[]]")},
  };
  for (const auto& c : cases) {
    for (const bool chunked : {false, true}) {
      Served served({.arguments = {"--threads", "1", "--body-bytes-max", "128MiB",
                                   "--bodies-bytes-max", "1GiB"}});
      right_answers(served.port());
      std::ofstream("/proc/" + std::to_string(served.pid()) + "/clear_refs") << "5";
      const std::uint64_t before = memory_of(served.pid(), "VmHWM");
      std::string text = "POST /score HTTP/1.1\r\nHost: x\r\n";
      if (chunked) {
        std::array<char, 32> size{};
        std::snprintf(size.data(), size.size(), "%zx\r\n", c.body.size());
        text += "Transfer-Encoding: chunked\r\n\r\n" + std::string(size.data());
        text += c.body + "\r\n0\r\n\r\n";
      } else {
        text += "Content-Length: " + std::to_string(c.body.size()) + "\r\n\r\n" + c.body;
      }
      const auto answer = ask(served.port(), text);
      ASSERT_TRUE(answer) << c.name;
      EXPECT_EQ(answer->status, 400) << c.name << answer->body;
      const std::uint64_t took = memory_of(served.pid(), "VmHWM") - before;
      const double each = static_cast<double>(took) / static_cast<double>(c.body.size());
      std::cout << c.name << (chunked ? ", in chunks" : "") << ": " << each
                << " bytes for each byte\n";
      EXPECT_LE(took, 8 * c.body.size() + (64 << 10)) << c.name;
      // Nobody keeps it.
      EXPECT_TRUE(ask(served.port(), request(1)));
      EXPECT_LT(memory_of(served.pid(), "VmRSS"), before + kBytes / 2) << c.name;
    }
  }
}

}  // namespace
}  // namespace server_fault
