#include "oci/tar_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace oci {

struct TarWriter::Header {
  char type;
  std::string name;  // A folder's ends in '/'.
  std::string_view target;
  std::uint64_t size;
  TarAttributes attributes;
};

namespace {

using base::Code;
using base::Error;
using base::Result;

using Block = std::array<char, kTarBlock>;

// What stays below the longest octal number of a field, which ends in NUL.
constexpr bool fits(std::uint64_t value, TarField field) {
  return value >> (3 * (field.size - 1)) == 0;
}

void put(Block& block, TarField field, std::string_view text) {
  std::copy_n(text.data(), std::min(text.size(), field.size), block.data() + field.at);
}

void put_octal(Block& block, TarField field, std::uint64_t value) {
  put(block, field, fmt::format("{:0{}o}", value, field.size - 1));
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

// Where a name of more than 100 bytes is cut so that both parts fit a ustar header.
std::optional<std::size_t> split_at(std::string_view name) {
  if (name.size() > kTarPrefix.size + 1 + kTarName.size) return std::nullopt;
  // The slash at a folder's end belongs to its name.
  const std::size_t from = std::min(kTarPrefix.size, name.size() - 2);
  const std::size_t slash = name.rfind('/', from);
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  if (name.size() - slash - 1 > kTarName.size) return std::nullopt;
  return slash;
}

bool name_fits(std::string_view name) {
  return is_ascii(name) && (name.size() <= kTarName.size || split_at(name));
}

bool target_fits(std::string_view target) {
  return is_ascii(target) && target.size() <= kTarLink.size;
}

// A record's length counts its own digits.
std::string pax_record(std::string_view key, std::string_view value) {
  const std::size_t rest = key.size() + value.size() + 3;
  std::size_t length = rest + 1;
  while (length != rest + std::to_string(length).size()) {
    length = rest + std::to_string(length).size();
  }
  return fmt::format("{} {}={}\n", length, key, value);
}

void put_name(Block& block, std::string_view name) {
  if (!name_fits(name)) {
    // A reader that knows pax takes the record; another gets something to call it.
    put(block, kTarName, "see-the-pax-header");
  } else if (name.size() <= kTarName.size) {
    put(block, kTarName, name);
  } else {
    const std::size_t slash = *split_at(name);
    put(block, kTarPrefix, name.substr(0, slash));
    put(block, kTarName, name.substr(slash + 1));
  }
}

Block to_block(char type, std::string_view name, std::string_view target, std::uint64_t size,
               const TarAttributes& attributes) {
  Block block{};
  put_name(block, name);
  put_octal(block, kTarMode, attributes.mode & 07777U);
  put_octal(block, kTarUid, fits(attributes.uid, kTarUid) ? attributes.uid : 0);
  put_octal(block, kTarGid, fits(attributes.gid, kTarGid) ? attributes.gid : 0);
  put_octal(block, kTarSize, fits(size, kTarSize) ? size : 0);
  put_octal(block, kTarTime, 0);
  block[kTarType.at] = type;
  if (target_fits(target)) put(block, kTarLink, target);
  put(block, kTarMagic, kUstarMagic);
  put_octal(block, kTarDevMajor, 0);
  put_octal(block, kTarDevMinor, 0);
  const std::uint32_t sum = tar_checksum(std::as_bytes(std::span(block)));
  put(block, kTarSum, fmt::format("{:06o}", sum));
  block[kTarSum.at + 7] = ' ';
  return block;
}

}  // namespace

Result<void> TarWriter::add_folder(std::string_view name, const TarAttributes& attributes) {
  TRY(check_tar_name(name));
  return write({'5', std::string(name) + '/', {}, 0, attributes});
}

Result<void> TarWriter::add_symlink(std::string_view name, std::string_view target,
                                    const TarAttributes& attributes) {
  TRY(check_tar_name(name));
  TRY(check_tar_target(target));
  return write({'2', std::string(name), target, 0, attributes});
}

Result<void> TarWriter::add_file(std::string_view name, base::Bytes body,
                                 const TarAttributes& attributes) {
  TRY(begin_file(name, body.size(), attributes));
  return append(body);
}

Result<void> TarWriter::begin_file(std::string_view name, std::uint64_t size,
                                   const TarAttributes& attributes) {
  TRY(check_tar_name(name));
  TRY(write({'0', std::string(name), {}, size, attributes}));
  name_ = name;
  left_ = size;
  padding_ = tar_padding(size);
  return {};
}

Result<void> TarWriter::append(base::Bytes part) {
  if (part.size() > left_) {
    return Error(Code::Invalid, fmt::format("{}: expected {} more bytes at most, got {}",
                                            base::quote(name_), left_, part.size()));
  }
  if (!part.empty()) TRY(sink_(part));
  left_ -= part.size();
  return left_ == 0 ? pad(std::exchange(padding_, 0)) : Result<void>();
}

Result<void> TarWriter::finish() {
  TRY(expect_whole());
  return pad(2 * kTarBlock);
}

Result<void> TarWriter::expect_whole() const {
  if (left_ == 0) return {};
  return Error(Code::Invalid,
               fmt::format("{}: expected {} more bytes, got none", base::quote(name_), left_));
}

Result<void> TarWriter::write(const Header& header) {
  TRY(expect_whole());
  TRY(write_pax(header));
  const Block block =
      to_block(header.type, header.name, header.target, header.size, header.attributes);
  return sink_(std::as_bytes(std::span(block)));
}

Result<void> TarWriter::write_pax(const Header& header) {
  std::string records;
  if (!fits(header.attributes.gid, kTarGid)) {
    records += pax_record("gid", std::to_string(header.attributes.gid));
  }
  if (!target_fits(header.target)) records += pax_record("linkpath", header.target);
  if (!name_fits(header.name)) records += pax_record("path", header.name);
  if (!fits(header.size, kTarSize)) records += pax_record("size", std::to_string(header.size));
  if (!fits(header.attributes.uid, kTarUid)) {
    records += pax_record("uid", std::to_string(header.attributes.uid));
  }
  if (records.empty()) return {};
  const Block block = to_block('x', "PaxHeaders", {}, records.size(), TarAttributes{});
  TRY(sink_(std::as_bytes(std::span(block))));
  TRY(sink_(base::as_bytes(records)));
  return pad(tar_padding(records.size()));
}

Result<void> TarWriter::pad(std::size_t size) {
  static constexpr std::array<std::byte, 2 * kTarBlock> kZeros{};
  return size == 0 ? Result<void>() : sink_(base::Bytes(kZeros).first(size));
}

}  // namespace oci
