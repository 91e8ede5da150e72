#include "oci/blob_download.h"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/registry_refusal.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

}  // namespace

BlobDownload::BlobDownload(RegistryTransport& transport, const Descriptor& blob,
                           const net::BodySink& sink)
    : transport_(transport), blob_(blob), sink_(sink), retry_(transport.retry()) {}

base::Result<void> BlobDownload::run() {
  for (;;) {
    const std::uint64_t before = received_;
    auto response = transport_.send(request());
    if (final_) return *std::move(final_);
    if (response.ok() && response->status / 100 == 2) break;
    const bool passing = response.ok() ? may_pass(*response) : may_pass(response.error());
    if (received_ > before) retry_.progress();
    const bool again = passing && (response.ok() ? retry_.wait(*response) : retry_.wait());
    if (again) continue;
    if (!response.ok()) return std::move(response).error();
    return refusal(*response, "the blob");
  }
  if (received_ != blob_.size) {
    return wrong(fmt::format("{} bytes", blob_.size), std::to_string(received_));
  }
  const base::Digest digest = hasher_.finish();
  if (digest != blob_.digest) return wrong("bytes of that digest", digest.text());
  return {};
}

RegistryRequest BlobDownload::request() {
  RegistryRequest request{.url = transport_.url("blobs/" + blob_.digest.text()),
                          .fields = {{"Accept-Encoding", "identity"}},
                          .answer_bytes_max = blob_.size,
                          .scopes = transport_.scopes("pull"),
                          .repeatable = false};
  if (received_ > 0) request.fields.emplace_back("Range", fmt::format("bytes={}-", received_));
  request.on_head = [this](const net::HttpResponse& head) { return take_head(head); };
  request.sink = [this](base::Bytes bytes) { return take_bytes(bytes); };
  return request;
}

Error BlobDownload::wrong(std::string_view expected, std::string_view got) const {
  return {Code::Corrupt, fmt::format("expected {}, got {}", expected, got)};
}

base::Result<void> BlobDownload::take_head(const net::HttpResponse& head) {
  again_ = 0;
  if (head.status == 200) {
    again_ = received_;  // Ranges are not known there: all comes once more.
    return {};
  }
  const std::string range(head.field("Content-Range").value_or(""));
  const std::string start = fmt::format("bytes {}-{}/", received_, blob_.size - 1);
  if (head.status == 206 && received_ > 0 && range.starts_with(start)) return {};
  final_ = wrong(received_ > 0 ? fmt::format("status 200, or 206 and {}{}", start, blob_.size)
                               : std::string("status 200"),
                 fmt::format("{} {}", head.status, base::quote(range)));
  return *final_;
}

base::Result<void> BlobDownload::take_bytes(base::Bytes bytes) {
  const auto repeated = static_cast<std::size_t>(std::min<std::uint64_t>(again_, bytes.size()));
  again_ -= repeated;
  bytes = bytes.subspan(repeated);
  if (bytes.size() > blob_.size - received_) {
    final_ = wrong(fmt::format("{} bytes", blob_.size), "more");
    return *final_;
  }
  if (bytes.empty()) return {};
  hasher_.update(bytes);
  received_ += bytes.size();
  auto taken = sink_(bytes);
  if (!taken.ok()) final_ = taken.error();
  return taken;
}

}  // namespace oci
