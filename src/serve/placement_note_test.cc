#include "serve/placement_note.h"

#include <memory>
#include <sstream>
#include <string>

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>

#include "scorer/test_network.h"

namespace serve {
namespace {

using scorer::testing::TestLoader;

class PlacementNoteTest : public ::testing::Test {
 protected:
  // What is logged and counted of a network on OpenVINO.
  std::string noted(const TestLoader& loader) {
    const auto scorer = scorer::Scorer::load(
        scorer::testing::TestFiles(
            {{"sooth.yaml", scorer::testing::kTestRecipe + "engine: {provider: openvino}\n"},
             {"model.onnx", "a network"},
             {"labels.txt", "7\tred\n8\tgreen\n9\tblue\n"}}),
        "colours", {.networks = &loader, .placing = scorer::Scorer::Placing::OrPlain});
    EXPECT_TRUE(scorer.ok()) << scorer.error().message();
    std::ostringstream text;
    {
      telemetry::Log log({.form = telemetry::Log::Form::Readable},
                         std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
      if (scorer.ok()) note_placement("colours", **scorer, metrics_, log);
    }
    return text.str();
  }

  telemetry::Metrics metrics_;
};

TEST_F(PlacementNoteTest, WarnsOfWhatFellBack) {
  const std::string line = noted(TestLoader({.alone = true}));
  EXPECT_NE(line.find("network is run by the runtime's own kernels instead"), std::string::npos)
      << line;
  EXPECT_NE(line.find("no such provider here"), std::string::npos) << line;
  EXPECT_NE(metrics_.text().find("sooth_networks_fallen_back_total{provider=\"openvino\"} 1"),
            std::string::npos);
}

TEST_F(PlacementNoteTest, SaysWhatComputes) {
  const std::string line = noted(TestLoader());
  EXPECT_NE(line.find("network is run by another provider"), std::string::npos) << line;
  EXPECT_EQ(metrics_.text().find("sooth_networks_fallen_back_total"), std::string::npos);
}

}  // namespace
}  // namespace serve
