#include "workspace/database.h"

#include <utility>

#include <sys/statvfs.h>

#include <fmt/format.h>
#include <sqlite3.h>

#include "base/text.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;

constexpr int kBusyMs = 60'000;

Code code_of(int outcome) {
  switch (outcome & 0xff) {
    case SQLITE_FULL: return Code::Exhausted;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Code::Unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::Corrupt;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY: return Code::Denied;
    case SQLITE_CONSTRAINT: return Code::Conflict;
    default: return Code::Internal;
  }
}

// SQLite tells a full disk from others only where it writes, not where it makes a file.
bool is_full(int outcome, std::uint64_t room) {
  const int kind = outcome & 0xff;
  return kind == SQLITE_FULL || ((kind == SQLITE_CANTOPEN || kind == SQLITE_IOERR) && room == 0);
}

Error sqlite_error(sqlite3* handle, int outcome) {
  const char* path = sqlite3_db_filename(handle, "main");
  struct statvfs disk {};
  if (path != nullptr && ::statvfs(path, &disk) == 0) {
    const std::uint64_t room = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
    if (is_full(outcome, room)) {
      return {Code::Exhausted,
              fmt::format("{}: the disk is full: expected room for a change, got {} free",
                          base::quote(path), base::human_bytes(room))};
    }
  }
  return {code_of(outcome), fmt::format("{}: {}", base::quote(path != nullptr ? path : "state.db"),
                                        sqlite3_errmsg(handle))};
}

}  // namespace

bool Row::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Row::integer(int column) const { return sqlite3_column_int64(statement_, column); }

std::string Row::text(int column) const { return std::string(base::as_text(blob(column))); }

base::Bytes Row::blob(int column) const {
  const void* data = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      bound_(other.bound_) {}

Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int parameter, std::int64_t value) {
  if (bound_ == SQLITE_OK) bound_ = sqlite3_bind_int64(statement_, parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  if (bound_ == SQLITE_OK) {
    const char* data = text.data() != nullptr ? text.data() : "";
    bound_ = sqlite3_bind_text64(statement_, parameter, data, text.size(), SQLITE_TRANSIENT,
                                 SQLITE_UTF8);
  }
  return *this;
}

Statement& Statement::bind(int parameter, base::Bytes blob) {
  if (bound_ == SQLITE_OK) {
    bound_ = sqlite3_bind_blob64(statement_, parameter, blob.data(), blob.size(), SQLITE_TRANSIENT);
  }
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  if (bound_ == SQLITE_OK) bound_ = sqlite3_bind_null(statement_, parameter);
  return *this;
}

Error Statement::error() const {
  return sqlite_error(database_, sqlite3_extended_errcode(database_));
}

base::Result<void> Statement::run() {
  return each([](const Row&) { return base::Result<void>(); });
}

base::Result<void> Statement::each(const std::function<base::Result<void>(const Row&)>& on_row) {
  if (bound_ != SQLITE_OK) return sqlite_error(database_, bound_);
  base::Result<void> seen;
  int step = SQLITE_ROW;
  while (seen.ok() && (step = sqlite3_step(statement_)) == SQLITE_ROW)
    seen = on_row(Row(statement_));
  base::Result<void> outcome = std::move(seen);
  if (outcome.ok() && step != SQLITE_DONE) outcome = error();
  sqlite3_reset(statement_);
  return outcome;
}

base::Result<bool> Statement::first(const std::function<void(const Row&)>& on_row) {
  if (bound_ != SQLITE_OK) return sqlite_error(database_, bound_);
  const int step = sqlite3_step(statement_);
  base::Result<bool> outcome = step == SQLITE_ROW;
  if (step == SQLITE_ROW) on_row(Row(statement_));
  if (step != SQLITE_ROW && step != SQLITE_DONE) outcome = error();
  sqlite3_reset(statement_);
  return outcome;
}

base::Result<std::unique_ptr<Database>> Database::open(const std::string& path) {
  sqlite3* handle = nullptr;
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int opened = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(handle, path));
  if (opened != SQLITE_OK) return sqlite_error(handle, opened);
  sqlite3_busy_timeout(handle, kBusyMs);
  // A database that somebody prepared must not run functions, nor be believed where it is broken.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  TRY(
      database->execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
                        "PRAGMA foreign_keys=ON; PRAGMA cell_size_check=ON;"));
  return database;
}

Database::~Database() { sqlite3_close_v2(handle_); }

base::Result<void> Database::execute(const std::string& sql) {
  const int outcome = sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  if (outcome != SQLITE_OK) return sqlite_error(handle_, outcome);
  return {};
}

base::Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int outcome =
      sqlite3_prepare_v2(handle_, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  if (outcome != SQLITE_OK) return sqlite_error(handle_, outcome);
  return Statement(handle_, statement);
}

base::Result<void> Database::transact(const std::function<base::Result<void>()>& change) {
  return within("BEGIN IMMEDIATE", change);
}

base::Result<void> Database::view(const std::function<base::Result<void>()>& look) {
  return within("BEGIN", look);
}

base::Result<void> Database::settle() {
  TRY_ASSIGN(Statement checkpoint, prepare("PRAGMA wal_checkpoint(TRUNCATE)"));
  bool busy = false;
  TRY_ASSIGN(const bool found,
             checkpoint.first([&](const Row& row) { busy = row.integer(0) != 0; }));
  static_cast<void>(found);
  if (!busy) return {};
  return Error(Code::Unavailable,
               fmt::format("{}: expected that nobody reads it, got one that does not end",
                           base::quote(path_)));
}

base::Result<std::vector<std::string>> Database::check() {
  std::vector<std::string> problems;
  TRY_ASSIGN(Statement check, prepare("PRAGMA integrity_check"));
  TRY(check.each([&](const Row& row) -> base::Result<void> {
    if (row.text(0) != "ok") problems.push_back("state.db: " + row.text(0));
    return {};
  }));
  return problems;
}

base::Result<void> Database::within(const char* begin,
                                    const std::function<base::Result<void>()>& work) {
  TRY(execute(begin));
  auto outcome = work();
  if (outcome.ok()) outcome = execute("COMMIT");
  // A commit that failed may have ended the transaction by itself.
  if (!outcome.ok() && sqlite3_get_autocommit(handle_) == 0) {
    static_cast<void>(execute("ROLLBACK"));
  }
  return outcome;
}

}  // namespace workspace
