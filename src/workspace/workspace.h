#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "auth/key.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/result.h"
#include "model/reference.h"
#include "oci/layout.h"
#include "workspace/change_log.h"
#include "workspace/database.h"

namespace workspace {

// One registered version of a model.
struct Version {
  std::string model;
  std::int64_t number = 0;
  base::Digest digest;              // Of its manifest: its identity.
  std::uint64_t manifest_size = 0;  // Bytes.
  std::uint64_t size = 0;           // Of all its blobs, the manifest included.
  std::int64_t created = 0;         // Milliseconds since 1970.
  std::string who;
  std::string title;  // "sklearn.pipeline.Pipeline"
  std::vector<std::string> aliases;
  std::map<std::string, std::string> labels;

  std::string reference() const;  // "faq:3"
};

// What is about to become a version. Its blobs lie in the layout already.
struct NewVersion {
  std::string model;
  base::Digest digest;
  std::uint64_t manifest_size = 0;
  std::uint64_t size = 0;
  std::string title;
  std::map<std::string, std::string> labels;
  std::string alias;  // Empty: none is moved.
};

// A model among others.
struct Model {
  std::string name;
  std::int64_t versions = 0;  // How many there are now.
  Version newest;
};

// What collecting garbage did, or would do.
struct Garbage {
  std::vector<base::Digest> blobs;
  std::uint64_t bytes = 0;
};

// What is to become of the keys: records that are new or replace those of their id, and ids that
// go.
struct KeyChange {
  std::string action;  // "key.create", as the log has it.
  std::vector<auth::KeyRecord> put;
  std::vector<std::string> removed;
};

// The versions that an endpoint on a target runs, or may go back to.
struct Deployed {
  std::string target;  // "kubernetes:CONTEXT/NAMESPACE"
  std::string endpoint;
  std::vector<base::Digest> digests;  // In order.

  bool operator==(const Deployed&) const = default;
};

// Where versions and their names are kept: a folder with an OCI image layout and `state.db`.
// Blobs are bytes under their digests; what names mean changes only through the log, in one
// transaction with the change. Any number of processes may use one workspace; an object is for
// one thread. What is committed survives a crash, and what is not leaves no trace but leftovers
// that collect() removes. index.json is derived from the state and repaired when it lags behind.
class Workspace {
 public:
  struct Options {
    std::string root;
    std::string who;                    // Stands in the log.
    std::function<std::int64_t()> now;  // Milliseconds since 1970.
    bool create = true;                 // Make the folder where it is absent.
    // How long to wait for others who add or collect, and whom to tell that it waits.
    base::FileLock::Patience patience = {};
  };
  static base::Result<std::unique_ptr<Workspace>> open(Options options);

  const oci::Layout& layout() const { return layout_; }
  const std::string& root() const { return options_.root; }

  // To be held from before the first blob of a version is written until the version is added:
  // blobs without a name are garbage to others.
  base::Result<base::FileLock> hold() const;

  // Gives the next number. Bytes that are a version of this model already keep the number they
  // have; labels and alias are set in either case. `added` says which it was.
  struct Added {
    Version version;
    bool is_new = true;
  };
  base::Result<Added> add(const NewVersion& version);

  base::Result<Version> find(const model::Reference& reference);
  base::Result<std::vector<Model>> models();
  // Newest first.
  base::Result<std::vector<Version>> versions(const std::string& model);

  // Moves the alias to the version, or makes it.
  base::Result<Version> set_alias(const model::Reference& to, const std::string& alias);
  base::Result<void> remove_alias(const std::string& model, const std::string& alias);
  // Without a value the label goes.
  base::Result<Version> set_label(const model::Reference& of, const std::string& key,
                                  const std::optional<std::string>& value);
  // Conflict where an alias points at it or it is deployed. Its number is not given again; its
  // bytes stay until they are collected.
  base::Result<Version> remove(const model::Reference& reference);

