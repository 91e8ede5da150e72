#include "model/image_recipe.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace model {
namespace {

using vision::Filter;
using vision::Geometry;

base::Result<Recipe> parse_image(const std::string& keys) {
  return parse_recipe("sooth.yaml", "image: {labels: classes.txt" + keys + "}\n");
}

Image image_of(const std::string& keys) {
  const auto recipe = parse_image(keys);
  EXPECT_TRUE(recipe.ok()) << recipe.error().message();
  return recipe.ok() && recipe->image ? *recipe->image : Image{};
}

TEST(ImageRecipeTest, LabelsAreEnough) {
  const auto recipe = parse_image("");
  ASSERT_TRUE(recipe.ok()) << recipe.error().message();
  EXPECT_EQ(recipe->model, "model.onnx");
  EXPECT_FALSE(recipe->match.has_value());
  ASSERT_TRUE(recipe->image.has_value());
  EXPECT_EQ(recipe->image->labels, "classes.txt");
  EXPECT_EQ(recipe->image->input, "");
  EXPECT_EQ(recipe->image->output, "");
  EXPECT_EQ(recipe->image->scores, Scores::Logits);
  EXPECT_EQ(recipe->image->top_k, 5U);
  EXPECT_EQ(recipe->image->preparation, vision::Preparation{});
}

TEST(ImageRecipeTest, ReadsEveryKey) {
  const auto recipe = parse_recipe("sooth.yaml",
                                   "model: nets/cats.onnx\n"
                                   "image:\n"
                                   "  labels: nets/classes.json\n"
                                   "  input: data\n"
                                   "  output: prob\n"
                                   "  scores: probabilities\n"
                                   "  top_k: 1000000\n"
                                   "  width: 4096\n"
                                   "  height: 1\n"
                                   "  geometry: squash\n"
                                   "  shorter: 300\n"
                                   "  filter: lanczos\n"
                                   "  channels: bgr\n"
                                   "  divisor: 255\n"
                                   "  mean: [0.5, -1, 1e2]\n"
                                   "  deviation: ['0.25', 2, -3]\n"
                                   "  layout: nhwc\n"
                                   "  type: uint8\n"
                                   "  orient: false\n");
  ASSERT_TRUE(recipe.ok()) << recipe.error().message();
  EXPECT_EQ(recipe->model, "nets/cats.onnx");
  const Image& image = *recipe->image;
  EXPECT_EQ(image.labels, "nets/classes.json");
  EXPECT_EQ(image.input, "data");
  EXPECT_EQ(image.output, "prob");
  EXPECT_EQ(image.scores, Scores::Probabilities);
  EXPECT_EQ(image.top_k, 1'000'000U);
  const vision::Preparation expected{.size = {4096, 1},
                                     .geometry = Geometry::Squash,
                                     .shorter = 300,
                                     .filter = Filter::Lanczos,
                                     .bgr = true,
                                     .divisor = 255,
                                     .mean = {0.5F, -1, 100},
                                     .deviation = {0.25F, 2, -3},
                                     .layout = vision::Layout::Nhwc,
                                     .type = vision::Type::Uint8,
                                     .orient = false};
  EXPECT_EQ(image.preparation, expected);
}

TEST(ImageRecipeTest, ReadsEveryWord) {
  EXPECT_EQ(image_of(", geometry: crop").preparation.geometry, Geometry::Crop);
  EXPECT_EQ(image_of(", geometry: fit").preparation.geometry, Geometry::Fit);
  EXPECT_EQ(image_of(", filter: nearest").preparation.filter, Filter::Nearest);
  EXPECT_EQ(image_of(", filter: bilinear").preparation.filter, Filter::Bilinear);
  EXPECT_EQ(image_of(", filter: bicubic").preparation.filter, Filter::Bicubic);
  EXPECT_EQ(image_of(", layout: nchw").preparation.layout, vision::Layout::Nchw);
  EXPECT_EQ(image_of(", type: float32").preparation.type, vision::Type::Float32);
  EXPECT_FALSE(image_of(", preset: keras-caffe, channels: rgb").preparation.bgr);
  EXPECT_TRUE(image_of(", orient: true").preparation.orient);
  EXPECT_EQ(image_of(", scores: logits").scores, Scores::Logits);
}

// Wherever they stand in the file.
TEST(ImageRecipeTest, KeysChangeWhatThePresetSays) {
  for (const std::string_view name : vision::preset_names()) {
    vision::Preparation expected = *vision::find_preset(name);
    EXPECT_EQ(image_of(", preset: " + std::string(name)).preparation, expected) << name;
    expected.size = {64, 32};
    expected.mean = {1, 2, 3};
    EXPECT_EQ(
        image_of(", mean: [1, 2, 3], width: 64, preset: " + std::string(name) + ", height: 32")
            .preparation,
        expected)
        << name;
  }
}

TEST(ImageRecipeTest, RefusesWhatItCannotMean) {
  const struct {
    const char* keys;
    const char* message;
  } cases[] = {
      {", lables: a", R"(:1:30: unknown key "lables"; did you mean "labels"?)"},
      {", preset: resnet",
       R"(:1:38: "preset": expected torchvision, torchvision-squash, keras-caffe, keras-tf, )"
       R"(keras-torch, got "resnet")"},
      {", input: ''", R"(:1:37: "input": expected a text)"},
      {", output: ''", R"(:1:38: "output": expected a text)"},
      {", scores: sigmoid",
       R"(:1:38: "scores": expected "logits" or "probabilities", got "sigmoid")"},
      {", top_k: 0", R"(:1:37: key "top_k": expected a whole number from 1 to 1000000, got "0")"},
      {", top_k: all",
       R"(:1:37: key "top_k": expected a whole number from 1 to 1000000, got "all")"},
      {", width: 0", R"(:1:37: key "width": expected a whole number from 1 to 4096, got "0")"},
      {", height: 4097",
       R"(:1:38: key "height": expected a whole number from 1 to 4096, got "4097")"},
      {", shorter: -1",
       R"(:1:39: key "shorter": expected a whole number from 1 to 4096, got "-1")"},
      {", geometry: stretch",
       R"(:1:40: "geometry": expected "squash" or "crop" or "fit", got "stretch")"},
      {", filter: box",
       R"(:1:38: "filter": expected "nearest" or "bilinear" or "bicubic" or "lanczos", got "box")"},
      {", channels: gray", R"(:1:40: "channels": expected "rgb" or "bgr", got "gray")"},
      {", layout: hwc", R"(:1:38: "layout": expected "nchw" or "nhwc", got "hwc")"},
      {", type: float16", R"(:1:36: "type": expected "uint8" or "float32", got "float16")"},
      {", orient: maybe", R"(:1:38: key "orient": expected true or false, got "maybe")"},
      {", divisor: 0", R"(:1:39: "divisor": expected a finite number that is not 0)"},
      {", divisor: 1e39", R"(:1:39: "divisor": expected a finite number that is not 0)"},
      {", divisor: 1e-60", R"(:1:39: "divisor": expected a finite number that is not 0)"},
      {", divisor: .inf", R"(:1:39: key "divisor": expected a number, got ".inf")"},
      {", mean: [1, 2]", R"(:1:36: "mean": expected 3 numbers, got 2)"},
      {", mean: [1, 2, 3, 4]", R"(:1:36: "mean": expected 3 numbers, got 4)"},
      {", mean: [1, x, 3]", R"(:1:36: "mean": expected finite numbers, got "x")"},
      {", mean: [1, nan, 3]", R"(:1:36: "mean": expected finite numbers, got "nan")"},
      {", mean: [1, 1e39, 3]", R"(:1:36: "mean": expected finite numbers, got "1e39")"},
      {", deviation: [1, 0, 1]", R"(:1:41: "deviation": expected numbers that are not 0)"},
      {", deviation: [1, -0.0, 1]", R"(:1:41: "deviation": expected numbers that are not 0)"},
      {", deviation: [1, 1e-60, 1]", R"(:1:41: "deviation": expected numbers that are not 0)"},
  };
  for (const auto& c : cases) {
    const auto recipe = parse_image(c.keys);
    ASSERT_FALSE(recipe.ok()) << c.keys;
    EXPECT_EQ(recipe.error().code(), base::Code::Invalid) << c.keys;
    EXPECT_EQ(recipe.error().message(), "sooth.yaml" + std::string(c.message)) << c.keys;
  }
}

TEST(ImageRecipeTest, RefusesRecipesThatDoNotFitTogether) {
  const struct {
    const char* text;
    const char* message;
  } cases[] = {
      {"image: {}\n", R"(:1:8: missing key "labels": expected text)"},
      {"image: {labels: /etc/passwd}\n",
       R"(:1:17: "labels": expected a file beneath the model's folder, got "/etc/passwd")"},
      {"image: {labels: a/../../b}\n",
       R"(:1:17: "labels": expected a file beneath the model's folder, got "a/../../b")"},
      {"image: {labels: ''}\n", R"(:1:17: "labels": expected a text)"},
      {"image: classes.txt\n",
       R"(:1:8: key "image": expected a map of keys and values, got "classes.txt")"},
      {"match: {candidates: q.tsv}\nimage: {labels: a}\n",
       R"(:2:8: expected "match" or "image", got both)"},
  };
  for (const auto& c : cases) {
    const auto recipe = parse_recipe("sooth.yaml", c.text);
    ASSERT_FALSE(recipe.ok()) << c.text;
    EXPECT_EQ(recipe.error().message(), "sooth.yaml" + std::string(c.message)) << c.text;
  }
}

}  // namespace
}  // namespace model
