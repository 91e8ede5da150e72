// The records of keys. A change of one is a change of the log, which tells whose the key is and
// what it opens, and never what it is.

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "workspace/workspace.h"

namespace workspace {
namespace {

using auth::KeyRecord;
using base::Code;
using base::Error;
using nlohmann::ordered_json;

constexpr std::string_view kKey =
    "SELECT id, client, endpoint, scope, slot, created, expires, digest FROM key";

Error broken(const std::string& id, std::string_view what) {
  return {Code::Corrupt, fmt::format("key {}: {}", base::quote(id), what)};
}

base::Result<auth::Scopes> scopes_of(const std::string& id, std::string_view list) {
  auth::Scopes scopes;
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    const auto scope = auth::find_scope(list.substr(0, end));
    if (!scope) return broken(id, fmt::format("unknown scope {}", base::quote(list)));
    scopes.add(*scope);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return scopes;
}

base::Result<KeyRecord> record_of(const Row& row) {
  KeyRecord record;
  record.id = row.text(0);
  record.client = row.text(1);
  record.endpoint = row.text(2);
  TRY_ASSIGN(record.scope, scopes_of(record.id, row.text(3)));
  const auto slot = auth::find_slot(row.text(4));
  if (!slot) return broken(record.id, "unknown slot");
  record.slot = *slot;
  record.created = auth::Timestamp(std::chrono::seconds(row.integer(5)));
  if (!row.is_null(6)) record.expires = auth::Timestamp(std::chrono::seconds(row.integer(6)));
  TRY_ASSIGN(record.digest, base::Digest::from(row.blob(7)));
  if (auto good = auth::check_record(record); !good.ok()) {
    return broken(record.id, good.error().message());
  }
  return record;
}

base::Result<std::vector<KeyRecord>> read_keys(Database& database, const std::string& endpoint) {
  std::vector<KeyRecord> records;
  TRY_ASSIGN(Statement select, database.prepare(fmt::format(
                                   "{} WHERE ?1 = '' OR endpoint IN (?1, ?2) ORDER BY id", kKey)));
  TRY(select.bind(1, endpoint)
          .bind(2, auth::kEveryEndpoint)
          .each([&](const Row& row) -> base::Result<void> {
            TRY_ASSIGN(KeyRecord record, record_of(row));
            records.push_back(std::move(record));
            return {};
          }));
  return records;
}

base::Result<void> remove_key(Database& database, const std::string& id) {
  TRY_ASSIGN(Statement remove, database.prepare("DELETE FROM key WHERE id = ?"));
  return remove.bind(1, id).run();
}

base::Result<void> put_key(Database& database, const KeyRecord& record) {
  TRY(auth::check_record(record));
  TRY(remove_key(database, record.id));
  TRY_ASSIGN(Statement insert, database.prepare("INSERT INTO key VALUES (?,?,?,?,?,?,?,?)"));
  insert.bind(1, record.id).bind(2, record.client).bind(3, record.endpoint);
  insert.bind(4, fmt::format("{}", fmt::join(record.scope.names(), ",")));
  insert.bind(5, auth::slot_name(record.slot));
  insert.bind(6, static_cast<std::int64_t>(record.created.time_since_epoch().count()));
  if (record.expires) {
    insert.bind(7, static_cast<std::int64_t>(record.expires->time_since_epoch().count()));
  } else {
    insert.bind_null(7);
  }
  return insert.bind(8, std::as_bytes(std::span(record.digest.bytes()))).run();
}

std::string logged(const KeyRecord* record) {
  if (record == nullptr) return "null";
  ordered_json text = {{"client", record->client},
                       {"endpoint", record->endpoint},
                       {"scope", record->scope.names()},
                       {"slot", auth::slot_name(record->slot)},
                       {"created", auth::format_timestamp(record->created)}};
  if (record->expires) text["expires"] = auth::format_timestamp(*record->expires);
  return text.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
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
    TRY_ASSIGN(const std::vector<KeyRecord> before, read_keys(*database_, {}));
    TRY_ASSIGN(const KeyChange change, decide(before));
    for (const KeyRecord& each : change.put) {
      TRY(put_key(*database_, each));
      TRY(record(change.action, each.id, logged(find_record(before, each.id)), logged(&each)));
    }
    for (const std::string& id : change.removed) {
      TRY(remove_key(*database_, id));
      TRY(record(change.action, id, logged(find_record(before, id)), "null"));
    }
    return {};
  }));
  publish_index();
  return {};
}

}  // namespace workspace
