// The end of an archive says where its directory is:
//   PK\5\6, disk, disk, entries, entries (2 each), size, offset (4 each), comment (2 and text)
// and where a number does not fit, all bits of it are set and the zip64 end, found by the locator
// before this one, has it. An entry of the directory:
//   PK\1\2, versions, flags, method, time, date, crc, packed, size, lengths of name, extra and
//   comment, disk, attributes, offset of the local header, name, extra, comment
// The local header is PK\3\4 and the same again; behind its name and extra lie the bytes.
#include "tensor_files/zip.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>

#include "base/text.h"

namespace tensor_files {
namespace {

using base::ByteReader;
using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kLocal = "PK\x03\x04";
constexpr std::string_view kDirectory = "PK\x01\x02";
constexpr std::string_view kEnd = "PK\x05\x06";
constexpr std::string_view kEnd64 = "PK\x06\x06";
constexpr std::string_view kLocator64 = "PK\x06\x07";
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kLocatorBytes = 20;
constexpr std::size_t kLocalBytes = 30;
constexpr std::size_t kCommentMax = 65'535;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::uint32_t kIn64 = std::numeric_limits<std::uint32_t>::max();
// Whole blocks only, so that a few bytes that say they become many ask for little at first.
constexpr std::size_t kInflatedAtOnce = std::size_t{1} << 20U;

Error damaged(std::string_view what) {
  return {Code::Corrupt, fmt::format("zip: expected {}", what)};
}

template <typename T>
T take(ByteReader& reader) {
  return reader.little<T>().value_or(T{});
}

bool take_mark(ByteReader& reader, std::string_view mark) {
  const auto taken = reader.take(mark.size());
  return taken && base::as_text(*taken) == mark;
}

struct Directory {
  std::uint64_t at = 0;
  std::uint64_t size = 0;
  std::uint64_t entries = 0;
};

std::optional<std::size_t> find_end(std::string_view text) {
  if (text.size() < kEndBytes) return std::nullopt;
  const std::size_t last = text.size() - kEndBytes;
  const std::size_t first = last - std::min(last, kCommentMax);
  for (std::size_t at = last + 1; at-- > first;) {
    if (text.substr(at, kEnd.size()) != kEnd) continue;
    ByteReader reader(base::as_bytes(text));
    reader.seek(at + kEndBytes - 2);
    if (take<std::uint16_t>(reader) == text.size() - at - kEndBytes) return at;
  }
  return std::nullopt;
}

Result<Directory> read_end64(base::Bytes bytes, std::size_t end) {
  ByteReader reader(bytes);
  reader.seek(end < kLocatorBytes ? bytes.size() : end - kLocatorBytes);
  if (!take_mark(reader, kLocator64)) return damaged("the locator of zip64");
  static_cast<void>(take<std::uint32_t>(reader));
  reader.seek(static_cast<std::size_t>(take<std::uint64_t>(reader)));
  if (!take_mark(reader, kEnd64)) return damaged("the end of zip64");
  // Its size, versions, disks, and the entries on this disk.
  static_cast<void>(reader.take(8 + 2 + 2 + 4 + 4 + 8));
  Directory directory;
  directory.entries = take<std::uint64_t>(reader);
  directory.size = take<std::uint64_t>(reader);
  directory.at = take<std::uint64_t>(reader);
  return directory;
}

Result<Directory> read_end(base::Bytes bytes) {
  const auto end = find_end(base::as_text(bytes));
  if (!end) return damaged("the end of an archive, got a file that is cut off or none");
  ByteReader reader(bytes);
  reader.seek(*end + kEnd.size() + 2 + 2 + 2);
  Directory directory;
  directory.entries = take<std::uint16_t>(reader);
  directory.size = take<std::uint32_t>(reader);
  directory.at = take<std::uint32_t>(reader);
  const bool in64 = directory.entries == std::numeric_limits<std::uint16_t>::max() ||
                    directory.size == kIn64 || directory.at == kIn64;
  if (in64) {
    // A program that needs no zip64 may still write just these numbers.
    if (auto wide = read_end64(bytes, *end); wide.ok()) directory = *wide;
  }
  if (directory.at > *end || directory.size > *end - directory.at) {
    return damaged("a directory within the archive");
  }
  if (directory.entries > Zip::kEntriesMax) {
    return Error(Code::Exhausted, fmt::format("zip: expected at most {} files, got {}",
                                              Zip::kEntriesMax, directory.entries));
  }
  return directory;
}

// What did not fit into the entry, in the order of its fields.
void read_extra64(base::Bytes extra, Zip::Entry& entry) {
  ByteReader reader(extra);
  while (reader.left() >= 4) {
    const auto id = take<std::uint16_t>(reader);
    const auto field = reader.take(take<std::uint16_t>(reader));
    if (!field) return;
    if (id != kZip64Extra) continue;
    ByteReader wide(*field);
    if (entry.size == kIn64) entry.size = wide.little<std::uint64_t>().value_or(entry.size);
    if (entry.packed == kIn64) entry.packed = wide.little<std::uint64_t>().value_or(entry.packed);
    if (entry.at == kIn64) entry.at = wide.little<std::uint64_t>().value_or(entry.at);
  }
}

Result<Zip::Entry> read_entry(ByteReader& reader) {
  if (!take_mark(reader, kDirectory)) return damaged("an entry of the directory");
  Zip::Entry entry;
  static_cast<void>(reader.take(2 + 2));
  entry.flags = take<std::uint16_t>(reader);
  entry.method = take<std::uint16_t>(reader);
  static_cast<void>(reader.take(2 + 2));
  entry.crc = take<std::uint32_t>(reader);
  entry.packed = take<std::uint32_t>(reader);
  entry.size = take<std::uint32_t>(reader);
  const auto name = take<std::uint16_t>(reader);
  const auto extra = take<std::uint16_t>(reader);
  const auto comment = take<std::uint16_t>(reader);
  static_cast<void>(reader.take(2 + 2 + 4));
  entry.at = take<std::uint32_t>(reader);
  const auto name_bytes = reader.take(name);
  const auto extra_bytes = reader.take(extra);
  if (!name_bytes || !extra_bytes || !reader.take(comment)) {
    return damaged("a whole entry of the directory");
  }
  entry.name = base::as_text(*name_bytes);
  read_extra64(*extra_bytes, entry);
  return entry;
}

Error wrong_size(const Zip::Entry& entry) {
  return {Code::Corrupt, fmt::format("zip: {}: expected {} bytes, got another number",
                                     base::quote(entry.name), entry.size)};
}

// Bytes of raw deflate, as many as the entry says and no more.
Result<std::string> inflate_all(base::Bytes packed, const Zip::Entry& entry) {
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return Error(Code::Internal, "zlib");
  const std::unique_ptr<z_stream, int (*)(z_stream*)> ended(&stream, inflateEnd);
  std::string out;
  std::size_t taken = 0;
  for (int outcome = Z_OK; outcome != Z_STREAM_END;) {
    if (stream.avail_in == 0) {
      const std::size_t piece = std::min<std::size_t>(packed.size() - taken, kInflatedAtOnce);
      stream.next_in =
          reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed.subspan(taken, piece).data()));
      stream.avail_in = static_cast<uInt>(piece);
      taken += piece;
    }
    const std::size_t had = out.size();
    // One byte more than there may be: who has more is found out.
    const std::size_t room =
        static_cast<std::size_t>(std::min<std::uint64_t>(entry.size - had + 1, kInflatedAtOnce));
    out.resize(had + room);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + had);
    stream.avail_out = static_cast<uInt>(room);
    outcome = inflate(&stream, Z_NO_FLUSH);
    out.resize(had + room - stream.avail_out);
    if (outcome != Z_OK && outcome != Z_STREAM_END) {
      return Error(Code::Corrupt, fmt::format("zip: {}: expected deflated bytes, got others",
                                              base::quote(entry.name)));
    }
    if (out.size() > entry.size) return wrong_size(entry);
  }
  if (out.size() != entry.size) return wrong_size(entry);
  return out;
}

