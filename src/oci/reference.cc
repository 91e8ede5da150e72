#include "oci/reference.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/ascii.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kHostMax = 255;
constexpr std::size_t kRepositoryMax = 255;
constexpr std::size_t kTagMax = 128;

bool is_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), is_digit)) {
    return false;
  }
  unsigned port = 0;
  for (const char c : text) port = 10 * port + static_cast<unsigned>(c - '0');
  return port > 0 && port < 65536;
}

bool is_ipv6(std::string_view text) {
  return text.size() >= 2 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
         });
}

bool is_domain(std::string_view text) {
  if (text.empty()) return false;
  for (std::size_t at = 0;;) {
    const std::size_t dot = std::min(text.find('.', at), text.size());
    const std::string_view label = text.substr(at, dot - at);
    const bool good =
        !label.empty() && label.size() <= 63 && is_alnum(label.front()) && is_alnum(label.back()) &&
        std::all_of(label.begin(), label.end(), [](char c) { return is_alnum(c) || c == '-'; });
    if (!good) return false;
    if (dot == text.size()) return true;
    at = dot + 1;
  }
}

// "localhost", "registry.example", "127.0.0.1:5000", "[::1]:5000"
bool is_host(std::string_view text) {
  if (text.size() > kHostMax) return false;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos || !is_ipv6(text.substr(1, end - 1))) return false;
    const std::string_view rest = text.substr(end + 1);
    return rest.empty() || (rest.front() == ':' && is_port(rest.substr(1)));
  }
  const std::size_t colon = text.find(':');
  if (!is_domain(text.substr(0, colon))) return false;
  return colon == std::string_view::npos || is_port(text.substr(colon + 1));
}

// A name without any of these is a model's.
bool is_registry_host(std::string_view host) {
  return is_host(host) &&
         (host == "localhost" || host.find_first_of(".:[") != std::string_view::npos);
}

// One part of a repository's path: [a-z0-9]+ joined by ".", "_", "__" or dashes.
bool is_component(std::string_view text) {
  for (std::size_t at = 0;;) {
    std::size_t end = at;
    while (end < text.size() && (is_lower(text[end]) || is_digit(text[end]))) ++end;
    if (end == at) return false;
    if (end == text.size()) return true;
    at = end;
    while (at < text.size() && !is_lower(text[at]) && !is_digit(text[at])) ++at;
    const std::string_view between = text.substr(end, at - end);
    const bool dashes = between.find_first_not_of('-') == std::string_view::npos;
    if (between != "." && between != "_" && between != "__" && !dashes) return false;
  }
}

bool is_repository(std::string_view text) {
  if (text.size() > kRepositoryMax) return false;
  for (std::size_t at = 0;;) {
    const std::size_t slash = std::min(text.find('/', at), text.size());
    if (!is_component(text.substr(at, slash - at))) return false;
    if (slash == text.size()) return true;
    at = slash + 1;
  }
}

Error bad_reference(std::string_view text, std::string_view expected) {
  return {Code::Invalid, fmt::format("reference {}: expected {}", base::quote(text), expected)};
}

}  // namespace

base::Result<void> check_tag(std::string_view tag) {
  const bool good = !tag.empty() && tag.size() <= kTagMax && tag.front() != '.' &&
                    tag.front() != '-' && std::all_of(tag.begin(), tag.end(), [](char c) {
                      return is_alnum(c) || c == '_' || c == '.' || c == '-';
                    });
  if (good) return {};
  return Error(Code::Invalid,
               fmt::format("tag {}: expected up to {} of A-Za-z0-9_.-, the first a letter, digit "
                           "or _",
                           base::quote(tag), kTagMax));
}

bool names_a_registry(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && is_registry_host(text.substr(0, slash));
}

base::Result<void> Reference::check_host(std::string_view host) {
  if (is_registry_host(host)) return {};
  return Error(Code::Invalid,
               fmt::format("registry {}: expected a host, as in registry.example or localhost:5000",
                           base::quote(host)));
}

base::Result<Reference> Reference::parse_repository(std::string_view text) {
  if (!names_a_registry(text)) {
    return bad_reference(text, "a registry's host first, as in registry.example/team/faq");
  }
  const std::size_t slash = text.find('/');
  Reference reference;
  reference.host = text.substr(0, slash);
  std::transform(reference.host.begin(), reference.host.end(), reference.host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  reference.repository = text.substr(slash + 1);
  if (!is_repository(reference.repository)) {
    return bad_reference(text, "a repository of lower-case letters, digits and . _ - between them");
  }
  return reference;
}

base::Result<Reference> Reference::parse(std::string_view text) {
  std::string_view name = text;
  std::optional<base::Digest> digest;
  if (const std::size_t at = name.find('@'); at != std::string_view::npos) {
    auto parsed = base::Digest::parse(name.substr(at + 1));
    if (!parsed.ok()) return bad_reference(text, "sha256:<64 digits> behind the @");
    digest = *parsed;
    name = name.substr(0, at);
  }
  std::string tag;
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.rfind(':');
  const bool has_tag =
      slash != std::string_view::npos && colon != std::string_view::npos && colon > slash;
  if (has_tag) {
    tag = name.substr(colon + 1);
    TRY(check_tag(tag));
    name = name.substr(0, colon);
  }
  auto reference = parse_repository(name);
  if (!reference.ok()) return reference;
  if (!digest && tag.empty()) {
    return bad_reference(
        text, "a tag or a digest behind the repository, as in registry.example/team/faq:3");
  }
  reference->tag = std::move(tag);
  reference->digest = digest;
  return reference;
}

std::string Reference::text() const {
  std::string text = host + "/" + repository;
  if (!tag.empty()) text += ":" + tag;
  if (digest) text += "@" + digest->text();
  return text;
}

}  // namespace oci
