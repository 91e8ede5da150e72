// MLmodel files are written by whoever hands a model over.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "publish/source.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto mlmodel = publish::parse_mlmodel("MLmodel", text);
  if (!mlmodel.ok()) return 0;
  // What was taken never leads out of the folder.
  if (mlmodel->model.empty() || mlmodel->model.starts_with('/')) std::abort();
  if (mlmodel->model.find("..") != std::string::npos) std::abort();
  return 0;
}
