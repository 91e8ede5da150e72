#include "oci/tar_reader.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "oci/tar_format.h"
#include "oci/tar_header.h"

namespace oci {
namespace {

using base::Code;
using base::Error;
using base::Result;

// Extended attributes of a file stand in its pax header as well.
constexpr std::uint64_t kPaxBytesMax = 1 << 20;

bool is_zero(base::Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

// "./a/b/" and "a/b" are the same entry; the root itself becomes "".
std::string_view plain_name(std::string_view name) {
  while (name.substr(0, 2) == "./") name.remove_prefix(2);
  if (name == ".") return {};
  if (name.size() > 1 && name.back() == '/') name.remove_suffix(1);
  return name;
}

// Reads the entries one after another.
class Walk {
 public:
  Walk(base::Bytes archive, const TarLimits& limits) : archive_(archive), limits_(limits) {}

  // The header's offset, for messages.
  std::size_t at() const { return entry_at_; }

  // False at the end of the archive.
  Result<bool> next(std::vector<TarEntry>& entries) {
    entry_at_ = archive_.offset();
    const auto block = archive_.take(kTarBlock);
    if (!block) return Error(Code::Corrupt, "expected a header or the blocks of zeros at the end");
    if (is_zero(*block)) return end();
    TRY_ASSIGN(TarHeader header, parse_tar_header(*block));
    switch (header.type) {
      case 'x': {
        TRY_ASSIGN(const std::string_view text, extension(header.size));
        TRY_ASSIGN(pax_, parse_pax(text));
        break;
      }
      case 'g': TRY(pass_global(header.size)); break;
      case 'L': return gnu_text(header.size, long_name_);
      case 'K': return gnu_text(header.size, long_target_);
      default: TRY(add(std::move(header), entries));
    }
    return true;
  }

 private:
  Result<bool> end() {
    if (!pax_.empty() || !long_name_.empty() || !long_target_.empty()) {
      return Error(Code::Corrupt, "expected an entry behind its extended header");
    }
    if (!is_zero(*archive_.take(archive_.left()))) {
      return Error(Code::Invalid, "expected nothing but zeros behind the end");
    }
    return false;
  }

  Result<base::Bytes> body(std::uint64_t size) {
    if (size > archive_.left() || tar_padding(size) > archive_.left() - size) {
      return Error(Code::Corrupt,
                   fmt::format("expected a body of {} bytes, got {}", size, archive_.left()));
    }
    const base::Bytes bytes = *archive_.take(static_cast<std::size_t>(size));
    archive_.take(tar_padding(size));
    return bytes;
  }

  Result<std::string_view> extension(std::uint64_t size) {
    if (size > kPaxBytesMax) {
      return Error(
          Code::Exhausted,
          fmt::format("extended header: expected at most {} bytes, got {}", kPaxBytesMax, size));
    }
    TRY_ASSIGN(const base::Bytes bytes, body(size));
    return base::as_text(bytes);
  }

  // Records for all entries: comments and the like. What would rename every entry is refused.
  Result<void> pass_global(std::uint64_t size) {
    TRY_ASSIGN(const std::string_view text, extension(size));
    TRY_ASSIGN(const PaxRecords records, parse_pax(text));
    if (records.empty()) return {};
    return Error(Code::Unsupported, "global pax header: expected no path and no size");
  }

  Result<bool> gnu_text(std::uint64_t size, std::string& text) {
    TRY_ASSIGN(const std::string_view all, extension(size));
    text = all.substr(0, std::min(all.find('\0'), all.size()));
    if (text.empty()) return Error(Code::Invalid, "long name: expected a name");
    return true;
  }

  Result<void> add(TarHeader header, std::vector<TarEntry>& entries) {
    // POSIX before GNU, and both before the header.
    if (!long_name_.empty()) header.name = std::exchange(long_name_, {});
    if (!long_target_.empty()) header.target = std::exchange(long_target_, {});
    const PaxRecords pax = std::exchange(pax_, {});
    if (pax.path) header.name = *pax.path;
    if (pax.linkpath) header.target = *pax.linkpath;
    if (pax.size) header.size = *pax.size;
    // Before pax and ustar, a folder was a file whose name ends so.
    if (header.type == '\0' && !header.name.empty() && header.name.back() == '/') header.type = '5';
    TRY_ASSIGN(const TarType type, type_of(header));
    TRY_ASSIGN(TarEntry entry, entry_of(std::move(header), type));
    if (entry.name.empty()) return {};
    if (entries.size() == limits_.entries_max) {
      return Error(Code::Exhausted,
                   fmt::format("expected at most {} entries", limits_.entries_max));
    }
    text_bytes_ += entry.name.size() + entry.target.size();
    if (text_bytes_ > limits_.text_max) {
      return Error(Code::Exhausted, fmt::format("expected at most {} of names",
                                                base::human_bytes(limits_.text_max)));
    }
    entries.push_back(std::move(entry));
    return {};
  }

  static Result<TarType> type_of(const TarHeader& header) {
    switch (header.type) {
      case '0':
      case '7':
      case '\0': return TarType::File;
      case '1': return TarType::HardLink;
      case '2': return TarType::Symlink;
      case '5': return TarType::Folder;
      default:
        return Error(
            Code::Unsupported,
            fmt::format("{}: expected a file, folder or link, got type {}",
                        base::quote(header.name), base::quote(std::string_view(&header.type, 1))));
    }
  }

  Result<TarEntry> entry_of(TarHeader header, TarType type) {
    const std::string_view name = plain_name(header.name);
    const bool root = name.empty() && type == TarType::Folder;
    if (!root) TRY(check_tar_name(name));
    TarEntry entry{.name = std::string(name),
                   .type = type,
                   .size = header.size,
                   .offset = archive_.offset(),
                   .mode = header.mode,
                   .target = {}};
    if (type == TarType::File) {
      if (auto bytes = body(header.size); !bytes.ok()) {
        return std::move(bytes).error().within(base::quote(name));
      }
      return entry;
    }
    // Readers differ in whether such a body is there.
    if (header.size != 0) {
      return Error(Code::Invalid, fmt::format("{}: expected a body only in a file, got {} bytes",
                                              base::quote(name), header.size));
    }
    if (type == TarType::Folder) return entry;
    entry.target = type == TarType::HardLink ? std::string(plain_name(header.target))
                                             : std::move(header.target);
    TRY(type == TarType::HardLink ? check_tar_name(entry.target) : check_tar_target(entry.target));
    return entry;
  }

  base::ByteReader archive_;
  const TarLimits& limits_;
  std::size_t entry_at_ = 0;
  std::size_t text_bytes_ = 0;
  PaxRecords pax_;
  std::string long_name_;
  std::string long_target_;
};

// '/' comes before everything else, so that what lies beneath a name follows it at once.
bool before(std::string_view a, std::string_view b) {
  return std::lexicographical_compare(
      a.begin(), a.end(), b.begin(), b.end(), [](char left, char right) {
        const auto rank = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c); };
        return rank(left) < rank(right);
      });
}

bool is_beneath(std::string_view name, std::string_view folder) {
  return name.size() > folder.size() && name[folder.size()] == '/' &&
         name.substr(0, folder.size()) == folder;
}

}  // namespace

