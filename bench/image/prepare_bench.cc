// sooth_prepare_bench PRESET PICTURE...: decodes and prepares pictures as a network wants them, on
// one thread. It obeys lines of standard input and answers with a line each:
//   digests       SHA-256 of the tensor of each picture, separated by spaces
//   time REPEATS  {"cpu_s": 1.5, "wall_s": 1.5} for all pictures, so many times
#include <cstddef>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/digest.h"
#include "vision/decode.h"
#include "vision/preparation.h"

namespace {

double clock_s(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

class Preparing {
 public:
  Preparing(const vision::Preparation& how, std::vector<std::string> pictures)
      : how_(how), pictures_(std::move(pictures)), tensor_(vision::prepared_bytes(how)) {}

  std::string digests() {
    std::string line;
    for (const std::string& picture : pictures_) {
      prepare(picture);
      line += base::Digest::of(tensor_).hex() + " ";
    }
    return line;
  }
  std::string time(int repeats) {
    const double cpu = clock_s(CLOCK_PROCESS_CPUTIME_ID);
    const double wall = clock_s(CLOCK_MONOTONIC);
    for (int i = 0; i < repeats; ++i) {
      for (const std::string& picture : pictures_) prepare(picture);
    }
    return fmt::format(R"({{"cpu_s": {:.6f}, "wall_s": {:.6f}}})",
                       clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu, clock_s(CLOCK_MONOTONIC) - wall);
  }

 private:
  void prepare(const std::string& bytes) {
    const auto picture = vision::decode(bytes);
    if (!picture.ok()) {
      std::cerr << picture.error().message() << '\n';
      std::exit(1);
    }
    vision::prepare(*picture, how_, tensor_);
  }

  vision::Preparation how_;
  std::vector<std::string> pictures_;
  std::vector<std::byte> tensor_;
};

}  // namespace

int main(int count, char** arguments) {
  const auto how = count > 2 ? vision::find_preset(arguments[1]) : std::nullopt;
  if (!how) {
    std::cerr << "usage: sooth_prepare_bench PRESET PICTURE...\n";
    return 2;
  }
  std::vector<std::string> pictures;
  for (int i = 2; i < count; ++i) {
    std::ifstream file(arguments[i], std::ios::binary);
    pictures.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  Preparing preparing(*how, std::move(pictures));
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string what;
    int repeats = 0;
    words >> what >> repeats;
    std::cout << (what == "time" ? preparing.time(repeats) : preparing.digests()) << std::endl;
  }
  return 0;
}
