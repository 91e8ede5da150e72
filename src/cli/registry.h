#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "cli/world.h"
#include "net/http_client.h"
#include "oci/credentials.h"
#include "oci/image_source.h"
#include "oci/registry.h"

namespace CLI {
class App;
}  // namespace CLI

namespace cli {

// `--ca-file`, for registries whose certificate a private authority has signed.
struct RegistryFlags {
  std::string ca_file;
};
void add_registry_options(CLI::App& app, RegistryFlags& flags);

// A client's name and, where HTTPS_PROXY and NO_PROXY name one, its proxy.
base::Result<net::HttpClient::Options> client_options(const World& world);

// What commands need to talk to registries: a client with the user's credentials, proxy and
// authorities. It has to outlive the registries that it opens.
class RegistryAccess {
 public:
  static base::Result<std::unique_ptr<RegistryAccess>> open(World& world,
                                                            const RegistryFlags& flags);

  base::Result<std::unique_ptr<oci::Registry>> connect(const std::string& host,
                                                       const std::string& repository);
  // Whether the registry lets in who has these credentials, which are not kept yet.
  base::Result<void> check_login(const std::string& host, const oci::Credentials& credentials);
  const oci::CredentialStore& store() const { return store_; }

 private:
  RegistryAccess(World& world, oci::CredentialStore::Options store, net::HttpClient::Options client,
                 std::shared_ptr<net::TlsTrust> trust)
      : world_(world), store_(std::move(store)), http_(std::move(client), std::move(trust)) {}
  oci::RegistryOptions options_of(const std::string& host, const std::string& repository) const;

  World& world_;
  bool names_authority_ = false;  // Then a registry on this machine speaks TLS too.
  oci::CredentialStore store_;
  net::HttpClient http_;
};

// `--base`: the image that others are built upon, with what has to stay open while it is read.
struct BaseAccess {
  std::unique_ptr<RegistryAccess> access;
  std::unique_ptr<oci::Registry> registry;
  std::unique_ptr<oci::ImageSource> source;  // Null: no base was asked for.
};
void add_base_option(CLI::App& app, std::string& image);
base::Result<BaseAccess> open_base(const std::string& image, const RegistryFlags& flags,
                                   World& world);

}  // namespace cli
