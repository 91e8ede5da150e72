// The records of keys. A change of one is a change of the log, which tells whose the key is and
// what it opens, and never what it is.

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "workspace/agreement.h"
#include "workspace/key_rows.h"
#include "workspace/workspace.h"

namespace workspace {
namespace {

using auth::KeyRecord;

// Those for one endpoint, or all. All are compared with the log: in a record that changed the
// endpoint may be what did.
base::Result<std::vector<KeyRecord>> read_keys(Database& database, const std::string& endpoint) {
  TRY(confirm_keys(database));
  std::vector<KeyRecord> records;
  TRY(each_key(database,
               [&](const std::string&, base::Result<KeyRecord> record) -> base::Result<void> {
                 TRY_ASSIGN(KeyRecord good, std::move(record));
                 if (endpoint.empty() || good.endpoint == endpoint ||
                     good.endpoint == auth::kEveryEndpoint) {
                   records.push_back(std::move(good));
                 }
                 return {};
               }));
  return records;
}

// For a decision: a record that cannot be read is there under its id, so that the key can be taken
// away; nothing else in it is true, and so it is not replaced.
base::Result<std::vector<KeyRecord>> read_keys_to_change(Database& database) {
  std::vector<KeyRecord> records;
  TRY(each_key(database,
               [&](const std::string& id, base::Result<KeyRecord> record) -> base::Result<void> {
                 KeyRecord unreadable{.id = id,
                                      .client = "(unreadable)",
                                      .endpoint = std::string(auth::kEveryEndpoint),
                                      .scope = {auth::Scope::Score}};
                 records.push_back(record.ok() ? *std::move(record) : std::move(unreadable));
                 return {};
               }));
  return records;
}

const KeyRecord* find_record(const std::vector<KeyRecord>& records, const std::string& id) {
  const auto at = std::find_if(records.begin(), records.end(),
                               [&](const KeyRecord& each) { return each.id == id; });
  return at == records.end() ? nullptr : &*at;
}

}  // namespace

base::Result<std::vector<KeyRecord>> Workspace::keys(const std::string& endpoint) {
  std::vector<KeyRecord> records;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY_ASSIGN(records, read_keys(*database_, endpoint));
    return {};
  }));
  return records;
}

// NOLINTNEXTLINE(readability-function-size): TRY in a transaction counts as nesting.
base::Result<void> Workspace::change_keys(const DecideKeys& decide) {
  TRY(database_->transact([&]() -> base::Result<void> {
    TRY_ASSIGN(const std::vector<KeyRecord> before, read_keys_to_change(*database_));
    TRY_ASSIGN(const KeyChange change, decide(before));
    for (const KeyRecord& each : change.put) {
      // What broke must not live on in what is made of it.
      if (const KeyRecord* old = find_record(before, each.id)) TRY(confirm_key(*database_, *old));
      TRY_ASSIGN(const std::string was, last_said(*database_, each.id));
      TRY(put_key(*database_, each));
      TRY(record(change.action, each.id, was, key_in_log(each)));
    }
    for (const std::string& id : change.removed) {
      TRY_ASSIGN(const std::string was, last_said(*database_, id));
      TRY(remove_key(*database_, id));
      TRY(record(change.action, id, was, "null"));
    }
    return {};
  }));
  publish_index();
  return {};
}

}  // namespace workspace
