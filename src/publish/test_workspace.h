#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "publish/register.h"
#include "publish/version_image.h"
#include "workspace/workspace.h"

// For tests: a folder of one's own, and a workspace in it.

namespace publish {

inline std::string read_text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline base::Result<WrittenFiles> write_files(const oci::Layout& layout,
                                              std::vector<SourceFile> files) {
  TRY_ASSIGN(DraftFiles drafts, DraftFiles::write(layout, std::move(files), [](std::uint64_t) {}));
  return drafts.commit();
}

class PublishTest : public testing::Test {
 protected:
  PublishTest() {
    std::string name = testing::TempDir() + "publish.XXXXXX";
    root_ = ::mkdtemp(name.data());
    workspace_ = open("ws");
  }
  ~PublishTest() override { std::filesystem::remove_all(root_); }

  std::unique_ptr<workspace::Workspace> open(const std::string& name) {
    std::filesystem::create_directories(path(name));
    auto opened = workspace::Workspace::open(
        {.root = path(name), .who = "ada", .now = [this] { return ++clock_; }, .create = true});
    EXPECT_TRUE(opened.ok()) << opened.error().message();
    return *std::move(opened);
  }

  std::string path(const std::string& name) const { return root_ + "/" + name; }
  // Of a file that the scenarios use: flowers.joblib, passengers.csv ...
  static std::string data(const std::string& name) {
    return SOOTH_SOURCE_DIR "/tests/scenario/data/" + name;
  }
  std::string write(const std::string& name, std::string_view text) const {
    std::filesystem::create_directories(std::filesystem::path(path(name)).parent_path());
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }
  std::string copy(const std::string& of, const std::string& name) const {
    return write(name, read_text(data(of)));
  }

  base::Result<Registered> try_register(const Registration& registration) {
    return register_model(*workspace_, registration, [](std::uint64_t, std::uint64_t) {});
  }
  Registered must_register(const Registration& registration) {
    auto registered = try_register(registration);
    EXPECT_TRUE(registered.ok()) << registered.error().message();
    return registered.ok() ? *std::move(registered) : Registered{};
  }
  std::size_t version_count() {
    std::size_t count = 0;
    const auto models = workspace_->models();
    EXPECT_TRUE(models.ok());
    for (const auto& each : *models) count += static_cast<std::size_t>(each.versions);
    return count;
  }

  // Why it is not registered; nothing is then kept.
  std::string refusal_of(const Registration& registration, base::Code code) {
    const auto registered = try_register(registration);
    if (registered.ok()) return "";
    EXPECT_EQ(registered.error().code(), code) << registered.error().message();
    EXPECT_EQ(version_count(), 0U);
    return registered.error().message();
  }
  std::unique_ptr<VersionFiles> files_of(const Registered& registered) {
    auto files = VersionFiles::open(workspace_->layout(), registered.version.digest);
    EXPECT_TRUE(files.ok()) << files.error().message();
    return *std::move(files);
  }

  std::string root_;
  std::int64_t clock_ = 0;
  std::unique_ptr<workspace::Workspace> workspace_;
};

}  // namespace publish