std::uint32_t checksum(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

template <typename T>
void append(T value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

}  // namespace

bool Zip::is_zip(base::Bytes bytes) {
  const std::string_view text = base::as_text(bytes);
  return text.starts_with(kLocal) || text.starts_with(kEnd);
}

Result<Zip> Zip::open(base::Bytes bytes) {
  TRY_ASSIGN(const Directory directory, read_end(bytes));
  Zip zip(bytes);
  ByteReader reader(bytes.subspan(static_cast<std::size_t>(directory.at),
                                  static_cast<std::size_t>(directory.size)));
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    TRY_ASSIGN(const Entry entry, read_entry(reader));
    zip.entries_.push_back(entry);
  }
  return zip;
}

const Zip::Entry* Zip::find(std::string_view name) const {
  const auto found = std::ranges::find(entries_, name, &Entry::name);
  return found == entries_.end() ? nullptr : &*found;
}

Result<base::Bytes> Zip::find_packed(const Entry& entry) const {
  const auto outside = [&] {
    return damaged(fmt::format("{} within the archive", base::quote(entry.name)));
  };
  if (entry.at > bytes_.size()) return outside();
  ByteReader reader(bytes_.subspan(static_cast<std::size_t>(entry.at)));
  if (reader.left() < kLocalBytes || !take_mark(reader, kLocal)) return outside();
  reader.seek(kLocalBytes - 4);
  const std::size_t name = take<std::uint16_t>(reader);
  const std::size_t extra = take<std::uint16_t>(reader);
  if (!reader.take(name + extra) || entry.packed > reader.left()) return outside();
  return *reader.take(static_cast<std::size_t>(entry.packed));
}

