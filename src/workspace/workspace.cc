#include "workspace/workspace.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "model/recipe.h"
#include "workspace/agreement.h"
#include "workspace/schema.h"

namespace workspace {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kVersion =
    "SELECT model, number, digest, manifest_size, size, created, who, title FROM version";

base::Result<Version> version_of(const Row& row) {
  Version version;
  version.model = row.text(0);
  version.number = row.integer(1);
  TRY_ASSIGN(version.digest, base::Digest::from(row.blob(2)));
  version.manifest_size = static_cast<std::uint64_t>(row.integer(3));
  version.size = static_cast<std::uint64_t>(row.integer(4));
  version.created = row.integer(5);
  version.who = row.text(6);
  version.title = row.text(7);
  return version;
}

Error unknown_model(const std::string& name) {
  return {Code::NotFound, fmt::format("model {}: there is none of that name in the workspace; see "
                                      "sooth models list",
                                      base::quote(name))};
}

}  // namespace

std::string Version::reference() const { return fmt::format("{}:{}", model, number); }

base::Result<std::unique_ptr<Workspace>> Workspace::open(Options options) {
  if (options.create) {
    TRY(base::make_folder(options.root));
  } else if (base::exists(options.root) && !base::is_directory(options.root)) {
    return Error(Code::Invalid, fmt::format("workspace {}: expected a folder, got a file",
                                            base::quote(options.root)));
  } else if (!base::is_directory(options.root)) {
    return Error(Code::NotFound, fmt::format("workspace {}: there is none; sooth register makes it",
                                             base::quote(options.root)));
  }
  TRY_ASSIGN(oci::Layout layout, oci::Layout::open(options.root));
  TRY_ASSIGN(auto database, Database::open(options.root + "/state.db"));
  TRY(migrate(*database));
  std::unique_ptr<Workspace> workspace(
      new Workspace(std::move(options), std::move(layout), std::move(database)));
  workspace->publish_index();
  return workspace;
}

base::Result<base::FileLock> Workspace::take_lock(base::FileLock::Kind kind) const {
  return base::FileLock::take(root() + "/lock", kind, options_.patience);
}

base::Result<base::FileLock> Workspace::hold() const {
  return take_lock(base::FileLock::Kind::Shared);
}

base::Result<void> Workspace::record(std::string_view action, const std::string& subject,
                                     std::string before, std::string after) {
  return append(*database_, {.seq = 0,
                             .at = options_.now(),
                             .who = options_.who,
                             .action = std::string(action),
                             .subject = subject,
                             .before = std::move(before),
                             .after = std::move(after)});
}

base::Result<Workspace::Added> Workspace::add(const NewVersion& version) {
  TRY(model::check_name(version.model));
  Added added;
  const auto change = [&]() -> base::Result<void> {
    TRY_ASSIGN(
        Statement same,
        database_->prepare("SELECT max(number) FROM version WHERE model = ? AND digest = ?"));
    same.bind(1, version.model).bind(2, bytes_of(version.digest));
    std::int64_t number = 0;
    TRY_ASSIGN(const bool found, same.first([&](const Row& row) { number = row.integer(0); }));
    added.is_new = !found || number == 0;
    if (added.is_new) {
      TRY_ASSIGN(number, insert(version));
    }
    TRY_ASSIGN(added.version, load(version.model, number));
    for (const auto& [key, value] : version.labels) TRY(put_label(added.version, key, value));
    if (!version.alias.empty()) TRY(put_alias(version.model, version.alias, number));
    TRY_ASSIGN(added.version, load(version.model, number));
    return {};
  };
  TRY(database_->transact(change));
  publish_index();
  return added;
}

