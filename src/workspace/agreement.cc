#include "workspace/agreement.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/digest.h"
#include "base/text.h"
#include "workspace/change_log.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kNothing = "null";

// What each subject is: versions, aliases and labels as the log names them, and under its own name
// the highest number that a model has given.
using State = std::map<std::string, std::string>;

Error differs(const std::string& subject, std::string_view expected, std::string_view got) {
  return {Code::Corrupt, fmt::format("state.db: {}: expected {}, as the log says, got {}; run "
                                     "sooth doctor",
                                     base::quote(subject), expected, got)};
}

// Replays the log.
base::Result<State> said(Database& database) {
  State state;
  TRY(each_change(database, 0, [&](const Change& change) -> base::Result<void> {
    if (change.after == kNothing) {
      state.erase(change.subject);
      // A version's labels go with it.
      const auto first = state.lower_bound(change.subject + " ");
      state.erase(first, state.lower_bound(change.subject + "!"));
      return {};
    }
    state[change.subject] = change.after;
    if (change.action == kAddVersion) {
      const std::size_t colon = change.subject.rfind(':');
      state[change.subject.substr(0, colon)] = change.subject.substr(colon + 1);
      state[change.subject] += fmt::format(" at {} by {}", change.at, change.who);
    }
    return {};
  }));
  return state;
}

// Reads the tables into the same form.
base::Result<State> kept(Database& database) {
  constexpr const char* kQueries[] = {
      "SELECT name, newest FROM model",
      "SELECT model || ':' || number, digest, created, who FROM version",
      "SELECT model || '@' || name, number FROM alias",
      "SELECT model || ':' || number || ' ' || key, value FROM label",
  };
  State state;
  const auto read = [&](const char* sql, auto&& value_of) -> base::Result<void> {
    TRY_ASSIGN(Statement select, database.prepare(sql));
    return select.each([&](const Row& row) -> base::Result<void> {
      TRY_ASSIGN(state[row.text(0)], value_of(row));
      return {};
    });
  };
  const auto number_of = [](const Row& row) -> base::Result<std::string> {
    return std::to_string(row.integer(1));
  };
  TRY(read(kQueries[0], number_of));
  TRY(read(kQueries[1], [](const Row& row) -> base::Result<std::string> {
    TRY_ASSIGN(const base::Digest digest, base::Digest::from(row.blob(1)));
    return fmt::format("{} at {} by {}", json_text(digest.text()), row.integer(2), row.text(3));
  }));
  TRY(read(kQueries[2], number_of));
  TRY(read(kQueries[3],
           [](const Row& row) -> base::Result<std::string> { return json_text(row.text(1)); }));
  return state;
}

}  // namespace

base::Result<void> confirm(Database& database, const std::string& subject, std::string_view says) {
  TRY_ASSIGN(const auto last, find_last(database, subject));
  const std::string_view expected = last ? std::string_view(last->after) : kNothing;
  if (expected == says) return {};
  return differs(subject, expected, says);
}

base::Result<void> confirm_newest(Database& database, const std::string& model,
                                  std::int64_t number) {
  TRY_ASSIGN(Statement select, database.prepare("SELECT newest FROM model WHERE name = ?"));
  std::int64_t newest = 0;
  TRY_ASSIGN(const bool found,
             select.bind(1, model).first([&](const Row& row) { newest = row.integer(0); }));
  if (!found || newest < number) return differs(model, std::to_string(number), "none");
  // Every later one was removed.
  for (std::int64_t later = number + 1; later <= newest; ++later) {
    const std::string subject = fmt::format("{}:{}", model, later);
    TRY_ASSIGN(const auto last, find_last(database, subject));
    if (!last) return differs(model, std::to_string(later - 1), std::to_string(newest));
    if (last->after != kNothing) return differs(subject, last->after, "none");
  }
  return {};
}

base::Result<std::vector<std::string>> compare_with_log(Database& database) {
  TRY_ASSIGN(const State log, said(database));
  TRY_ASSIGN(const State tables, kept(database));
  std::vector<std::string> problems;
  const auto value_in = [](const State& state, const std::string& subject) -> std::string_view {
    const auto at = state.find(subject);
    return at == state.end() ? kNothing : std::string_view(at->second);
  };
  State all = log;
  all.insert(tables.begin(), tables.end());
  for (const auto& [subject, either] : all) {
    const std::string_view expected = value_in(log, subject);
    const std::string_view got = value_in(tables, subject);
    if (expected != got) {
      problems.push_back(fmt::format("state.db: {}: expected {}, as the log says, got {}",
                                     base::quote(subject), expected, got));
    }
  }
  return problems;
}

}  // namespace workspace
