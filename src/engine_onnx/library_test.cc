#include "engine_onnx/library.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace engine_onnx {
namespace {

TEST(LibraryTest, ReadsTheVersionOfAFileName) {
  EXPECT_EQ(find_library_version("libonnxruntime.so.1.32.0"), "1.32.0");
  EXPECT_EQ(find_library_version("libonnxruntime.so.1"), "1");
  for (const char* name : {"libonnxruntime.so", "libonnxruntime.so.", "libonnxruntime.so.1.x",
                           "libonnxruntime_providers_shared.so", ""}) {
    EXPECT_EQ(find_library_version(name), std::nullopt) << name;
  }
}

TEST(LibraryTest, ReadsTheReleaseOfOpenVino) {
  EXPECT_EQ(find_openvino_version("libopenvino.so.2641"), "2026.4.1");
  for (const char* name : {"libopenvino.so", "libopenvino.so.", "libopenvino.so.264",
                           "libopenvino.so.26x1", "libopenvino_c.so.2641", ""}) {
    EXPECT_EQ(find_openvino_version(name), std::nullopt) << name;
  }
}

TEST(LibraryTest, KnowsWhichVersionsSpeakTheApi) {
  EXPECT_TRUE(speaks_api("1.24.0", 24));
  EXPECT_TRUE(speaks_api("1.132.1", 24));
  EXPECT_TRUE(speaks_api("2.0", 24));
  EXPECT_FALSE(speaks_api("1.23.2", 24));
  EXPECT_FALSE(speaks_api("1", 24));
  EXPECT_FALSE(speaks_api("", 24));
}

TEST(LibraryTest, FindsTheNewestLibrary) {
  std::string root = ::testing::TempDir() + "library_XXXXXX";
  ASSERT_NE(::mkdtemp(root.data()), nullptr);
  EXPECT_EQ(find_library(root).error().message(),
            "onnx: no runtime in " + root + "/onnx; install it with `sooth engines install onnx`");
  EXPECT_EQ(find_library(root, Flavour::Cuda).error().message(),
            "onnx: no runtime in " + root +
                "/onnx-cuda; install it with `sooth engines install onnx --cuda`");
  EXPECT_EQ(find_library(root, Flavour::OpenVino).error().message(),
            "onnx: no runtime in " + root +
                "/onnx-openvino; install it with `sooth engines install onnx --openvino-any`");
  std::filesystem::create_directory(root + "/onnx");
  EXPECT_EQ(find_library(root).error().code(), base::Code::NotFound);
  for (const char* name : {"libonnxruntime.so.1.9.0", "libonnxruntime.so.1.32.0", "LICENSE"}) {
    std::ofstream(root + "/onnx/" + name) << "";
  }
  const auto found = find_library(root);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(*found, root + "/onnx/libonnxruntime.so.1.32.0");
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace engine_onnx
