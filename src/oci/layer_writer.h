#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/digest.h"
#include "base/result.h"
#include "oci/compress.h"
#include "oci/sink.h"
#include "oci/tar_writer.h"

namespace oci {

// A layer that was written.
struct Layer {
  std::string media_type;
  base::Digest digest;   // Of the blob.
  std::uint64_t size;    // Of the blob.
  base::Digest diff_id;  // Of the archive inside.
  std::uint64_t unpacked_size;
};

// An archive that is packed and digested on its way to the sink, in one pass.
class LayerWriter {
 public:
  static base::Result<std::unique_ptr<LayerWriter>> make(Compression compression, Sink sink,
                                                         const CompressOptions& options = {});
  LayerWriter(const LayerWriter&) = delete;
  LayerWriter& operator=(const LayerWriter&) = delete;

  // What the layer holds goes in here; it is finished by finish() below.
  TarWriter& tar() { return tar_; }
  base::Result<Layer> finish();

 private:
  // What passed by.
  struct Measure {
    base::Hasher hasher;
    std::uint64_t size = 0;
    void update(base::Bytes part);
  };

  explicit LayerWriter(Compression compression, Sink sink);

  Compression compression_;
  Sink sink_;
  Measure blob_;
  Measure archive_;
  std::unique_ptr<Compressor> compressor_;
  TarWriter tar_;
};

}  // namespace oci
