#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/registry.h"
#include "oci/registry_refusal.h"

// Distribution specification 1.1, "Listing Referrers" and "Referrers Tag Schema".

namespace oci {
namespace {

using base::Code;
using base::Error;

constexpr std::size_t kReferrersMax = 100'000;

std::string referrers_tag(const base::Digest& subject) { return "sha256-" + subject.hex(); }

// The specification's entry for a manifest: what it is an artifact of, and its annotations.
Descriptor entry_of(const Manifest& manifest, const std::string& text) {
  return {.media_type = std::string(kManifestType),
          .digest = base::Digest::of(text),
          .size = text.size(),
          .annotations = manifest.annotations,
          .artifact_type =
              manifest.artifact_type.empty() ? manifest.config.media_type : manifest.artifact_type};
}

}  // namespace

base::Result<base::Digest> Registry::push_referrer(const Manifest& manifest) {
  if (!manifest.subject) {
    return Error(Code::Invalid, "push referrer: expected a manifest with a subject");
  }
  const std::string text = manifest.json();
  const Descriptor entry = entry_of(manifest, text);
  TRY_ASSIGN(const bool listed,
             put_manifest(entry.digest.text(), std::string(kManifestType), text));
  if (listed) return entry.digest;
  const base::Digest& subject = manifest.subject->digest;
  TRY_ASSIGN(Index index, fetch_referrers_tag(subject));
  const bool known =
      std::any_of(index.manifests.begin(), index.manifests.end(),
                  [&entry](const Descriptor& each) { return each.digest == entry.digest; });
  if (known) return entry.digest;
  index.manifests.push_back(entry);
  TRY(push_manifest(referrers_tag(subject), std::string(kIndexType), index.json()));
  return entry.digest;
}

base::Result<std::vector<Descriptor>> Registry::list_referrers(const base::Digest& subject,
                                                               const std::string& artifact_type) {
  std::vector<Descriptor> referrers;
  TRY_ASSIGN(std::optional<std::vector<Descriptor>> answered, ask_referrers(subject));
  if (answered) {
    referrers = *std::move(answered);
  } else {
    TRY_ASSIGN(Index index, fetch_referrers_tag(subject));
    referrers = std::move(index.manifests);
  }
  if (!artifact_type.empty()) {
    std::erase_if(referrers, [&artifact_type](const Descriptor& each) {
      return each.artifact_type != artifact_type;
    });
  }
  return referrers;
}

// Nothing where the registry does not know the question.
base::Result<std::optional<std::vector<Descriptor>>> Registry::ask_referrers(
    const base::Digest& subject) {
  const std::string doing = fmt::format("list referrers of {} in {}/{}", subject.text(),
                                        options_.host, options_.repository);
  bool known = true;
  std::vector<Descriptor> referrers;
  auto walked = walk_pages(
      "referrers/" + subject.text(), [&](const net::HttpResponse& page) -> base::Result<void> {
        if (page.status == 404 && referrers.empty()) {
          known = false;
          return {};
        }
        if (page.status != 200) return refusal(page, "a list");
        TRY_ASSIGN(Index index, Index::parse(page.body));
        std::move(index.manifests.begin(), index.manifests.end(), std::back_inserter(referrers));
        if (referrers.size() <= kReferrersMax) return {};
        return Error(Code::Exhausted, fmt::format("expected at most {}", kReferrersMax));
      });
  if (!walked.ok()) return std::move(walked).error().within(doing);
  if (!known) return std::optional<std::vector<Descriptor>>();
  return std::optional<std::vector<Descriptor>>(std::move(referrers));
}

// An empty index where there is none.
base::Result<Index> Registry::fetch_referrers_tag(const base::Digest& subject) {
  auto manifest = fetch_manifest(referrers_tag(subject));
  if (!manifest.ok() && manifest.error().code() == Code::NotFound) return Index{};
  if (!manifest.ok()) return std::move(manifest).error();
  auto index = Index::parse(manifest->text);
  if (!index.ok()) {
    return std::move(index).error().within("referrers tag " + referrers_tag(subject));
  }
  return index;
}

}  // namespace oci
