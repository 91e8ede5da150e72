#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/digest.h"
#include "base/result.h"

namespace oci {

// An image in a registry: "registry.example:5000/team/faq:3", "...@sha256:...", or both. The host
// always stands there: nothing is completed to a default registry. Grammar: the distribution
// specification's <name>, <tag> and <digest>.
struct Reference {
  std::string host;        // With the port where one was given; lower case.
  std::string repository;  // "team/faq"
  std::string tag;         // Empty: none.
  std::optional<base::Digest> digest;

  // Refuses what has no host, no repository, or neither tag nor digest.
  static base::Result<Reference> parse(std::string_view text);
  // The same without a tag or digest: "registry.example/team/faq".
  static base::Result<Reference> parse_repository(std::string_view text);
  // Refuses what is no registry's host: "registry.example", "localhost:5000".
  static base::Result<void> check_host(std::string_view host);

  // What a manifest is asked for by: the digest where there is one, else the tag.
  std::string manifest() const { return digest ? digest->text() : tag; }
  std::string text() const;

  bool operator==(const Reference&) const = default;
};

// Whether the text can only be a reference to a registry, not a model's name: it has a host.
bool names_a_registry(std::string_view text);

base::Result<void> check_tag(std::string_view tag);

}  // namespace oci
