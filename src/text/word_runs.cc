// One bit for each byte, set where it belongs to a word character; then runs are found from the
// places where the bits change, without looking at single characters. Text that is mostly ASCII
// costs a few machine operations for each eight bytes.
#include "text/word_runs.h"

#include <algorithm>
#include <bit>

#include "base/text.h"
#include "text/ascii.h"

namespace text {
namespace {

void set_bits(std::vector<std::uint64_t>& bits, std::size_t begin, std::size_t end) {
  for (; begin < end; ++begin) bits[begin / 64] |= std::uint64_t{1} << (begin % 64);
}

// Gives whether all of the text is ASCII.
bool mark_words(std::string_view text, const Unicode& unicode, std::vector<std::uint64_t>& bits) {
  // One word more than the text needs, so that a run at its end ends within.
  bits.assign(text.size() / 64 + 1, 0);
  bool all_ascii = true;
  std::size_t done = 0;  // Past the last character marked one by one.
  for (std::size_t at = 0; at < text.size(); at += 8) {
    const std::size_t left = text.size() - at;
    const std::uint64_t word =
        left >= 8 ? ascii::load(text.data() + at) : ascii::load(text.data() + at, left);
    if ((word & ascii::kHigh) == 0) {
      bits[at / 64] |= ascii::bits(ascii::is_word(word)) << (at % 64);
      continue;
    }
    all_ascii = false;
    const std::size_t stop = std::min(at + 8, text.size());
    done = std::max(done, at);
    while (done < stop) {
      const std::size_t start = done;
      if (unicode.is_word(base::next_point(text, done))) set_bits(bits, start, done);
    }
  }
  return all_ascii;
}

bool has_points(std::string_view run, std::size_t points_min) {
  std::size_t points = 0;
  for (const char c : run) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80) continue;
    if (++points == points_min) return true;
  }
  return false;
}

}  // namespace

void find_word_runs(std::string_view text, const Unicode& unicode, std::size_t points_min,
                    std::vector<std::uint64_t>& bits, std::vector<Span>& runs) {
  const bool all_ascii = mark_words(text, unicode, bits);
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const std::uint64_t word = bits[i];
    std::uint64_t edges = word ^ ((word << 1) | (inside ? 1 : 0));
    while (edges != 0) {
      const std::size_t at = i * 64 + static_cast<std::size_t>(std::countr_zero(edges));
      edges &= edges - 1;
      inside = !inside;
      if (inside) {
        begin = at;
        continue;
      }
      const Span run{begin, at};
      if (all_ascii ? at - begin >= points_min : has_points(run.of(text), points_min)) {
        runs.push_back(run);
      }
    }
  }
  // The last word of bits has a 0 at the end of the text, unless the text fills its words; then
  // there is one more word, of zeros.
}

}  // namespace text
