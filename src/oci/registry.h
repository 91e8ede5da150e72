#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/digest.h"
#include "base/result.h"
#include "net/http_message.h"
#include "oci/descriptor.h"
#include "oci/registry_transport.h"
#include "oci/registry_world.h"

namespace oci {

// A manifest or index as the registry has it: exactly these bytes have the digest.
struct RegistryManifest {
  std::string media_type;
  base::Digest digest;
  std::string text;
};

enum class BlobOutcome : unsigned char {
  Present,   // It was there.
  Mounted,   // Another repository had it.
  Uploaded,  // It was sent.
};

// The client of one repository (OCI distribution specification 1.1). Nothing that a registry says
// is believed: digests are computed, sizes bounded by what was announced, its pointers to other
// hosts get no credentials. Any thread may call it; calls wait. It ends every call by
// RegistryOptions::deadline.
//
// Errors: Unauthenticated wrong or no credentials · Denied no permission, or TLS · NotFound ·
// Corrupt wrong bytes, or answers that do not fit · the rest as in registry_refusal.h.
class Registry {
 public:
  // How many bytes of a blob have been sent so far.
  using Progress = std::function<void(std::uint64_t)>;

  // Refuses plain http to other machines. Sends nothing yet.
  static base::Result<std::unique_ptr<Registry>> open(RegistryWorld world, RegistryOptions options);
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  // Whether the registry lets these credentials in, whatever the repository, of which none need be
  // named: for "sooth login".
  static base::Result<void> check_login(RegistryWorld world, RegistryOptions options);
  base::Result<void> check_access();

  base::Result<bool> has_blob(const base::Digest& digest);
  // Makes the blob be there, by the least effort: finds it, mounts it from the repository
  // `mount_from` (empty: none), or sends it, at once or in chunks that go on where they stopped.
  base::Result<BlobOutcome> push_blob(const Descriptor& blob, base::Bytes bytes,
                                      const std::string& mount_from = {},
                                      const Progress& progress = nullptr);
  // The same for one whose bytes are not at hand: nothing where it would have to be sent.
  base::Result<std::optional<BlobOutcome>> find_blob(const base::Digest& digest,
                                                     const std::string& mount_from);
  // Gives the blob's bytes to `sink`, in order and each once, even where the connection was lost
  // on the way. Nothing of it may be believed before this returns without error.
  base::Result<void> fetch_blob(const Descriptor& blob, const net::BodySink& sink);

  // `reference` is a tag or a digest. Of the types that an image can have, OCI's and Docker's.
  base::Result<RegistryManifest> fetch_manifest(const std::string& reference);
  // Type, digest and size; nothing where there is no such manifest.
  base::Result<std::optional<Descriptor>> find_manifest(const std::string& reference);
  base::Result<base::Digest> push_manifest(const std::string& reference,
                                           const std::string& media_type, std::string_view text);

  // Pushes a manifest that has a subject, under its digest, and sees to it that the subject's
  // referrers list it: where the registry does not, in the index with the tag "sha256-<hex>". Two
  // clients that do this at once for one subject may lose an entry; the specification has no
  // remedy.
  base::Result<base::Digest> push_referrer(const Manifest& manifest);
  // The manifests whose subject this is; `artifact_type` empty: of any type.
  base::Result<std::vector<Descriptor>> list_referrers(const base::Digest& subject,
                                                       const std::string& artifact_type = {});

  // In order.
  base::Result<std::vector<std::string>> list_tags();

  const RegistryOptions& options() const { return options_; }

 private:
  static base::Result<std::unique_ptr<Registry>> connect(RegistryWorld world,
                                                         RegistryOptions options);

  // Whether a blob is there without being sent, and how.
  struct Found {
    std::optional<BlobOutcome> outcome = std::nullopt;
    std::optional<net::Url> session = std::nullopt;  // An upload that was started instead.
  };

  Registry(RegistryWorld world, RegistryOptions options, net::Origin origin);
  base::Result<Found> find_or_mount(const base::Digest& digest, const std::string& mount_from);
  base::Result<Found> try_mount(const base::Digest& digest, const std::string& from);
  base::Result<bool> put_manifest(const std::string& reference, const std::string& media_type,
                                  std::string_view text);
  using TakePage = std::function<base::Result<void>(const net::HttpResponse&)>;
  base::Result<void> walk_pages(std::string_view below, const TakePage& take);
  base::Result<std::optional<std::vector<Descriptor>>> ask_referrers(const base::Digest& subject);
  base::Result<Index> fetch_referrers_tag(const base::Digest& subject);

  const RegistryWorld world_;
  const RegistryOptions options_;
  RegistryTransport transport_;
};

}  // namespace oci
