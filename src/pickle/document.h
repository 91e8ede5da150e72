#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/files.h"
#include "base/result.h"
#include "pickle/container.h"
#include "pickle/limits.h"
#include "pickle/value.h"

namespace pickle {

// A pickle, a joblib file or an .npy file, read into values without executing anything: there is
// no way from here to an import, a call, another loader, the network or a file, except the
// arrays that joblib before 0.10 wrote beside the pickle. Owns every value of it.
//
// Strings and array elements are views into the file, which stays mapped: an uncompressed file
// is read without copying it. Immutable once read, so any thread may look at it.
//
// Refuses, with the byte offset in the unpacked stream and the name of the opcode or global:
// what breaks the format, bytes behind the end (a second pickle included), extension codes,
// persistent ids, out-of-band buffers, and what is past Limits.
class Document {
 public:
  static base::Result<Document> open(const std::string& path, const Limits& limits = {});
  // `bytes` must outlive the document; `beside` has the files that lie beside it, and is asked
  // only while it is read. Without it, arrays in other files are refused.
  static base::Result<Document> read(base::Bytes bytes, const Limits& limits = {},
                                     const base::Files* beside = nullptr);

  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  Value root() const;
  Container container() const;
  // Size of the unpacked stream, count of values, and the memory they take.
  std::uint64_t stream_bytes() const;
  std::uint64_t nodes() const;
  std::uint64_t memory_bytes() const;

 private:
  struct Storage;
  explicit Document(std::unique_ptr<Storage> storage);
  static base::Result<Document> load(base::Bytes bytes, const Limits& limits,
                                     std::shared_ptr<const base::MappedFile> file,
                                     const base::Files* beside);
  std::unique_ptr<Storage> storage_;
};

}  // namespace pickle
