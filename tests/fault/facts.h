#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "workspace/workspace.h"

namespace fault {

// A folder under /dev/shm where there is room, else with the other temporary files; removed at the
// end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// All that a workspace says, but for the times: what must be the same before and after.
struct Facts {
  // "faq:3" -> digest, size, title, labels.
  std::map<std::string, std::string> versions;
  std::map<std::string, std::string> aliases;  // "faq@champion" -> "faq:3"
  std::vector<std::string> changes;
  std::vector<std::string> keys;      // "shop faq score primary", in order: ids are by chance.
  std::vector<std::string> deployed;  // "kubernetes:prod/shop faq [sha256:...]"

  bool operator==(const Facts&) const = default;
};
std::string to_text(const Facts& facts);

// Opens it as the program does; no pointer, with a message for the test, where that fails.
std::unique_ptr<workspace::Workspace> open_workspace(const std::string& root, std::string& problem);

// Every bit of the keys and of what runs where, or the error instead.
std::string read_guards(workspace::Workspace& workspace);

Facts read_facts(workspace::Workspace& workspace, std::string& problem);

// Makes `to` a copy of the workspace at `from`. Blobs, which nobody changes in place, are linked.
void copy_workspace(const std::string& from, const std::string& to);

// Every file and folder beneath `root`, but for what SQLite keeps while it runs and for locks.
std::set<std::string> files_of(const std::string& root);

}  // namespace fault