  // The records of keys for one endpoint, those for every endpoint among them, by id; without an
  // endpoint all of them. Corrupt where the log says otherwise of any key.
  base::Result<std::vector<auth::KeyRecord>> keys(const std::string& endpoint = {});
  // `decide` sees all records and says what changes; nobody else changes any in between. The log
  // gets a change for each, which holds neither keys nor digests. A key that is not as the log says
  // can be taken away, and not replaced.
  using DecideKeys =
      std::function<base::Result<KeyChange>(const std::vector<auth::KeyRecord>& records)>;
  base::Result<void> change_keys(const DecideKeys& decide);

  // What runs where, as far as this workspace was told. Such versions are neither removed nor
  // collected. Without digests: nothing runs there any more. What is read is Corrupt where the log
  // says otherwise.
  base::Result<void> set_deployed(Deployed deployed);
  base::Result<std::vector<Deployed>> deployed();

  // Removes every blob that no version needs; nothing, and Corrupt, where the state is not what the
  // log says. Waits until nobody is adding one; a dry run does not, and counts what others have not
  // named yet.
  base::Result<Garbage> collect(bool dry_run);
  // An attempt to add a version begins; after one that failed, discard() removes the blobs that it
  // wrote and that were not there before, and nothing else. Where others are adding theirs that is
  // left to collect(). Precondition of discard(): hold() is not held.
  void begin_attempt() { static_cast<void>(layout_.take_new()); }
  void discard();

  // Reads everything: Corrupt where a blob, the log or a reference between them is broken. Gives
  // what is wrong, one line each; repairs index.json.
  struct Health {
    std::uint64_t versions = 0;
    std::uint64_t blobs = 0;
    std::uint64_t bytes = 0;
    bool index_repaired = false;
    std::vector<std::string> problems;
  };
  base::Result<Health> examine(const std::function<void(std::uint64_t bytes)>& on_progress);

  // Makes the records of keys, and what is deployed, anew where they are not what the log says, and
  // gives what was done, one line each. A key that cannot be restored is revoked. Corrupt, and
  // nothing is changed, where the log does not hold together.
  base::Result<std::vector<std::string>> repair();

  base::Result<void> each_change(
      std::int64_t after, const std::function<base::Result<void>(const Change&)>& on_change) {
    return workspace::each_change(*database_, after, on_change);
  }

  // Why index.json could not be brought up to date, if it could not. Nothing is lost by it.
  const std::optional<base::Error>& index_problem() const { return index_problem_; }

 private:
  Workspace(Options options, oci::Layout layout, std::unique_ptr<Database> database)
      : options_(std::move(options)), layout_(std::move(layout)), database_(std::move(database)) {}

  base::Result<base::FileLock> take_lock(base::FileLock::Kind kind) const;
  base::Result<void> record(std::string_view action, const std::string& subject, std::string before,
                            std::string after);
  base::Result<Version> find_here(const model::Reference& reference);
  base::Result<std::int64_t> number_of(const model::Reference& reference);
  base::Result<Version> load(const std::string& model, std::int64_t number);
  base::Result<std::int64_t> insert(const NewVersion& version);
  base::Result<void> put_alias(const std::string& model, const std::string& alias,
                               std::int64_t number);
  base::Result<void> put_label(const Version& version, const std::string& key,
                               const std::optional<std::string>& value);
  base::Result<void> check_not_deployed(const Version& version);
  base::Result<void> reach(const base::Digest& digest, std::set<base::Digest>& digests);
  base::Result<std::vector<base::Digest>> reachable();
  base::Result<void> check_agreement();
  base::Result<Garbage> collect_locked(bool dry_run);
  base::Result<void> examine_blobs(Health& health,
                                   const std::function<void(std::uint64_t bytes)>& on_progress);
  base::Result<void> repair_keys(std::vector<std::string>& done);
  base::Result<void> examine_state(Health& health);
  base::Result<void> examine_version(const Version& version);
  base::Result<std::string> make_index();
  base::Result<bool> refresh_index();
  base::Result<void> discard_alone(const std::vector<base::Digest>& written);
  void publish_index();

  Options options_;
  oci::Layout layout_;
  std::unique_ptr<Database> database_;
  std::optional<base::Error> index_problem_;
};

}  // namespace workspace
