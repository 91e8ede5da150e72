#include "image/shared_objects.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "image/elf.h"
#include "image/ld_cache.h"

namespace image {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kCachePath = "/etc/ld.so.cache";
constexpr std::size_t kLibrariesMax = 1000;

std::vector<std::string> standard_folders(std::uint16_t machine) {
  const std::string_view triplet =
      architecture_of(machine) == "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  return {fmt::format("/lib/{}", triplet),
          fmt::format("/usr/lib/{}", triplet),
          "/lib64",
          "/usr/lib64",
          "/lib",
          "/usr/lib"};
}

// "$ORIGIN" is the folder of the object itself; what holds other variables is passed over, as
// nothing here says their values.
std::optional<std::string> expand(std::string_view folder, std::string_view origin) {
  for (const std::string_view variable : {"${ORIGIN}", "$ORIGIN"}) {
    if (folder.substr(0, variable.size()) == variable) {
      return fmt::format("{}{}", origin, folder.substr(variable.size()));
    }
  }
  if (folder.empty() || folder.front() != '/' || folder.find('$') != std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(folder);
}

class Search {
 public:
  explicit Search(const SystemRoot& root) : root_(root) {}

  Result<Closure> run(const std::string& program) {
    TRY_ASSIGN(closure_.program.file, root_.open(program));
    closure_.program.path = root_.find_real(program).value_or(program);
    closure_.program.name = name_of(program);
    auto elf = Elf::parse(closure_.program.file->bytes());
    if (!elf.ok()) return std::move(elf).error().within(base::quote(program));
    closure_.machine = elf->machine;
    folders_ = standard_folders(elf->machine);
    read_cache();
    TRY(take_interpreter(elf->interpreter));
    pending_.push_back({closure_.program.path, *std::move(elf)});
    while (!pending_.empty()) {
      const Pending next = std::move(pending_.front());
      pending_.pop_front();
      for (const std::string& name : next.elf.needed) TRY(take(name, next));
    }
    return std::move(closure_);
  }

 private:
  struct Pending {
    std::string path;
    Elf elf;
  };

  // Without a cache, or with one in a form of old, the standard folders are what is left.
  void read_cache() {
    const auto file = root_.open(kCachePath);
    if (!file.ok()) return;
    if (auto cache = parse_ld_cache((*file)->bytes()); cache.ok()) cache_ = *std::move(cache);
  }

  Result<void> take_interpreter(const std::string& path) {
    if (path.empty()) return {};
    const auto real = root_.find_real(path);
    if (path.front() != '/' || !real) {
      return Error(Code::NotFound,
                   fmt::format("interpreter {}: expected a file", base::quote(path)));
    }
    TRY_ASSIGN(auto file, root_.open(*real));
    closure_.interpreter_path = path;
    closure_.interpreter = {std::string(name_of(path)), *real, std::move(file)};
    // Objects that need the loader get the one that runs.
    found_.insert(closure_.interpreter.name);
    return {};
  }

  Result<void> take(const std::string& name, const Pending& by) {
    if (!found_.insert(name).second) return {};
    if (found_.size() > kLibrariesMax) {
      return Error(Code::Exhausted, fmt::format("{}: expected at most {} shared objects",
                                                base::quote(by.path), kLibrariesMax));
    }
    if (name.empty() || name.find('/') != std::string::npos) {
      return Error(Code::Unsupported, fmt::format("{}: expected names of shared objects, got {}",
                                                  base::quote(by.path), base::quote(name)));
    }
    for (const std::string& candidate : candidates(name, by)) {
      if (open(name, candidate)) return {};
    }
    return Error(Code::NotFound, fmt::format("{} needs {}: expected it where the loader looks, "
                                             "found it nowhere",
                                             base::quote(by.path), base::quote(name)));
  }

  std::vector<std::string> candidates(const std::string& name, const Pending& by) const {
    std::vector<std::string> paths;
    std::string_view rest = by.elf.runpath;
    while (!rest.empty()) {
      const std::string_view folder = rest.substr(0, rest.find(':'));
      rest.remove_prefix(std::min(folder.size() + 1, rest.size()));
      if (const auto path = expand(folder, parent_of(by.path))) {
        paths.push_back(fmt::format("{}/{}", *path, name));
      }
    }
    if (const auto at = cache_.find(name); at != cache_.end()) {
      paths.insert(paths.end(), at->second.begin(), at->second.end());
    }
    for (const std::string& folder : folders_) paths.push_back(fmt::format("{}/{}", folder, name));
    return paths;
  }

  // Whether the file is there and for this machine.
  bool open(const std::string& name, const std::string& path) {
    const auto real = root_.find_real(path);
    if (!real) return false;
    auto file = root_.open(*real);
    if (!file.ok()) return false;
    auto elf = Elf::parse((*file)->bytes());
    if (!elf.ok() || elf->machine != closure_.machine) return false;
    closure_.libraries.push_back({name, *real, *std::move(file)});
    pending_.push_back({*real, *std::move(elf)});
    return true;
  }

  const SystemRoot& root_;
  Closure closure_;
  LdCache cache_;
  std::vector<std::string> folders_;
  std::set<std::string> found_;
  std::deque<Pending> pending_;
};

}  // namespace

Result<Closure> find_closure(const SystemRoot& root, const std::string& program) {
  return Search(root).run(program);
}

}  // namespace image
