// vision_probe: answers one line of standard input after another, which is separated by tabs:
//   decode PATH ORIENT                                        (ORIENT: 0 or 1)
//   resize PATH FILTER WIDTH HEIGHT [LEFT TOP RIGHT BOTTOM]
//   prepare PATH PRESET [KEY=VALUE ...]                       (what differs from the preset)
// with "WIDTH HEIGHT SHA256" of the pixels or the tensor, or with "refused: " and the message.
#include <cstddef>
#include <iostream>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/number.h"
#include "vision/decode.h"
#include "vision/names.h"
#include "vision/preparation.h"
#include "vision/resize.h"

namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 28U;

Words words_of(const std::string& line) {
  Words words;
  std::size_t at = 0;
  while (true) {
    const std::size_t end = line.find('\t', at);
    words.push_back(line.substr(at, end - at));
    if (end == std::string::npos) return words;
    at = end + 1;
  }
}

std::uint32_t extent_of(const std::string& text) {
  return static_cast<std::uint32_t>(std::stoul(text));
}

template <typename Choice>
Choice chosen(const std::string& name) {
  return vision::find_named<Choice>(name).value();
}

void change(vision::Preparation& how, const std::string& key, const std::string& value) {
  if (key == "filter") how.filter = chosen<vision::Filter>(value);
  if (key == "geometry") how.geometry = chosen<vision::Geometry>(value);
  if (key == "width") how.size.width = extent_of(value);
  if (key == "height") how.size.height = extent_of(value);
  if (key == "shorter") how.shorter = extent_of(value);
  if (key == "layout") how.layout = chosen<vision::Layout>(value);
  if (key == "type") how.type = chosen<vision::Type>(value);
}

std::string answer(vision::Size size, base::Bytes bytes) {
  return fmt::format("{} {} {}", size.width, size.height, base::Digest::of(bytes).hex());
}

std::string answer(const vision::Picture& picture) {
  return answer(picture.size(), std::as_bytes(std::span(picture.pixels)));
}

std::string resized(const vision::Picture& picture, const Words& words) {
  vision::Box box = vision::whole_of(picture);
  if (words.size() == 9) {
    box = {std::stof(words[5]), std::stof(words[6]), std::stof(words[7]), std::stof(words[8])};
  }
  const vision::Size size{extent_of(words[3]), extent_of(words[4])};
  return answer(vision::resize(picture, size, chosen<vision::Filter>(words[2]), box));
}

std::string prepared(const vision::Picture& picture, const Words& words) {
  vision::Preparation how = *vision::find_preset(words[2]);
  for (std::size_t i = 3; i < words.size(); ++i) {
    const std::size_t equals = words[i].find('=');
    change(how, words[i].substr(0, equals), words[i].substr(equals + 1));
  }
  std::vector<std::byte> tensor(vision::prepared_bytes(how));
  vision::prepare(picture, how, tensor);
  return answer(how.size, tensor);
}

// The picture that the line before was about is not decoded again.
class Last {
 public:
  const base::Result<vision::Picture>& decode(const std::string& path, bool orient) {
    const std::string key = path + (orient ? "\t1" : "\t0");
    if (key == key_) return picture_;
    key_ = key;
    const auto file = base::MappedFile::open(path, kFileBytesMax);
    if (file.ok()) {
      picture_ = vision::decode(base::as_text((*file)->bytes()), {.orient = orient});
    } else {
      picture_ = file.error();
    }
    return picture_;
  }

 private:
  std::string key_;
  base::Result<vision::Picture> picture_ = vision::Picture();
};

std::string reply(Last& last, const Words& words) {
  const auto& picture = last.decode(words.at(1), words[0] == "decode" && words.at(2) == "1");
  if (!picture.ok()) return "refused: " + picture.error().message();
  if (words[0] == "resize") return resized(*picture, words);
  if (words[0] == "prepare") return prepared(*picture, words);
  return answer(*picture);
}

}  // namespace

int main() {
  Last last;
  std::string line;
  while (std::getline(std::cin, line)) std::cout << reply(last, words_of(line)) << '\n';
  return 0;
}
