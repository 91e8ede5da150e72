#include "oci/registry.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/blob_upload.h"
#include "oci/reference.h"
#include "oci/registry_refusal.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

// The host that speaks for Docker Hub is not the one in its references.
std::string api_host(const std::string& host) {
  return host == "docker.io" || host == "index.docker.io" ? "registry-1.docker.io" : host;
}

}  // namespace

base::Result<std::unique_ptr<Registry>> Registry::open(RegistryWorld world,
                                                       RegistryOptions options) {
  TRY(Reference::parse_repository(options.host + "/" + options.repository));
  return connect(std::move(world), std::move(options));
}

base::Result<void> Registry::check_login(RegistryWorld world, RegistryOptions options) {
  TRY(Reference::check_host(options.host));
  TRY_ASSIGN(const auto registry, connect(std::move(world), std::move(options)));
  return registry->check_access();
}

base::Result<std::unique_ptr<Registry>> Registry::connect(RegistryWorld world,
                                                          RegistryOptions options) {
  TRY_ASSIGN(net::Url url, net::Url::parse("https://" + api_host(options.host)));
  const bool loopback = url.origin.loopback();
  if (!options.tls) options.tls = !loopback;
  if (!*options.tls && !loopback) {
    return Error(Code::Invalid,
                 fmt::format("registry {}: expected https: plain http is spoken with this machine "
                             "only",
                             base::quote(options.host)));
  }
  if (!*options.tls) {
    TRY_ASSIGN(url, net::Url::parse("http://" + options.host));
  }
  return std::unique_ptr<Registry>(
      new Registry(std::move(world), std::move(options), std::move(url.origin)));
}

Registry::Registry(RegistryWorld world, RegistryOptions options, net::Origin origin)
    : world_(std::move(world)),
      options_(std::move(options)),
      transport_(world_, options_, std::move(origin)) {}

base::Result<void> Registry::check_access() {
  RegistryRequest request{.url = transport_.url("")};
  request.url.target = "/v2/";
  TRY_ASSIGN(const net::HttpResponse response, transport_.send(request));
  if (response.status == 200) return {};
  return refusal(response, "a registry")
      .within(fmt::format("registry {}", base::quote(options_.host)));
}

base::Result<bool> Registry::has_blob(const base::Digest& digest) {
  const RegistryRequest request{.method = "HEAD",
                                .url = transport_.url("blobs/" + digest.text()),
                                .scopes = transport_.scopes("pull")};
  TRY_ASSIGN(const net::HttpResponse response, transport_.send(request));
  if (response.status == 200) return true;
  if (response.status == 404) return false;
  return refusal(response, "to learn whether it is there").within("blob " + digest.text());
}

// A mount is a short cut: where it is refused, the blob is sent.
base::Result<Registry::Found> Registry::try_mount(const base::Digest& digest,
                                                  const std::string& from) {
  Scopes scopes = transport_.scopes("pull,push");
  scopes.push_back(fmt::format("repository:{}:pull", from));
  const RegistryRequest request{.method = "POST",
                                .url = transport_.url(fmt::format(
                                    "blobs/uploads/?mount={}&from={}",
                                    net::percent_encode(digest.text()), net::percent_encode(from))),
                                .scopes = std::move(scopes)};
  auto response = transport_.send(request);
  if (!response.ok()) {
    const Code code = response.error().code();
    if (code == Code::Denied || code == Code::Unauthenticated) return Found{};
    return std::move(response).error();
  }
  if (response->status == 201) return Found{.outcome = BlobOutcome::Mounted};
  if (response->status != 202) return Found{};
  TRY_ASSIGN(net::Url session, transport_.follow(request.url, *response, "Location"));
  return Found{.session = std::move(session)};
}

base::Result<Registry::Found> Registry::find_or_mount(const base::Digest& digest,
                                                      const std::string& mount_from) {
  TRY_ASSIGN(const bool there, has_blob(digest));
  if (there) return Found{.outcome = BlobOutcome::Present};
  if (mount_from.empty() || mount_from == options_.repository) return Found{};
  TRY(Reference::parse_repository(options_.host + "/" + mount_from));
  auto mounted = try_mount(digest, mount_from);
  if (mounted.ok()) return mounted;
  return std::move(mounted).error().within(fmt::format("mount blob {} from {} in {}/{}",
                                                       digest.text(), mount_from, options_.host,
                                                       options_.repository));
}

base::Result<std::optional<BlobOutcome>> Registry::find_blob(const base::Digest& digest,
                                                             const std::string& mount_from) {
  TRY_ASSIGN(Found found, find_or_mount(digest, mount_from));
  if (found.session) {
    // Given back as a courtesy: the registry forgets it anyway, in time.
    const auto cancelled = transport_.send({.method = "DELETE",
                                            .url = *std::move(found.session),
                                            .scopes = transport_.scopes("pull,push"),
                                            .repeatable = false});
    static_cast<void>(cancelled.ok());
  }
  return found.outcome;
}

base::Result<BlobOutcome> Registry::push_blob(const Descriptor& blob, base::Bytes bytes,
                                              const std::string& mount_from,
                                              const Progress& progress) {
  const std::string doing =
      fmt::format("push blob {} to {}/{}", blob.digest.text(), options_.host, options_.repository);
  if (bytes.size() != blob.size) {
    return Error(Code::Internal,
                 fmt::format("{}: expected {} bytes, got {}", doing, blob.size, bytes.size()));
  }
  TRY_ASSIGN(Found found, find_or_mount(blob.digest, mount_from));
  if (found.outcome) return *found.outcome;
  auto outcome = BlobUpload(transport_, blob, bytes, progress).run(std::move(found.session));
  if (!outcome.ok()) return std::move(outcome).error().within(doing);
  return BlobOutcome::Uploaded;
}

}  // namespace oci