base::Result<std::int64_t> Workspace::insert(const NewVersion& version) {
  TRY_ASSIGN(Statement next,
             database_->prepare("INSERT INTO model (name, newest) VALUES (?, 1) ON CONFLICT (name) "
                                "DO UPDATE SET newest = newest + 1 RETURNING newest"));
  std::int64_t number = 0;
  // Run to its end: a statement that stops at its first row has not changed anything yet.
  TRY(next.bind(1, version.model).each([&](const Row& row) -> base::Result<void> {
    number = row.integer(0);
    return {};
  }));
  const std::string subject = fmt::format("{}:{}", version.model, number);
  TRY(confirm(*database_, subject, "null"));
  const std::int64_t now = options_.now();
  TRY_ASSIGN(Statement insert, database_->prepare("INSERT INTO version VALUES (?,?,?,?,?,?,?,?)"));
  insert.bind(1, version.model).bind(2, number).bind(3, bytes_of(version.digest));
  insert.bind(4, static_cast<std::int64_t>(version.manifest_size));
  insert.bind(5, static_cast<std::int64_t>(version.size)).bind(6, now);
  TRY(insert.bind(7, options_.who).bind(8, version.title).run());
  TRY(append(*database_, {.at = now,
                          .who = options_.who,
                          .action = std::string(kAddVersion),
                          .subject = subject,
                          .before = "null",
                          .after = json_text(version.digest.text())}));
  return number;
}

base::Result<Version> Workspace::load(const std::string& model, std::int64_t number) {
  TRY_ASSIGN(Statement select,
             database_->prepare(fmt::format("{} WHERE model = ? AND number = ?", kVersion)));
  base::Result<Version> version = Error(
      Code::NotFound, fmt::format("model {}: there is no version {}", base::quote(model), number));
  TRY_ASSIGN(const bool found, select.bind(1, model).bind(2, number).first(
                                   [&](const Row& row) { version = version_of(row); }));
  if (!found || !version.ok()) return version;
  // A broken page can be found under one key and hold another.
  if (version->model != model || version->number != number) {
    return Error(Code::Corrupt,
                 fmt::format("state.db: expected {}:{} where it lies, got {}; run sooth doctor",
                             model, number, base::quote(version->reference())));
  }
  TRY_ASSIGN(Statement aliases, database_->prepare("SELECT name FROM alias WHERE model = ? AND "
                                                   "number = ? ORDER BY name"));
  TRY(aliases.bind(1, model).bind(2, number).each([&](const Row& row) -> base::Result<void> {
    version->aliases.push_back(row.text(0));
    return {};
  }));
  TRY_ASSIGN(Statement labels, database_->prepare("SELECT key, value FROM label WHERE model = ? "
                                                  "AND number = ?"));
  TRY(labels.bind(1, model).bind(2, number).each([&](const Row& row) -> base::Result<void> {
    version->labels.emplace(row.text(0), row.text(1));
    return {};
  }));
  return version;
}

base::Result<std::int64_t> Workspace::number_of(const model::Reference& reference) {
  if (const auto* number = std::get_if<std::int64_t>(&reference.which)) return *number;
  const auto* alias = std::get_if<model::Reference::Alias>(&reference.which);
  const auto* digest = std::get_if<base::Digest>(&reference.which);
  const char* sql = alias != nullptr    ? "SELECT number FROM alias WHERE model = ? AND name = ?"
                    : digest != nullptr ? "SELECT max(number) FROM version WHERE model = ? AND "
                                          "digest = ?"
                                        : "SELECT max(number) FROM version WHERE model = ?";
  TRY_ASSIGN(Statement select, database_->prepare(sql));
  select.bind(1, reference.name);
  if (alias != nullptr) select.bind(2, alias->name);
  if (digest != nullptr) select.bind(2, bytes_of(*digest));
  std::int64_t number = 0;
  TRY_ASSIGN(const bool found, select.first([&](const Row& row) { number = row.integer(0); }));
  if (found && number > 0) return number;
  if (alias != nullptr) {
    return Error(Code::NotFound,
                 fmt::format("model {}: there is no alias {}", base::quote(reference.name),
                             base::quote(alias->name)));
  }
  if (digest != nullptr) {
    return Error(Code::NotFound, fmt::format("model {}: there is no version of {}",
                                             base::quote(reference.name), digest->text()));
  }
  return unknown_model(reference.name);
}

