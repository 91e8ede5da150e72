#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/files.h"
#include "engine/loader.h"
#include "engine/network.h"
#include "scorer/scorer.h"

// For tests: a network that needs no runtime, and pictures whose scores are plain.

namespace scorer::testing {

// PNGs of 2 x 2 pixels of one colour; the grey's is 51, a fifth of white.
inline std::string red_png() {
  return *base::base64_decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR42mP4z8AARAwQCgAf7gP9Y167WwAAAABJRU5E"
      "rkJggg==");
}
inline std::string green_png() {
  return *base::base64_decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAD0lEQVR42mNg+M8AQhAKABvyA/3ULwSAAAAAAElFTkSu"
      "QmCC");
}
inline std::string blue_png() {
  return *base::base64_decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAD0lEQVR42mNgYPgPRmAKABf2A/3HkIu0AAAAAElFTkSu"
      "QmCC");
}
inline std::string grey_png() {
  return *base::base64_decode(
      "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAADklEQVR42mMwBgMGCAUAEMoCZeAWBpsAAAAASUVORK5C"
      "YII=");
}

// How many numbers a TestNetwork gives for a picture, and what it says of its ends.
struct TestNetworkOptions {
  std::vector<engine::TensorSpec> inputs = {{.name = "pixels",
                                             .type = data::Datatype::Fp32,
                                             .shape = {engine::kAnyExtent, 3, 4, 4},
                                             .labels = {}}};
  std::vector<engine::TensorSpec> outputs = {{.name = "logits",
                                              .type = data::Datatype::Fp32,
                                              .shape = {engine::kAnyExtent, 3},
                                              .labels = {}}};
  std::size_t count = 3;
  double scale = 4;
  std::optional<double> last;  // In place of the last number.
  std::size_t rows_max = 1;
  double drift = 0;    // By how much of it each number is greater on other providers.
  bool alone = false;  // There are no other providers.
  engine::Settings settings = {};
};

// The number of category i is the mean of channel i % 3 of float32 NCHW, times the scale, less
// i / 3; each output after the first has the same negated.
class TestNetwork final : public engine::Network {
 public:
  explicit TestNetwork(TestNetworkOptions options = {}) : options_(std::move(options)) {}

  const std::vector<engine::TensorSpec>& inputs() const override { return options_.inputs; }
  const std::vector<engine::TensorSpec>& outputs() const override { return options_.outputs; }
  engine::Placement placement() const override {
    return {.provider = options_.settings.provider,
            .precision = options_.settings.precision,
            .runtime = "test",
            .processor = "abacus"};
  }

  base::Result<void> run(std::span<const engine::TensorView> inputs,
                         std::span<const std::size_t> wanted,
                         std::vector<engine::Tensor>& results) const override {
    TRY(engine::check_input(options_.inputs.front(), inputs.front()));
    const auto rows = static_cast<std::size_t>(inputs.front().shape.front());
    ++runs_;
    results.resize(wanted.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const engine::TensorSpec& spec = options_.outputs.at(wanted[i]);
      results[i].type = spec.type;
      results[i].shape = {static_cast<std::int64_t>(rows),
                          static_cast<std::int64_t>(options_.count)};
      results[i].bytes.clear();
      for (const double each : numbers_of_all(inputs.front().bytes, rows)) {
        append(spec.type, wanted[i] == 0 ? each : -each, results[i].bytes);
      }
    }
    return {};
  }
  std::size_t rows_max() const override { return options_.rows_max; }
  std::size_t runs() const { return runs_; }

