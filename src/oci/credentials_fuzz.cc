#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <sys/mman.h>
#include <unistd.h>

#include "base/base64.h"
#include "oci/credential_helper.h"
#include "oci/credentials.h"
#include "oci/registry_refusal.h"
#include "oci/token.h"

// A credentials file, what a helper answers, what a server of tokens answers, and what a registry
// says when it refuses: the same bytes as each of them.

namespace {

// Reads and writes one file; no helper is found, so none runs.
void check_file(std::string_view text) {
  const int fd = ::memfd_create("credentials", 0);
  if (fd < 0 || ::write(fd, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    std::abort();
  }
  const oci::CredentialStore store({.files = {"/proc/self/fd/" + std::to_string(fd)},
                                    .written_file = {},
                                    .search_path = {},
                                    .environment = {}});
  for (const char* host : {"r.example", "docker.io"}) {
    const auto found = store.find(host, "team/faq");
    if (found.ok() && *found && (*found)->secret.empty()) std::abort();
  }
  ::close(fd);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_file(text);
  const auto answer = oci::CredentialHelper::read_answer("helper", text);
  if (answer.ok() && *answer && (*answer)->secret.empty()) std::abort();
  if (const auto token = oci::parse_token(text); token.ok()) {
    if (token->seconds < 1 || token->value.find_first_of("\r\n ") != std::string::npos) {
      std::abort();
    }
  }
  net::HttpResponse response;
  response.status = 403;
  response.body = text;
  response.fields.emplace_back("Retry-After", std::string(text));
  if (oci::refusal(response, "a manifest").message().find('\n') != std::string::npos) std::abort();
  if (const auto wait = oci::retry_after(response); wait && wait->count() < 0) std::abort();
  if (const auto bytes = base::base64_decode(text)) {
    if (base::base64_encode(*bytes) != text) std::abort();
  }
  return 0;
}
