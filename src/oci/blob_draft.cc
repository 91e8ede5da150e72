#include "oci/blob_draft.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kAll = 1;
constexpr std::uint64_t kStop = 2;
constexpr unsigned kFlagBits = 2;
constexpr std::uint64_t kWokenEvery = 1 << 20;

}  // namespace

base::Result<std::unique_ptr<BlobDraft>> BlobDraft::start(const Layout& layout,
                                                          std::uint64_t bytes_max) {
  TRY_ASSIGN(Layout::Writer writer, layout.write(bytes_max));
  if (bytes_max >= Layout::Writer::kSentAtOnce) TRY(writer.reserve());
  TRY_ASSIGN(auto file, writer.map(std::max<std::uint64_t>(bytes_max, 1)));
  std::unique_ptr<BlobDraft> draft(new BlobDraft(std::move(writer), std::move(file)));
  TRY(draft->start_threads());
  return draft;
}

BlobDraft::BlobDraft(Layout::Writer writer, base::HeldBytes file)
    : writer_(std::move(writer)), file_(std::move(file)) {}

base::Result<void> BlobDraft::start_threads() {
  try {
    threads_.emplace_back([this] { digest(); });
    if (file_.bytes.size() >= Layout::Writer::kSentAtOnce) {
      threads_.emplace_back([this] { send(); });
    }
  } catch (const std::system_error& error) {
    return Error(Code::Exhausted, fmt::format("writing a blob: thread: {}", error.what()));
  }
  return {};
}

BlobDraft::~BlobDraft() {
  progress_.fetch_or(kStop);
  progress_.notify_all();
}

base::Result<void> BlobDraft::append(base::Bytes bytes) {
  if (bytes.size() > file_.bytes.size() - writer_.size()) {
    return Error(Code::Exhausted, fmt::format("blob: expected at most {}, got more",
                                              base::human_bytes(file_.bytes.size())));
  }
  const std::uint64_t before = writer_.size();
  TRY(writer_.put(bytes));
  progress_.store(writer_.size() << kFlagBits);
  // Waking costs more than a small part does.
  if (before / kWokenEvery != writer_.size() / kWokenEvery) progress_.notify_all();
  return {};
}

base::HeldBytes BlobDraft::finish() {
  progress_.fetch_or(kAll);
  progress_.notify_all();
  return {file_.bytes.first(writer_.size()), file_.holder};
}

void BlobDraft::settle() { threads_.clear(); }

base::Result<Stored> BlobDraft::commit() {
  settle();
  return writer_.publish(hasher_.finish());
}

std::optional<std::uint64_t> BlobDraft::wait_for(std::uint64_t least) const {
  std::uint64_t progress = progress_.load();
  while (progress >> kFlagBits < least && (progress & (kAll | kStop)) == 0) {
    progress_.wait(progress);
    progress = progress_.load();
  }
  if ((progress & kStop) != 0) return std::nullopt;
  return progress >> kFlagBits;
}

void BlobDraft::digest() {
  std::uint64_t digested = 0;
  while (const auto size = wait_for(digested + 1)) {
    if (*size == digested) return;
    hasher_.update(file_.bytes.subspan(digested, *size - digested));
    digested = *size;
  }
}

void BlobDraft::send() {
  std::uint64_t sent = 0;
  while (const auto size = wait_for(sent + Layout::Writer::kSentAtOnce)) {
    if (*size == sent) return;
    writer_.send(sent, *size);
    sent = *size;
  }
}

}  // namespace oci
