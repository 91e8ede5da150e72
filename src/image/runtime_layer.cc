#include "image/runtime_layer.h"

#include <utility>

namespace image {
namespace {

using base::Result;

Result<void> add(oci::TarWriter& tar, const std::string& path, const RuntimeFile& file) {
  const oci::TarAttributes attributes{.mode = file.mode};
  switch (file.type) {
    case FileType::Folder: return tar.add_folder(path, attributes);
    case FileType::Symlink: return tar.add_symlink(path, file.text, attributes);
    case FileType::File: break;
  }
  return tar.add_file(path, file.bytes(), attributes);
}

}  // namespace

Result<oci::Layer> write_runtime_layer(const RuntimeFiles& runtime, oci::Compression compression,
                                       oci::Sink sink, const oci::CompressOptions& options) {
  TRY_ASSIGN(const auto writer, oci::LayerWriter::make(compression, std::move(sink), options));
  for (const auto& [path, file] : runtime.files) TRY(add(writer->tar(), path, file));
  return writer->finish();
}

}  // namespace image
