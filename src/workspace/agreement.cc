#include "workspace/agreement.h"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "base/digest.h"
#include "base/text.h"
#include "workspace/change_log.h"
#include "workspace/deployed_rows.h"
#include "workspace/key_rows.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kNothing = "null";
const std::string kKey = "key ";
const std::string kDeployment = "deployment ";

// What each subject is: versions, aliases and labels as the log names them, keys and deployments
// with that word before them, and under its own name the highest number that a model has given.
using State = std::map<std::string, std::string>;

std::string difference(const std::string& subject, std::string_view expected,
                       std::string_view got) {
  return fmt::format("state.db: {}: expected {}, as the log says, got {}", base::quote(subject),
                     expected, got);
}

Error differs(const std::string& subject, std::string_view expected, std::string_view got) {
  return {Code::Corrupt, difference(subject, expected, got) + "; run sooth doctor"};
}

std::string subject_of(const Change& change) {
  if (change.action.starts_with("key.")) return kKey + change.subject;
  if (change.action == kSetDeployed) return kDeployment + change.subject;
  return change.subject;
}

// Replays the log, for the subjects that start so.
base::Result<State> said(Database& database, const std::string& start = "") {
  State state;
  TRY(each_change(database, 0, [&](const Change& change) -> base::Result<void> {
    const std::string subject = subject_of(change);
    if (!subject.starts_with(start)) return {};
    if (change.after == kNothing) {
      state.erase(subject);
      // A version's labels go with it.
      const auto first = state.lower_bound(subject + " ");
      state.erase(first, state.lower_bound(subject + "!"));
      return {};
    }
    state[subject] = change.after;
    if (change.action == kAddVersion) {
      const std::size_t colon = change.subject.rfind(':');
      state[change.subject.substr(0, colon)] = change.subject.substr(colon + 1);
      state[change.subject] += fmt::format(" at {} by {}", change.at, change.who);
    }
    return {};
  }));
  return state;
}

// Reads keys, and what endpoints run, into the form that the log has.
base::Result<void> add_keys(Database& database, const State& log, State& state) {
  return each_key(
      database,
      [&](const std::string& id, base::Result<auth::KeyRecord> record) -> base::Result<void> {
        const std::string subject = kKey + id;
        const auto entry = log.find(subject);
        const KeyForm form = entry == log.end() ? KeyForm::Hashed : key_form(entry->second);
        state[subject] = record.ok() ? key_in_log(*record, form) : record.error().message();
        return {};
      });
}
base::Result<void> add_deployed(Database& database, State& state) {
  TRY_ASSIGN(const auto all, read_deployed(database));
  for (const Deployed& each : all) {
    state[kDeployment + deployed_subject(each)] = deployed_in_log(each.digests);
  }
  return {};
}

// Reads all tables into it.
base::Result<State> kept(Database& database, const State& log) {
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
  TRY(add_keys(database, log, state));
  TRY(add_deployed(database, state));
  return state;
}

// What differs in the subjects that start so, one line each.
std::vector<std::string> differences(const State& log, const State& tables,
                                     const std::string& start) {
  std::vector<std::string> problems;
  const auto value_in = [](const State& state, const std::string& subject) -> std::string_view {
    const auto at = state.find(subject);
    return at == state.end() ? kNothing : std::string_view(at->second);
  };
  State all = log;
  all.insert(tables.begin(), tables.end());
  for (const auto& [subject, either] : all) {
    if (!subject.starts_with(start)) continue;
    const std::string_view expected = value_in(log, subject);
    const std::string_view got = value_in(tables, subject);
    if (expected != got) problems.push_back(difference(subject, expected, got));
  }
  return problems;
}

// Without that start.
base::Result<Said> said_of(Database& database, const std::string& start) {
  TRY_ASSIGN(const State log, said(database));
  Said found;
  for (const auto& [subject, text] : log) {
    if (subject.starts_with(start)) found.emplace(subject.substr(start.size()), text);
  }
  return found;
}

base::Result<void> confirm_all(const State& log, const State& tables, const std::string& start) {
  const std::vector<std::string> problems = differences(log, tables, start);
  if (problems.empty()) return {};
  return Error(Code::Corrupt, problems.front() + "; run sooth doctor");
}

}  // namespace

base::Result<void> confirm(Database& database, const std::string& subject, std::string_view says) {
  TRY_ASSIGN(const std::string expected, last_said(database, subject));
  if (expected == says) return {};
  return differs(subject, expected, says);
}

base::Result<std::string> last_said(Database& database, const std::string& subject) {
  TRY_ASSIGN(const auto last, find_last(database, subject));
  return last ? last->after : std::string(kNothing);
}

base::Result<void> confirm_key(Database& database, const auth::KeyRecord& record) {
  TRY_ASSIGN(const std::string expected, last_said(database, record.id));
  const std::string got = key_in_log(record, key_form(expected));
  if (expected == got) return {};
  return differs(kKey + record.id, expected, got);
}

base::Result<void> confirm_keys(Database& database) {
  TRY_ASSIGN(const State log, said(database, kKey));
  State tables;
  TRY(add_keys(database, log, tables));
  return confirm_all(log, tables, kKey);
}

base::Result<void> confirm_deployed(Database& database) {
  TRY_ASSIGN(const State log, said(database, kDeployment));
  State tables;
  TRY(add_deployed(database, tables));
  return confirm_all(log, tables, kDeployment);
}

base::Result<Said> keys_said(Database& database) { return said_of(database, kKey); }

base::Result<Said> deployed_said(Database& database) { return said_of(database, kDeployment); }

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
  TRY_ASSIGN(const State tables, kept(database, log));
  return differences(log, tables, "");
}

}  // namespace workspace
