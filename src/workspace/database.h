#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace workspace {

// One row of a query's answer; valid until the next one is asked for. Columns count from 0.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  std::string text(int column) const;
  base::Bytes blob(int column) const;

 private:
  sqlite3_stmt* statement_;
};

// A prepared statement. Bind, then run; running again starts it anew and keeps the bindings.
class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  // Parameters count from 1. What is bound is copied.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, base::Bytes blob);
  Statement& bind_null(int parameter);

  base::Result<void> run();
  // Calls for each row until it gives an error.
  base::Result<void> each(const std::function<base::Result<void>(const Row&)>& on_row);
  // Whether there was a row; looks at the first only.
  base::Result<bool> first(const std::function<void(const Row&)>& on_row);

 private:
  friend class Database;
  Statement(sqlite3* database, sqlite3_stmt* statement)
      : database_(database), statement_(statement) {}
  base::Error error() const;

  sqlite3* database_;
  sqlite3_stmt* statement_;
  int bound_ = 0;  // The first thing that went wrong while binding.
};

// An SQLite database in one file, with a write-ahead log that is synced at every commit. For one
// thread; other processes may have it open too, and wait for each other up to a minute.
class Database {
 public:
  static base::Result<std::unique_ptr<Database>> open(const std::string& path);
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();

  base::Result<void> execute(const std::string& sql);
  base::Result<Statement> prepare(std::string_view sql);

  // Runs `change` in one transaction, which no other writer comes between; commits if it gives no
  // error, and else leaves everything as it was.
  base::Result<void> transact(const std::function<base::Result<void>()>& change);
  // The same for reading: all that is read is of one moment.
  base::Result<void> view(const std::function<base::Result<void>()>& look);

  // Brings all that was committed into the file itself and empties the write-ahead log. A commit
  // that failed may lie there nonetheless, and come to life where the process dies; after this it
  // cannot. Waits for readers.
  base::Result<void> settle();

  // What SQLite finds wrong with the file, one line each.
  base::Result<std::vector<std::string>> check();

 private:
  explicit Database(sqlite3* handle, std::string path) : handle_(handle), path_(std::move(path)) {}
  base::Result<void> within(const char* begin, const std::function<base::Result<void>()>& work);

  sqlite3* handle_;
  std::string path_;
};

}  // namespace workspace
