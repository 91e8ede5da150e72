#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "auth/key.h"
#include "base/result.h"
#include "cli/tls_flags.h"
#include "cli/world.h"
#include "front/access.h"
#include "workspace/workspace.h"

namespace cli {

// What a server makes for itself where it was given none: a key, and elsewhere than on loopback a
// certificate. Both are kept beneath the workspace's folder `serve` and used again; of the key only
// its digest is, so that it is shown once. Where there is no folder to keep them in, a key is made
// for this run, and a certificate is not.
class FirstStart {
 public:
  struct Asked {
    std::string workspace;    // As --workspace says.
    std::string endpoint;     // That is served.
    std::string address;      // That is listened on.
    bool inherits = false;    // Sockets, instead of an address.
    bool has_tokens = false;  // Access tokens are taken.
  };

  // Adds to the files that were named what is missing. Denied for --open elsewhere than on
  // loopback.
  static base::Result<FirstStart> prepare(const AccessFlags& flags, const Asked& asked,
                                          World& world);

  // What the server is to use.
  const front::Access::Files& files() const { return files_; }
  // Says on stderr what was made and how a client uses it: once, when the server listens at `url`.
  base::Result<void> tell(std::string_view url, World& world) const;

 private:
  explicit FirstStart(front::Access::Files files) : files_(std::move(files)) {}

  base::Result<void> find_keys(const Asked& asked, World& world);
  base::Result<bool> use_workspace_keys(const Asked& asked, World& world);
  base::Result<void> make_key(const std::string& folder, World& world);
  base::Result<void> find_certificate(const Asked& asked, World& world);
  base::Result<void> make_certificate(const std::string& address, World& world);

  front::Access::Files files_;
  std::string told_of_keys_;                  // A line about them; "" where they were named.
  std::shared_ptr<const auth::KeyText> key_;  // That was made now.
  std::string certificate_;                   // Path of the one that is the server's own.
  bool certificate_made_ = false;
};

}  // namespace cli
