#include <cstddef>
#include <memory>
#include <utility>

#include <webp/decode.h>
#include <webp/demux.h>

#include "vision/reader.h"

namespace vision {
namespace {

struct DemuxerEnd {
  void operator()(WebPDemuxer* demuxer) const { WebPDemuxDelete(demuxer); }
};
using Demuxer = std::unique_ptr<WebPDemuxer, DemuxerEnd>;

std::string_view text_of(const WebPData& data) {
  return {reinterpret_cast<const char*>(data.bytes), data.size};
}

Orientation orientation_of(const WebPDemuxer* demuxer) {
  WebPChunkIterator exif{};
  WebPChunkIterator xmp{};
  WebPDemuxGetChunk(demuxer, "EXIF", 1, &exif);
  WebPDemuxGetChunk(demuxer, "XMP ", 1, &xmp);
  const Orientation orientation = find_orientation(text_of(exif.chunk), text_of(xmp.chunk));
  WebPDemuxReleaseChunkIterator(&exif);
  WebPDemuxReleaseChunkIterator(&xmp);
  return orientation;
}

// Decodes the frame to its place on the canvas.
bool decode_frame(const WebPIterator& frame, Picture& canvas) {
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0) return false;
  const auto left = static_cast<std::size_t>(frame.x_offset);
  const auto top = static_cast<std::size_t>(frame.y_offset);
  if (left + static_cast<std::size_t>(frame.width) > canvas.width) return false;
  if (top + static_cast<std::size_t>(frame.height) > canvas.height) return false;
  const std::size_t offset = top * canvas.row_bytes() + left * kChannels;
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = canvas.pixels.data() + offset;
  config.output.u.RGBA.stride = static_cast<int>(canvas.row_bytes());
  config.output.u.RGBA.size = canvas.pixels.size() - offset;
  const bool decoded =
      WebPDecode(frame.fragment.bytes, frame.fragment.size, &config) == VP8_STATUS_OK;
  WebPFreeDecBuffer(&config.output);
  return decoded;
}

}  // namespace

base::Result<Decoded> read_webp(std::string_view bytes, const DecodeOptions& options) {
  const WebPData data{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
  WebPDemuxState state = WEBP_DEMUX_PARSE_ERROR;
  const Demuxer demuxer(WebPDemuxPartial(&data, &state));
  if (state == WEBP_DEMUX_PARSE_ERROR) return unreadable("WebP", "");
  if (state != WEBP_DEMUX_DONE) return ends_early("WebP");
  Decoded decoded;
  Picture& picture = decoded.picture;
  picture.width = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_WIDTH);
  picture.height = WebPDemuxGetI(demuxer.get(), WEBP_FF_CANVAS_HEIGHT);
  TRY(check_extent(picture.size(), options));
  WebPIterator frame{};
  if (WebPDemuxGetFrame(demuxer.get(), 1, &frame) == 0) return unreadable("WebP", "no frame");
  picture.pixels.resize(picture.row_bytes() * picture.height);
  const bool whole = decode_frame(frame, picture);
  WebPDemuxReleaseIterator(&frame);
  if (!whole) return unreadable("WebP", "");
  if (options.orient) decoded.orientation = orientation_of(demuxer.get());
  return decoded;
}

}  // namespace vision
