#include "publish/foreign_model.h"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

#include "publish/source.h"
#include "publish/test_workspace.h"
#include "tensor_files/zip.h"

namespace publish {
namespace {

using base::Code;

std::string archive(std::initializer_list<const char*> names) {
  tensor_files::ZipWriter writer;
  for (const char* each : names) EXPECT_TRUE(writer.add(each, "x").ok());
  return writer.finish();
}

std::string format_of(const std::string& bytes) {
  return std::string(find_foreign_format(base::as_bytes(bytes)));
}

TEST(ForeignModelTest, IsKnownByItsBytes) {
  EXPECT_EQ(format_of(std::string("\x1c\0\0\0TFL3 and more", 16)), "a TensorFlow Lite model");
  EXPECT_EQ(format_of("\x89HDF\r\n\x1a\n and more"), "a Keras model (HDF5)");
  EXPECT_EQ(format_of(archive({"metadata.json", "config.json", "model.weights.h5"})),
            "a Keras model (.keras)");
  EXPECT_EQ(format_of(archive({"m/data.pkl", "m/code/__torch__.py", "m/constants.pkl"})),
            "a TorchScript model");
  EXPECT_EQ(format_of(archive({"archive/archive_format", "archive/models/model.json"})),
            "an exported PyTorch program (.pt2)");
  EXPECT_EQ(format_of(archive({"version", "serialized_exported_program.json"})),
            "an exported PyTorch program (.pt2)");
  EXPECT_EQ(format_of(archive({"archive/data.pkl", "archive/data/0"})),
            "what torch.save wrote of a PyTorch module or its weights");
  for (const std::string& other :
       {std::string(), std::string("PK\x03\x04"), archive({"x.npy"}), archive({"config.json"})}) {
    EXPECT_EQ(format_of(other), "");
  }
}

TEST(ForeignModelTest, TheMaterialsTorchScriptIsKnown) {
  const char* const set = std::getenv("SOOTH_MATERIAL");
  const std::string root = set != nullptr ? set : SOOTH_SOURCE_DIR "/../shared/material";
  const std::string path = root + "/imagenet/squeezenet1.1_torchscript.pt";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  EXPECT_EQ(format_of(read_text(path)), "a TorchScript model");
}

using ForeignFilesTest = PublishTest;

TEST_F(ForeignFilesTest, AreAnsweredWithTheLineThatRegistersThem) {
  const std::string path = write("My Model.keras", archive({"metadata.json", "config.json"}));
  const auto refused = check_format(path);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::Unsupported);
  EXPECT_EQ(refused.error().message(),
            "\"" + path + "\": expected a model that is read here, got a Keras model (.keras); " +
                "register it by python -c 'import sooth; sooth.register(\"" + path +
                "\", \"my-model\")'");
  const auto odd = check_format(write("a'b.keras", archive({"metadata.json", "config.json"})));
  EXPECT_NE(odd.error().message().find("sooth.register(\"PATH\", \"a-b\")"), std::string::npos);
  const auto pickled = check_format(write("w.pt", archive({"w/data.pkl"})));
  EXPECT_NE(pickled.error().message().find(
                "load it in Python and call sooth.register(module, \"w\", example=...)"),
            std::string::npos);
}

TEST_F(ForeignFilesTest, AFolderOfTensorFlowIsKnownByItsFile) {
  write("saved/saved_model.pb", "x");
  for (const std::string& path : {this->path("saved"), this->path("saved/saved_model.pb")}) {
    const auto refused = check_format(path);
    ASSERT_FALSE(refused.ok()) << path;
    EXPECT_NE(refused.error().message().find("got a TensorFlow SavedModel; register it by python "
                                             "-c 'import sooth; sooth.register(\"" +
                                             this->path("saved") + "\", \"saved\")'"),
              std::string::npos)
        << refused.error().message();
  }
  write("saved/sooth.yaml", "model: a.joblib\n");
  EXPECT_TRUE(check_format(path("saved")).ok());
  EXPECT_TRUE(check_format(path("gone")).ok());
}

TEST_F(ForeignFilesTest, RegisteringRefusesThemWhereverTheyAreNamed) {
  const std::string bytes = archive({"metadata.json", "config.json"});
  EXPECT_EQ(find_source(write("m.onnx", bytes), "").error().code(), Code::Unsupported);
  write("f/m.onnx", bytes);
  write("f/sooth.yaml", "model: m.onnx\n");
  const auto named = find_source(path("f"), "");
  ASSERT_FALSE(named.ok());
  EXPECT_NE(named.error().message().find("a Keras model"), std::string::npos);
  write("t/saved_model.pb", "x");
  EXPECT_EQ(find_source(path("t"), "").error().code(), Code::Unsupported);
}

}  // namespace
}  // namespace publish
