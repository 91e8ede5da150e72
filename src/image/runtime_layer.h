#pragma once

#include "base/result.h"
#include "image/runtime_files.h"
#include "oci/compress.h"
#include "oci/layer_writer.h"
#include "oci/sink.h"

namespace image {

// Writes the files as a layer of an image, owned by root, in the order of their paths. Equal files
// give equal bytes, wherever they come from, whenever and by whom it is done.
base::Result<oci::Layer> write_runtime_layer(const RuntimeFiles& runtime,
                                             oci::Compression compression, oci::Sink sink,
                                             const oci::CompressOptions& options = {});

}  // namespace image
