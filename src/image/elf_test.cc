#include "image/elf.h"

#include <algorithm>
#include <cstring>
#include <string>

#include <elf.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "image/test_elf.h"

namespace image {
namespace {

TestElf sample() {
  return {.needed = {"liba.so.1", "libc.so.6"},
          .soname = "libx.so.2",
          .runpath = "$ORIGIN:/opt/lib",
          .interpreter = "/lib64/ld.so.2"};
}

template <typename Change>
base::Result<Elf> parse_changed(Change change) {
  std::string file = sample().bytes();
  Elf64_Ehdr header;
  std::memcpy(&header, file.data(), sizeof header);
  change(header);
  std::memcpy(file.data(), &header, sizeof header);
  return Elf::parse(base::as_bytes(file));
}

TEST(ElfTest, SaysWhatTheLoaderIsTold) {
  const std::string file = sample().bytes();
  const auto elf = Elf::parse(base::as_bytes(file));
  ASSERT_TRUE(elf.ok()) << elf.error().message();
  EXPECT_EQ(elf->needed, (std::vector<std::string>{"liba.so.1", "libc.so.6"}));
  EXPECT_EQ(elf->soname, "libx.so.2");
  EXPECT_EQ(elf->runpath, "$ORIGIN:/opt/lib");
  EXPECT_EQ(elf->interpreter, "/lib64/ld.so.2");
  EXPECT_EQ(elf->machine, EM_X86_64);
  EXPECT_EQ(elf->loaded_size, file.size() - std::strlen("symbols"));
}

TEST(ElfTest, ReadsThisVeryProgram) {
  const auto file = base::MappedFile::open("/proc/self/exe", 1U << 30U);
  ASSERT_TRUE(file.ok());
  const auto elf = Elf::parse((*file)->bytes());
  ASSERT_TRUE(elf.ok()) << elf.error().message();
  EXPECT_NE(std::find(elf->needed.begin(), elf->needed.end(), "libc.so.6"), elf->needed.end());
  EXPECT_FALSE(architecture_of(elf->machine).empty());
  EXPECT_EQ(elf->interpreter.front(), '/');
}

TEST(ElfTest, RefusesWhatItCannotBe) {
  EXPECT_FALSE(Elf::parse({}).ok());
  EXPECT_FALSE(Elf::parse(base::as_bytes("#!/bin/sh\n")).ok());
  const auto narrow = parse_changed([](Elf64_Ehdr& h) { h.e_ident[EI_CLASS] = ELFCLASS32; });
  ASSERT_FALSE(narrow.ok());
  EXPECT_EQ(narrow.error().message(), "ELF file: expected 64 bits, little-endian");
  EXPECT_FALSE(parse_changed([](Elf64_Ehdr& h) { h.e_ident[EI_DATA] = ELFDATA2MSB; }).ok());
  EXPECT_FALSE(parse_changed([](Elf64_Ehdr& h) { h.e_type = ET_REL; }).ok());
  EXPECT_FALSE(parse_changed([](Elf64_Ehdr& h) { h.e_phnum = 0; }).ok());
  EXPECT_FALSE(parse_changed([](Elf64_Ehdr& h) { h.e_phnum = 0xFFFF; }).ok());
  EXPECT_FALSE(parse_changed([](Elf64_Ehdr& h) { h.e_phentsize = 8; }).ok());
  EXPECT_FALSE(parse_changed([](Elf64_Ehdr& h) { h.e_phoff = ~0ULL - 8; }).ok());
}

TEST(ElfTest, RefusesEveryCutBeforeTheEndOfWhatIsLoaded) {
  const std::string file = sample().bytes();
  const std::size_t loaded = file.size() - std::strlen("symbols");
  for (std::size_t size = 0; size < loaded; ++size) {
    EXPECT_FALSE(Elf::parse(base::as_bytes(file.substr(0, size))).ok()) << size;
  }
  EXPECT_TRUE(Elf::parse(base::as_bytes(file.substr(0, loaded))).ok());
}

TEST(ElfTest, StripsWhatIsNotLoaded) {
  TestElf with = sample();
  with.unloaded = std::string(1000, 's');
  const auto stripped = strip(base::as_bytes(with.bytes()));
  ASSERT_TRUE(stripped.ok());
  EXPECT_EQ(stripped->size(), with.bytes().size() - 1000);
  Elf64_Ehdr header;
  std::memcpy(&header, stripped->data(), sizeof header);
  EXPECT_EQ(header.e_shoff, 0U);
  EXPECT_EQ(header.e_shnum, 0U);
  const auto elf = Elf::parse(base::as_bytes(*stripped));
  ASSERT_TRUE(elf.ok());
  EXPECT_EQ(elf->needed.size(), 2U);
  EXPECT_EQ(*strip(base::as_bytes(*stripped)), *stripped);
  EXPECT_FALSE(strip(base::as_bytes("text")).ok());
}

}  // namespace
}  // namespace image
