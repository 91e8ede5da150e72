#include "deploy_local/standing.h"

#include <string>

#include <gtest/gtest.h>

namespace deploy_local {
namespace {

Standing standing_of_two() {
  return {.generation = 4,
          .settled = 3,
          .deployments = {{.name = "blue",
                           .version = "faq:3",
                           .wanted = 2,
                           .ready = 1,
                           .old = 1,
                           .restarts = 3,
                           .percent = 90,
                           .port = 40'001,
                           .given_up = true,
                           .because = "faq:3: \"golden\" rows",
                           .code = base::Code::Corrupt},
                          {.name = "green", .version = "faq:4", .wanted = 1, .ready = 1}},
          .replicas = {{"blue-1", 4711, "ready"}, {"green-1", 4712, "starting"}}};
}

TEST(StandingTest, ReadsWhatItWrites) {
  const Standing standing = standing_of_two();
  const auto again = parse_standing("x", to_text(standing));
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(*again, standing);
}

TEST(StandingTest, SaysHowManyAreReady) {
  const Standing standing = standing_of_two();
  EXPECT_EQ(standing.deployments[0].text("faq"),
            "faq-blue: 2 of 2 copies are ready, 1 of them new, 3 restarts");
  EXPECT_EQ(standing.deployments[1].text("faq"), "faq-green: 1 of 1 copies are ready");
}

TEST(StandingTest, RefusesWhatItDidNotWrite) {
  const struct {
    const char* from;
    const char* to;
    const char* message;
  } cases[] = {
      {"\"pid\": 4711", "\"pid\": 0", "f: \"pid\": expected a whole number from 1 to 2147483647"},
      {"\"code\": \"corrupt\"", "\"code\": \"odd\"", "f: \"code\": expected the name of an error"},
      {"\"wanted\": 2", "\"wanted\": -1",
       "f: \"wanted\": expected a whole number from 0 to 9223372036854775807"},
      {"\"deployments\": [", "\"deployments\": [1,",
       "f: \"deployments\": expected a list of objects"},
      {"\"replicas\": [", "\"copies\": [", "f: \"replicas\": expected a list of at most 40000"},
      {"\"given_up\": true", "\"given_up\": null", "f: \"given_up\": expected true or false"},
  };
  const std::string text = to_text(standing_of_two());
  for (const auto& each : cases) {
    std::string changed = text;
    const std::size_t at = changed.find(each.from);
    ASSERT_NE(at, std::string::npos) << each.from << " in " << text;
    changed.replace(at, std::string(each.from).size(), each.to);
    const auto standing = parse_standing("f", changed);
    ASSERT_FALSE(standing.ok()) << each.to;
    EXPECT_EQ(standing.error().message(), each.message);
  }
}

}  // namespace
}  // namespace deploy_local