Result<std::string> Zip::read(const Entry& entry, std::uint64_t bytes_max) const {
  if (entry.size > bytes_max) {
    return Error(Code::Exhausted, fmt::format("zip: {}: expected at most {} bytes, got {}",
                                              base::quote(entry.name), bytes_max, entry.size));
  }
  if ((entry.flags & kEncrypted) != 0 || (entry.method != kStored && entry.method != kDeflated)) {
    return Error(
        Code::Unsupported,
        fmt::format("zip: {}: expected a file that is stored or deflated, got {}",
                    base::quote(entry.name),
                    (entry.flags & kEncrypted) != 0 ? "an encrypted one"
                                                    : fmt::format("method {}", entry.method)));
  }
  TRY_ASSIGN(const base::Bytes packed, find_packed(entry));
  std::string bytes;
  if (entry.method == kDeflated) {
    TRY_ASSIGN(bytes, inflate_all(packed, entry));
  } else {
    if (packed.size() != entry.size) return wrong_size(entry);
    bytes = base::as_text(packed);
  }
  if (checksum(bytes) == entry.crc) return bytes;
  return Error(Code::Corrupt, fmt::format("zip: {}: expected the checksum {:08x}, got {:08x}",
                                          base::quote(entry.name), entry.crc, checksum(bytes)));
}

Result<void> ZipWriter::add(std::string_view name, std::string_view bytes) {
  if (archive_.size() + bytes.size() + name.size() >= kIn64 / 2 || name.size() > kCommentMax ||
      count_ == std::numeric_limits<std::uint16_t>::max() - 1) {
    return Error(Code::Exhausted, fmt::format("zip: {}: expected an archive below 2 GiB, got more",
                                              base::quote(name)));
  }
  // Versions, flags (names are UTF-8), method, time and date (1980-01-01), so that the same files
  // make the same archive.
  std::string head;
  append(std::uint16_t{20}, head);
  append(std::uint16_t{0x800}, head);
  append(kStored, head);
  append(std::uint16_t{0}, head);
  append(std::uint16_t{0x21}, head);
  append(checksum(bytes), head);
  append(static_cast<std::uint32_t>(bytes.size()), head);
  append(static_cast<std::uint32_t>(bytes.size()), head);
  append(static_cast<std::uint16_t>(name.size()), head);
  append(std::uint16_t{0}, head);

  directory_.append(kDirectory);
  append(std::uint16_t{20}, directory_);
  directory_.append(head);
  directory_.append(2 + 2 + 2 + 4, '\0');  // Comment, disk, attributes.
  append(static_cast<std::uint32_t>(archive_.size()), directory_);
  directory_.append(name);

  archive_.append(kLocal).append(head).append(name).append(bytes);
  ++count_;
  return {};
}

std::string ZipWriter::finish() {
  const auto at = static_cast<std::uint32_t>(archive_.size());
  archive_.append(directory_).append(kEnd).append(4, '\0');
  append(count_, archive_);
  append(count_, archive_);
  append(static_cast<std::uint32_t>(directory_.size()), archive_);
  append(at, archive_);
  append(std::uint16_t{0}, archive_);
  return std::move(archive_);
}

}  // namespace tensor_files
