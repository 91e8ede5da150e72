#include "oci/tar_reader.h"

#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "oci/tar_format.h"
#include "oci/tar_writer.h"

namespace oci {
namespace {

// A header as other writers make it, with every field in the test's hands.
struct Raw {
  std::string name = "a";
  char type = '0';
  std::string size = "00000000000";
  std::string target;
  std::string magic{kUstarMagic};
  std::string prefix;

  std::string block() const {
    std::string text(kTarBlock, '\0');
    const auto put = [&text](TarField field, const std::string& value) {
      text.replace(field.at, value.size(), value);
    };
    put(kTarName, name);
    put(kTarMode, "0000644");
    put(kTarSize, size);
    put(kTarType, std::string(1, type));
    put(kTarLink, target);
    put(kTarMagic, magic);
    put(kTarPrefix, prefix);
    char sum[8];
    std::snprintf(sum, sizeof sum, "%06o", tar_checksum(base::as_bytes(text)));
    put(kTarSum, std::string(sum, 7) + " ");
    return text;
  }
};

std::string octal(std::size_t size) {
  char text[12];
  std::snprintf(text, sizeof text, "%011zo", size);
  return text;
}

std::string padded(std::string body) {
  body.resize(body.size() + tar_padding(body.size()), '\0');
  return body;
}

// A header with a body: an extended header, or a file.
std::string with_body(char type, const std::string& body, const std::string& name = "x") {
  return Raw{.name = name, .type = type, .size = octal(body.size())}.block() + padded(body);
}

const std::string kEnd(2 * kTarBlock, '\0');

base::Result<TarIndex> read(const std::string& archive) {
  return TarIndex::read(base::as_bytes(archive));
}

std::string error_of(const std::string& archive) {
  const auto index = read(archive);
  return index.ok() ? "" : index.error().message();
}

TEST(TarReaderTest, ListsEntriesAndWhereTheirBytesLie) {
  const std::string archive = Raw{.name = "./", .type = '5'}.block() +
                              Raw{.name = "./etc/", .type = '5'}.block() +
                              with_body('0', "root", "./etc/passwd") +
                              Raw{.name = "etc/link", .type = '2', .target = "../x"}.block() +
                              Raw{.name = "etc/.wh.gone"}.block() +
                              Raw{.name = "hard", .type = '1', .target = "./etc/passwd"}.block();
  const auto index = read(archive + kEnd);
  ASSERT_TRUE(index.ok()) << index.error().message();
  ASSERT_EQ(index->entries().size(), 5U);
  EXPECT_EQ(index->entries()[0].name, "etc");
  EXPECT_EQ(index->entries()[0].type, TarType::Folder);
  const TarEntry* const passwd = index->find("etc/passwd");
  ASSERT_NE(passwd, nullptr);
  EXPECT_EQ(archive.substr(passwd->offset, passwd->size), "root");
  EXPECT_EQ(passwd->mode, 0644U);
  EXPECT_EQ(index->find("etc/link")->target, "../x");
  EXPECT_TRUE(index->find("etc/.wh.gone")->is_whiteout());
  EXPECT_FALSE(passwd->is_whiteout());
  EXPECT_EQ(index->find("hard")->type, TarType::HardLink);
  EXPECT_EQ(index->find("hard")->target, "etc/passwd");
  EXPECT_EQ(index->find("etc/pass"), nullptr);
}

TEST(TarReaderTest, ReadsWhatOtherWritersDo) {
  const std::string name(300, 'n');
  const struct {
    std::string archive;
    std::string name;
  } cases[] = {
      {with_body('x', "310 path=" + name + "\n13 ctime=1.5\n") + Raw{}.block(), name},
      {with_body('L', name + std::string(1, '\0')) + Raw{}.block(), name},
      {with_body('g', "15 comment=abc\n") + Raw{}.block(), "a"},
      {Raw{.name = "n", .prefix = "p/q"}.block(), "p/q/n"},
      {Raw{.name = "n", .magic = "ustar  ", .prefix = "12345"}.block(), "n"},
      {Raw{.name = "n", .magic = ""}.block(), "n"},
      {Raw{.name = "n/", .type = '\0', .magic = ""}.block(), "n"},
      {Raw{.name = "n", .type = '7'}.block(), "n"},
      {Raw{.name = "n", .size = "       0 "}.block(), "n"},
      {Raw{.name = "n", .size = std::string("\x80\0\0\0\0\0\0\0\0\0\0\0", 12)}.block(), "n"}};
  for (const auto& each : cases) {
    const auto index = read(each.archive + kEnd);
    ASSERT_TRUE(index.ok()) << each.name << ": " << index.error().message();
    ASSERT_EQ(index->entries().size(), 1U);
    EXPECT_EQ(index->entries()[0].name, each.name);
  }
}

TEST(TarReaderTest, RefusesNamesThatLeaveTheFolder) {
  for (const std::string name : {"/etc/passwd", "../x", "a/../../x", "a//b", "a/./b", "..", ""}) {
    EXPECT_FALSE(read(Raw{.name = name}.block() + kEnd).ok()) << name;
    EXPECT_FALSE(read(Raw{.name = "a", .type = '1', .target = name}.block() + kEnd).ok()) << name;
  }
  EXPECT_FALSE(read(with_body('x', "13 path=../x\n") + Raw{}.block() + kEnd).ok());
  EXPECT_FALSE(read(with_body('L', "../x") + Raw{}.block() + kEnd).ok());
  EXPECT_EQ(error_of(with_body('x', std::string("12 path=a\0b\n", 12)) + Raw{}.block() + kEnd),
            "archive at byte 0: pax header: expected no NUL in a path");
}

TEST(TarReaderTest, RefusesWhatTwoReadersCouldTakeDifferently) {
  const std::string file = Raw{}.block();
  const std::string folder = Raw{.type = '5'}.block();
  const struct {
    std::string archive;
    std::string message;
  } cases[] = {
      {file + file + kEnd, "archive: \"a\": expected once, got twice"},
      {folder + file + kEnd, "archive: \"a\": expected once, got twice"},
      {folder + folder + kEnd, ""},
      {file + Raw{.name = "a-b"}.block() + Raw{.name = "a/b"}.block() + kEnd,
       "archive: \"a/b\": expected a folder above it"},
      {Raw{.type = '2', .target = "/etc"}.block() + Raw{.name = "a/b"}.block() + kEnd,
       "archive: \"a/b\": expected a folder above it"},
      {Raw{.type = '5', .size = octal(512)}.block() + file + kEnd,
       "archive at byte 0: \"a\": expected a body only in a file, got 512 bytes"},
      {with_body('g', "10 path=b\n") + file + kEnd,
       "archive at byte 0: global pax header: expected no path and no size"},
      {file + kEnd + file, "archive at byte 512: expected nothing but zeros behind the end"},
      {with_body('x', "10 path=b\n") + kEnd,
       "archive at byte 1024: expected an entry behind its extended header"}};
  for (const auto& [archive, message] : cases) EXPECT_EQ(error_of(archive), message);
}

TEST(TarReaderTest, RefusesWhatIsNoFileFolderOrLink) {
  for (const char type : {'3', '4', '6', 'S', 'D', 'V', 'M', 'Z'}) {
    EXPECT_FALSE(read(Raw{.type = type}.block() + kEnd).ok()) << type;
  }
  EXPECT_EQ(error_of(Raw{.type = '3'}.block() + kEnd),
            "archive at byte 0: \"a\": expected a file, folder or link, got type \"3\"");
  EXPECT_EQ(error_of(with_body('x', "22 GNU.sparse.major=1\n") + Raw{}.block() + kEnd),
            "archive at byte 0: pax header: expected no sparse file");
}

TEST(TarReaderTest, RefusesDamage) {
  std::string flipped = Raw{}.block() + kEnd;
  flipped[0] = 'b';
  EXPECT_EQ(error_of(flipped), "archive at byte 0: header: expected its checksum to agree");
  EXPECT_EQ(error_of(""), "archive at byte 0: expected a header or the blocks of zeros at the end");
  EXPECT_EQ(error_of(Raw{}.block()),
            "archive at byte 512: expected a header or the blocks of zeros at the end");
  EXPECT_EQ(error_of(Raw{.size = octal(1025)}.block() + kEnd),
            "archive at byte 0: \"a\": expected a body of 1025 bytes, got 1024");
  EXPECT_FALSE(read(Raw{.size = "12x"}.block() + kEnd).ok());
  EXPECT_FALSE(read(Raw{.size = "-1"}.block() + kEnd).ok());
  EXPECT_FALSE(read(Raw{.size = std::string(12, '\xFF')}.block() + kEnd).ok());
  for (const std::string record : {"x", "8 path=b\n", "11 path=b\n", "10 path=bb", "10 pathb1\n",
                                   "3 \n", "99999999999999999999 path=b\n", "12 size=0x1\n"}) {
    EXPECT_FALSE(read(with_body('x', record) + Raw{}.block() + kEnd).ok()) << record;
  }
}

TEST(TarReaderTest, StopsAtItsLimits) {
  const std::string archive = Raw{}.block() + Raw{.name = "b"}.block() + kEnd;
  const auto index = TarIndex::read(base::as_bytes(archive), {.entries_max = 1});
  ASSERT_FALSE(index.ok());
  EXPECT_EQ(index.error().message(), "archive at byte 512: expected at most 1 entries");
  EXPECT_FALSE(TarIndex::read(base::as_bytes(archive), {.text_max = 1}).ok());
  EXPECT_TRUE(TarIndex::read(base::as_bytes(archive), {.entries_max = 2, .text_max = 2}).ok());
}

TEST(TarReaderTest, ReadsBackWhatTheWriterWrites) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string archive;
    TarWriter writer([&archive](base::Bytes part) {
      archive += base::as_text(part);
      return base::Result<void>();
    });
    std::vector<std::string> names;
    std::vector<std::string> bodies;
    for (int i = 0; i < 20; ++i) {
      std::string name = std::to_string(i);
      for (auto left = random() % 40; left > 0; --left) {
        name += "/" + std::string(1 + random() % 30, static_cast<char>(1 + random() % 255));
        if (name.back() == '/' || name.back() == '.') name += "x" + std::string(1, 'y');
      }
      std::string body(random() % 2000, static_cast<char>(random()));
      if (!writer.add_file(name, base::as_bytes(body), {.mode = 0600}).ok()) continue;
      names.push_back(std::move(name));
      bodies.push_back(std::move(body));
    }
    ASSERT_TRUE(writer.finish().ok());
    const auto index = read(archive);
    ASSERT_TRUE(index.ok()) << index.error().message();
    ASSERT_EQ(index->entries().size(), names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      const TarEntry& entry = index->entries()[i];
      EXPECT_EQ(entry.name, names[i]);
      EXPECT_EQ(archive.substr(entry.offset, entry.size), bodies[i]);
      EXPECT_EQ(index->find(names[i]), &entry);
    }
  }
}

}  // namespace
}  // namespace oci
