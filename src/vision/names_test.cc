#include "vision/names.h"

#include <gtest/gtest.h>

namespace vision {
namespace {

TEST(NamesTest, EachIsFoundByItsName) {
  EXPECT_EQ(find_named<Filter>("lanczos"), Filter::Lanczos);
  EXPECT_EQ(find_named<Geometry>("fit"), Geometry::Fit);
  EXPECT_EQ(find_named<Layout>("nhwc"), Layout::Nhwc);
  EXPECT_EQ(find_named<Type>("uint8"), Type::Uint8);
  EXPECT_FALSE(find_named<Filter>("Lanczos").has_value());
  EXPECT_FALSE(find_named<Type>("").has_value());
}

TEST(NamesTest, EachHasAName) {
  EXPECT_EQ(name_of(Filter::Nearest), "nearest");
  EXPECT_EQ(name_of(Filter::Bilinear), "bilinear");
  EXPECT_EQ(name_of(Filter::Bicubic), "bicubic");
  EXPECT_EQ(name_of(Geometry::Squash), "squash");
  EXPECT_EQ(name_of(Geometry::Crop), "crop");
  EXPECT_EQ(name_of(Layout::Nchw), "nchw");
  EXPECT_EQ(name_of(Type::Float32), "float32");
}

}  // namespace
}  // namespace vision
