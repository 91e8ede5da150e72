#include "vision/orientation.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace vision {
namespace {

using namespace std::string_literals;

// A TIFF header and a folder of one entry.
std::string exif_of(char type, char value, char tag = 0x12) {
  return "II*\0\x08\0\0\0"s + "\1\0"s + tag + "\1"s + type + "\0\1\0\0\0"s + value + "\0\0\0"s;
}

TEST(OrientationTest, IsReadFromExifOfEitherOrder) {
  EXPECT_EQ(find_orientation(exif_of(3, 6), ""), Orientation::QuarterTurn);
  EXPECT_EQ(find_orientation("Exif\0\0"s + exif_of(4, 3), ""), Orientation::HalfTurn);
  const std::string big = "MM\0*\0\0\0\x08"s + "\0\1"s + "\1\x12\0\3\0\0\0\1\0\5\0\0"s;
  EXPECT_EQ(find_orientation(big, ""), Orientation::Transposed);
}

TEST(OrientationTest, IsReadFromXmpWhereExifDoesNotSay) {
  const std::string attribute = "<rdf:Description tiff:Orientation=\"8\"/>";
  const std::string element = "<tiff:Orientation>2</tiff:Orientation>";
  EXPECT_EQ(find_orientation("", attribute), Orientation::ThreeQuarterTurn);
  EXPECT_EQ(find_orientation(exif_of(3, 6, 0x13), element), Orientation::MirroredAcross);
  EXPECT_EQ(find_orientation(exif_of(3, 6), attribute), Orientation::QuarterTurn);
}

TEST(OrientationTest, IsUprightWhereNothingIsSaid) {
  const std::string whole = exif_of(3, 6);
  for (std::size_t size = 0; size < whole.size() - 2; ++size) {
    EXPECT_EQ(find_orientation(whole.substr(0, size), ""), Orientation::Upright) << size;
  }
  for (const std::string& exif : {exif_of(3, 0), exif_of(3, 9), exif_of(2, 6), "XX*\0\x08\0\0\0"s,
                                  "II*\0\xff\xff\xff\xff"s}) {
    EXPECT_EQ(find_orientation(exif, ""), Orientation::Upright);
  }
  EXPECT_EQ(find_orientation("", "tiff:Orientation tiff:Orientation=\"x"), Orientation::Upright);
}

// A picture of three by two, whose pixels are numbered.
Picture numbered() {
  Picture picture{3, 2, {}};
  for (std::uint8_t i = 0; i < 6; ++i) picture.pixels.insert(picture.pixels.end(), 3, i);
  return picture;
}

TEST(OrientationTest, TurnsAsPillowDoes) {
  const struct {
    Orientation orientation;
    Size size;
    std::vector<int> pixels;
  } cases[] = {
      {Orientation::Upright, {3, 2}, {0, 1, 2, 3, 4, 5}},
      {Orientation::MirroredAcross, {3, 2}, {2, 1, 0, 5, 4, 3}},
      {Orientation::HalfTurn, {3, 2}, {5, 4, 3, 2, 1, 0}},
      {Orientation::MirroredDown, {3, 2}, {3, 4, 5, 0, 1, 2}},
      {Orientation::Transposed, {2, 3}, {0, 3, 1, 4, 2, 5}},
      {Orientation::QuarterTurn, {2, 3}, {3, 0, 4, 1, 5, 2}},
      {Orientation::Transversed, {2, 3}, {5, 2, 4, 1, 3, 0}},
      {Orientation::ThreeQuarterTurn, {2, 3}, {2, 5, 1, 4, 0, 3}},
  };
  for (const auto& each : cases) {
    const Picture turned = turn(numbered(), each.orientation);
    EXPECT_EQ(turned.size(), each.size);
    std::vector<int> pixels;
    for (std::size_t i = 0; i < turned.pixels.size(); i += 3) pixels.push_back(turned.pixels[i]);
    EXPECT_EQ(pixels, each.pixels) << static_cast<int>(each.orientation);
  }
}

}  // namespace
}  // namespace vision
