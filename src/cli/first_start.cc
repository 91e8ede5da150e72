#include "cli/first_start.h"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "auth/key_set.h"
#include "auth/random.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/served_keys.h"
#include "cli/workspace.h"
#include "net/local_names.h"
#include "net/self_signed.h"
#include "net/tls_context.h"

namespace cli {
namespace {

using base::Code;
using base::Error;
using base::Result;

// A certificate that ends sooner is replaced when a server starts.
constexpr std::chrono::hours kRenewBefore{24 * 30};
constexpr std::size_t kPemBytesMax = 1U << 20U;
constexpr const char* kFolder = "serve";
constexpr const char* kFirstKeysFile = "keys.json";
constexpr const char* kCertificateFile = "tls.crt";
constexpr const char* kKeyFile = "tls.key";

auth::Timestamp seconds_of(const World& world) {
  return std::chrono::floor<std::chrono::seconds>(world.wall_now());
}

// The folder that both are kept in, made where it is absent, and held against other servers that
// start.
struct Kept {
  std::string folder;
  base::FileLock lock;
};

Result<Kept> open_kept(const std::string& workspace, const World& world) {
  TRY_ASSIGN(const std::string root, workspace_root(workspace, world));
  const std::string folder = root + "/" + kFolder;
  TRY(make_folders(folder));
  TRY_ASSIGN(auto lock, base::FileLock::take(folder + "/lock", base::FileLock::Kind::Exclusive));
  return Kept{folder, std::move(lock)};
}

// Whether the certificate in the folder will do: it is whole, for this address, and not about to
// end.
bool is_good(const std::string& folder, const std::string& address, auth::Timestamp now) {
  const auto certificate = base::read_beneath(folder, kCertificateFile, kPemBytesMax);
  const auto key = base::read_beneath(folder, kKeyFile, kPemBytesMax);
  if (!certificate.ok() || !key.ok()) return false;
  const auto context = net::TlsContext::make(*certificate, *key);
  if (!context.ok() || (*context)->expires() < now + kRenewBefore) return false;
  return net::is_wildcard(address) || (*context)->is_for(address);
}

// The address in the URL, as a client may call it: "every address" is none.
std::string callable(std::string_view url) {
  std::string text(url);
  for (const std::string_view every : {"//0.0.0.0:", "//[::]:"}) {
    const std::size_t at = text.find(every);
    if (at != std::string::npos) text.replace(at, every.size(), "//localhost:");
  }
  return text;
}

}  // namespace

Result<FirstStart> FirstStart::prepare(const AccessFlags& flags, const Asked& asked, World& world) {
  TRY_ASSIGN(auto files, read_access_flags(flags));
  FirstStart start(std::move(files));
  // What is no address is refused by who listens on it.
  const bool local =
      asked.inherits || net::is_loopback(asked.address) || !net::is_ip_address(asked.address);
  if (flags.open) {
    if (asked.has_tokens) {
      return Error(Code::Invalid,
                   "--open: expected it without --jwt-issuer, which asks for tokens");
    }
    if (local) return start;
    return Error(Code::Denied,
                 fmt::format("--open: expected a loopback address such as 127.0.0.1, got {}; "
                             "elsewhere leave it out, and a key is made, or name keys by --keys",
                             base::quote(asked.address)));
  }
  // A proxy's server gets its keys with the rest of what it is told.
  const bool behind_proxy = flags.cleartext && !local;
  if (!start.files_.keys && !asked.has_tokens && !behind_proxy) TRY(start.find_keys(asked, world));
  if (!start.files_.tls_certificate && !local && !flags.cleartext) {
    TRY(start.find_certificate(asked, world));
  }
  return start;
}

Result<void> FirstStart::find_keys(const Asked& asked, World& world) {
  TRY_ASSIGN(const bool found, use_workspace_keys(asked, world));
  if (found) return {};
  const auto kept = open_kept(asked.workspace, world);
  return make_key(kept.ok() ? kept->folder : "", world);
}

Result<bool> FirstStart::use_workspace_keys(const Asked& asked, World& world) {
  TRY_ASSIGN(const std::string root, [&]() -> Result<std::string> {
    auto named = workspace_root(asked.workspace, world);
    if (!named.ok() || !base::exists(*named + "/state.db")) return std::string();
    return named;
  }());
  if (root.empty()) return false;
  TRY_ASSIGN(const auto workspace, open_workspace(asked.workspace, world, false));
  TRY_ASSIGN(const auto path, write_served_keys(*workspace, asked.endpoint, seconds_of(world)));
  if (!path) return false;
  files_.keys = *path;
  told_of_keys_ = "asks for those of the workspace: sooth keys list shows whose";
  return true;
}

// Without a folder the key is for this run alone.
Result<void> FirstStart::make_key(const std::string& folder, World& world) {
  const std::string path = folder + "/" + kFirstKeysFile;
  if (!folder.empty() && base::exists(path)) {
    files_.keys = path;
    told_of_keys_ = fmt::format(
        "asks for the key that was made at the first start; to get another, remove {}", path);
    return {};
  }
  auth::KeyRecord record{.id = {},
                         .client = world.user.empty() ? "first start" : world.user,
                         .endpoint = std::string(auth::kEveryEndpoint),
                         .scope = {auth::Scope::Score, auth::Scope::Metrics},
                         .created = seconds_of(world),
                         .expires = {}};
  TRY_ASSIGN(auto minted, auth::mint(std::move(record), auth::system_random));
  TRY_ASSIGN(const auto keys, auth::KeySet::make({minted.record}));
  if (folder.empty()) {
    files_.keys_text = keys.json();
    told_of_keys_ = "made one for this run, since there is no folder to keep it in:";
  } else {
    TRY(write_private_file(path, keys.json()));
    files_.keys = path;
    told_of_keys_ = fmt::format("made one, shown this once; {} has its digest:", path);
  }
  key_ = std::make_shared<const auth::KeyText>(std::move(minted.text));
  return {};
}

Result<void> FirstStart::find_certificate(const Asked& asked, World& world) {
  auto kept = open_kept(asked.workspace, world);
  if (!kept.ok()) {
    return std::move(kept).error().within(
        "certificate: expected --tls-cert and --tls-key, or a folder to keep one in");
  }
  certificate_ = kept->folder + "/" + kCertificateFile;
  files_.tls_certificate = certificate_;
  files_.tls_key = kept->folder + "/" + kKeyFile;
  if (is_good(kept->folder, asked.address, seconds_of(world))) return {};
  return make_certificate(asked.address, world);
}

// The key goes first: a server that stops in between finds no pair, and makes another.
Result<void> FirstStart::make_certificate(const std::string& address, World& world) {
  TRY_ASSIGN(const auto pair, net::make_self_signed({.names = net::local_names(address),
                                                     .starts = seconds_of(world)}));
  TRY(write_private_file(*files_.tls_key, pair.key));
  TRY(write_private_file(certificate_, pair.certificate));
  certificate_made_ = true;
  return {};
}

Result<void> FirstStart::tell(std::string_view url, World& world) const {
  const std::string at = callable(url);
  std::string text;
  if (!certificate_.empty()) {
    TRY_ASSIGN(const std::string pem,
               base::read_beneath(certificate_.substr(0, certificate_.rfind('/')), kCertificateFile,
                                  kPemBytesMax));
    TRY_ASSIGN(const std::string digest, net::certificate_fingerprint(pem));
    text += fmt::format(
        "certificate: {}, {}\n  SHA-256 {}\n  curl --cacert {} {}/readyz\n",
        certificate_made_ ? "made one that signs itself" : "the one that was made before",
        certificate_, digest, certificate_, at);
  }
  if (!told_of_keys_.empty()) text += fmt::format("keys: {}\n", told_of_keys_);
  if (key_ != nullptr) {
    const std::string trust = certificate_.empty() ? "" : fmt::format("--cacert {} ", certificate_);
    text += fmt::format("  {}\n  curl {}-H 'x-api-key: {}' {}/openapi.json\n", key_->reveal(),
                        trust, key_->reveal(), at);
  }
  return text.empty() ? Result<void>() : world.err.write(text);
}

}  // namespace cli
