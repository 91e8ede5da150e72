// Versions of models of pictures: registered, and told apart.
#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine_onnx/test_onnx.h"
#include "publish/difference.h"
#include "publish/test_workspace.h"
#include "scorer/test_network.h"

namespace publish {
namespace {

using base::Code;
using scorer::testing::kTestRecipe;
using scorer::testing::TestLoader;

std::string plain_network() { return engine_onnx::test_model(engine_onnx::adding_graph()).bytes(); }
// With its weights in another file.
std::string split_network(const std::string& location) {
  const auto weights = engine_onnx::test_tensor("w", engine_onnx::kFloat, {2});
  return engine_onnx::test_model(
             engine_onnx::adding_graph(engine_onnx::test_external(weights, location)))
      .bytes();
}

class PictureVersionsTest : public PublishTest {
 protected:
  // A folder with a model of pictures.
  std::string folder(const std::string& network = plain_network()) const {
    write("m/sooth.yaml", kTestRecipe);
    write("m/labels.txt", "7\tred\n8\tgreen\n9\tblue\n");
    write("m/model.onnx", network);
    return path("m");
  }
  Registration colours() const { return {.path = folder(), .networks = &loader_}; }
  Registration red() const {
    Registration registration = colours();
    registration.example = {write("red.png", scorer::testing::red_png())};
    return registration;
  }

