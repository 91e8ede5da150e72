#include "power.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <utility>

#include <sys/stat.h>

namespace fault {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kFolder = 1;  // No file has this number.
constexpr std::size_t kSector = 512;

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::uint64_t number_of(const fs::path& path) {
  struct stat about {};
  return ::lstat(path.c_str(), &about) == 0 ? about.st_ino : 0;
}

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

}  // namespace

void Disk::load(const std::string& log_path) { log_ = text_of(log_path); }

Disk::Disk(const std::string& root) : root_(root) {
  if (!fs::exists(root)) return;
  safe_[root] = kFolder;
  for (const auto& each : fs::recursive_directory_iterator(root)) {
    const std::string path = each.path().string();
    const std::uint64_t number = each.is_directory() ? kFolder : number_of(path);
    safe_[path] = number;
    if (number != kFolder) files_[number].safe = text_of(path);
  }
}

void Disk::apply(const Change& change, std::string& bytes) {
  if (change.cut) {
    bytes.resize(change.offset);
    return;
  }
  if (bytes.size() < change.offset + change.data.size()) {
    bytes.resize(change.offset + change.data.size());
  }
  bytes.replace(change.offset, change.data.size(), change.data);
}

void Disk::apply(const Naming& naming, Names& names) {
  if (naming.file == 0) {
    names.erase(naming.path);
  } else {
    names[naming.path] = naming.file;
  }
}

// Of a file its bytes, of a folder its names.
void Disk::sync(const Recorded& recorded, const std::string& path) {
  if (const auto file = files_.find(recorded.file); file != files_.end()) {
    for (const Change& each : file->second.changes) apply(each, file->second.safe);
    file->second.changes.clear();
    return;
  }
  const auto in_it = [&](const Naming& each) { return parent_of(each.path) == path; };
  for (const Naming& each : namings_) {
    if (in_it(each)) apply(each, safe_);
  }
  std::erase_if(namings_, in_it);
}

bool Disk::step() {
  if (at_ >= log_.size()) return false;
  Recorded recorded;
  std::memcpy(&recorded, log_.data() + at_, sizeof recorded);
  at_ += sizeof recorded;
  const auto take = [&](std::uint64_t size) {
    std::string text = log_.substr(at_, size);
    at_ += size;
    return text;
  };
  const std::string path = take(recorded.path);
  const std::string other = take(recorded.other);
  std::string data = take(recorded.data);
  switch (recorded.call) {
    case Call::Create:
      files_[recorded.file] = {};
      namings_.push_back({path, recorded.file});
      break;
    case Call::Folder: namings_.push_back({path, kFolder}); break;
    case Call::Write:
      files_[recorded.file].changes.push_back({recorded.offset, std::move(data), false});
      break;
    case Call::Truncate:
      files_[recorded.file].changes.push_back({recorded.offset, "", true});
      break;
    case Call::Sync: sync(recorded, path); break;
    case Call::Unlink: namings_.push_back({path, 0}); break;
    case Call::Rename: {
      Names now = safe_;
      for (const Naming& each : namings_) apply(each, now);
      namings_.push_back({other, now.at(path)});
      namings_.push_back({path, 0});
      break;
    }
    default: break;
  }
  return true;
}

void Disk::write(const std::string& root, Loss loss, unsigned seed) const {
  std::minstd_rand chance(seed + 1);
  const auto kept = [&] { return loss != Loss::Some || chance() % 2 == 0; };
  Names names = safe_;
  for (const Naming& each : namings_) {
    // Where the workspace itself lies is not its own business.
    if (each.path == root_ || (loss != Loss::All && kept())) apply(each, names);
  }
  fs::remove_all(root);
  for (const auto& [path, number] : names) {
    const fs::path target = root + path.substr(root_.size());
    // A name in a folder that was lost is lost with it; the shared memory of SQLite always is.
    if (target != root && !fs::is_directory(target.parent_path())) continue;
    if (path.ends_with("-shm")) continue;
    if (number == kFolder) {
      fs::create_directory(target);
      continue;
    }
    const File& file = files_.at(number);
    std::string bytes = file.safe;
    for (const Change& change : file.changes) {
      if (loss != Loss::Some) break;
      if (change.cut && kept()) apply(change, bytes);
      for (std::size_t at = 0; at < change.data.size(); at += kSector) {
        if (kept()) apply({change.offset + at, change.data.substr(at, kSector), false}, bytes);
      }
    }
    std::ofstream(target, std::ios::binary) << bytes;
  }
}

const char* name_of(Disk::Loss loss) {
  static constexpr const char* kNames[Disk::kLosses] = {"all of it lost", "contents lost",
                                                        "some of it lost"};
  return kNames[static_cast<std::size_t>(loss)];
}

}  // namespace fault