base::Result<Version> Workspace::find_here(const model::Reference& reference) {
  TRY_ASSIGN(const std::int64_t number, number_of(reference));
  TRY_ASSIGN(Version version, load(reference.name, number));
  TRY(confirm(*database_, version.reference(), json_text(version.digest.text())));
  if (std::holds_alternative<model::Reference::Alias>(reference.which)) {
    TRY(confirm(*database_, reference.text(), std::to_string(number)));
  }
  if (std::holds_alternative<model::Reference::Newest>(reference.which)) {
    TRY(confirm_newest(*database_, reference.name, number));
  }
  return version;
}

base::Result<Version> Workspace::find(const model::Reference& reference) {
  Version version;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY_ASSIGN(version, find_here(reference));
    return {};
  }));
  return version;
}

// NOLINTNEXTLINE(readability-function-size): TRY in a transaction counts as nesting.
base::Result<std::vector<Model>> Workspace::models() {
  std::vector<Model> models;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY_ASSIGN(Statement select, database_->prepare("SELECT model, count(*), max(number) FROM "
                                                    "version GROUP BY model ORDER BY model"));
    TRY(select.each([&](const Row& row) -> base::Result<void> {
      Model model{.name = row.text(0), .versions = row.integer(1), .newest = {}};
      TRY_ASSIGN(model.newest, load(model.name, row.integer(2)));
      models.push_back(std::move(model));
      return {};
    }));
    return {};
  }));
  return models;
}

// NOLINTNEXTLINE(readability-function-size): TRY in a transaction counts as nesting.
base::Result<std::vector<Version>> Workspace::versions(const std::string& model) {
  std::vector<Version> versions;
  TRY(database_->view([&]() -> base::Result<void> {
    TRY_ASSIGN(Statement count, database_->prepare("SELECT count(*) FROM version WHERE model = ?"));
    TRY(count.bind(1, model).each([&](const Row& row) -> base::Result<void> {
      versions.reserve(static_cast<std::size_t>(row.integer(0)));
      return {};
    }));
    TRY_ASSIGN(Statement select, database_->prepare(fmt::format(
                                     "{} WHERE model = ? ORDER BY number DESC", kVersion)));
    TRY(select.bind(1, model).each([&](const Row& row) -> base::Result<void> {
      TRY_ASSIGN(Version version, version_of(row));
      versions.push_back(std::move(version));
      return {};
    }));
    const auto version_at = [&](std::int64_t number) -> base::Result<Version*> {
      const auto at = std::lower_bound(
          versions.begin(), versions.end(), number,
          [](const Version& each, std::int64_t wanted) { return each.number > wanted; });
      if (at != versions.end() && at->number == number) return &*at;
      return Error(Code::Corrupt, fmt::format("state.db: expected a version {}:{}, got none; run "
                                              "sooth doctor",
                                              model, number));
    };
    TRY_ASSIGN(Statement aliases, database_->prepare("SELECT number, name FROM alias WHERE "
                                                     "model = ? ORDER BY name"));
    TRY(aliases.bind(1, model).each([&](const Row& row) -> base::Result<void> {
      TRY_ASSIGN(Version * version, version_at(row.integer(0)));
      version->aliases.push_back(row.text(1));
      return {};
    }));
    TRY_ASSIGN(Statement labels,
               database_->prepare("SELECT number, key, value FROM label WHERE model = ?"));
    return labels.bind(1, model).each([&](const Row& row) -> base::Result<void> {
      TRY_ASSIGN(Version * version, version_at(row.integer(0)));
      version->labels.emplace(row.text(1), row.text(2));
      return {};
    });
  }));
  if (versions.empty()) return unknown_model(model);
  return versions;
}

