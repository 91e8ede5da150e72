#include "pickle/document.h"

#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "pickle/heap.h"
#include "pickle/joblib.h"
#include "pickle/machine.h"
#include "pickle/npy.h"

namespace pickle {

using base::Code;
using base::Error;
using base::Result;

struct Document::Storage {
  Storage(const Limits& limits_in, Container container_in, Buffer unpacked_in, base::Bytes raw)
      : limits(limits_in),
        container(container_in),
        unpacked(std::move(unpacked_in)),
        bytes(container == Container::Raw ? raw : unpacked.bytes()),
        heap(limits, bytes.size()) {}

  Limits limits;
  std::shared_ptr<const base::MappedFile> file;
  Container container;
  Buffer unpacked;
  base::Bytes bytes;
  Siblings siblings;
  Heap heap;
  const Node* root = nullptr;
};

namespace {

// What people hand in that is no pickle at all.
std::optional<std::string_view> other_format(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  if (text.starts_with("PK\x03\x04")) return "a zip archive (PyTorch, Keras or skops?)";
  if (text.starts_with("\x89HDF\r\n")) return "an HDF5 file";
  if (text.starts_with("version https://git-lfs")) return "a Git LFS pointer";
  return std::nullopt;
}

Result<Node*> read_stream(base::Bytes bytes, Heap& heap, Siblings& siblings,
                          const base::Files* beside) {
  if (is_npy(bytes)) return read_npy(heap, bytes);
  if (const auto other = other_format(bytes)) {
    return Error(Code::Unsupported, fmt::format("byte 0: expected a pickle, got {}", *other));
  }
  Stream stream(bytes);
  JoblibArrays arrays(heap, siblings, beside);
  TRY_ASSIGN(Node * root, Machine(stream, heap, &arrays).run());
  if (stream.left() != 0) {
    return Error(Code::Corrupt, fmt::format("byte {}: expected the end of the file after STOP, got "
                                            "{} more bytes",
                                            stream.offset(), stream.left()));
  }
  return root;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Document::Document(std::unique_ptr<Storage> storage) : storage_(std::move(storage)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::load(base::Bytes bytes, const Limits& limits,
                                std::shared_ptr<const base::MappedFile> file,
                                const base::Files* beside) {
  const Container container = find_container(bytes);
  Buffer unpacked;
  if (container != Container::Raw) {
    TRY_ASSIGN(unpacked, unpack(container, bytes, limits));
  }
  auto storage = std::make_unique<Storage>(limits, container, std::move(unpacked), bytes);
  storage->file = std::move(file);
  if (storage->bytes.size() > limits.stream_bytes) {
    return Error(Code::Exhausted,
                 fmt::format("expected at most {}, got {}", base::human_bytes(limits.stream_bytes),
                             base::human_bytes(storage->bytes.size())));
  }
  TRY_ASSIGN(storage->root, read_stream(storage->bytes, storage->heap, storage->siblings, beside));
  return Document(std::move(storage));
}

Result<Document> Document::open(const std::string& path, const Limits& limits) {
  TRY_ASSIGN(auto file, base::MappedFile::open(path, limits.file_bytes));
  const base::Bytes bytes = file->bytes();
  const base::FolderFiles beside(folder_of(path));
  auto document = load(bytes, limits, std::move(file), &beside);
  if (!document.ok()) return std::move(document).error().within(base::quote(path));
  return document;
}

Result<Document> Document::read(base::Bytes bytes, const Limits& limits,
                                const base::Files* beside) {
  return load(bytes, limits, nullptr, beside);
}

Value Document::root() const { return Value(*storage_->root); }
Container Document::container() const { return storage_->container; }
std::uint64_t Document::stream_bytes() const { return storage_->bytes.size(); }
std::uint64_t Document::nodes() const { return storage_->heap.nodes(); }
std::uint64_t Document::memory_bytes() const { return storage_->heap.spent(); }

}  // namespace pickle
