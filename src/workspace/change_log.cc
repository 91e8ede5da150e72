#include "workspace/change_log.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kColumns =
    "seq, at, who, action, subject, before, after, previous, hash";

// A field with its length before it, so that no two lists of fields hash alike.
void add(base::Hasher& hasher, std::string_view field) {
  hasher.update(fmt::format("{}:", field.size()));
  hasher.update(field);
}

Change change_of(const Row& row) {
  return {.seq = row.integer(0),
          .at = row.integer(1),
          .who = row.text(2),
          .action = row.text(3),
          .subject = row.text(4),
          .before = row.text(5),
          .after = row.text(6)};
}

bool equals(base::Bytes bytes, const base::Digest& digest) {
  const auto expected = std::as_bytes(std::span(digest.bytes()));
  return std::equal(bytes.begin(), bytes.end(), expected.begin(), expected.end());
}

}  // namespace

base::Bytes bytes_of(const base::Digest& digest) {
  return std::as_bytes(std::span(digest.bytes()));
}

std::string json_text(std::string_view text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
}

base::Digest first_hash() { return base::Digest::of("sooth change log, 1"); }

base::Digest Change::hash(const base::Digest& previous) const {
  base::Hasher hasher;
  hasher.update(bytes_of(previous));
  add(hasher, std::to_string(seq));
  add(hasher, std::to_string(at));
  for (const std::string* field : {&who, &action, &subject, &before, &after}) add(hasher, *field);
  return hasher.finish();
}

base::Result<void> append(Database& database, Change change) {
  base::Digest previous = first_hash();
  TRY_ASSIGN(Statement last,
             database.prepare("SELECT seq, hash FROM change ORDER BY seq DESC LIMIT 1"));
  base::Result<base::Digest> kept = previous;
  TRY_ASSIGN(const bool found, last.first([&](const Row& row) {
    change.seq = row.integer(0);
    kept = base::Digest::from(row.blob(1));
  }));
  if (found) {
    TRY_ASSIGN(previous, std::move(kept));
  }
  ++change.seq;
  const base::Digest hash = change.hash(previous);
  TRY_ASSIGN(Statement insert,
             database.prepare(
                 fmt::format("INSERT INTO change ({}) VALUES (?,?,?,?,?,?,?,?,?)", kColumns)));
  insert.bind(1, change.seq).bind(2, change.at).bind(3, change.who).bind(4, change.action);
  insert.bind(5, change.subject).bind(6, change.before).bind(7, change.after);
  return insert.bind(8, bytes_of(previous)).bind(9, bytes_of(hash)).run();
}

base::Result<void> each_change(Database& database, std::int64_t after,
                               const std::function<base::Result<void>(const Change&)>& on_change) {
  TRY_ASSIGN(Statement select, database.prepare(fmt::format(
                                   "SELECT {} FROM change WHERE seq > ? ORDER BY seq", kColumns)));
  select.bind(1, after);
  return select.each([&](const Row& row) { return on_change(change_of(row)); });
}

base::Result<std::int64_t> last_change(Database& database) {
  TRY_ASSIGN(Statement select, database.prepare("SELECT max(seq) FROM change"));
  std::int64_t seq = 0;
  TRY_ASSIGN(const bool found, select.first([&](const Row& row) { seq = row.integer(0); }));
  static_cast<void>(found);
  return seq;
}

base::Result<std::optional<Change>> find_last(Database& database, const std::string& subject) {
  TRY_ASSIGN(Statement select,
             database.prepare(fmt::format(
                 "SELECT {} FROM change WHERE subject = ? ORDER BY seq DESC LIMIT 1", kColumns)));
  std::optional<Change> last;
  bool whole = true;
  TRY_ASSIGN(const bool found, select.bind(1, subject).first([&](const Row& row) {
    last = change_of(row);
    const auto previous = base::Digest::from(row.blob(7));
    // An index may say one thing and the row another.
    whole = last->subject == subject && previous.ok() && equals(row.blob(8), last->hash(*previous));
  }));
  static_cast<void>(found);
  if (whole) return last;
  return Error(Code::Corrupt, fmt::format("change {}, the last of {}: it was altered after it was "
                                          "written; run sooth doctor",
                                          last->seq, base::quote(subject)));
}

base::Result<void> verify_log(Database& database) {
  base::Digest previous = first_hash();
  std::int64_t expected = 1;
  TRY_ASSIGN(Statement select,
             database.prepare(fmt::format("SELECT {} FROM change ORDER BY seq", kColumns)));
  return select.each([&](const Row& row) -> base::Result<void> {
    const Change change = change_of(row);
    const base::Digest hash = change.hash(previous);
    if (change.seq != expected || !equals(row.blob(7), previous) || !equals(row.blob(8), hash)) {
      return Error(Code::Corrupt,
                   fmt::format("change {}: it or the one before was altered after it was written",
                               expected));
    }
    previous = hash;
    ++expected;
    return {};
  });
}

}  // namespace workspace
