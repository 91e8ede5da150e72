#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"
#include "workspace/database.h"

namespace workspace {

// The action by which a version comes to be.
inline constexpr std::string_view kAddVersion = "version.add";

// One change of what names mean. Each holds the hash of the one before, so that a change that was
// altered, left out or put elsewhere is found.
struct Change {
  std::int64_t seq = 0;  // 1, 2, 3 ...
  std::int64_t at = 0;   // Milliseconds since 1970.
  std::string who;
  std::string action;   // "version.add", "alias.set", ...
  std::string subject;  // "faq:3"
  std::string before;   // JSON; "null" where there was nothing.
  std::string after;

  // Over every field and the hash of the change before.
  base::Digest hash(const base::Digest& previous) const;
};

// A digest as the database and hashes take it.
base::Bytes bytes_of(const base::Digest& digest);

// A text as changes hold it.
std::string json_text(std::string_view text);

// The first change has this before it.
base::Digest first_hash();

// Appends the change, whose seq is given here. Precondition: within a transaction, the one that
// makes the change.
base::Result<void> append(Database& database, Change change);

// The changes behind `after`, oldest first.
base::Result<void> each_change(Database& database, std::int64_t after,
                               const std::function<base::Result<void>(const Change&)>& on_change);

// The number of the last change; 0: there is none.
base::Result<std::int64_t> last_change(Database& database);

// The last change of this subject; Corrupt where it was altered after it was written.
base::Result<std::optional<Change>> find_last(Database& database, const std::string& subject);

// Reads the whole log: Corrupt, naming the first bad change, where it does not hold together.
base::Result<void> verify_log(Database& database);

}  // namespace workspace
