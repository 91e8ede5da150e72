// The never-execute proof: what a hostile pickle names is read as a name or refused by name and
// place, in a process that would not survive the attempt of anything else.
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/file.h"
#include "matrix.h"
#include "pickle/document.h"
#include "pickle/walk.h"
#include "sandbox.h"

namespace hostile {
namespace {

namespace fs = std::filesystem;

TEST(ConfinementTest, LetsHarmlessWorkReturn) {
  const Ended ended = run_confined([] {}, [] { return std::string("fine"); });
  EXPECT_EQ(ended.signal, 0);
  EXPECT_EQ(ended.status, 0);
  EXPECT_EQ(ended.said, "fine");
}

TEST(ConfinementTest, KillsWhatAnAttackWouldNeed) {
  const struct {
    std::string_view what;
    void (*attempt)();
  } cases[] = {
      {"fork", [] { static_cast<void>(fork()); }},
      {"raw fork", [] { syscall(SYS_fork); }},
      {"clone", [] { syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }},
      {"system", [] { static_cast<void>(!std::system("true")); }},
      {"execve", [] { execl("/bin/true", "true", nullptr); }},
      {"socket", [] { socket(AF_INET, SOCK_STREAM, 0); }},
      {"socketpair", [] { syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, nullptr); }},
      {"ptrace", [] { ptrace(PTRACE_TRACEME, 0, nullptr, nullptr); }},
      {"open to read", [] { open("/dev/null", O_RDONLY); }},
      {"open to write", [] { creat("/tmp/never", 0600); }},
      {"unlink", [] { unlink("/tmp/never"); }},
  };
  for (const auto& each : cases) {
    const Ended ended = run_confined([] {},
                                     [&] {
                                       each.attempt();
                                       return std::string("survived");
                                     });
    EXPECT_EQ(ended.signal, SIGSYS) << each.what;
    EXPECT_EQ(ended.said, "") << each.what;
  }
}

// A sanitizer makes reading ten times slower, and needs fewer of the same.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t kEvery = 11;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr std::size_t kEvery = 11;
#else
constexpr std::size_t kEvery = 1;
#endif
#else
constexpr std::size_t kEvery = 1;
#endif

bool names_a_place(const std::string& message) {
  const std::size_t at = message.find("byte ");
  return at != std::string::npos && at + 5 < message.size() && message[at + 5] >= '0' &&
         message[at + 5] <= '9';
}

bool holds_name(pickle::Value root, const Callable& callable) {
  bool found = false;
  pickle::walk(root, [&](pickle::Value value) {
    found = found || (value.is(pickle::Kind::Global) && value.module() == callable.module &&
                      value.name() == callable.name);
    return !found;
  });
  return found;
}

// What is wrong with how the attack was read; empty where nothing is.
std::string judge(const Attack& attack) {
  const auto document = pickle::Document::read(base::as_bytes(attack.bytes));
  if (!document.ok()) {
    const std::string& message = document.error().message();
    if (attack.expected == Expected::Read) return "refused: " + message;
    return names_a_place(message) ? "" : "no byte in: " + message;
  }
  if (attack.expected == Expected::Refuse) return "read";
  if (attack.visible && !holds_name(document->root(), attack.callable)) return "name is lost";
  return "";
}

TEST(HostileMatrixTest, EveryAttackIsReadAsDataOrRefusedWithItsPlace) {
  const Ended ended = run_confined([] {},
                                   [] {
                                     std::unordered_set<std::size_t> distinct;
                                     std::size_t wrong = 0;
                                     std::size_t turn = 0;
                                     std::string first;
                                     for_each_attack([&](const Attack& attack) {
                                       if (++turn % kEvery != 0) return;
                                       distinct.insert(std::hash<std::string>{}(attack.bytes));
                                       const std::string problem = judge(attack);
                                       if (problem.empty()) return;
                                       if (++wrong <= 5)
                                         first +=
                                             fmt::format("\n  {}: {}", attack.title(), problem);
                                     });
                                     return fmt::format("{} {}{}", distinct.size(), wrong, first);
                                   });
  ASSERT_EQ(ended.signal, 0) << "killed by the filter, or crashed";
  std::size_t distinct = 0;
  std::size_t wrong = 1;
  ASSERT_EQ(std::sscanf(ended.said.c_str(), "%zu %zu", &distinct, &wrong), 2) << ended.said;
  EXPECT_EQ(wrong, 0U) << ended.said;
  EXPECT_GE(callables().size(), 200U);
  EXPECT_GE(distinct, 100'000U);
  RecordProperty("distinct_files", static_cast<int>(distinct));
  fmt::print("{} distinct files of {} names\n", distinct, callables().size());
}

TEST(HostileMatrixTest, CutAnywhereAnAttackIsStillRefusedWithItsPlace) {
  const Ended ended =
      run_confined([] {},
                   [] {
                     std::size_t wrong = 0;
                     std::size_t turn = 0;
                     for_each_attack([&](const Attack& attack) {
                       if (++turn % (997 * kEvery) != 0) return;
                       for (std::size_t size = 0; size < attack.bytes.size(); ++size) {
                         const auto cut = base::as_bytes(attack.bytes).first(size);
                         const auto document = pickle::Document::read(cut);
                         // Cut behind the first of two pickles, what is left is whole.
                         if (!document.ok() && !names_a_place(document.error().message())) ++wrong;
                       }
                     });
                     return fmt::format("{}", wrong);
                   });
  EXPECT_EQ(ended.signal, 0);
  EXPECT_EQ(ended.said, "0");
}

fs::path material() {
  const char* set = std::getenv("SOOTH_MATERIAL");
  return set != nullptr ? fs::path(set) : fs::path(SOOTH_SOURCE_DIR) / "../shared/material";
}

struct Outcome {
  std::size_t read = 0;
  std::size_t refused = 0;
};

// Reads every file beneath `folder` in one confined process; the files are mapped before.
void read_folder(const fs::path& folder, Outcome& outcome) {
  std::vector<std::shared_ptr<const base::MappedFile>> files;
  const auto prepare = [&] {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file()) continue;
      auto file = base::MappedFile::open(entry.path().string(), std::uint64_t{1} << 30U);
      if (file.ok()) files.push_back(*file);
    }
  };
  const auto work = [&] {
    Outcome seen;
    for (const auto& file : files) {
      const auto document = pickle::Document::read(file->bytes());
      ++(document.ok() ? seen.read : seen.refused);
      if (!document.ok()) continue;
      std::uint64_t nodes = 0;
      pickle::walk(document->root(), [&](pickle::Value) { return ++nodes > 0; });
      if (nodes > document->nodes()) return std::string("more values than nodes");
    }
    return fmt::format("{} {}", seen.read, seen.refused);
  };
  const Ended ended = run_confined(prepare, work);
  ASSERT_EQ(ended.signal, 0) << folder;
  ASSERT_EQ(std::sscanf(ended.said.c_str(), "%zu %zu", &outcome.read, &outcome.refused), 2)
      << ended.said;
  fmt::print("{}: {} read, {} refused\n", folder.filename().string(), outcome.read,
             outcome.refused);
}

TEST(HostileMaterialTest, AttacksOfOthersAreReadAsDataOrRefused) {
  const fs::path folder = material() / "pickles_hostile";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  Outcome outcome;
  read_folder(folder, outcome);
  EXPECT_GT(outcome.read + outcome.refused, 0U);
}

TEST(HostileMaterialTest, ModelsOfStrangersAreReadOrRefused) {
  const fs::path folder = material() / "sklearn" / "wild";
  if (!fs::exists(folder)) GTEST_SKIP() << "no " << folder;
  Outcome outcome;
  read_folder(folder, outcome);
  EXPECT_GT(outcome.read, outcome.refused / 2);
}

}  // namespace
}  // namespace hostile
