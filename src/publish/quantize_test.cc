#include "publish/quantize.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "publish/quantize_inputs.h"
#include "publish/test_workspace.h"

namespace publish {
namespace {

using base::Code;

TEST(QuantizeShareTest, KeepsEveryFifthOfManyForTheComparison) {
  EXPECT_EQ(share(0), Shares{});
  EXPECT_EQ(share(2), (Shares{{0, 1}, {0, 1}, false}));
  EXPECT_EQ(share(9).compare.size(), 9U);
  const Shares ten = share(10);
  EXPECT_EQ(ten.calibrate, (std::vector<std::size_t>{0, 1, 2, 3, 5, 6, 7, 8}));
  EXPECT_EQ(ten.compare, (std::vector<std::size_t>{4, 9}));
  EXPECT_TRUE(ten.held_out);
}

constexpr std::string_view kReport =
    R"({"versions": [["Python", "3.11.7"], ["onnxruntime", "1.32.0"], ["onnx", "1.23.2"]],)"
    R"("rows": 3, "outputs": [{"name": "y", "values": 6, "abs_max": 0.5, "abs_mean": 0.25,)"
    R"("largest": 2}], "top_1": 2, "top_5": 3})";

TEST(QuantizeReportTest, IsRead) {
  const auto read = read_quantized(kReport, true);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->made_by, "onnxruntime 1.32.0 and onnx 1.23.2 under Python 3.11.7");
  EXPECT_EQ(read->compared, 3U);
  EXPECT_EQ(read->outputs, (std::vector<Quantized::Output>{{"y", 6, 0.5, 0.25, 2}}));
  EXPECT_EQ(read->outputs[0].rel_max(), 0.25);
  EXPECT_EQ(read->top_1, 2U);
  EXPECT_EQ(read->top_5, 3U);
  EXPECT_FALSE(read_quantized(kReport, false)->top_1.has_value());
}

TEST(QuantizeReportTest, IsRefusedWhereItIsNone) {
  const struct {
    std::string_view text;
    Code code;
    std::string message;
  } cases[] = {
      {"hello", Code::Corrupt, "expected a report as JSON, got something else"},
      {"{}", Code::Corrupt, "expected a report as JSON, got something else"},
      {R"({"missing": 3})", Code::Corrupt, "expected a report as JSON, got something else"},
      {R"({"problem": "\"a.npy\": no"})", Code::Invalid, "\"a.npy\": no"},
      {R"({"missing": "No module named 'onnx'"})", Code::Unavailable,
       "expected numpy, onnx and onnxruntime: No module named 'onnx'; pip install onnxruntime "
       "onnx, "
       "or name another Python with --python"},
  };
  for (const auto& each : cases) {
    const auto read = read_quantized(each.text, true);
    ASSERT_FALSE(read.ok()) << each.text;
    EXPECT_EQ(read.error().code(), each.code) << each.text;
    EXPECT_EQ(read.error().message(), each.message);
  }
}

TEST(QuantizeInputsTest, PicturesAreNumpyArrays) {
  vision::Preparation preparation{.size = {2, 1}};
  const std::string planes = npy_of(preparation, std::string(24, 'x'));
  EXPECT_EQ(planes.size() - 24, 128U);
  EXPECT_EQ(planes.substr(0, 8), std::string("\x93NUMPY\x01\0", 8));
  EXPECT_EQ(planes.substr(8, 2), std::string("\x76\0", 2));
  EXPECT_EQ(planes.substr(10, 62),
            "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 3, 1, 2)");
  EXPECT_EQ(planes[127], '\n');
  preparation.layout = vision::Layout::Nhwc;
  preparation.type = vision::Type::Uint8;
  const std::string pixels = npy_of(preparation, "abcdef");
  EXPECT_EQ(pixels.substr(10, 62),
            "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 2, 3)");
  EXPECT_EQ(pixels.substr(pixels.size() - 6), "abcdef");
}

const std::string kDigits = SOOTH_SOURCE_DIR "/demos/image";

// A Python with onnx and onnxruntime: SOOTH_ONNX_PYTHON, or one that the tests of frameworks made.
std::string onnx_python() {
  std::vector<std::string> paths;
  if (const char* given = std::getenv("SOOTH_ONNX_PYTHON")) paths.emplace_back(given);
  const char* const cache = std::getenv("XDG_CACHE_HOME");
  const char* const home = std::getenv("HOME");
  std::string folder = cache != nullptr  ? cache
                       : home != nullptr ? std::string(home) + "/.cache"
                                         : "";
  folder += "/sooth/frameworks";
  std::error_code absent;
  for (const auto& each : std::filesystem::directory_iterator(folder, absent)) {
    if (std::filesystem::exists(each.path() / "made")) {
      paths.push_back(each.path().string() + "/bin/python");
    }
  }
  for (const std::string& each : paths) {
    if (std::system((each + " -c 'import onnx, onnxruntime.quantization' 2>/dev/null").c_str()) ==
        0) {
      return each;
    }
  }
  return "";
}