base::Result<void> Workspace::put_alias(const std::string& model, const std::string& alias,
                                        std::int64_t number) {
  TRY(model::check_alias(alias));
  TRY_ASSIGN(Statement select,
             database_->prepare("SELECT number FROM alias WHERE model = ? AND name = ?"));
  std::int64_t before = 0;
  TRY_ASSIGN(const bool found, select.bind(1, model).bind(2, alias).first(
                                   [&](const Row& row) { before = row.integer(0); }));
  if (found && before == number) return {};
  TRY_ASSIGN(Statement put,
             database_->prepare("INSERT INTO alias VALUES (?,?,?) ON CONFLICT "
                                "(model, name) DO UPDATE SET number = excluded.number"));
  TRY(put.bind(1, model).bind(2, alias).bind(3, number).run());
  return record("alias.set", model + "@" + alias, found ? std::to_string(before) : "null",
                std::to_string(number));
}

base::Result<Version> Workspace::set_alias(const model::Reference& to, const std::string& alias) {
  Version version;
  TRY(database_->transact([&]() -> base::Result<void> {
    TRY_ASSIGN(version, find_here(to));
    TRY(put_alias(version.model, alias, version.number));
    TRY_ASSIGN(version, load(version.model, version.number));
    return {};
  }));
  publish_index();
  return version;
}

base::Result<void> Workspace::remove_alias(const std::string& model, const std::string& alias) {
  TRY(database_->transact([&]() -> base::Result<void> {
    const model::Reference reference{model, model::Reference::Alias{alias}};
    TRY_ASSIGN(const std::int64_t number, number_of(reference));
    TRY_ASSIGN(Statement remove,
               database_->prepare("DELETE FROM alias WHERE model = ? AND name = ?"));
    TRY(remove.bind(1, model).bind(2, alias).run());
    return record("alias.remove", reference.text(), std::to_string(number), "null");
  }));
  publish_index();
  return {};
}

base::Result<void> Workspace::put_label(const Version& version, const std::string& key,
                                        const std::optional<std::string>& value) {
  TRY(model::check_label(key, value.value_or("")));
  const auto before = version.labels.find(key);
  const bool had = before != version.labels.end();
  if (had ? value == before->second : !value) return {};
  TRY_ASSIGN(Statement remove,
             database_->prepare("DELETE FROM label WHERE model = ? AND number = ? "
                                "AND key = ?"));
  TRY(remove.bind(1, version.model).bind(2, version.number).bind(3, key).run());
  if (value) {
    TRY_ASSIGN(Statement insert, database_->prepare("INSERT INTO label VALUES (?,?,?,?)"));
    insert.bind(1, version.model).bind(2, version.number).bind(3, key);
    TRY(insert.bind(4, *value).run());
  }
  return record("label.set", fmt::format("{} {}", version.reference(), key),
                had ? json_text(before->second) : "null", value ? json_text(*value) : "null");
}

base::Result<Version> Workspace::set_label(const model::Reference& of, const std::string& key,
                                           const std::optional<std::string>& value) {
  Version version;
  TRY(database_->transact([&]() -> base::Result<void> {
    TRY_ASSIGN(version, find_here(of));
    TRY(put_label(version, key, value));
    TRY_ASSIGN(version, load(version.model, version.number));
    return {};
  }));
  publish_index();
  return version;
}

// NOLINTNEXTLINE(readability-function-size): TRY in a transaction counts as nesting.
base::Result<Version> Workspace::remove(const model::Reference& reference) {
  Version version;
  TRY(database_->transact([&]() -> base::Result<void> {
    TRY_ASSIGN(version, find_here(reference));
    if (!version.aliases.empty()) {
      return Error(Code::Conflict,
                   fmt::format("{}: expected no alias at it, got {}; move it to another version or "
                               "remove it first",
                               version.reference(), fmt::join(version.aliases, ", ")));
    }
    TRY(check_not_deployed(version));
    for (const char* sql : {"DELETE FROM label WHERE model = ? AND number = ?",
                            "DELETE FROM version WHERE model = ? AND number = ?"}) {
      TRY_ASSIGN(Statement remove, database_->prepare(sql));
      TRY(remove.bind(1, version.model).bind(2, version.number).run());
    }
    return record("version.remove", version.reference(), json_text(version.digest.text()), "null");
  }));
  publish_index();
  return version;
}

}  // namespace workspace