  const TestLoader loader_;
};

TEST_F(PictureVersionsTest, DescribesWhatItRegistered) {
  const Registered registered = must_register(colours());
  EXPECT_EQ(registered.version.reference(), "colours:1");
  const model::Description& description = registered.description;
  EXPECT_EQ(description.title, "ONNX network");
  EXPECT_EQ(description.engine, "onnx");
  EXPECT_EQ(description.recipe, "image");
  ASSERT_EQ(description.inputs.size(), 1U);
  EXPECT_EQ(description.inputs[0].name, "image");
  EXPECT_EQ(description.inputs[0].type, "picture");
  ASSERT_EQ(description.outputs.size(), 1U);
  EXPECT_EQ(description.candidates, 3U);
  EXPECT_EQ(description.golden_source, "generated");
  EXPECT_EQ(description.golden_rows, 4U);
  EXPECT_FALSE(description.parity.has_value());
  const auto files = files_of(registered);
  const auto kept = read_description(*files);
  ASSERT_TRUE(kept.ok()) << kept.error().message();
  EXPECT_EQ(kept->json(), description.json());
  const auto names = files->names();
  for (const char* name : {"model.onnx", "labels.txt", "sooth.yaml"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
}

TEST_F(PictureVersionsTest, WhatWasRegisteredIsLoadedAndReplayed) {
  const auto files = files_of(must_register(red()));
  const auto golden = read_golden(*files);
  ASSERT_TRUE(golden.ok()) << golden.error().message();
  EXPECT_EQ(golden->source, "given");
  EXPECT_EQ(golden->examples.pictures, std::vector<std::string>{scorer::testing::red_png()});
  const auto scorer = scorer::Scorer::load(*files, "colours", {.networks = &loader_});
  ASSERT_TRUE(scorer.ok()) << scorer.error().message();
  EXPECT_TRUE(scorer::replay(**scorer, *golden, 0).ok());
}

TEST_F(PictureVersionsTest, RegisteringAgainChangesNothing) {
  EXPECT_TRUE(must_register(colours()).is_new);
  EXPECT_FALSE(must_register(colours()).is_new);
}

TEST_F(PictureVersionsTest, FilesOfWeightsComeWithIt) {
  const std::string weights = engine_onnx::float_bytes({10, 20});
  write("m/weights/w.bin", weights);
  const std::string root = folder(split_network("weights/w.bin"));
  const auto files = files_of(must_register({.path = root, .networks = &loader_}));
  const auto kept = files->open("weights/w.bin", 100);
  ASSERT_TRUE(kept.ok()) << kept.error().message();
  EXPECT_EQ(base::as_text(kept->bytes), weights);
}

// The network's folder is where its weights are, wherever that is.
TEST_F(PictureVersionsTest, ANetworkMayLieInAFolderOfItsOwn) {
  write("m/net/w.bin", engine_onnx::float_bytes({10, 20}));
  write("m/net/a.onnx", split_network("w.bin"));
  const std::string root = folder();
  write("m/sooth.yaml", "model: net/a.onnx\n" + kTestRecipe);
  const auto files = files_of(must_register({.path = root, .networks = &loader_}));
  EXPECT_TRUE(files->open("net/w.bin", 100).ok());
  EXPECT_TRUE(files->open("net/a.onnx", 10'000).ok());
  EXPECT_FALSE(files->open("model.onnx", 10'000).ok());
}

TEST_F(PictureVersionsTest, ANetworkThatIsNamedAloneHasItsWeightsBesideItself) {
  write("m/labels.txt", "7\tred\n8\tgreen\n9\tblue\n");
  write("m/w.bin", engine_onnx::float_bytes({10, 20}));
  const std::string model = write("m/b.onnx", split_network("w.bin"));
  const std::string recipe = write("other.yaml", "model: net/a.onnx\n" + kTestRecipe);
  const auto files =
      files_of(must_register({.path = model, .recipe = recipe, .networks = &loader_}));
  EXPECT_TRUE(files->open("net/w.bin", 100).ok());
  EXPECT_TRUE(files->open("net/a.onnx", 10'000).ok());
}

TEST_F(PictureVersionsTest, RefusesWeightsUnderNamesThatStandForAnother) {
  const std::string weights = engine_onnx::float_bytes({10, 20});
  for (const std::string name : {"labels.txt", "model.onnx", "sooth.yaml", ".sooth/golden.json"}) {
    const std::string root = folder(split_network(name));
    if (name.starts_with('.')) write("m/" + name, weights);
    EXPECT_EQ(refusal_of({.path = root, .networks = &loader_}, Code::Invalid),
              "\"" + root +
                  "/sooth.yaml\": expected files of different names, and none called as " +
                  "those of the version itself, got \"" + name + "\"");
  }
}

TEST_F(PictureVersionsTest, RefusesWeightsThatAreMissingOrElsewhere) {
  write("m/short.bin", "1234");
  const struct {
    const char* location;
    Code code;
  } cases[] = {{"w.bin", Code::NotFound},
               {"short.bin", Code::Corrupt},
               {"../w.bin", Code::Invalid},
               {"/etc/passwd", Code::Invalid}};
  for (const auto& c : cases) {
    const auto refused =
        try_register({.path = folder(split_network(c.location)), .networks = &loader_});
    ASSERT_FALSE(refused.ok()) << c.location;
    EXPECT_NE(refused.error().message().find(c.location), std::string::npos)
        << refused.error().message();
    EXPECT_EQ(version_count(), 0U);
  }
}

TEST_F(PictureVersionsTest, RefusesWhatItCannotRunOrRead) {
  Registration without = colours();
  without.networks = nullptr;
  EXPECT_EQ(refusal_of(without, Code::Unsupported),
            "\"" + path("m") + "/model.onnx\": expected no network, got one");
  Registration registration = colours();
  write("m/labels.txt", "a\nb\n");
  EXPECT_EQ(refusal_of(registration, Code::Invalid),
            "\"" + path("m") + "/model.onnx\": image: output \"logits\": expected a number for " +
                "each of the 2 labels, got FP32[?,3]");
  std::filesystem::remove(path("m/labels.txt"));
  EXPECT_NE(refusal_of(registration, Code::NotFound).find("labels.txt"), std::string::npos);
  write("m/sooth.yaml", "image: {labels: model.onnx}\n");
  EXPECT_EQ(refusal_of(registration, Code::Invalid),
            "\"" + path("m") +
                "/sooth.yaml\": expected a model and labels in two files, got "
                "\"model.onnx\" for both");
  registration = {.path = folder("PK\3\4 no network"), .networks = &loader_};
  const auto refused = try_register(registration);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message().find("\"" + path("m") + "/model.onnx\": "), 0U)
      << refused.error().message();
}

TEST_F(PictureVersionsTest, RefusesAnExampleThatIsNoPicture) {
  Registration registration = colours();
  registration.example = {write("red.png", "hello")};
  EXPECT_EQ(refusal_of(registration, Code::Invalid).find("picture: "), 0U);
  registration.example = {write("red.png", std::string((16 << 20) + 1, 'x'))};
  EXPECT_EQ(refusal_of(registration, Code::Exhausted),
            "\"" + path("red.png") + "\": expected a picture of at most 16.0 MiB, got 16.0 MiB");
}

TEST_F(PictureVersionsTest, ReportsHowFarExpectedAnswersAgree) {
  Registration registration = red();
  registration.expected = {
      write("answers.csv", "7,8,9\n0.9646631559719038,0.017668422014048047,0.0176684220\n")};
  const auto parity = must_register(registration).description.parity;
  ASSERT_TRUE(parity.has_value());
  EXPECT_EQ(parity->against, "expected answers");
  EXPECT_EQ(parity->rows, 1U);
  EXPECT_EQ(parity->values, 3U);
  EXPECT_EQ(parity->tolerance, 1e-4);  // As nobody said another.
}

TEST_F(PictureVersionsTest, RefusesAnswersBeyondTheTolerance) {
  Registration registration = red();
  registration.expected = {write("answers.csv", "9,8,7\n0.0177,0.0187,0.9636\n")};
  EXPECT_EQ(refusal_of(registration, Code::Conflict),
            "parity with expected answers: the largest relative error is 0.00106, at row 0, image "
            "column \"7\"; expected at most 0.0001; not registered");
  registration.tolerance = 1e-2;
  must_register(registration);
}

TEST_F(PictureVersionsTest, VersionsAreToldApart) {
  const Registered first = must_register(red());
  write("m/labels.txt", "7\tred\n8\tgreen\n10\tblue\n");
  write("m/model.onnx", split_network("w.bin"));
  write("m/w.bin", engine_onnx::float_bytes({1, 2}));
  Registration registration{.path = path("m"), .networks = &loader_};
  registration.example = {path("red.png")};
  const Registered second = must_register(registration);
  EXPECT_EQ(second.version.reference(), "colours:2");
  const auto same =
      find_difference(workspace_->layout(), first.version.digest, first.version.digest, &loader_);
  ASSERT_TRUE(same.ok()) << same.error().message();
  EXPECT_TRUE(same->is_empty()) << to_text(*same);
  EXPECT_EQ(same->answers->equal, 3U);
  const auto other =
      find_difference(workspace_->layout(), first.version.digest, second.version.digest, &loader_);
  ASSERT_TRUE(other.ok()) << other.error().message();
  EXPECT_EQ(other->files.size(), 3U) << to_text(*other);
  EXPECT_TRUE(other->parameters.empty());
  // A network that computes otherwise.
  const TestLoader louder({.scale = 5});
  const auto changed =
      find_difference(workspace_->layout(), first.version.digest, first.version.digest, &louder);
  ASSERT_TRUE(changed.ok()) << changed.error().message();
  EXPECT_GT(changed->answers->rel_max, 0.01);
  // Without what could compute them there are no answers.
  const auto blind =
      find_difference(workspace_->layout(), first.version.digest, first.version.digest);
  ASSERT_TRUE(blind.ok()) << blind.error().message();
  EXPECT_FALSE(blind->answers.has_value());
  EXPECT_NE(blind->answers_note.find("expected no network"), std::string::npos)
      << blind->answers_note;
}

}  // namespace
}  // namespace publish
