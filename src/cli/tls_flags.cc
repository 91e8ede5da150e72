#include "cli/tls_flags.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "base/text.h"

namespace cli {

using base::Code;
using base::Error;

void add_access_options(CLI::App& app, AccessFlags& flags) {
  auto* keys = app.add_option("--keys", flags.files.keys,
                              "Keys that clients must have: a keys.json, watched for changes "
                              "(default: the workspace's, else one that is made and shown once)");
  app.add_flag("--open", flags.open, "Asks for no keys; on loopback alone")->excludes(keys);
  auto* certificate =
      app.add_option("--tls-cert", flags.files.tls_certificate,
                     "Certificate chain for HTTPS, PEM, watched for changes (default: on loopback "
                     "none, elsewhere one that is made and kept in the workspace)");
  app.add_option("--tls-key", flags.files.tls_key, "Private key of the certificate, PEM")
      ->needs(certificate);
  app.add_option("--tls-profile", flags.profile,
                 "Mozilla's profile of TLS: intermediate (1.2 and 1.3) or modern (1.3)")
      ->capture_default_str();
  auto* authorities =
      app.add_option("--tls-client-ca", flags.files.tls_client_ca,
                     "Authorities of clients' certificates, PEM, watched for changes: who has none "
                     "of theirs gets no connection, and keys are asked for all the same");
  app.add_option("--tls-client-cert", flags.client_certificate,
                 "Whether clients must show a certificate: required or optional (default: "
                 "required)")
      ->needs(authorities);
  app.add_flag("--cleartext", flags.cleartext,
               "Plain HTTP beyond loopback, with --keys: for a proxy that ends TLS in front of it")
      ->excludes(certificate);
}

base::Result<front::Access::Files> read_access_flags(const AccessFlags& flags) {
  front::Access::Files files = flags.files;
  const auto profile = net::find_tls_profile(flags.profile);
  if (!profile) {
    return Error(Code::Invalid,
                 fmt::format("--tls-profile: expected intermediate or modern, got {}",
                             base::quote(flags.profile)));
  }
  files.tls_profile = *profile;
  const std::string& client = flags.client_certificate;
  if (!client.empty() && client != "required" && client != "optional") {
    return Error(Code::Invalid, fmt::format("--tls-client-cert: expected required or optional, got "
                                            "{}",
                                            base::quote(client)));
  }
  files.tls_client_required = client != "optional";
  return files;
}

}  // namespace cli
