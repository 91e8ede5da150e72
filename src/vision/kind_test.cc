#include "vision/kind.h"

#include <string>

#include <gtest/gtest.h>

namespace vision {
namespace {

using namespace std::string_literals;

TEST(KindTest, IsReadFromTheBeginning) {
  EXPECT_EQ(*recognise("\xff\xd8\xff\xe0"s), Kind::Jpeg);
  EXPECT_EQ(*recognise("\x89PNG\r\n\x1a\n"s), Kind::Png);
  EXPECT_EQ(*recognise("RIFF\1\2\3\4WEBPVP8 "s), Kind::Webp);
}

TEST(KindTest, OthersAreRefusedByName) {
  const struct {
    std::string bytes;
    std::string_view got;
  } cases[] = {
      {"", "no bytes"},
      {"GIF89a", "a GIF"},
      {"BM\x36\x00\x0c\x00\0\0\0\0\x36\0\0\0\x28"s, "a BMP"},
      {"II*\0\x08"s, "a TIFF"},
      {"MM\0*\0"s, "a TIFF"},
      {"\0\0\0\x18"s + "ftypheic", "a HEIC"},
      {"\0\0\0\x18"s + "ftypavif", "an AVIF"},
      {"\0\0\0\x18"s + "ftypisom", "a video"},
      {"\0\0\0\x0cjP  \r\n\x87\n"s, "a JPEG 2000"},
      {"%PDF-1.7", "a PDF"},
      {" \n<!DOCTYPE HTML>", "HTML"},
      {"<HTML lang", "HTML"},
      {"<svg xmlns", "an SVG"},
      {"<?xml version", "XML"},
      {"PK\3\4rest"s, "a ZIP"},
      {"/9j/4AAQSkZJRg", "base64 text; send the bytes that it stands for"},
      {"data:image/png;base64,", "a data: URL; send the bytes that its base64 stands for"},
      {"Hello", "text beginning \"Hello\""},
      {"BMW", "text beginning \"BMW\""},
      {"a text that is longer than what is shown", "text beginning \"a text that is longer th\""},
      {"RIFF\1\2\3\4WAVE"s, "bytes beginning 52 49 46 46 01 02 03 04"},
      {"\xff\xd8"s, "bytes beginning ff d8"},
      {"\0"s, "bytes beginning 00"},
  };
  for (const auto& each : cases) {
    const auto kind = recognise(each.bytes);
    ASSERT_FALSE(kind.ok()) << each.got;
    EXPECT_EQ(kind.error().code(), base::Code::Invalid);
    EXPECT_EQ(kind.error().message(), "expected a JPEG, PNG or WebP, got " + std::string(each.got));
  }
}

}  // namespace
}  // namespace vision
