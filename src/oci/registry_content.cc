#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/number.h"
#include "base/text.h"
#include "oci/blob_download.h"
#include "oci/reference.h"
#include "oci/registry.h"
#include "oci/registry_refusal.h"

// What a Registry fetches, and manifests.

namespace oci {
namespace {

using base::Code;
using base::Error;
using nlohmann::json;

constexpr std::array<std::string_view, 4> kManifestTypes = {kManifestType, kIndexType,
                                                            kDockerManifestType, kDockerIndexType};
constexpr std::size_t kTagsMax = 1'000'000;
constexpr std::size_t kPagesMax = 10'000;

std::string accepted_types() {
  std::string all;
  for (const std::string_view type : kManifestTypes) {
    if (!all.empty()) all += ", ";
    all += type;
  }
  return all;
}

// Without parameters.
std::string media_type_of(const net::HttpResponse& response) {
  std::string_view type = response.field("Content-Type").value_or("");
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return std::string(type);
}

base::Result<void> check_media_type(const std::string& type) {
  if (std::find(kManifestTypes.begin(), kManifestTypes.end(), type) != kManifestTypes.end()) {
    return {};
  }
  return Error(Code::Unsupported,
               fmt::format("expected an image's manifest or index, got {}", base::quote(type)));
}

// Either may be meant to deceive where they differ: CVE-2021-41190.
base::Result<void> check_own_type(const std::string& text, const std::string& type) {
  const json object = json::parse(text, nullptr, false);
  if (!object.is_object()) return Error(Code::Corrupt, "expected a JSON object");
  const auto own = object.find("mediaType");
  if (own == object.end() || *own == type) return {};
  return Error(Code::Corrupt, fmt::format("expected one media type, got {} and {}",
                                          base::quote(type), base::quote(own->dump())));
}

base::Result<std::optional<base::Digest>> check_reference(const std::string& reference) {
  if (reference.find(':') == std::string::npos) {
    TRY(check_tag(reference));
    return std::optional<base::Digest>();
  }
  TRY_ASSIGN(const base::Digest digest, base::Digest::parse(reference));
  return std::optional<base::Digest>(digest);
}

// What the registry says the digest is; nothing where it says none, or one of another algorithm.
std::optional<base::Digest> said_digest(const net::HttpResponse& response) {
  const auto field = response.field("Docker-Content-Digest");
  if (!field) return std::nullopt;
  const auto digest = base::Digest::parse(*field);
  return digest.ok() ? std::optional(*digest) : std::nullopt;
}

// The rel="next" of a Link field: <target>; rel="next".
std::optional<std::string> next_link(const net::HttpResponse& response) {
  const auto field = response.field("Link");
  if (!field || !field->starts_with('<')) return std::nullopt;
  const std::size_t end = field->find('>');
  if (end == std::string_view::npos || field->find("next", end) == std::string_view::npos) {
    return std::nullopt;
  }
  return std::string(field->substr(1, end - 1));
}

}  // namespace

base::Result<void> Registry::fetch_blob(const Descriptor& blob, const net::BodySink& sink) {
  auto outcome = BlobDownload(transport_, blob, sink).run();
  if (outcome.ok()) return outcome;
  return std::move(outcome).error().within(fmt::format(
      "fetch blob {} from {}/{}", blob.digest.text(), options_.host, options_.repository));
}

base::Result<RegistryManifest> Registry::fetch_manifest(const std::string& reference) {
  const std::string doing = fmt::format("fetch manifest {} from {}/{}", base::quote(reference),
                                        options_.host, options_.repository);
  TRY_ASSIGN(const std::optional<base::Digest> expected, check_reference(reference));
  auto response = transport_.send({.url = transport_.url("manifests/" + reference),
                                   .fields = {{"Accept", accepted_types()}},
                                   .answer_bytes_max = kManifestBytesMax,
                                   .scopes = transport_.scopes("pull")});
  if (!response.ok()) return std::move(response).error().within(doing);
  if (response->status != 200) return refusal(*response, "the manifest").within(doing);
  RegistryManifest manifest{.media_type = media_type_of(*response),
                            .digest = base::Digest::of(response->body),
                            .text = std::move(response->body)};
  const auto said = said_digest(*response);
  for (const auto& digest : {expected, said}) {
    if (!digest || *digest == manifest.digest) continue;
    return Error(Code::Corrupt, fmt::format("{}: expected bytes of digest {}, got {}", doing,
                                            digest->text(), manifest.digest.text()));
  }
  if (auto known = check_media_type(manifest.media_type); !known.ok()) {
    return std::move(known).error().within(doing);
  }
  if (auto same = check_own_type(manifest.text, manifest.media_type); !same.ok()) {
    return std::move(same).error().within(doing);
  }
  return manifest;
}

base::Result<std::optional<Descriptor>> Registry::find_manifest(const std::string& reference) {
  TRY_ASSIGN(const std::optional<base::Digest> expected, check_reference(reference));
  TRY_ASSIGN(const net::HttpResponse response,
             transport_.send({.method = "HEAD",
                              .url = transport_.url("manifests/" + reference),
                              .fields = {{"Accept", accepted_types()}},
                              .scopes = transport_.scopes("pull")}));
  if (response.status == 404) return std::optional<Descriptor>();
  const std::string doing = fmt::format("look for manifest {} in {}/{}", base::quote(reference),
                                        options_.host, options_.repository);
  if (response.status != 200) return refusal(response, "the manifest").within(doing);
  const auto digest = said_digest(response);
  const auto size = base::parse_int(response.field("Content-Length").value_or(""));
  if (!digest || !size || *size < 0 || static_cast<std::uint64_t>(*size) > kDescriptorSizeMax) {
    TRY_ASSIGN(const RegistryManifest manifest, fetch_manifest(reference));
    return std::optional<Descriptor>({.media_type = manifest.media_type,
                                      .digest = manifest.digest,
                                      .size = manifest.text.size()});
  }
  if (expected && *digest != *expected) {
    return Error(Code::Corrupt, fmt::format("{}: expected digest {}, got {}", doing,
                                            expected->text(), digest->text()));
  }
  return std::optional<Descriptor>({.media_type = media_type_of(response),
                                    .digest = *digest,
                                    .size = static_cast<std::uint64_t>(*size)});
}

base::Result<base::Digest> Registry::push_manifest(const std::string& reference,
                                                   const std::string& media_type,
                                                   std::string_view text) {
  TRY(put_manifest(reference, media_type, text));
  return base::Digest::of(text);
}

// Says whether the registry has seen to the subject's referrers.
base::Result<bool> Registry::put_manifest(const std::string& reference,
                                          const std::string& media_type, std::string_view text) {
  const std::string doing = fmt::format("push manifest {} to {}/{}", base::quote(reference),
                                        options_.host, options_.repository);
  TRY_ASSIGN(const std::optional<base::Digest> named, check_reference(reference));
  const base::Digest digest = base::Digest::of(text);
  if (text.size() > kManifestBytesMax || (named && *named != digest)) {
    return Error(Code::Invalid, fmt::format("{}: expected at most {} that have this digest", doing,
                                            base::human_bytes(kManifestBytesMax)));
  }
  auto response = transport_.send({.method = "PUT",
                                   .url = transport_.url("manifests/" + reference),
                                   .fields = {{"Content-Type", media_type}},
                                   .body = base::as_bytes(text),
                                   .scopes = transport_.scopes("pull,push")});
  if (!response.ok()) return std::move(response).error().within(doing);
  if (response->status != 201) {
    return refusal(*response, "the manifest to be taken").within(doing);
  }
  if (const auto said = said_digest(*response); said && *said != digest) {
    return Error(Code::Corrupt, fmt::format("{}: expected the registry to keep {}, got {}", doing,
                                            digest.text(), said->text()));
  }
  return response->field("OCI-Subject").has_value();
}

// Calls `take` with one page after another of what is listed there.
base::Result<void> Registry::walk_pages(std::string_view below, const TakePage& take) {
  std::set<std::string> seen;  // A registry may lead in a circle.
  net::Url url = transport_.url(below);
  while (seen.insert(url.text()).second && seen.size() <= kPagesMax) {
    TRY_ASSIGN(const net::HttpResponse page,
               transport_.send({.url = url, .scopes = transport_.scopes("pull")}));
    TRY(take(page));
    const auto next = next_link(page);
    if (!next) return {};
    TRY_ASSIGN(url, url.resolve(*next));
    if (url.origin != transport_.url("").origin) {
      return Error(Code::Corrupt, "expected the next page at the same registry");
    }
  }
  return Error(Code::Corrupt, "expected a last page");
}

base::Result<std::vector<std::string>> Registry::list_tags() {
  const std::string doing =
      fmt::format("list the tags of {}/{}", options_.host, options_.repository);
  std::vector<std::string> tags;
  auto walked = walk_pages("tags/list?n=1000", [&tags](const auto& page) -> base::Result<void> {
    if (page.status != 200) return refusal(page, "a list");
    const json object = json::parse(page.body, nullptr, false);
    const json list = object.is_object() ? object.value("tags", json()) : json("none");
    if (!list.is_array() && !list.is_null()) {
      return Error(Code::Corrupt, "expected an object with \"tags\"");
    }
    for (const json& tag : list) {
      if (!tag.is_string() || !check_tag(tag.template get_ref<const std::string&>()).ok()) {
        return Error(Code::Corrupt, "expected tags only");
      }
      tags.push_back(tag.template get<std::string>());
    }
    if (tags.size() <= kTagsMax) return {};
    return Error(Code::Exhausted, fmt::format("expected at most {} tags", kTagsMax));
  });
  if (!walked.ok()) return std::move(walked).error().within(doing);
  std::sort(tags.begin(), tags.end());  // docker-registry 2.8 gives them in any order.
  return tags;
}

}  // namespace oci
