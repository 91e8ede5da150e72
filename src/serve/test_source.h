#pragma once

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

#include <gtest/gtest.h>

#include "serve/loader.h"

// For tests: models that are loaded on request.
namespace serve {

// Two models that take the same rows and answer them otherwise.
inline std::vector<std::shared_ptr<const scorer::Scorer>> two_scorers() {
  const std::string path = SOOTH_SOURCE_DIR "/tests/scenario/data/flowers.joblib";
  std::ifstream file(path, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  // The sign of a coefficient; tests/scenario/models.txt does the same.
  constexpr std::size_t kSign = 1079;
  EXPECT_GT(bytes.size(), kSign);
  bytes[kSign] = '\x3f';
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("sooth_serve_" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::string changed = folder / "flowers.joblib";
  std::ofstream(changed, std::ios::binary) << bytes;
  std::vector<std::shared_ptr<const scorer::Scorer>> scorers;
  for (const std::string& each : {path, changed}) {
    auto scorer = scorer::Scorer::load(each, {});
    EXPECT_TRUE(scorer.ok()) << scorer.error().message();
    scorers.push_back(*scorer);
  }
  std::filesystem::remove_all(folder);
  return scorers;
}

// Gives the two in turn, each time as a version of its own: the first again in version 2, the
// second in version 3. What is put into `fails` fails instead.
class TestSource final : public ModelSource {
 public:
  base::Result<LoadedModel> load(const model::Reference& what) override {
    asked.push_back(what.text());
    if (on_load) on_load();
    const auto fail = fails.find(what.name);
    if (fail != fails.end()) return fail->second;
    const int version = ++last_version;
    return LoadedModel{.version = std::to_string(version),
                       .scorer = scorers[static_cast<std::size_t>(version % 2)],
                       .examples = {}};
  }

  const std::vector<std::shared_ptr<const scorer::Scorer>> scorers = two_scorers();
  std::map<std::string, base::Error> fails;
  std::function<void()> on_load;
  std::vector<std::string> asked;
  std::atomic<int> last_version = 1;
};

}  // namespace serve
