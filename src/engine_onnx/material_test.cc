// Networks that people have made, of the material beside the tree.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine_onnx/onnx_file.h"
#include "engine_onnx/test_runtime.h"

namespace engine_onnx {
namespace {

using engine::Tensor;
using engine::TensorView;

constexpr std::size_t kOnly[] = {0};
constexpr std::size_t kPictures = 8;
constexpr std::size_t kPictureFloats = std::size_t{3} * 224 * 224;
constexpr std::size_t kClasses = 1000;

std::string material() {
  const char* set = std::getenv("SOOTH_MATERIAL");
  return set != nullptr ? set : std::string(SOOTH_SOURCE_DIR) + "/../shared/material";
}

// The elements of a file of numpy.save, float32.
std::string npy_elements(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (bytes.size() < 10) return "";
  const auto header = static_cast<std::size_t>(static_cast<unsigned char>(bytes[8]) |
                                               static_cast<unsigned char>(bytes[9]) << 8U);
  return bytes.substr(10 + header);
}

float at(std::string_view bytes, std::size_t index) {
  float value = 0;
  std::memcpy(&value, bytes.data() + index * sizeof(float), sizeof(float));
  return value;
}

class MaterialTest : public WithRuntime {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(material())) GTEST_SKIP() << "no " << material();
    WithRuntime::SetUp();
  }
};

TEST_F(MaterialTest, SqueezeNetGivesItsLogits) {
  const std::string folder = material() + "/imagenet";
  const std::string pictures = npy_elements(folder + "/golden/preprocessed_first8_nchw_f32.npy");
  const std::string golden = npy_elements(folder + "/golden/squeezenet1.1_logits_f32.npy");
  ASSERT_EQ(pictures.size(), kPictures * kPictureFloats * sizeof(float));
  const auto network =
      runtime_->load(base::FolderFiles(folder), "squeezenet1.1_fp32.onnx", LoadOptions());
  ASSERT_TRUE(network.ok()) << network.error().message();
  std::vector<Tensor> results;
  float worst = 0;
  for (std::size_t picture = 0; picture < kPictures; ++picture) {
    const std::int64_t shape[] = {1, 3, 224, 224};
    const TensorView inputs[] = {
        {.type = data::Datatype::Fp32,
         .shape = shape,
         .bytes = std::string_view(pictures).substr(picture * kPictureFloats * sizeof(float),
                                                    kPictureFloats * sizeof(float)),
         .texts = {}}};
    const auto ran = (*network)->run(inputs, kOnly, results);
    ASSERT_TRUE(ran.ok()) << ran.error().message();
    ASSERT_EQ(results[0].bytes.size(), kClasses * sizeof(float));
    for (std::size_t i = 0; i < kClasses; ++i) {
      worst =
          std::max(worst, std::abs(at(results[0].bytes, i) - at(golden, picture * kClasses + i)));
    }
  }
  EXPECT_LE(worst, 1e-3F);
  RecordProperty("worst", std::to_string(worst));
}

TEST_F(MaterialTest, OpensOrRefusesEveryModel) {
  std::size_t opened = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(material())) {
    if (entry.path().extension() != ".onnx") continue;
    const auto network = runtime_->load(base::FolderFiles(entry.path().parent_path()),
                                        entry.path().filename(), LoadOptions());
    if (network.ok()) {
      ++opened;
      EXPECT_FALSE((*network)->inputs().empty());
    } else {
      // Written before files said the versions of their operators.
      EXPECT_EQ(network.error().message(),
                entry.path().string() +
                    ": expected an ONNX model, got one without the versions of its operators");
      EXPECT_EQ(entry.path().filename(), "super_resolution.onnx");
    }
  }
  EXPECT_GE(opened, 3U);
}

// What is no ONNX is named.
TEST(MaterialFilesTest, OtherFormatsAreNamed) {
  if (!std::filesystem::exists(material())) GTEST_SKIP() << "no " << material();
  for (const auto& entry : std::filesystem::recursive_directory_iterator(material() + "/models")) {
    const std::string extension = entry.path().extension();
    if (extension != ".keras" && extension != ".h5" && extension != ".tflite" &&
        extension != ".pt" && entry.path().filename() != "saved_model.pb") {
      continue;
    }
    const auto file = base::MappedFile::open(entry.path(), std::uint64_t{1} << 30U);
    ASSERT_TRUE(file.ok());
    const auto read = OnnxFile::read((*file)->bytes(), {});
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().code(), base::Code::Unsupported)
        << entry.path() << read.error().message();
  }
}

}  // namespace
}  // namespace engine_onnx
