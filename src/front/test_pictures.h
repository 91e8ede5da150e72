#pragma once

#include <cmath>
#include <cstddef>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "front/test_house.h"
#include "scorer/test_network.h"

// For tests of a model of pictures behind every protocol.
namespace front::testing {

using PictureJson = nlohmann::json;

inline const double kBest = std::exp(4.0) / (std::exp(4.0) + 2);
inline const double kOther = 1 / (std::exp(4.0) + 2);

inline std::shared_ptr<const scorer::Scorer> load_colours() {
  auto scorer = scorer::testing::load_test_pictures();
  EXPECT_TRUE(scorer.ok()) << scorer.error().message();
  return *scorer;
}

inline PictureJson red_answer(std::size_t top_k = 3) {
  PictureJson answer = {{7, "red", kBest}, {8, "green", kOther}, {9, "blue", kOther}};
  answer.erase(answer.begin() + static_cast<std::ptrdiff_t>(top_k), answer.end());
  return answer;
}
inline PictureJson green_answer() {
  return {{8, "green", kBest}, {7, "red", kOther}, {9, "blue", kOther}};
}

// Numbers that differ by less than rounding does are the same.
inline void expect_like(const PictureJson& got, const PictureJson& expected,
                        const std::string& what) {
  ASSERT_EQ(got.size(), expected.size()) << what << ": " << got;
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i][0], expected[i][0]) << what;
    EXPECT_EQ(got[i][1], expected[i][1]) << what;
    EXPECT_NEAR(got[i][2].get<double>(), expected[i][2].get<double>(), 1e-12) << what;
  }
}

inline std::string form_part(const std::string& name, const std::string& bytes) {
  return "--xYz\r\nContent-Disposition: form-data; name=\"" + name +
         "\"; filename=\"p.png\"\r\nContent-Type: image/png\r\n\r\n" + bytes + "\r\n";
}

class PicturesTest : public ::testing::Test {
 protected:
  House::Answer post(const std::string& body, const std::string& type,
                     const std::string& path = "/score") {
    return house_.ask(net::Method::Post, path, body, {{"Content-Type", type}});
  }
  House::Answer post_form(const std::string& parts) {
    return post(parts + "--xYz--\r\n", "multipart/form-data; boundary=xYz");
  }
  PictureJson answer_of(const House::Answer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return PictureJson::parse(answer.body, nullptr, false);
  }
  // What a body of JSON is refused with.
  std::string refusal_of(const std::string& body) {
    const auto answer = house_.post("/score", body);
    EXPECT_EQ(answer.status, 400) << body;
    return PictureJson::parse(answer.body)["message"];
  }

  House house_{load_colours()};
};

}  // namespace front::testing
