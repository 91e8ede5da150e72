// Makes anew, from the log, what the tables say of keys and of deployments. The log is hashed and
// tells all of a deployment. Of a key it tells all but the key's digest, and has a hash over that
// too: so the digest is taken from a row, and only a digest that the hash proves.

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "workspace/agreement.h"
#include "workspace/deployed_rows.h"
#include "workspace/key_rows.h"
#include "workspace/workspace.h"

namespace workspace {
namespace {

using auth::KeyRecord;
using base::Code;
using base::Error;
using nlohmann::json;

// A row of the table of keys, as far as a key can be restored with it.
struct KeyRow {
  std::string id;
  std::optional<base::Digest> digest;  // Nothing: the row holds none.
};

base::Result<std::vector<KeyRow>> read_rows(Database& database) {
  std::vector<KeyRow> rows;
  TRY_ASSIGN(Statement select, database.prepare("SELECT id, digest FROM key ORDER BY id"));
  TRY(select.each([&](const Row& row) -> base::Result<void> {
    const auto digest = base::Digest::from(row.blob(1));
    rows.push_back({row.text(0), digest.ok() ? std::optional(*digest) : std::nullopt});
    return {};
  }));
  return rows;
}

// The record that the entry tells of, without a digest; nothing where it is no such entry.
std::optional<KeyRecord> record_of(const std::string& id, const std::string& entry) {
  const json text = json::parse(entry, nullptr, false);
  const auto field = [&](const char* key) -> std::string {
    const auto at = text.find(key);
    return at != text.end() && at->is_string() ? at->get<std::string>() : "";
  };
  if (!text.is_object() || !text.contains("scope") || !text["scope"].is_array()) return {};
  KeyRecord record{.id = id, .client = field("client"), .endpoint = field("endpoint"), .scope = {}};
  for (const json& each : text["scope"]) {
    const auto scope = each.is_string() ? auth::find_scope(each.get<std::string>()) : std::nullopt;
    if (!scope) return {};
    record.scope.add(*scope);
  }
  const auto slot = auth::find_slot(field("slot"));
  const auto created = auth::parse_timestamp(field("created"));
  if (!slot || !created.ok()) return {};
  record.slot = *slot;
  record.created = *created;
  if (text.contains("expires")) {
    const auto expires = auth::parse_timestamp(field("expires"));
    if (!expires.ok()) return {};
    record.expires = *expires;
  }
  return record;
}

// Whether the entry is of this very record: the hash in it, where it has one, is over the digest.
bool is_told_by(const KeyRecord& record, const std::string& entry) {
  return auth::check_record(record).ok() && key_in_log(record, key_form(entry)) == entry;
}

// The digest, or what it was before one bit of it flipped.
bool fits(KeyRecord& record, const base::Digest& digest, const std::string& entry) {
  record.digest = digest;
  if (is_told_by(record, entry)) return true;
  std::array<std::uint8_t, 32> bytes = {};
  std::copy(digest.bytes().begin(), digest.bytes().end(), bytes.begin());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
    bytes[bit / 8] ^= mask;
    const auto flipped = base::Digest::from(std::as_bytes(std::span(bytes)));
    if (flipped.ok()) record.digest = *flipped;
    if (flipped.ok() && is_told_by(record, entry)) return true;
    bytes[bit / 8] ^= mask;
  }
  return false;
}

// The key as it was; nothing where no row has its digest any more. Entries of releases before the
// hash prove nothing of a digest: there it is that of the row with the key's id.
std::optional<KeyRecord> restore(const std::string& id, const std::string& entry,
                                 const std::vector<KeyRow>& rows) {
  std::optional<KeyRecord> record = record_of(id, entry);
  if (!record) return std::nullopt;
  const bool hashed = key_form(entry) == KeyForm::Hashed;
  for (const KeyRow& row : rows) {
    if (!row.digest || (!hashed && row.id != id)) continue;
    if (fits(*record, *row.digest, entry)) return record;
  }
  return std::nullopt;
}

// "kubernetes:prod/shop faq" and a list of digests.
base::Result<Deployed> deployed_of(const std::string& subject, const std::string& entry) {
  const Error unlike(Code::Corrupt, fmt::format("deployment {}: expected a list of digests in the "
                                                "log, got {}",
                                                base::quote(subject), base::quote(entry)));
  const std::size_t space = subject.rfind(' ');
  const json list = json::parse(entry, nullptr, false);
  if (space == std::string::npos || !list.is_array()) return unlike;
  Deployed deployed{subject.substr(0, space), subject.substr(space + 1), {}};
  for (const json& each : list) {
    if (!each.is_string()) return unlike;
    TRY_ASSIGN(const auto digest, base::Digest::parse(each.get<std::string>()));
    deployed.digests.push_back(digest);
  }
  return deployed;
}

// Every row goes: one that broke may lie where no query for it looks.
base::Result<void> repair_deployed(Database& database, std::vector<std::string>& done) {
  if (confirm_deployed(database).ok()) return {};
  TRY_ASSIGN(const Said said, deployed_said(database));
  TRY(database.execute("DELETE FROM deployment"));
  for (const auto& [subject, entry] : said) {
    TRY_ASSIGN(const Deployed deployed, deployed_of(subject, entry));
    TRY(put_deployed(database, deployed));
  }
  done.push_back(fmt::format("deployments: made anew from the log, {} of them", said.size()));
  return {};
}

}  // namespace

base::Result<void> Workspace::repair_keys(std::vector<std::string>& done) {
  if (confirm_keys(*database_).ok()) return {};
  TRY_ASSIGN(const Said said, keys_said(*database_));
  TRY_ASSIGN(const std::vector<KeyRow> rows, read_rows(*database_));
  TRY(database_->execute("DELETE FROM key"));
  std::size_t restored = 0;
  for (const auto& [id, entry] : said) {
    if (const auto key = restore(id, entry, rows)) {
      TRY(put_key(*database_, *key));
      ++restored;
      continue;
    }
    // Nobody could use it any more, and nothing would be answered of the others while it is told.
    TRY(this->record("key.revoke", id, entry, "null"));
    done.push_back(fmt::format("key {}: what is kept of it is lost; revoked", base::quote(id)));
  }
  done.push_back(fmt::format("keys: made anew from the log, {} of them", restored));
  return {};
}

base::Result<std::vector<std::string>> Workspace::repair() {
  std::vector<std::string> done;
  TRY(database_->transact([&]() -> base::Result<void> {
    TRY(verify_log(*database_));
    TRY(repair_keys(done));
    return repair_deployed(*database_, done);
  }));
  if (!done.empty()) publish_index();
  return done;
}

}  // namespace workspace