 private:
  std::vector<double> numbers_of_all(std::string_view bytes, std::size_t rows) const {
    const std::size_t one = bytes.size() / rows;
    std::vector<double> all;
    for (std::size_t row = 0; row < rows; ++row) {
      const std::vector<double> numbers = numbers_of(bytes.substr(row * one, one));
      all.insert(all.end(), numbers.begin(), numbers.end());
    }
    return all;
  }
  std::vector<double> numbers_of(std::string_view bytes) const {
    std::vector<float> pixels(bytes.size() / sizeof(float));
    std::memcpy(pixels.data(), bytes.data(), pixels.size() * sizeof(float));
    const std::size_t size = pixels.size() / 3;
    std::vector<double> numbers;
    for (std::size_t i = 0; i < options_.count; ++i) {
      const float* channel = pixels.data() + i % 3 * size;
      const double mean = std::accumulate(channel, channel + size, 0.0) / static_cast<double>(size);
      numbers.push_back(mean * options_.scale - static_cast<double>(i / 3));
    }
    if (options_.last && !numbers.empty()) numbers.back() = *options_.last;
    return numbers;
  }

  template <typename T>
  static void append_bytes(T value, std::string& out) {
    out.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  // Of FP16 only what it holds exactly.
  static void append(data::Datatype type, double number, std::string& out) {
    if (type == data::Datatype::Fp64) return append_bytes(number, out);
    const auto narrow = static_cast<float>(number);
    if (type != data::Datatype::Fp16) return append_bytes(narrow, out);
    const auto bits = std::bit_cast<std::uint32_t>(narrow);
    const std::uint32_t sign = bits >> 16U & 0x8000U;
    const std::uint32_t exponent = bits >> 23U & 0xFFU;
    const std::uint32_t magnitude =
        exponent == 0 ? 0 : (exponent - 112) << 10U | (bits >> 13U & 0x3FFU);
    append_bytes(static_cast<std::uint16_t>(sign | magnitude), out);
  }

  TestNetworkOptions options_;
  mutable std::atomic<std::size_t> runs_ = 0;
};

// Loads a TestNetwork in place of each file that is there.
class TestLoader final : public engine::Loader {
 public:
  explicit TestLoader(TestNetworkOptions options = {}) : options_(std::move(options)) {}

  base::Result<std::unique_ptr<engine::Network>> load(
      const base::Files& files, const std::string& name,
      const engine::Settings& settings) const override {
    TRY_ASSIGN(const base::HeldBytes held, files.open(name, 1 << 20));
    TestNetworkOptions options = options_;
    options.settings = settings;
    if (!settings.is_plain()) {
      if (options.alone) return base::Error(base::Code::Unsupported, "no such provider here");
      options.scale *= 1 + options.drift;
    }
    if (!held.bytes.empty()) return std::unique_ptr<engine::Network>(new TestNetwork(options));
    return base::Error(base::Code::Corrupt,
                       files.place(name) + ": expected a network, got an empty file");
  }

 private:
  TestNetworkOptions options_;
};

// What a TestNetwork takes, in words of sooth.yaml.
inline const std::string kTestRecipe =
    "name: colours\n"
    "image: {labels: labels.txt, width: 4, height: 4, geometry: squash, divisor: 255}\n";

// Files that are nowhere.
class TestFiles final : public base::Files {
 public:
  explicit TestFiles(std::map<std::string, std::string> texts) : texts_(std::move(texts)) {}

  base::Result<base::HeldBytes> open(const std::string& name,
                                     std::uint64_t bytes_max) const override {
    const auto at = texts_.find(name);
    if (at == texts_.end()) {
      return base::Error(base::Code::NotFound, place(name) + ": expected a file, got none");
    }
    if (at->second.size() > bytes_max) {
      return base::Error(base::Code::Exhausted, place(name) + ": too large");
    }
    return base::HeldBytes{base::as_bytes(at->second), nullptr};
  }
  std::string place(const std::string& name) const override { return "m/" + name; }

 private:
  std::map<std::string, std::string> texts_;
};

// A model of pictures, "colours": red 7, green 8 and blue 9.
inline TestFiles test_picture_files() {
  return TestFiles({{"sooth.yaml", kTestRecipe},
                    {"model.onnx", "a network"},
                    {"labels.txt", "7\tred\n8\tgreen\n9\tblue\n"}});
}
inline base::Result<std::shared_ptr<const Scorer>> load_test_pictures(
    const TestNetworkOptions& options = {}) {
  const TestLoader loader(options);
  return Scorer::load(test_picture_files(), "colours", {.networks = &loader});
}

}  // namespace scorer::testing
