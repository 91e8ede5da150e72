#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol.h"

namespace fault {

// A disk that keeps only what was synced. It replays the calls that the shim recorded, and at any
// moment gives the folder as it may lie there after the power went: bytes of a file are safe once
// it was synced, a name once its folder was. Stricter than most file systems: even a rename from
// one folder into another may come out as two names, or as none.
class Disk {
 public:
  // What became of whatever was not synced.
  enum class Loss : std::uint8_t {
    All,       // Nothing of it is there.
    Contents,  // The names are there, the bytes are not.
    Some,      // Of each change it is chance, of each sector of a write too.
  };
  static constexpr int kLosses = 3;

  // The folder as it lies there, all of it safe.
  explicit Disk(const std::string& root);
  // What was done to it since.
  void load(const std::string& log_path);

  // Carries out the next recorded call; false: there is none.
  bool step();
  // Makes `root` what it would be; `seed` is the chance.
  void write(const std::string& root, Loss loss, unsigned seed) const;

 private:
  struct Change {  // Of a file's bytes; cutting where there is no data and `cut`.
    std::uint64_t offset = 0;
    std::string data;
    bool cut = false;
  };
  struct File {
    std::string safe;
    std::vector<Change> changes;
  };
  struct Naming {
    std::string path;
    std::uint64_t file = 0;  // 0: the name goes.
  };
  using Names = std::map<std::string, std::uint64_t>;

  void sync(const Recorded& recorded, const std::string& path);
  static void apply(const Change& change, std::string& bytes);
  static void apply(const Naming& naming, Names& names);

  std::string root_;
  std::string log_;
  std::size_t at_ = 0;
  std::map<std::uint64_t, File> files_;
  Names safe_;                   // Paths beneath the root; kFolder is a folder.
  std::vector<Naming> namings_;  // Since, oldest first.
};

const char* name_of(Disk::Loss loss);

}  // namespace fault