class QuantizeTest : public PublishTest {
 protected:
  static PythonOptions python(const std::string& program) {
    return {.program = program,
            .search_path = "/usr/bin:/bin",
            .environment = {"PATH=/usr/bin:/bin"},
            .deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5)};
  }
  std::string fake(const std::string& body) const {
    const std::string file = write("python", "#!/bin/sh\n" + body + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file;
  }
  Quantization digits() const {
    return {.model = kDigits,
            .recipe = {},
            .calibrate = kDigits + "/samples",
            .output = path("int8.onnx"),
            .inputs_max = 100};
  }
  void expect_refused(const Quantization& quantization, const std::string& program, Code code,
                      const std::string& message) {
    const auto refused = quantize(quantization, python(program));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), code);
    EXPECT_EQ(refused.error().message(), message);
    EXPECT_FALSE(std::filesystem::exists(quantization.output));
    for (const auto& each : std::filesystem::directory_iterator(path(""))) {
      EXPECT_EQ(each.path().filename().string().find("int8.onnx"), std::string::npos)
          << each.path();
    }
  }
};

TEST_F(QuantizeTest, RefusesWhatItCannotBeginWith) {
  Quantization wanted = digits();
  wanted.model = kDigits + "/labels.txt";
  expect_refused(wanted, "python3", Code::Corrupt,
                 "\"" + wanted.model +
                     "\": expected an ONNX model, got something else or a part of "
                     "one");
  wanted.model = path("gone.onnx");
  expect_refused(wanted, "python3", Code::NotFound,
                 "\"" + wanted.model + "\": No such file or directory");
  wanted.model = kDigits + "/digits.onnx";
  expect_refused(wanted, "python3", Code::NotFound,
                 "\"" + wanted.calibrate +
                     "\": expected .npz or .npy files of the network's inputs, "
                     "got none; pictures need a recipe with an image section");
  wanted.model = write("net.h5", "\x89HDF\r\n\x1a\n");
  expect_refused(
      wanted, "python3", Code::Unsupported,
      "\"" + wanted.model +
          "\": expected a model that is read here, got a Keras model (HDF5); register it "
          "by python -c 'import sooth; sooth.register(\"" +
          wanted.model + "\", \"net\")'");
  wanted.model = path("alone");
  std::filesystem::create_directory(path("alone"));
  std::filesystem::copy(kDigits + "/digits.onnx", path("alone/model.onnx"));
  expect_refused(wanted, "no-such-python", Code::NotFound,
                 "\"" + wanted.calibrate +
                     "\": expected .npz or .npy files of the network's inputs, got none; pictures "
                     "need a recipe with an image section");
  wanted = digits();
  write("m/sooth.yaml", "model: digits.onnx\nimage: {labels: l}\n");
  std::filesystem::copy(kDigits + "/digits.onnx", path("m/digits.onnx"));
  wanted.model = path("m");
  wanted.calibrate = path("m");
  expect_refused(wanted, "python3", Code::NotFound,
                 "\"" + path("m") +
                     "\": expected pictures, got none: digits.onnx: picture: expected a "
                     "JPEG, PNG or WebP, got bytes beginning 08 08 3a 84 99 01 0a 39");
}

