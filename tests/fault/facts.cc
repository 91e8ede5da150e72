#include "facts.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "auth/key_set.h"
#include "model/reference.h"

namespace fault {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> texts_of(const std::vector<workspace::Deployed>& deployed) {
  std::vector<std::string> texts;
  for (const workspace::Deployed& each : deployed) {
    std::string text = each.target + " " + each.endpoint;
    for (const base::Digest& digest : each.digests) text += " " + digest.text();
    texts.push_back(std::move(text));
  }
  return texts;
}

// Keys are made by chance: of a change of one only the kind is the same each time.
std::string text_of(const workspace::Change& change) {
  if (change.action.starts_with("key.")) {
    return fmt::format("{} {}: {} -> {}", change.seq, change.action, change.before != "null",
                       change.after != "null");
  }
  return fmt::format("{} {} {}: {} -> {}", change.seq, change.action, change.subject, change.before,
                     change.after);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  const fs::path memory = "/dev/shm";
  std::error_code none;
  const bool roomy = fs::is_directory(memory, none) && ::access(memory.c_str(), W_OK) == 0 &&
                     fs::space(memory, none).available > (std::uintmax_t{512} << 20U);
  path_ = ((roomy ? memory : fs::temp_directory_path()) / "sooth-fault.XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("mkdtemp " + path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string to_text(const Facts& facts) {
  return fmt::format("versions {}\naliases {}\nkeys {}\ndeployed {}\nchanges\n  {}\n",
                     facts.versions, facts.aliases, facts.keys, facts.deployed,
                     fmt::join(facts.changes, "\n  "));
}

std::unique_ptr<workspace::Workspace> open_workspace(const std::string& root,
                                                     std::string& problem) {
  auto opened = workspace::Workspace::open(
      {.root = root, .who = "test", .now = [] { return std::int64_t{1}; }, .create = true});
  if (!opened.ok()) {
    problem = "open: " + opened.error().message();
    return nullptr;
  }
  return *std::move(opened);
}

Facts read_facts(workspace::Workspace& workspace, std::string& problem) {
  Facts facts;
  const auto note = [&](const base::Error& error) { problem += error.message() + "\n"; };
  const auto models = workspace.models();
  if (!models.ok()) note(models.error());
  for (std::size_t i = 0; models.ok() && i < models->size(); ++i) {
    const auto versions = workspace.versions((*models)[i].name);
    if (!versions.ok()) {
      note(versions.error());
      continue;
    }
    for (const workspace::Version& each : *versions) {
      facts.versions[each.reference()] =
          fmt::format("{} {} {} {}", each.digest.text(), each.size, each.title, each.labels);
      for (const std::string& alias : each.aliases) {
        facts.aliases[each.model + "@" + alias] = each.reference();
      }
    }
  }
  const auto read = workspace.each_change(0, [&](const workspace::Change& change) {
    facts.changes.push_back(text_of(change));
    return base::Result<void>();
  });
  if (!read.ok()) note(read.error());
  const auto keys = workspace.keys();
  if (!keys.ok()) note(keys.error());
  for (std::size_t i = 0; keys.ok() && i < keys->size(); ++i) {
    const auth::KeyRecord& key = (*keys)[i];
    facts.keys.push_back(fmt::format("{} {} {} {}", key.client, key.endpoint, key.scope.names(),
                                     auth::slot_name(key.slot)));
  }
  std::sort(facts.keys.begin(), facts.keys.end());
  const auto deployed = workspace.deployed();
  if (!deployed.ok()) note(deployed.error());
  if (deployed.ok()) facts.deployed = texts_of(*deployed);
  return facts;
}

std::string read_guards(workspace::Workspace& workspace) {
  const auto keys = workspace.keys();
  if (!keys.ok()) return keys.error().message();
  const auto set = auth::KeySet::make(*keys);
  const auto deployed = workspace.deployed();
  if (!deployed.ok()) return deployed.error().message();
  return fmt::format("{}{}", set->json(), texts_of(*deployed));
}

void copy_workspace(const std::string& from, const std::string& to) {
  fs::remove_all(to);
  if (!fs::exists(from)) return;
  fs::create_directory(to);
  for (auto each = fs::recursive_directory_iterator(from);
       each != fs::recursive_directory_iterator(); ++each) {
    const fs::path target = to / each->path().lexically_relative(from);
    if (each->is_directory()) {
      fs::create_directory(target);
    } else if (each->path().parent_path().filename() == "sha256") {
      fs::create_hard_link(each->path(), target);
    } else {
      fs::copy_file(each->path(), target);
    }
  }
}

std::set<std::string> files_of(const std::string& root) {
  std::set<std::string> names;
  if (!fs::exists(root)) return names;
  for (const auto& each : fs::recursive_directory_iterator(root)) {
    const std::string name = each.path().lexically_relative(root).string();
    if (name.starts_with("state.db-") || name == "lock" || name == "index.lock") continue;
    names.insert(name);
  }
  return names;
}

}  // namespace fault
