#include "vision/names.h"

namespace vision {
namespace {

constexpr std::string_view kFilterNames[] = {"nearest", "bilinear", "bicubic", "lanczos"};
constexpr std::string_view kGeometryNames[] = {"squash", "crop", "fit"};
constexpr std::string_view kLayoutNames[] = {"nchw", "nhwc"};
constexpr std::string_view kTypeNames[] = {"uint8", "float32"};

}  // namespace

template <>
std::span<const std::string_view> names_of<Filter>() {
  return kFilterNames;
}
template <>
std::span<const std::string_view> names_of<Geometry>() {
  return kGeometryNames;
}
template <>
std::span<const std::string_view> names_of<Layout>() {
  return kLayoutNames;
}
template <>
std::span<const std::string_view> names_of<Type>() {
  return kTypeNames;
}

}  // namespace vision
