#include "engine_onnx/library.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"

namespace engine_onnx {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kFile = "libonnxruntime.so.";

// {1, 32, 0}
std::vector<std::int64_t> version_numbers(std::string_view version) {
  std::vector<std::int64_t> numbers;
  while (!version.empty()) {
    const std::size_t end = version.find('.');
    numbers.push_back(base::parse_int(version.substr(0, end)).value_or(0));
    version.remove_prefix(end == std::string_view::npos ? version.size() : end + 1);
  }
  return numbers;
}

const char* flavour_option(Flavour flavour) {
  switch (flavour) {
    case Flavour::OpenVino: return " --openvino-any";
    case Flavour::Cuda: return " --cuda";
    case Flavour::Cpu: break;
  }
  return "";
}

}  // namespace

const char* flavour_folder(Flavour flavour) {
  switch (flavour) {
    case Flavour::OpenVino: return "onnx-openvino";
    case Flavour::Cuda: return "onnx-cuda";
    case Flavour::Cpu: break;
  }
  return "onnx";
}

std::optional<std::string> find_library_version(const std::string& file_name) {
  if (!file_name.starts_with(kFile) || file_name.size() == kFile.size()) return std::nullopt;
  std::string version = file_name.substr(kFile.size());
  if (version.find_first_not_of("0123456789.") != std::string::npos) return std::nullopt;
  return version;
}

std::optional<std::string> find_openvino_version(const std::string& file_name) {
  constexpr std::string_view kOpenVinoFile = "libopenvino.so.";
  if (!file_name.starts_with(kOpenVinoFile)) return std::nullopt;
  const std::string digits = file_name.substr(kOpenVinoFile.size());
  if (digits.size() != 4 || digits.find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  return fmt::format("20{}.{}.{}", digits.substr(0, 2), digits[2], digits[3]);
}

bool speaks_api(std::string_view version, unsigned api) {
  const auto numbers = version_numbers(version);
  if (numbers.size() < 2) return false;
  return numbers[0] > 1 || (numbers[0] == 1 && numbers[1] >= static_cast<std::int64_t>(api));
}

Result<std::string> find_library(const std::string& runtime_dir, Flavour flavour) {
  const std::string folder = runtime_dir + "/" + flavour_folder(flavour);
  std::string newest;
  std::vector<std::int64_t> newest_version;
  if (base::is_directory(folder)) {
    TRY_ASSIGN(const auto names, base::list_folder(folder));
    for (const std::string& name : names) {
      const auto version = find_library_version(name);
      if (!version || version_numbers(*version) < newest_version) continue;
      newest = name;
      newest_version = version_numbers(*version);
    }
  }
  if (!newest.empty()) return folder + "/" + newest;
  return Error(Code::NotFound,
               fmt::format("onnx: no runtime in {}; install it with `sooth engines install onnx{}`",
                           base::printable(folder), flavour_option(flavour)));
}

}  // namespace engine_onnx
