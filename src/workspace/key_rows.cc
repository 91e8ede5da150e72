#include "workspace/key_rows.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/text.h"

namespace workspace {
namespace {

using auth::KeyRecord;
using base::Code;
using base::Error;
using nlohmann::ordered_json;

constexpr std::int64_t kSecondsMax = 253'402'300'800;  // The year 10000.

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

base::Result<auth::Timestamp> time_of(const std::string& id, std::int64_t seconds) {
  if (seconds >= 0 && seconds < kSecondsMax) return auth::Timestamp(std::chrono::seconds(seconds));
  return broken(id, fmt::format("expected a time before the year 10000, got {} s", seconds));
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
  TRY_ASSIGN(record.created, time_of(record.id, row.integer(5)));
  if (!row.is_null(6)) {
    TRY_ASSIGN(record.expires, time_of(record.id, row.integer(6)));
  }
  auto digest = base::Digest::from(row.blob(7));
  if (!digest.ok()) return broken(record.id, digest.error().message());
  record.digest = *digest;
  if (auto good = auth::check_record(record); !good.ok()) {
    return broken(record.id, good.error().message());
  }
  return record;
}

std::string seconds_text(auth::Timestamp time) {
  return std::to_string(time.time_since_epoch().count());
}

// Over every field with its length before it, so that no two records hash alike.
base::Digest hash_of(const KeyRecord& record) {
  base::Hasher hasher;
  for (const std::string& field :
       {std::string("sooth key record, 1"), record.id, record.client, record.endpoint,
        fmt::format("{}", fmt::join(record.scope.names(), ",")),
        std::string(auth::slot_name(record.slot)), seconds_text(record.created),
        record.expires ? seconds_text(*record.expires) : std::string(), record.digest.text()}) {
    hasher.update(fmt::format("{}:", field.size()));
    hasher.update(field);
  }
  return hasher.finish();
}

}  // namespace

base::Result<void> each_key(
    Database& database,
    const std::function<base::Result<void>(const std::string& id,
                                           base::Result<auth::KeyRecord> record)>& on_key) {
  TRY_ASSIGN(Statement select,
             database.prepare("SELECT id, client, endpoint, scope, slot, created, expires, digest "
                              "FROM key ORDER BY id"));
  return select.each([&](const Row& row) { return on_key(row.text(0), record_of(row)); });
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

std::string key_in_log(const KeyRecord& record, KeyForm form) {
  ordered_json text = {{"client", record.client},
                       {"endpoint", record.endpoint},
                       {"scope", record.scope.names()},
                       {"slot", auth::slot_name(record.slot)},
                       {"created", auth::format_timestamp(record.created)}};
  if (record.expires) text["expires"] = auth::format_timestamp(*record.expires);
  if (form == KeyForm::Hashed) text["hash"] = hash_of(record).text();
  return text.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// Within a text of JSON the quotes would be escaped.
KeyForm key_form(std::string_view in_log) {
  return in_log.find(R"("hash":)") == std::string_view::npos ? KeyForm::Plain : KeyForm::Hashed;
}

}  // namespace workspace
