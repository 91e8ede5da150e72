#include "vision/kind.h"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "base/text.h"

namespace vision {
namespace {

using namespace std::string_view_literals;

// How much of an unknown text or of unknown bytes is shown.
constexpr std::size_t kShownText = 24;
constexpr std::size_t kShownBytes = 8;

struct Magic {
  std::size_t at;
  std::string_view bytes;
  std::string_view name;
};

constexpr Magic kOthers[] = {
    {0, "GIF8"sv, "a GIF"},
    {0, "II*\0"sv, "a TIFF"},
    {0, "MM\0*"sv, "a TIFF"},
    {4, "ftypavi"sv, "an AVIF"},
    {4, "ftyphe"sv, "a HEIC"},
    {4, "ftypmif1"sv, "a HEIC"},
    {4, "ftypmsf1"sv, "a HEIC"},
    {4, "ftyp"sv, "a video"},
    {4, "jP  \r\n\x87\n"sv, "a JPEG 2000"},
    {0, "\xff\x4f\xff\x51"sv, "a JPEG 2000"},
    {0, "\xff\x0a"sv, "a JPEG XL"},
    {4, "JXL \r\n\x87\n"sv, "a JPEG XL"},
    {0, "\0\0\1\0"sv, "an icon"},
    {0, "%PDF"sv, "a PDF"},
    {0, "PK\x03\x04"sv, "a ZIP"},
    {0, "\x1f\x8b"sv, "gzip"},
    {0, "data:image/"sv, "a data: URL; send the bytes that its base64 stands for"},
    {0, "/9j/"sv, "base64 text; send the bytes that it stands for"},
    {0, "iVBORw0KGgo"sv, "base64 text; send the bytes that it stands for"},
    {0, "UklGR"sv, "base64 text; send the bytes that it stands for"},
};

constexpr Magic kMarkup[] = {
    {0, "<!doctype html"sv, "HTML"},
    {0, "<html"sv, "HTML"},
    {0, "<svg"sv, "an SVG"},
    {0, "<?xml"sv, "XML"},
};

bool stands_at(std::string_view bytes, const Magic& magic) {
  return bytes.size() >= magic.at && bytes.substr(magic.at).starts_with(magic.bytes);
}

// The beginning without leading space, in lower case.
std::string markup_of(std::string_view bytes) {
  bytes = bytes.substr(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  std::string lower(bytes.substr(0, kShownText));
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

bool is_bmp(std::string_view bytes) {
  // Two letters alone may begin any text: its four reserved bytes are zero.
  return bytes.starts_with("BM") && bytes.size() > 14 && bytes.substr(6, 4) == "\0\0\0\0"sv;
}

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte < 0x7f) || byte == '\n' || byte == '\r' || byte == '\t';
  });
}

std::string name_other(std::string_view bytes) {
  if (bytes.empty()) return "no bytes";
  for (const Magic& magic : kOthers) {
    if (stands_at(bytes, magic)) return std::string(magic.name);
  }
  if (is_bmp(bytes)) return "a BMP";
  const std::string markup = markup_of(bytes);
  for (const Magic& magic : kMarkup) {
    if (stands_at(markup, magic)) return std::string(magic.name);
  }
  const std::string_view shown = bytes.substr(0, kShownText);
  if (is_text(shown)) return "text beginning " + base::quote(shown);
  std::string hex = "bytes beginning";
  for (const char c : bytes.substr(0, kShownBytes)) {
    hex += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  }
  return hex;
}

}  // namespace

base::Result<Kind> recognise(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff"sv)) return Kind::Jpeg;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n"sv)) return Kind::Png;
  if (bytes.starts_with("RIFF"sv) && stands_at(bytes, {8, "WEBP"sv, ""})) return Kind::Webp;
  return base::Error(base::Code::Invalid, "expected a JPEG, PNG or WebP, got " + name_other(bytes));
}

}  // namespace vision
