#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key.h"
#include "base/result.h"
#include "workspace/database.h"

namespace workspace {

// Whether the tables say what the log says. SQLite does not check the pages it reads, so a bit that
// flipped in one would be believed; the log is hashed, and nothing is answered before both agree.

// Corrupt where the last change of the subject ("faq:3", "faq@champion") was altered, or does not
// say this.
base::Result<void> confirm(Database& database, const std::string& subject, std::string_view says);

// What the last change of the subject says; "null" where there is none.
base::Result<std::string> last_said(Database& database, const std::string& subject);

// Corrupt where the log does not say this of the key.
base::Result<void> confirm_key(Database& database, const auth::KeyRecord& record);

// Corrupt where the log says anything else of the keys, or of what endpoints run, than the tables,
// those rows among it that are gone.
base::Result<void> confirm_keys(Database& database);
base::Result<void> confirm_deployed(Database& database);

// What the log says is there: keys by their id, deployments by "<target> <endpoint>".
using Said = std::map<std::string, std::string>;
base::Result<Said> keys_said(Database& database);
base::Result<Said> deployed_said(Database& database);

// Corrupt where `number` is not the newest version of the model that there is.
base::Result<void> confirm_newest(Database& database, const std::string& model,
                                  std::int64_t number);

// Compares all of it, and gives what differs, one line each. Precondition: in one transaction, and
// the log holds together.
base::Result<std::vector<std::string>> compare_with_log(Database& database);

}  // namespace workspace
