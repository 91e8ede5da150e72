// libjpeg's errors leave by longjmp. Each of the methods of JpegFile that calls libjpeg sets its
// own landing place and owns nothing that would have to be destroyed.
#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <jpeglib.h>

#include "vision/reader.h"

namespace vision {
namespace {

using namespace std::string_view_literals;

// Encoders write about ten. Each goes over every block of the picture, however few bytes it takes.
constexpr int kScansMax = 64;
constexpr std::size_t kRowsAtOnce = 16;
constexpr int kExifMarker = JPEG_APP0 + 1;

struct Trap {
  jpeg_error_mgr manager;  // First: libjpeg's pointer to it is one to the trap.
  std::jmp_buf landing;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void leave(j_common_ptr info) {
  auto* trap = reinterpret_cast<Trap*>(info->err);
  trap->manager.format_message(info, trap->message);
  std::longjmp(trap->landing, 1);
}

void say_nothing(j_common_ptr) {}
void start_source(j_decompress_ptr) {}
void end_source(j_decompress_ptr) {}
// There is no more than the one buffer: the decoder stops where it stands.
boolean suspend(j_decompress_ptr) { return FALSE; }

void skip_bytes(j_decompress_ptr info, long count) {
  jpeg_source_mgr& source = *info->src;
  if (count <= 0) return;
  const std::size_t skipped = std::min(static_cast<std::size_t>(count), source.bytes_in_buffer);
  source.next_input_byte += skipped;
  source.bytes_in_buffer -= skipped;
}

void bound_scans(j_common_ptr common) {
  const auto* info = reinterpret_cast<j_decompress_ptr>(common);
  if (info->input_scan_number <= kScansMax) return;
  auto* trap = reinterpret_cast<Trap*>(common->err);
  std::snprintf(trap->message, sizeof trap->message, "more than %d scans", kScansMax);
  std::longjmp(trap->landing, 1);
}

// Adobe's CMYK, which is stored inverted, as all of four channels is taken to be.
void rgb_of_inverted_cmyk(const std::uint8_t* from, std::size_t pixels, std::uint8_t* to) {
  for (std::size_t i = 0; i < pixels; ++i, from += 4, to += kChannels) {
    const unsigned key = from[3];
    for (std::size_t c = 0; c < kChannels; ++c) {
      // key - ink * key / 255, where the division is Pillow's, rounded.
      const unsigned product = (255U - from[c]) * key + 128U;
      const unsigned taken = ((product >> 8U) + product) >> 8U;
      to[c] = static_cast<std::uint8_t>(key - std::min(taken, key));
    }
  }
}

class JpegFile {
 public:
  enum class Outcome : unsigned char { Done, EndsEarly, Unreadable };

  explicit JpegFile(std::string_view bytes) {
    info_.err = jpeg_std_error(&trap_.manager);
    trap_.manager.error_exit = leave;
    trap_.manager.output_message = say_nothing;
    trap_.message[0] = '\0';
    source_.init_source = start_source;
    source_.fill_input_buffer = suspend;
    source_.skip_input_data = skip_bytes;
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.term_source = end_source;
    source_.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
    source_.bytes_in_buffer = bytes.size();
    progress_.progress_monitor = bound_scans;
  }
  JpegFile(const JpegFile&) = delete;
  JpegFile& operator=(const JpegFile&) = delete;
  ~JpegFile() {
    if (setjmp(trap_.landing) == 0) jpeg_destroy_decompress(&info_);
  }

  Outcome open(bool with_markers) {
    if (setjmp(trap_.landing) != 0) return Outcome::Unreadable;
    jpeg_create_decompress(&info_);
    info_.src = &source_;
    info_.progress = &progress_;
    if (with_markers) jpeg_save_markers(&info_, kExifMarker, 0xffff);
    return jpeg_read_header(&info_, TRUE) == JPEG_HEADER_OK ? Outcome::Done : Outcome::EndsEarly;
  }

  // What takes long in a file of several scans, which are read whole.
  Outcome start() {
    if (setjmp(trap_.landing) != 0) return Outcome::Unreadable;
    info_.out_color_space = is_cmyk() ? JCS_CMYK : JCS_RGB;
    // Libraries differ in their defaults; these are Pillow's.
    info_.dct_method = JDCT_ISLOW;
    info_.do_fancy_upsampling = TRUE;
    return jpeg_start_decompress(&info_) != FALSE ? Outcome::Done : Outcome::EndsEarly;
  }

  // Reads `rows` rows to `to`, one behind the other.
  Outcome read(std::uint8_t* to, std::size_t row_bytes, std::size_t rows) {
    if (setjmp(trap_.landing) != 0) return Outcome::Unreadable;
    std::size_t done = 0;
    while (done < rows) {
      JSAMPROW lines[kRowsAtOnce];
      const std::size_t some = std::min(kRowsAtOnce, rows - done);
      for (std::size_t i = 0; i < some; ++i) lines[i] = to + (done + i) * row_bytes;
      const JDIMENSION got = jpeg_read_scanlines(&info_, lines, static_cast<JDIMENSION>(some));
      if (got == 0) return Outcome::EndsEarly;
      done += got;
    }
    return Outcome::Done;
  }

  Size size() const { return {info_.image_width, info_.image_height}; }
  int channels() const { return info_.num_components; }
  bool is_cmyk() const { return info_.num_components == 4; }
  const char* reason() const { return trap_.message; }

  // The first APP1 segment that begins with `name`, without it.
  std::string_view find_segment(std::string_view name) const {
    for (const auto* marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
      if (marker->marker == kExifMarker && data.starts_with(name)) return data.substr(name.size());
    }
    return {};
  }

 private:
  Trap trap_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
};

base::Result<void> check(const JpegFile& file, JpegFile::Outcome outcome) {
  switch (outcome) {
    case JpegFile::Outcome::Done: return {};
    case JpegFile::Outcome::EndsEarly: return ends_early("JPEG");
    case JpegFile::Outcome::Unreadable: break;
  }
  return unreadable("JPEG", file.reason());
}

base::Result<void> read_pixels(JpegFile& file, Picture& picture) {
  if (!file.is_cmyk()) {
    return check(file, file.read(picture.pixels.data(), picture.row_bytes(), picture.height));
  }
  std::vector<std::uint8_t> row(std::size_t{picture.width} * 4);
  for (std::size_t y = 0; y < picture.height; ++y) {
    TRY(check(file, file.read(row.data(), row.size(), 1)));
    rgb_of_inverted_cmyk(row.data(), picture.width,
                         picture.pixels.data() + y * picture.row_bytes());
  }
  return {};
}

}  // namespace

base::Result<Decoded> read_jpeg(std::string_view bytes, const DecodeOptions& options) {
  JpegFile file(bytes);
  TRY(check(file, file.open(options.orient)));
  TRY(check_extent(file.size(), options));
  if (file.channels() != 1 && file.channels() != 3 && file.channels() != 4) {
    return unreadable("JPEG", std::to_string(file.channels()) + " channels");
  }
  TRY(check(file, file.start()));
  Decoded decoded;
  decoded.picture.width = file.size().width;
  decoded.picture.height = file.size().height;
  decoded.picture.pixels.resize(decoded.picture.row_bytes() * decoded.picture.height);
  TRY(read_pixels(file, decoded.picture));
  if (options.orient) {
    decoded.orientation = find_orientation(file.find_segment("Exif\0\0"sv),
                                           file.find_segment("http://ns.adobe.com/xap/1.0/\0"sv));
  }
  return decoded;
}

}  // namespace vision
