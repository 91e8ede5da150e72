#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <elf.h>

namespace image {

// A small ELF file for tests: header, segments, texts, dynamic entries, then what is not loaded.
struct TestElf {
  std::vector<std::string> needed;
  std::string soname;
  std::string runpath;
  std::string interpreter;
  std::uint16_t machine = EM_X86_64;
  std::string unloaded = "symbols";

  std::string bytes() const {
    constexpr std::size_t kSegments = 3;
    constexpr std::size_t kTextsAt = sizeof(Elf64_Ehdr) + kSegments * sizeof(Elf64_Phdr);
    std::string texts(1, '\0');
    std::vector<Elf64_Dyn> entries;
    const auto add = [&](Elf64_Sxword tag, const std::string& text) {
      Elf64_Dyn entry{};
      entry.d_tag = tag;
      entry.d_un.d_val = texts.size();
      entries.push_back(entry);
      texts += text + '\0';
    };
    for (const std::string& each : needed) add(DT_NEEDED, each);
    if (!soname.empty()) add(DT_SONAME, soname);
    if (!runpath.empty()) add(DT_RUNPATH, runpath);
    const std::size_t interpreter_at = kTextsAt + texts.size();
    texts += interpreter + '\0';
    texts.resize((texts.size() + 15) / 16 * 16);
    Elf64_Dyn table{};
    table.d_tag = DT_STRTAB;
    table.d_un.d_ptr = kBase + kTextsAt;
    entries.push_back(table);
    entries.push_back(Elf64_Dyn{});
    const std::size_t dynamic_at = kTextsAt + texts.size();
    const std::size_t dynamic_size = entries.size() * sizeof(Elf64_Dyn);
    const std::size_t end = dynamic_at + dynamic_size;

    Elf64_Ehdr header{};
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS64;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_type = ET_DYN;
    header.e_machine = machine;
    header.e_phoff = sizeof(Elf64_Ehdr);
    header.e_phentsize = sizeof(Elf64_Phdr);
    header.e_phnum = kSegments;
    header.e_shoff = end;
    header.e_shnum = 1;
    const Elf64_Phdr segments[kSegments] = {
        segment(PT_LOAD, 0, end), segment(PT_DYNAMIC, dynamic_at, dynamic_size),
        interpreter.empty() ? segment(PT_NOTE, 0, 0)
                            : segment(PT_INTERP, interpreter_at, interpreter.size() + 1)};
    std::string file(end, '\0');
    std::memcpy(file.data(), &header, sizeof header);
    std::memcpy(file.data() + sizeof header, segments, sizeof segments);
    std::memcpy(file.data() + kTextsAt, texts.data(), texts.size());
    std::memcpy(file.data() + dynamic_at, entries.data(), dynamic_size);
    return file + unloaded;
  }

 private:
  // Addresses that are not offsets, so that one cannot pass for the other.
  static constexpr std::size_t kBase = 0x10000;

  static Elf64_Phdr segment(Elf64_Word type, std::size_t offset, std::size_t size) {
    Elf64_Phdr segment{};
    segment.p_type = type;
    segment.p_offset = offset;
    segment.p_vaddr = kBase + offset;
    segment.p_filesz = size;
    segment.p_memsz = size;
    return segment;
  }
};

}  // namespace image
