#include "oci/layer_writer.h"

#include <utility>

namespace oci {

using base::Result;

void LayerWriter::Measure::update(base::Bytes part) {
  hasher.update(part);
  size += part.size();
}

Result<std::unique_ptr<LayerWriter>> LayerWriter::make(Compression compression, Sink sink,
                                                       const CompressOptions& options) {
  std::unique_ptr<LayerWriter> writer(new LayerWriter(compression, std::move(sink)));
  LayerWriter* const self = writer.get();
  const Sink out = [self](base::Bytes part) {
    // An archive that is not packed has been digested already.
    if (self->compression_ != Compression::None) self->blob_.update(part);
    return self->sink_(part);
  };
  TRY_ASSIGN(writer->compressor_, Compressor::make(compression, out, options));
  return writer;
}

LayerWriter::LayerWriter(Compression compression, Sink sink)
    : compression_(compression), sink_(std::move(sink)), tar_([this](base::Bytes part) {
        archive_.update(part);
        return compressor_->append(part);
      }) {}

Result<Layer> LayerWriter::finish() {
  TRY(tar_.finish());
  TRY(compressor_->finish());
  const base::Digest diff_id = archive_.hasher.finish();
  const bool packed = compression_ != Compression::None;
  return Layer{.media_type = std::string(layer_type(compression_)),
               .digest = packed ? blob_.hasher.finish() : diff_id,
               .size = packed ? blob_.size : archive_.size,
               .diff_id = diff_id,
               .unpacked_size = archive_.size};
}

}  // namespace oci