bool TarEntry::is_whiteout() const {
  const std::size_t slash = name.rfind('/');
  const std::size_t base = slash == std::string::npos ? 0 : slash + 1;
  return name.compare(base, 4, ".wh.") == 0;
}

Result<TarIndex> TarIndex::read(base::Bytes archive, const TarLimits& limits) {
  TarIndex index;
  Walk walk(archive, limits);
  for (;;) {
    auto more = walk.next(index.entries_);
    if (!more.ok()) {
      return std::move(more).error().within(fmt::format("archive at byte {}", walk.at()));
    }
    if (!*more) break;
  }
  TRY(index.sort());
  return index;
}

Result<void> TarIndex::sort() {
  by_name_.resize(entries_.size());
  std::iota(by_name_.begin(), by_name_.end(), std::size_t{0});
  std::stable_sort(by_name_.begin(), by_name_.end(), [this](std::size_t a, std::size_t b) {
    return before(entries_[a].name, entries_[b].name);
  });
  for (std::size_t i = 1; i < by_name_.size(); ++i) {
    const TarEntry& last = entries_[by_name_[i - 1]];
    const TarEntry& entry = entries_[by_name_[i]];
    const bool folders = last.type == TarType::Folder && entry.type == TarType::Folder;
    if (last.name == entry.name && !folders) {
      return Error(Code::Invalid,
                   fmt::format("archive: {}: expected once, got twice", base::quote(entry.name)));
    }
    if (last.type != TarType::Folder && is_beneath(entry.name, last.name)) {
      return Error(Code::Invalid,
                   fmt::format("archive: {}: expected a folder above it", base::quote(entry.name)));
    }
  }
  return {};
}

const TarEntry* TarIndex::find(std::string_view name) const {
  const auto at = std::lower_bound(
      by_name_.begin(), by_name_.end(), name,
      [this](std::size_t i, std::string_view wanted) { return before(entries_[i].name, wanted); });
  if (at == by_name_.end() || entries_[*at].name != name) return nullptr;
  return &entries_[*at];
}

}  // namespace oci
