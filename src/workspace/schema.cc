#include "workspace/schema.h"

#include <array>
#include <string>

#include <fmt/format.h>

namespace workspace {
namespace {

using base::Code;
using base::Error;

// "soot", so that file(1) and people know whose database it is.
constexpr std::int64_t kApplicationId = 0x736f6f74;

// Each element leads from the form before it to the next; what has been released never changes.
constexpr std::array<const char*, 3> kSteps = {
    R"sql(
    CREATE TABLE model (
      name TEXT NOT NULL PRIMARY KEY,
      newest INTEGER NOT NULL           -- The highest number ever given.
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE version (
      model TEXT NOT NULL REFERENCES model (name),
      number INTEGER NOT NULL,
      digest BLOB NOT NULL,             -- Of its manifest.
      manifest_size INTEGER NOT NULL,
      size INTEGER NOT NULL,            -- Of all its blobs.
      created INTEGER NOT NULL,         -- Milliseconds since 1970.
      who TEXT NOT NULL,
      title TEXT NOT NULL,              -- "sklearn.pipeline.Pipeline"
      PRIMARY KEY (model, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX version_digest ON version (digest);
    CREATE TABLE alias (
      model TEXT NOT NULL,
      name TEXT NOT NULL,
      number INTEGER NOT NULL,
      PRIMARY KEY (model, name),
      FOREIGN KEY (model, number) REFERENCES version (model, number)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX alias_version ON alias (model, number);
    CREATE TABLE label (
      model TEXT NOT NULL,
      number INTEGER NOT NULL,
      key TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (model, number, key),
      FOREIGN KEY (model, number) REFERENCES version (model, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE change (
      seq INTEGER NOT NULL PRIMARY KEY,
      at INTEGER NOT NULL,              -- Milliseconds since 1970.
      who TEXT NOT NULL,
      action TEXT NOT NULL,
      subject TEXT NOT NULL,
      before TEXT NOT NULL,             -- JSON
      after TEXT NOT NULL,
      previous BLOB NOT NULL,           -- The hash of the change before.
      hash BLOB NOT NULL
    ) STRICT;
    CREATE TRIGGER change_stays BEFORE UPDATE ON change
      BEGIN SELECT RAISE(ABORT, 'a change is never changed'); END;
    CREATE TRIGGER change_is_kept BEFORE DELETE ON change
      BEGIN SELECT RAISE(ABORT, 'a change is never removed'); END;
    )sql",
    R"sql(
    CREATE INDEX change_subject ON change (subject, seq);
    )sql",
    R"sql(
    CREATE TABLE key (
      id TEXT NOT NULL PRIMARY KEY,
      client TEXT NOT NULL,
      endpoint TEXT NOT NULL,           -- "*": every one.
      scope TEXT NOT NULL,              -- "score,metrics"
      slot TEXT NOT NULL,
      created INTEGER NOT NULL,         -- Seconds since 1970.
      expires INTEGER,                  -- NULL: never.
      digest BLOB NOT NULL              -- Of the key, which is kept nowhere.
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX key_endpoint ON key (endpoint);
    CREATE TABLE deployment (
      target TEXT NOT NULL,             -- "kubernetes:CONTEXT/NAMESPACE"
      endpoint TEXT NOT NULL,
      digest BLOB NOT NULL,             -- Of a version at work there.
      PRIMARY KEY (target, endpoint, digest)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX deployment_digest ON deployment (digest);
    )sql",
};

base::Result<std::int64_t> pragma(Database& database, const std::string& name) {
  TRY_ASSIGN(Statement statement, database.prepare("PRAGMA " + name));
  std::int64_t value = 0;
  TRY_ASSIGN(const bool found, statement.first([&](const Row& row) { value = row.integer(0); }));
  static_cast<void>(found);
  return value;
}

}  // namespace

base::Result<void> migrate(Database& database) {
  constexpr auto kNewest = static_cast<std::int64_t>(kSteps.size());
  TRY_ASSIGN(const std::int64_t before, pragma(database, "user_version"));
  if (before == kNewest) return {};
  return database.transact([&]() -> base::Result<void> {
    // Another process may have been first.
    TRY_ASSIGN(const std::int64_t at, pragma(database, "user_version"));
    if (at > kNewest) {
      return Error(Code::Unsupported,
                   fmt::format("state.db: expected form {} or older, got {}: a newer sooth has "
                               "written it; use that one",
                               kNewest, at));
    }
    for (auto step = static_cast<std::size_t>(at); step < kSteps.size(); ++step) {
      TRY(database.execute(kSteps[step]));
    }
    return database.execute(
        fmt::format("PRAGMA application_id={}; PRAGMA user_version={}", kApplicationId, kNewest));
  });
}

}  // namespace workspace
