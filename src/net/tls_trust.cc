#include "net/tls_trust.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <system_error>
#include <vector>

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <boost/asio/ssl/context.hpp>

#include "base/text.h"

namespace net {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kFolderFilesMax = 1000;

bool is_file(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error);
}

// OpenSSL's own default paths could be moved by environment variables, which are main's to read.
void load_system(SSL_CTX* context) {
  const std::array<std::string, 3> bundles = {X509_get_default_cert_file(),
                                              "/etc/ssl/certs/ca-certificates.crt",
                                              "/etc/pki/tls/certs/ca-bundle.crt"};
  const auto bundle = std::find_if(bundles.begin(), bundles.end(), is_file);
  if (bundle != bundles.end()) SSL_CTX_load_verify_file(context, bundle->c_str());
  SSL_CTX_load_verify_dir(context, X509_get_default_cert_dir());
}

base::Result<void> load_file(SSL_CTX* context, const std::string& path) {
  if (SSL_CTX_load_verify_file(context, path.c_str()) == 1) return {};
  return Error(Code::Invalid, fmt::format("file {}: expected certificates of authorities in PEM",
                                          base::quote(path)));
}

base::Result<void> load_folder(SSL_CTX* context, const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(path, error), end; !error && at != end;
       at.increment(error)) {
    const std::string extension = at->path().extension().string();
    if (extension == ".pem" || extension == ".crt") files.push_back(at->path().string());
    if (files.size() > kFolderFilesMax) break;
  }
  if (error || files.empty() || files.size() > kFolderFilesMax) {
    return Error(
        Code::Invalid,
        fmt::format("folder {}: expected 1 to {} files *.pem or *.crt, got {}", base::quote(path),
                    kFolderFilesMax, error ? error.message() : std::to_string(files.size())));
  }
  for (const std::string& file : files) TRY(load_file(context, file));
  return {};
}

}  // namespace

TlsTrust::TlsTrust(bool system, std::string ca_option)
    : context_(std::make_unique<boost::asio::ssl::context>(boost::asio::ssl::context::tls_client)),
      system_(system),
      ca_option_(std::move(ca_option)) {}

TlsTrust::~TlsTrust() = default;

base::Result<std::shared_ptr<TlsTrust>> TlsTrust::load(const Options& options) {
  std::shared_ptr<TlsTrust> trust(new TlsTrust(options.system, options.ca_option));
  SSL_CTX* const context = trust->context_->native_handle();
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  if (!options.ca_file.empty()) TRY(load_file(context, options.ca_file));
  if (!options.ca_folder.empty()) TRY(load_folder(context, options.ca_folder));
  return trust;
}

boost::asio::ssl::context& TlsTrust::context() {
  std::call_once(system_loaded_, [this] {
    if (system_) load_system(context_->native_handle());
  });
  return *context_;
}

}  // namespace net
