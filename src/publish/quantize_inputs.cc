// An .npy file: "\x93NUMPY", 1, 0, the length of the header in two bytes, the header (a literal of
// a Python dictionary, padded with blanks to a multiple of 64 and ended by a line feed), the
// numbers.
#include "publish/quantize_inputs.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/file.h"
#include "base/files.h"
#include "base/text.h"
#include "vision/decode.h"

namespace publish {
namespace {

using base::Code;
using base::Error;

constexpr std::uint64_t kPictureFileMax = std::uint64_t{1} << 30U;
constexpr std::size_t kNpyAlignment = 64;
constexpr std::size_t kNpyPrefix = 10;

base::Result<std::string> absolute(const std::string& path) {
  std::error_code problem;
  const auto made = std::filesystem::absolute(path, problem);
  if (problem) return base::system_error(path, problem.value());
  return made.string();
}

bool is_array(std::string_view name) { return name.ends_with(".npz") || name.ends_with(".npy"); }

// Of `all` names at most `count`, as far from each other as may be.
std::vector<std::string> spread(std::vector<std::string> all, std::size_t count) {
  if (all.size() <= count) return all;
  std::vector<std::string> taken;
  for (std::size_t i = 0; i < count; ++i) taken.push_back(std::move(all[i * all.size() / count]));
  return taken;
}

base::Result<std::string> prepare_picture(const std::string& bytes,
                                          const vision::Preparation& preparation) {
  TRY_ASSIGN(const vision::Picture picture, vision::decode(bytes, {.orient = preparation.orient}));
  std::vector<std::byte> prepared(vision::prepared_bytes(preparation));
  vision::prepare(picture, preparation, prepared);
  return npy_of(preparation, base::as_text(prepared));
}

base::Result<void> write_file(const std::string& path, std::string_view text) {
  TRY_ASSIGN(const auto file, base::AtomicFile::create(path));
  TRY(file->append(text));
  return file->commit();
}

base::Result<void> add_pictures(const base::FolderFiles& folder,
                                const std::vector<std::string>& names, const model::Image& image,
                                const std::string& work, QuantizeInputs& inputs) {
  for (const std::string& name : names) {
    TRY_ASSIGN(const auto file, folder.map(name, kPictureFileMax));
    const auto npy = prepare_picture(std::string(base::as_text(file->bytes())), image.preparation);
    if (!npy.ok()) {
      inputs.passed_over.push_back(fmt::format("{}: {}", name, npy.error().message()));
      continue;
    }
    TRY_ASSIGN(std::string path, absolute(fmt::format("{}/{:05}.npy", work, inputs.paths.size())));
    TRY(write_file(path, *npy));
    inputs.paths.push_back(std::move(path));
  }
  return {};
}

}  // namespace

std::string npy_of(const vision::Preparation& preparation, std::string_view prepared) {
  const auto& [width, height] = preparation.size;
  const bool planes = preparation.layout == vision::Layout::Nchw;
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}",
                                   preparation.type == vision::Type::Float32 ? "<f4" : "|u1",
                                   planes ? fmt::format("(1, 3, {}, {})", height, width)
                                          : fmt::format("(1, {}, {}, 3)", height, width));
  const std::size_t unpadded = kNpyPrefix + header.size() + 1;
  header.append((kNpyAlignment - unpadded % kNpyAlignment) % kNpyAlignment, ' ');
  header += '\n';
  std::string npy = "\x93NUMPY";
  npy += '\x01';
  npy += '\0';
  npy += static_cast<char>(header.size() & 0xFFU);
  npy += static_cast<char>(header.size() >> 8U);
  npy += header;
  npy += prepared;
  return npy;
}

base::Result<QuantizeInputs> find_quantize_inputs(const std::string& folder,
                                                  const model::Image* image, std::size_t inputs_max,
                                                  const std::string& work) {
  TRY_ASSIGN(const std::vector<std::string> listed, base::list_folder(folder));
  std::vector<std::string> names;
  for (const std::string& each : listed) {
    if (base::is_directory(fmt::format("{}/{}", folder, each))) continue;
    if (image != nullptr || is_array(each)) names.push_back(each);
  }
  names = spread(std::move(names), inputs_max);
  QuantizeInputs inputs;
  if (image != nullptr) {
    TRY(add_pictures(base::FolderFiles(folder), names, *image, work, inputs));
  } else {
    for (const std::string& each : names) {
      TRY_ASSIGN(std::string path, absolute(fmt::format("{}/{}", folder, each)));
      inputs.paths.push_back(std::move(path));
    }
  }
  if (!inputs.paths.empty()) return inputs;
  if (!inputs.passed_over.empty()) {
    return Error(Code::NotFound, fmt::format("{}: expected pictures, got none: {}",
                                             base::quote(folder), inputs.passed_over.front()));
  }
  return Error(
      Code::NotFound,
      fmt::format("{}: expected {}", base::quote(folder),
                  image != nullptr ? "pictures, got none"
                                   : ".npz or .npy files of the network's inputs, got "
                                     "none; pictures need a recipe with an image section"));
}

}  // namespace publish
