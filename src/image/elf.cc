#include "image/elf.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include <elf.h>
#include <fmt/format.h>

namespace image {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::size_t kSegmentsMax = 1024;
constexpr std::size_t kDynamicMax = 65'536;
constexpr std::size_t kNeededMax = 4096;
constexpr std::size_t kTextMax = 4096;

Error bad_elf(std::string_view expected) {
  return {Code::Invalid, fmt::format("ELF file: expected {}", expected)};
}

template <typename T>
std::optional<T> read_at(base::Bytes file, std::uint64_t offset) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, file.data() + offset, sizeof(T));
  return value;
}

Result<std::string> text_at(base::Bytes file, std::uint64_t offset) {
  if (offset >= file.size()) return bad_elf("a text inside the file");
  const std::string_view rest = base::as_text(file.subspan(static_cast<std::size_t>(offset)));
  const std::size_t end = rest.substr(0, kTextMax).find('\0');
  if (end == std::string_view::npos) return bad_elf("a text that ends");
  return std::string(rest.substr(0, end));
}

class Reader {
 public:
  explicit Reader(base::Bytes file) : file_(file) {}

  Result<Elf> read() {
    TRY(read_header());
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type == PT_INTERP) {
        TRY_ASSIGN(elf_.interpreter, text_at(file_, segment.p_offset));
      }
      if (segment.p_type == PT_DYNAMIC) TRY(read_dynamic(segment));
    }
    return std::move(elf_);
  }

 private:
  Result<void> read_header() {
    const auto header = read_at<Elf64_Ehdr>(file_, 0);
    if (!header || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0)
      return bad_elf("an ELF header");
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB) {
      return Error(Code::Unsupported, "ELF file: expected 64 bits, little-endian");
    }
    if (header->e_type != ET_EXEC && header->e_type != ET_DYN) {
      return bad_elf("a program or a shared object");
    }
    if (header->e_phentsize != sizeof(Elf64_Phdr) || header->e_phnum == 0 ||
        header->e_phnum > kSegmentsMax) {
      return bad_elf(fmt::format("1 to {} segments", kSegmentsMax));
    }
    elf_.machine = header->e_machine;
    elf_.loaded_size = sizeof(Elf64_Ehdr);
    // The product is small, so only where the table starts can overflow.
    if (header->e_phoff > file_.size()) return bad_elf("segments inside the file");
    for (std::size_t i = 0; i < header->e_phnum; ++i) {
      TRY(read_segment(header->e_phoff + i * sizeof(Elf64_Phdr)));
    }
    return {};
  }

  Result<void> read_segment(std::uint64_t offset) {
    const auto segment = read_at<Elf64_Phdr>(file_, offset);
    if (!segment || segment->p_offset > file_.size() ||
        segment->p_filesz > file_.size() - segment->p_offset) {
      return bad_elf("segments inside the file");
    }
    elf_.loaded_size = std::max(
        {elf_.loaded_size, offset + sizeof(Elf64_Phdr), segment->p_offset + segment->p_filesz});
    segments_.push_back(*segment);
    return {};
  }

  // Where the byte that is loaded at `address` lies in the file.
  std::optional<std::uint64_t> offset_of(std::uint64_t address) const {
    for (const Elf64_Phdr& segment : segments_) {
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
          address - segment.p_vaddr < segment.p_filesz) {
        return segment.p_offset + (address - segment.p_vaddr);
      }
    }
    return std::nullopt;
  }

  Result<void> read_dynamic(const Elf64_Phdr& segment) {
    std::vector<Elf64_Dyn> entries;
    for (std::uint64_t at = 0; segment.p_filesz - at >= sizeof(Elf64_Dyn);
         at += sizeof(Elf64_Dyn)) {
      const auto entry = read_at<Elf64_Dyn>(file_, segment.p_offset + at);
      if (!entry || entry->d_tag == DT_NULL) break;
      if (entries.size() == kDynamicMax) {
        return bad_elf(fmt::format("at most {} dynamic entries", kDynamicMax));
      }
      entries.push_back(*entry);
    }
    const auto table = std::find_if(entries.begin(), entries.end(),
                                    [](const Elf64_Dyn& each) { return each.d_tag == DT_STRTAB; });
    // What needs nothing needs no texts either.
    if (table == entries.end()) return {};
    const auto texts = offset_of(table->d_un.d_ptr);
    if (!texts) return bad_elf("the table of texts in a segment");
    for (const Elf64_Dyn& each : entries) TRY(read_entry(each, *texts));
    return {};
  }

  Result<void> read_entry(const Elf64_Dyn& entry, std::uint64_t texts) {
    if (entry.d_tag != DT_NEEDED && entry.d_tag != DT_SONAME && entry.d_tag != DT_RUNPATH &&
        entry.d_tag != DT_RPATH) {
      return {};
    }
    if (entry.d_un.d_val > file_.size()) return bad_elf("a text inside the file");
    TRY_ASSIGN(std::string text, text_at(file_, texts + entry.d_un.d_val));
    if (entry.d_tag == DT_SONAME) elf_.soname = std::move(text);
    // DT_RPATH is looked at only where there is no DT_RUNPATH.
    if (entry.d_tag == DT_RUNPATH) {
      elf_.runpath = std::move(text);
      has_runpath_ = true;
    }
    if (entry.d_tag == DT_RPATH && !has_runpath_) elf_.runpath = std::move(text);
    if (entry.d_tag == DT_NEEDED) {
      if (elf_.needed.size() == kNeededMax) {
        return bad_elf(fmt::format("at most {} needed objects", kNeededMax));
      }
      elf_.needed.push_back(std::move(text));
    }
    return {};
  }

  base::Bytes file_;
  Elf elf_;
  std::vector<Elf64_Phdr> segments_;
  bool has_runpath_ = false;
};

}  // namespace

Result<Elf> Elf::parse(base::Bytes file) { return Reader(file).read(); }

std::string_view architecture_of(std::uint16_t machine) {
  if (machine == EM_X86_64) return "amd64";
  if (machine == EM_AARCH64) return "arm64";
  return {};
}

Result<std::string> strip(base::Bytes file) {
  TRY_ASSIGN(const Elf elf, Elf::parse(file));
  // Linkers put what is not loaded behind what is.
  std::string kept(base::as_text(file.first(static_cast<std::size_t>(elf.loaded_size))));
  Elf64_Ehdr header;
  std::memcpy(&header, kept.data(), sizeof header);
  header.e_shoff = 0;
  header.e_shnum = 0;
  header.e_shstrndx = SHN_UNDEF;
  header.e_shentsize = 0;
  std::memcpy(kept.data(), &header, sizeof header);
  return kept;
}

}  // namespace image
