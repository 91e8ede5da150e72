#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "vision/preparation.h"

namespace vision {

// What people write: nearest, bilinear, bicubic, lanczos; squash, crop, fit; nchw, nhwc; uint8,
// float32. In the order of the enumerators.
template <typename Choice>
std::span<const std::string_view> names_of();
template <>
std::span<const std::string_view> names_of<Filter>();
template <>
std::span<const std::string_view> names_of<Geometry>();
template <>
std::span<const std::string_view> names_of<Layout>();
template <>
std::span<const std::string_view> names_of<Type>();

template <typename Choice>
std::string_view name_of(Choice choice) {
  return names_of<Choice>()[static_cast<std::size_t>(choice)];
}

template <typename Choice>
std::optional<Choice> find_named(std::string_view name) {
  const auto names = names_of<Choice>();
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] == name) return static_cast<Choice>(i);
  }
  return std::nullopt;
}

}  // namespace vision
