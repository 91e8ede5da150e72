// libpng's errors leave by longjmp. Each of the methods of PngFile that calls libpng sets its own
// landing place and owns nothing that would have to be destroyed.
#include <csetjmp>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <utility>

#include <png.h>

#include "base/bytes.h"
#include "vision/reader.h"

namespace vision {
namespace {

using namespace std::string_view_literals;

constexpr std::size_t kSignatureBytes = 8;

class PngFile {
 public:
  enum class Outcome : unsigned char { Done, EndsEarly, Unreadable };

  explicit PngFile(std::string_view bytes) : left_(bytes) {}
  PngFile(const PngFile&) = delete;
  PngFile& operator=(const PngFile&) = delete;
  ~PngFile() { png_destroy_read_struct(&png_, &info_, nullptr); }

  // Reads up to the pixels. What neither they nor their colours need is passed over unread.
  Outcome open() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, leave, say_nothing);
    info_ = png_ == nullptr ? nullptr : png_create_info_struct(png_);
    if (info_ == nullptr) return Outcome::Unreadable;
    if (setjmp(png_jmpbuf(png_)) != 0) return failed();
    png_set_read_fn(png_, this, take);
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(png_, info_);
    return Outcome::Done;
  }

  // Asks for rows of RGB. Gives how often they have to be read (PNGs are interlaced).
  Outcome start(int& passes) {
    if (setjmp(png_jmpbuf(png_)) != 0) return failed();
    // Colours that the palette lacks are black, as Pillow has them.
    if (colour() == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png_);
    if (is_grey()) png_set_expand_gray_1_2_4_to_8(png_);
    if (is_grey()) png_set_gray_to_rgb(png_);
    png_set_strip_16(png_);
    png_set_strip_alpha(png_);
    passes = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    return Outcome::Done;
  }

  // One pass over all rows, on top of the passes before.
  Outcome read(std::uint8_t* to, std::size_t row_bytes) {
    if (png_get_rowbytes(png_, info_) != row_bytes) return Outcome::Unreadable;
    if (setjmp(png_jmpbuf(png_)) != 0) return failed();
    const png_uint_32 rows = png_get_image_height(png_, info_);
    for (png_uint_32 y = 0; y < rows; ++y) png_read_row(png_, to + y * row_bytes, nullptr);
    return Outcome::Done;
  }

  Size size() const {
    return {png_get_image_width(png_, info_), png_get_image_height(png_, info_)};
  }
  bool is_wide_grey() const {
    return colour() == PNG_COLOR_TYPE_GRAY && png_get_bit_depth(png_, info_) == 16;
  }
  const char* reason() const { return message_; }

 private:
  static void say_nothing(png_structp, png_const_charp) {}

  [[noreturn]] static void leave(png_structp png, png_const_charp message) {
    auto* file = static_cast<PngFile*>(png_get_error_ptr(png));
    std::snprintf(file->message_, sizeof file->message_, "%s", message);
    png_longjmp(png, 1);
  }

  static void take(png_structp png, png_bytep to, std::size_t count) {
    auto* file = static_cast<PngFile*>(png_get_io_ptr(png));
    if (count > file->left_.size()) {
      file->ended_ = true;
      png_error(png, "ends early");
    }
    std::memcpy(to, file->left_.data(), count);
    file->left_.remove_prefix(count);
  }

  Outcome failed() const { return ended_ ? Outcome::EndsEarly : Outcome::Unreadable; }
  int colour() const { return png_get_color_type(png_, info_); }
  bool is_grey() const { return (colour() & PNG_COLOR_MASK_COLOR) == 0; }

  std::string_view left_;
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  bool ended_ = false;
  char message_[128] = "";
};

base::Result<void> check(const PngFile& file, PngFile::Outcome outcome) {
  switch (outcome) {
    case PngFile::Outcome::Done: return {};
    case PngFile::Outcome::EndsEarly: return ends_early("PNG");
    case PngFile::Outcome::Unreadable: break;
  }
  return unreadable("PNG", file.reason());
}

// The data of the first chunk of that type which begins with `name`, without it. A chunk is its
// data's size (4, the highest byte first), its type (4), the data, a checksum (4).
std::string_view find_chunk(std::string_view bytes, std::string_view type, std::string_view name) {
  bytes.remove_prefix(kSignatureBytes);
  while (bytes.size() >= 12) {
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8U | static_cast<unsigned char>(bytes[i]);
    if (size > bytes.size() - 12) break;
    const std::string_view data = bytes.substr(8, size);
    if (bytes.substr(4, 4) == type && data.starts_with(name)) return data.substr(name.size());
    bytes.remove_prefix(size + 12);
  }
  return {};
}

}  // namespace

base::Result<Decoded> read_png(std::string_view bytes, const DecodeOptions& options) {
  PngFile file(bytes);
  TRY(check(file, file.open()));
  TRY(check_extent(file.size(), options));
  if (file.is_wide_grey()) {
    return base::Error(base::Code::Invalid,
                       "expected grey of at most 8 bits, got a PNG of 16; convert it first");
  }
  int passes = 0;
  TRY(check(file, file.start(passes)));
  Decoded decoded;
  decoded.picture.width = file.size().width;
  decoded.picture.height = file.size().height;
  decoded.picture.pixels.resize(decoded.picture.row_bytes() * decoded.picture.height);
  for (int pass = 0; pass < passes; ++pass) {
    TRY(check(file, file.read(decoded.picture.pixels.data(), decoded.picture.row_bytes())));
  }
  if (options.orient) {
    // Text that is not packed: a flag and a method of 0, then a language and a translated keyword.
    decoded.orientation = find_orientation(find_chunk(bytes, "eXIf", ""),
                                           find_chunk(bytes, "iTXt", "XML:com.adobe.xmp\0\0\0"sv));
  }
  return decoded;
}

}  // namespace vision
