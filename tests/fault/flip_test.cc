// One bit of a workspace flips: it is found, or it changes nothing that is answered.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include <fmt/format.h>

#include "facts.h"
#include "judge.h"
#include "model/reference.h"
#include "oci/descriptor.h"
#include "program.h"
#include "states.h"

namespace fault {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class FlipTest : public testing::Test {
 protected:
  FlipTest() {
    make_guarded(pristine_, folder_.path());
    std::string problems;
    const auto workspace = open_workspace(pristine_, problems);
    for (const char* each : kAsked) expected_[each] = answer(*workspace, each);
    EXPECT_EQ(expected_.at("m"), expected_.at("m:3"));
    guards_ = read_guards(*workspace);
    EXPECT_NE(guards_.find("kubernetes:prod/shop faq"), std::string::npos) << guards_;
  }

  // Writes over what may be linked elsewhere.
  void flip(const std::string& name, std::size_t at, unsigned bit) {
    copy_workspace(pristine_, root_);
    std::string bytes = text_of(root_ + "/" + name);
    bytes.at(at) = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
    fs::remove(root_ + "/" + name);
    std::ofstream(root_ + "/" + name, std::ios::binary) << bytes;
  }

  // The digest that a name stands for, and of all that it is made of; or that there was an error.
  static std::string answer(workspace::Workspace& workspace, const std::string& name) {
    const auto version = workspace.find(*model::Reference::parse(name));
    if (!version.ok()) return kError;
    const auto blob = workspace.layout().open(version->digest, oci::kManifestBytesMax);
    if (!blob.ok()) return kError;
    const auto manifest = oci::Manifest::parse(base::as_text((*blob)->bytes()));
    if (!manifest.ok()) return kError;
    for (const oci::Descriptor& layer : manifest->layers) {
      if (!workspace.layout().open(layer.digest, std::uint64_t{1} << 30U).ok()) return kError;
    }
    return version->digest.text();
  }

  static constexpr const char* kAsked[] = {"m", "m:1", "m:2", "m:3", "m@champion", "m@other"};
  static constexpr const char* kError = "error";

  TemporaryFolder folder_;
  std::string pristine_ = folder_.path() + "/pristine";
  std::string root_ = folder_.path() + "/workspace";
  std::map<std::string, std::string> expected_;
  std::string guards_;
};

TEST_F(FlipTest, InABlobIsFoundByDoctorAndBeforeAnythingIsAnswered) {
  Program doctor({"doctor", "--workspace", root_}, root_, folder_.path());
  Program show({"models", "--workspace", root_, "show", "m:1"}, root_, folder_.path());
  int tried = 0;
  for (const auto& blob : fs::directory_iterator(pristine_ + "/blobs/sha256")) {
    const std::string name = "blobs/sha256/" + blob.path().filename().string();
    const std::size_t size = fs::file_size(blob.path());
    for (const std::size_t at : {std::size_t{0}, size / 3, size / 2, size - 1}) {
      flip(name, at, static_cast<unsigned>(at % 8));
      ++tried;
      EXPECT_EQ(exit_status(doctor.run()), 8) << name << " at " << at;
      std::string problems;
      const auto workspace = open_workspace(root_, problems);
      for (const auto& [asked, expected] : expected_) {
        const std::string got = answer(*workspace, asked);
        EXPECT_TRUE(got == expected || got == kError) << name << " at " << at << ": " << got;
      }
      const int shown = exit_status(show.run());
      EXPECT_TRUE(shown == 0 || shown == 8) << show.said();
    }
  }
  fmt::print("{} bits of blobs\n", tried);
}

TEST_F(FlipTest, InTheIndexIsRepaired) {
  Program doctor({"doctor", "--workspace", root_}, root_, folder_.path());
  const std::string whole = text_of(pristine_ + "/index.json");
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    flip("index.json", at, static_cast<unsigned>(at % 8));
    EXPECT_EQ(exit_status(doctor.run()), 0) << doctor.said();
    EXPECT_EQ(text_of(root_ + "/index.json"), whole) << at;
  }
}

TEST_F(FlipTest, InTheDatabaseNeverGivesAnotherVersion) {
  Program doctor({"doctor", "--workspace", root_}, root_, folder_.path());
  const std::string whole = text_of(pristine_ + "/state.db");
  std::string ignored;
  const Facts facts = look(pristine_, ignored).first;
  const std::size_t step = tries_all() ? 7 : 13;
  int tried = 0;
  int found = 0;
  int said = 0;
  int silent = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    // All of it would take long; a page is mostly empty.
    if (at % (whole[at] == 0 ? 251 : step) != 0) continue;
    flip("state.db", at, static_cast<unsigned>((at / 7) % 8));
    ++tried;
    std::string problems;
    const auto workspace = open_workspace(root_, problems);
    if (!workspace) {
      ++found;
      continue;
    }
    bool refused = false;
    for (const auto& [asked, expected] : expected_) {
      const std::string got = answer(*workspace, asked);
      refused = refused || got == kError;
      EXPECT_TRUE(got == expected || got == kError)
          << "byte " << at << ": " << asked << " is " << got;
    }
    std::string trouble;
    const bool same = read_facts(*workspace, trouble) == facts && trouble.empty();
    const int status = exit_status(doctor.run());
    EXPECT_LE(status, kStatusMax);
    EXPECT_NE(status, -1) << "byte " << at;
    if (status != 0) {
      ++said;
    } else {
      // What doctor lets pass may be a word for people alone.
      EXPECT_FALSE(refused) << "byte " << at;
      EXPECT_EQ(read_guards(*workspace), guards_) << "byte " << at;
      if (!same) ++silent;
    }
  }
  fmt::print("{} bits of state.db: {} not opened, {} found by doctor, {} in titles alone\n", tried,
             found, said, silent);
  EXPECT_GE(tried, 500);
}

// Every byte of the rows: a key that opens more, or for longer, or another one, and a version that
// nothing guards any more.
TEST_F(FlipTest, InAKeyOrADeploymentIsFound) {
  Program doctor({"doctor", "--workspace", root_}, root_, folder_.path());
  Program keys({"keys", "--workspace", root_, "export", "faq", "-o", "-"}, root_, folder_.path());
  const std::string whole = text_of(pristine_ + "/state.db");
  int tried = 0;
  for (const auto& [row, size] :
       {std::pair{std::string(kGuardedKey) + "shopfaqscoreprimary", std::size_t{75}},
        std::pair{std::string("bbbbbbbbbbbbbbbzoperations*scoresecondary"), std::size_t{77}},
        std::pair{std::string("kubernetes:prod/shopfaq"), std::size_t{55}},
        std::pair{std::string("kubernetes:test/shopfaq"), std::size_t{55}}}) {
    const std::size_t first = whole.find(row);
    ASSERT_NE(first, std::string::npos) << row;
    for (std::size_t at = first; at < first + size; ++at) {
      flip("state.db", at, static_cast<unsigned>(at % 8));
      ++tried;
      EXPECT_EQ(exit_status(doctor.run()), 8) << row << " at " << at - first;
      std::string problems;
      const auto workspace = open_workspace(root_, problems);
      if (!workspace) continue;
      const std::string got = read_guards(*workspace);
      EXPECT_NE(got, guards_);
      EXPECT_NE(got.find("as the log says"), std::string::npos) << got;
      const bool is_key = row.find("score") != std::string::npos;
      EXPECT_EQ(exit_status(keys.run()), is_key ? 8 : 0) << keys.said();
    }
  }
  fmt::print("{} bits of keys and deployments\n", tried);
}

}  // namespace
}  // namespace fault