TEST_F(QuantizeTest, NeverOverwritesTheNetwork) {
  std::filesystem::copy(kDigits, path("m"));
  std::filesystem::create_directory_symlink(kDigits + "/samples", path("samples"));
  Quantization wanted = digits();
  wanted.model = path("m");
  wanted.output = path("m/./digits.onnx");
  const auto refused = quantize(wanted, python("python3"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message(),
            "\"" + wanted.output + "\": expected another file to be made than the network");
}

TEST_F(QuantizeTest, SaysWhatIsWrongWithThePython) {
  expect_refused(digits(), "no-such-python", Code::NotFound,
                 "\"no-such-python\": expected a Python of that name in PATH, got none");
  const std::string missing = fake(R"(echo '{"missing": "No module named onnx"}')");
  expect_refused(digits(), missing, Code::Unavailable,
                 "\"" + missing +
                     "\": expected numpy, onnx and onnxruntime: No module named onnx; pip "
                     "install onnxruntime onnx, or name another Python with --python");
  const std::string failing = fake("echo Killed >&2; exit 137");
  expect_refused(digits(), failing, Code::Unavailable,
                 "\"" + failing +
                     "\": expected it to quantise the network, got exit status 137: "
                     "\"Killed\"");
}

// What the script is given are pictures that NumPy reads, and names of files that are gone after
// it.
TEST_F(QuantizeTest, PreparesThePicturesItself) {
  const std::string kept = path("asked.json");
  const std::string program =
      fake("cat > " + kept + "\nls " + path("") + "int8.onnx.* > " + path("listed") + "\nexit 1");
  EXPECT_FALSE(quantize(digits(), python(program)).ok());
  EXPECT_EQ(
      read_text(path("listed")),
      "00000.npy\n00001.npy\n00002.npy\n00003.npy\n00004.npy\n00005.npy\n00006.npy\n00007.npy\n"
      "00008.npy\n00009.npy\n");
  const std::string asked = read_text(kept);
  EXPECT_NE(asked.find(R"("ranked":"")"), std::string::npos) << asked;
  EXPECT_EQ(asked.find("00004.npy"), asked.rfind("00004.npy")) << asked;
}

// With the quantiser itself.
class QuantizeAgreementTest : public QuantizeTest {};

TEST_F(QuantizeAgreementTest, MakesDigitsThatAreToldAsBefore) {
  const std::string program = onnx_python();
  if (program.empty()) GTEST_SKIP() << "there is no Python with onnx and onnxruntime";
  const auto quantized = quantize(digits(), python(program));
  ASSERT_TRUE(quantized.ok()) << quantized.error().message();
  EXPECT_EQ(quantized->calibrated, 8U);
  EXPECT_EQ(quantized->compared, 2U);
  EXPECT_EQ(quantized->top_1, 2U);
  EXPECT_LT(quantized->bytes_after, quantized->bytes_before);
  EXPECT_LT(quantized->outputs.at(0).rel_max(), 0.2);
  EXPECT_GT(quantized->outputs.at(0).abs_max, 0);
  EXPECT_TRUE(std::filesystem::exists(path("int8.onnx")));
}

TEST_F(QuantizeAgreementTest, TakesTensorsAsTheyAre) {
  const std::string program = onnx_python();
  if (program.empty()) GTEST_SKIP() << "there is no Python with onnx and onnxruntime";
  const std::string make = program +
                           " -c 'import numpy; r = numpy.random.default_rng(0);"
                           "[numpy.savez(\"" +
                           path("") +
                           "t/%02d.npz\" % i, "
                           "picture=r.random((2, 3, 8, 8), \"float32\")) for i in range(4)]'";
  std::filesystem::create_directory(path("t"));
  ASSERT_EQ(std::system(make.c_str()), 0);
  Quantization wanted = digits();
  wanted.model = kDigits + "/digits.onnx";
  wanted.calibrate = path("t");
  const auto quantized = quantize(wanted, python(program));
  ASSERT_TRUE(quantized.ok()) << quantized.error().message();
  EXPECT_EQ(quantized->outputs.at(0).values, 80U);
  EXPECT_FALSE(quantized->held_out);
  EXPECT_FALSE(quantized->top_1.has_value());
  write("t/99.npy", "nothing");
  const auto refused = quantize(wanted, python(program));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::Invalid);
  EXPECT_NE(refused.error().message().find("99.npy\": "), std::string::npos);
}

// SqueezeNet 1.1 with the weights it was trained to, on the photographs of the material.
TEST_F(QuantizeAgreementTest, SqueezeNetTellsPhotographsAsBefore) {
  const char* const set = std::getenv("SOOTH_MATERIAL");
  const std::string material =
      (set != nullptr ? set : std::string(SOOTH_SOURCE_DIR "/../shared/material")) + "/imagenet";
  if (!std::filesystem::exists(material)) GTEST_SKIP() << "there is no " << material;
  const std::string program = onnx_python();
  if (program.empty()) GTEST_SKIP() << "there is no Python with onnx and onnxruntime";
  Quantization wanted = digits();
  wanted.model = material + "/squeezenet1.1_fp32.onnx";
  wanted.recipe = write("sooth.yaml", "model: m.onnx\nimage: {labels: l, preset: torchvision}\n");
  wanted.calibrate = material + "/images";
  wanted.inputs_max = 40;
  const auto quantized = quantize(wanted, python(program));
  ASSERT_TRUE(quantized.ok()) << quantized.error().message();
  EXPECT_EQ(quantized->compared, 8U);
  EXPECT_GE(quantized->top_1, 7U);
  EXPECT_EQ(quantized->top_5, 8U);
  EXPECT_LT(quantized->bytes_after * 3, quantized->bytes_before);
}

}  // namespace
}  // namespace publish
