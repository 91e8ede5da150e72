#include "states.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <tuple>

#include "facts.h"
#include "program.h"

namespace fault {
namespace {

namespace fs = std::filesystem;

void make_nothing(const std::string&, const std::string&) {}

void make_empty(const std::string& root, const std::string& scratch) {
  run({"register", model_file("flowers.joblib"), "--name", "gone"}, root, scratch);
  run({"models", "remove", "gone:1"}, root, scratch);
  run({"models", "gc"}, root, scratch);
}

void make_three(const std::string& root, const std::string& scratch) {
  run({"register", model_file("passengers.joblib"), "--name", "m", "--alias", "champion"}, root,
      scratch);
  run({"register", model_file("boosted.joblib"), "--name", "m", "--label", "team=risk"}, root,
      scratch);
  run({"register", model_file("topics.pkl"), "--name", "m", "--alias", "other", "--label", "a=b"},
      root, scratch);
}

// Also a model whose newest version was removed: its number must not come again.
void make_many(const std::string& root, const std::string& scratch) {
  make_three(root, scratch);
  const char* const files[] = {"flowers.joblib", "forest.joblib", "topics.pkl", "boosted.joblib"};
  for (const std::string model : {"a", "b", "n", "x", "y", "z"}) {
    for (const char* file : files) {
      run({"register", model_file(file), "--name", model, "--alias", "newest"}, root, scratch);
    }
  }
  run({"register", model_file("forest.joblib"), "--name", "m"}, root, scratch);
  run({"models", "remove", "m:4"}, root, scratch);
  run({"models", "remove", "z:2"}, root, scratch);
}

// What a registration that was killed, and older releases, left lying about.
void make_leftovers(const std::string& root, const std::string& scratch) {
  make_three(root, scratch);
  constexpr std::int64_t kAmidst = 40;
  Program program(in(root, {"register", model_file("forest.joblib"), "--name", "m"}), root,
                  scratch);
  program.run({.at = kAmidst, .action = Action::Kill});
  std::ofstream(root + "/tmp/blob.abcdef") << "half a bl";
  std::ofstream(root + "/index.json.abcdef") << "{\"manif";
}

void make_stale_index(const std::string& root, const std::string& scratch) {
  make_three(root, scratch);
  const std::string old = scratch + "/old.json";
  fs::copy_file(root + "/index.json", old, fs::copy_options::overwrite_existing);
  run({"register", model_file("forest.joblib"), "--name", "m"}, root, scratch);
  run({"models", "remove", "m:4"}, root, scratch);
  run({"register", model_file("flowers.joblib"), "--name", "m2"}, root, scratch);
  fs::rename(old, root + "/index.json");
}

// Changes that are only in the write-ahead log: the last one who had it open was killed.
void make_log_ahead(const std::string& root, const std::string& scratch) {
  const std::string open = root + "-open";
  make_three(open, scratch);
  std::string problem;
  {
    const auto held = open_workspace(open, problem);
    run({"models", "label", "m:2", "ahead=yes"}, open, scratch);
    run({"models", "alias", "m:3", "ahead"}, open, scratch);
    copy_workspace(open, root);
  }
  fs::remove_all(open);
}

workspace::KeyChange guarded_keys() {
  workspace::KeyChange change{"key.create", {}, {}};
  for (const auto& [letter, client, endpoint] :
       {std::tuple{'a', "shop", "faq"}, std::tuple{'b', "operations", "*"}}) {
    for (const auth::Slot slot : {auth::Slot::Primary, auth::Slot::Secondary}) {
      auth::KeyRecord record;
      record.id = std::string(15, letter) + (slot == auth::Slot::Primary ? 'a' : 'z');
      record.client = client;
      record.endpoint = endpoint;
      record.scope = {auth::Scope::Score};
      record.slot = slot;
      record.created = auth::Timestamp(std::chrono::seconds(1'800'000'000));
      if (letter == 'a') record.expires = record.created + std::chrono::hours(24 * 90);
      record.digest = base::Digest::of(record.id);
      change.put.push_back(std::move(record));
    }
  }
  return change;
}

}  // namespace

void make_guarded(const std::string& root, const std::string& scratch) {
  make_three(root, scratch);
  std::string problem;
  const auto workspace = open_workspace(root, problem);
  const auto must = [](const base::Result<void>& done) {
    if (!done.ok()) throw std::runtime_error(done.error().message());
  };
  must(workspace->change_keys(
      [](const auto&) -> base::Result<workspace::KeyChange> { return guarded_keys(); }));
  std::vector<base::Digest> digests;
  const auto versions = workspace->versions("m");
  for (const workspace::Version& each : *versions) digests.push_back(each.digest);
  must(workspace->set_deployed({"kubernetes:prod/shop", "faq", {digests[0], digests[1]}}));
  must(workspace->set_deployed({"kubernetes:test/shop", "faq", {digests[1]}}));
}

std::vector<Operation> operations(const std::string& image) {
  return {
      {"register", {"register", model_file("flowers.joblib"), "--name", "m"}, false, true, true},
      {"register the same",
       {"register", model_file("topics.pkl"), "--name", "m"},
       true,
       true,
       true},
      {"register with names",
       {"register", model_file("forest.joblib"), "--name", "m", "--alias", "champion", "--label",
        "team=risk", "--label", "stage=trial"},
       false,
       true,
       true},
      {"move an alias", {"models", "alias", "m:2", "champion"}, true, true},
      {"remove an alias", {"models", "alias", "m", "champion", "--remove"}, true, false},
      {"label", {"models", "label", "m:1", "team=search"}, true, true},
      {"remove a label", {"models", "label", "m:3", "a", "--remove"}, true, true},
      {"remove", {"models", "remove", "m:2"}, true, false},
      {"gc", {"models", "gc"}, false, true},
      {"pull", {"pull", image, "--name", "m"}, false, true, true, {"Absent", "Guarded"}},
      {"keys create",
       {"keys", "create", "new", "--client", "shop", "--expires", "90d"},
       false,
       false,
       true,
       {"Absent", "Guarded"}},
      {"keys rotate", {"keys", "rotate", kGuardedKey}, true, false, false, {"Guarded"}},
      {"keys revoke", {"keys", "revoke", kGuardedKey}, true, false, false, {"Guarded"}},
      {"doctor", {"doctor"}, false, true},
  };
}

std::vector<State> states() {
  constexpr int kMany = 1500;
  return {{"Absent", make_nothing, false, 0, 2000},
          {"Empty", make_empty, true, 0, 700},
          {"Three", make_three, true, 3, kMany},
          {"Many", make_many, true, 3, kMany},
          {"Leftovers", make_leftovers, true, 3, kMany},
          {"StaleIndex", make_stale_index, true, 3, kMany},
          {"LogAhead", make_log_ahead, true, 3, kMany},
          {"Guarded", make_guarded, true, 3, 600, true}};
}

std::string model_file(const std::string& name) {
  return std::string(SOOTH_SOURCE_DIR) + "/tests/scenario/data/" + name;
}

std::vector<std::string> in(const std::string& root, std::vector<std::string> arguments) {
  // `models` takes the workspace before its second word.
  arguments.insert(arguments.begin() + 1, {"--workspace", root});
  return arguments;
}

void run(const std::vector<std::string>& arguments, const std::string& root,
         const std::string& scratch) {
  Program program(in(root, arguments), root, scratch);
  if (exit_status(program.run()) == 0) return;
  throw std::runtime_error(arguments[0] + " " + arguments[1] + ": " + program.said());
}

}  // namespace fault
