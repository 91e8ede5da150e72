// Commands about networks, with networks that need no runtime.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "cli/run.h"
#include "cli/test_sink.h"
#include "engine_onnx/test_onnx.h"
#include "scorer/test_tensors.h"
#include "tensor_files/tensor_file.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

class NetworkTest : public ::testing::Test {
 protected:
  NetworkTest() {
    std::string pattern = (fs::temp_directory_path() / "sooth-networks.XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~NetworkTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  int call(const std::vector<std::string>& arguments, const engine::Loader& networks) {
    table::TextSource source("");
    out_.written.clear();
    err_.written.clear();
    World world{.arguments = arguments,
                .in = source,
                .out = out_,
                .err = err_,
                .now = std::chrono::steady_clock::now,
                .wall_now = std::chrono::system_clock::now,
                .program = "sooth",
                .user = "ada",
                .networks = &networks};
    return run(world);
  }
  std::string write(const std::string& name, std::string_view text) const {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    return (folder_ / name).string();
  }
  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  std::string network() const {
    return write("net.onnx", engine_onnx::test_model(engine_onnx::adding_graph()).bytes());
  }
  std::string request() const {
    return write("request.npz", *tensor_files::make_npz(scorer::testing::test_request({4, 5})));
  }
  std::string pictures() const {
    write("m/sooth.yaml", scorer::testing::kTestRecipe);
    write("m/labels.txt", "7\tred\n8\tgreen\n9\tblue\n");
    write("m/model.onnx", engine_onnx::test_model(engine_onnx::adding_graph()).bytes());
    write("samples/a.png", scorer::testing::red_png());
    write("samples/b.PNG", scorer::testing::blue_png());
    write("samples/readme.txt", "no picture");
    return file("m");
  }

  fs::path folder_;
  TextSink out_;
  TextSink err_;
  const scorer::testing::TestTensorsLoader tensors_;
  const scorer::testing::TestLoader colours_;
};

TEST_F(NetworkTest, PredictsTensors) {
  ASSERT_EQ(call({"predict", network(), request()}, tensors_), 0) << err_.written;
  EXPECT_EQ(out_.written,
            R"({"model_name":"net","outputs":[)"
            R"({"name":"scaled","datatype":"FP32","shape":[2,3],"data":[4,6,8,5,7,9]},)"
            R"({"name":"next","datatype":"INT64","shape":[2],"data":[5,6]},)"
            R"({"name":"word","datatype":"BYTES","shape":[2],"data":["even","odd"]}]})"
            "\n");
  ASSERT_EQ(
      call({"predict", network(), "--input", request(), "--output", file("out.npz")}, tensors_), 0)
      << err_.written;
  std::ostringstream bytes;
  bytes << std::ifstream(file("out.npz"), std::ios::binary).rdbuf();
  const auto tensors = tensor_files::parse_tensors("out.npz", base::as_bytes(bytes.str()));
  ASSERT_TRUE(tensors.ok()) << tensors.error().message();
  EXPECT_EQ((*tensors)[2].tensor.texts, (std::vector<std::string>{"even", "odd"}));
  EXPECT_EQ(call({"predict", network(), request(), "--format", "csv"}, tensors_), 2);
}

TEST_F(NetworkTest, PredictsPictures) {
  ASSERT_EQ(call({"predict", pictures(), file("samples")}, colours_), 0) << err_.written;
  EXPECT_EQ(out_.written.find("{\"picture\":\"" + file("samples/a.png") +
                              "\",\"categories\":[{\"id\":\"7\",\"label\":\"red\",\"score\":0.96"),
            0U)
      << out_.written;
  ASSERT_EQ(call({"predict", file("m"), file("samples"), "--output", file("out.csv")}, colours_), 0)
      << err_.written;
  // What it wrote is what registering takes.
  EXPECT_EQ(call({"register", file("m"), "--workspace", file("ws"), "--example", file("samples"),
                  "--expected", file("out.csv")},
                 colours_),
            0)
      << err_.written;
  EXPECT_NE(out_.written.find("6 values of 2 rows agree with expected answers, each to the bit"),
            std::string::npos)
      << out_.written;
  EXPECT_EQ(call({"predict", file("m"), write("c.png", "text")}, colours_), 2);
  EXPECT_EQ(err_.written.find("sooth: \"" + file("c.png") + "\": picture: expected"), 0U)
      << err_.written;
}

TEST_F(NetworkTest, ShowsTheEndsOfWhatIsRegistered) {
  ASSERT_EQ(call({"register", network(), "--workspace", file("ws")}, tensors_), 0) << err_.written;
  ASSERT_EQ(call({"models", "show", "net", "--workspace", file("ws")}, tensors_), 0)
      << err_.written;
  for (const char* line :
       {"  network input \"a\"  FP32[?,3]\n", "  network input \"ids\"  INT64[?]\n",
        "  network output \"word\"  BYTES[?]\n", "  golden rows 2, generated\n"}) {
    EXPECT_NE(out_.written.find(line), std::string::npos) << out_.written;
  }
  ASSERT_EQ(call({"predict", "net:1", request(), "--workspace", file("ws")}, tensors_), 0)
      << err_.written;
  EXPECT_NE(out_.written.find("\"next\""), std::string::npos);
}

TEST_F(NetworkTest, InspectsTheFileThatIsMeant) {
  const std::string path = network();
  ASSERT_EQ(call({"inspect", path}, tensors_), 0) << err_.written;
  EXPECT_NE(out_.written.find("1 input\n  \"x\": FP32[?,2]\n"), std::string::npos) << out_.written;
  ASSERT_EQ(call({"register", path, "--workspace", file("ws")}, tensors_), 0) << err_.written;
  ASSERT_EQ(call({"inspect", "net", "--workspace", file("ws"), "--json"}, tensors_), 0)
      << err_.written;
  EXPECT_NE(out_.written.find("\"path\": \"net:1\""), std::string::npos) << out_.written;
  EXPECT_NE(out_.written.find("\"parameters\": 2"), std::string::npos) << out_.written;
}

// Rows too, of a folder and of a version.
TEST_F(NetworkTest, PredictsRowsOfAVersion) {
  const std::string data = std::string(SOOTH_SOURCE_DIR) + "/tests/scenario/data/";
  ASSERT_EQ(call({"register", data + "flowers.joblib", "--workspace", file("ws")}, tensors_), 0);
  ASSERT_EQ(call({"predict", data + "flowers.joblib", data + "flowers.csv"}, tensors_), 0);
  const std::string rows = out_.written;
  ASSERT_EQ(
      call({"predict", "flowers:1", data + "flowers.csv", "--workspace", file("ws")}, tensors_), 0)
      << err_.written;
  EXPECT_EQ(out_.written, rows);
  EXPECT_EQ(call({"predict", "flowers:1", data + "flowers.csv", "--workspace", file("ws"),
                  "--method", "transform"},
                 tensors_),
            9);
}

}  // namespace
}  // namespace cli
