#include "image/runtime_files.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "image/carried.h"
#include "image/debian.h"
#include "image/elf.h"
#include "image/notices.h"
#include "image/shared_objects.h"

namespace image {
namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view kProgramPath = "usr/bin/sooth";
// On a base: at the top, as the base may have a link where any other folder would lie.
constexpr std::string_view kOwnFolder = "sooth";
constexpr std::string_view kRuntimeFolder = "usr/lib/sooth";
constexpr std::string_view kOwnProgramPath = "sooth/bin/sooth";
constexpr std::string_view kOwnLibraries = "sooth/lib";
constexpr std::string_view kCertificatesPath = "etc/ssl/certs/ca-certificates.crt";
constexpr std::string_view kShare = "/usr/share";
constexpr std::string_view kCommonLicenses = "/usr/share/common-licenses/";

// Where systems keep the certificates of authorities: Debian's place, and Fedora's.
constexpr std::string_view kCertificateSources[] = {"/etc/ssl/certs/ca-certificates.crt",
                                                    "/etc/pki/tls/certs/ca-bundle.crt"};
constexpr std::string_view kCertificatesPackage = "ca-certificates";

constexpr std::string_view kPasswd =
    "root:x:0:0:root:/:/sbin/nologin\n"
    "sooth:x:65532:65532:sooth:/:/sbin/nologin\n";
constexpr std::string_view kGroup = "root:x:0:\nsooth:x:65532:\n";
constexpr std::string_view kNameServices = "passwd: files\ngroup: files\nhosts: files dns\n";

// The folder of an object in the image: where systems that keep /lib in /usr have it.
std::string folder_in_usr(std::string_view folder) {
  if (folder.substr(0, 4) == "/lib") return fmt::format("usr{}", folder);
  return std::string(folder.substr(1));
}

class Collection {
 public:
  explicit Collection(const RuntimeOptions& options) : options_(options) {}

  Result<RuntimeFiles> run() {
    TRY_ASSIGN(Closure closure, find_closure(options_.root, options_.program));
    if (!options_.engine.empty()) TRY(add_engine(closure));
    all_.architecture = architecture_of(closure.machine);
    TRY(add_program(closure.program));
    if (options_.on_base) {
      TRY(add_private_objects(closure));
    } else {
      TRY(add_objects(closure));
      TRY(add_certificates());
      add_text("etc/passwd", kPasswd);
      add_text("etc/group", kGroup);
      add_text("etc/nsswitch.conf", kNameServices);
    }
    add_notices();
    TRY(add_owners());
    add_folders();
    finish_packages();
    return std::move(all_);
  }

 private:
  RuntimeFile& add_text(std::string_view path, std::string_view text) {
    RuntimeFile& file = all_.files[std::string(path)];
    file.text = text;
    file.package = kOwn;
    return file;
  }

  void add_link(std::string_view path, std::string_view target) {
    RuntimeFile& link = add_text(path, target);
    link.type = FileType::Symlink;
    link.mode = 0777;
  }

  void add_object(const std::string& path, const Object& object, std::uint32_t mode) {
    RuntimeFile& file = all_.files[path];
    file.mode = mode;
    file.source = object.path;
    file.file = object.file;
  }

  Result<void> add_program(const Object& program) {
    auto stripped = strip(program.file->bytes());
    if (!stripped.ok()) return std::move(stripped).error().within(base::quote(program.path));
    const std::string_view path = options_.on_base ? kOwnProgramPath : kProgramPath;
    RuntimeFile& file = add_text(path, *stripped);
    all_.command = {fmt::format("/{}", path)};
    file.mode = 0755;
    file.source = program.path;
    return {};
  }

  // The files of a folder, whose package is called as it is.
  void add_folder(std::string_view from, std::string_view to) {
    for (const std::string& name : options_.root.list(from)) {
      auto file = options_.root.open(fmt::format("{}/{}", from, name));
      if (!file.ok()) continue;  // A folder.
      add_object(fmt::format("{}/{}", to, name),
                 {"", fmt::format("{}/{}", from, name), *std::move(file)}, 0644);
      all_.files[fmt::format("{}/{}", to, name)].package = name_of(from);
    }
  }

  void add_engine_folder(std::string_view beside, std::string_view to) {
    const std::string& folder = options_.engine_folder;
    const std::string from = fmt::format("{}/{}", beside, folder);
    if (options_.root.list(from).empty()) return;
    add_folder(from, fmt::format("{}/{}", to, folder));
    all_.packages.push_back({.name = folder, .version = "", .architecture = {}, .license = ""});
  }

  // The library and what lies beside it; what it needs joins what the program needs.
  Result<void> add_engine(Closure& closure) {
    const auto library = options_.root.find_real(options_.engine);
    if (!library) {
      return Error(Code::NotFound, fmt::format("{}: expected the library of an engine",
                                               base::quote(options_.engine)));
    }
    const std::string from(parent_of(*library));
    const std::string runtime =
        fmt::format("{}/runtime", options_.on_base ? kOwnFolder : kRuntimeFolder);
    const std::string to = fmt::format("{}/{}", runtime, name_of(from));
    add_folder(from, to);
    if (!options_.engine_folder.empty()) add_engine_folder(from, to);
    all_.environment = {fmt::format("SOOTH_RUNTIME_DIR=/{}", runtime)};
    const std::string license = fmt::format("{}/LICENSE", to);
    const std::string_view file = name_of(*library);
    const std::size_t version = file.find(".so.");
    all_.packages.push_back(
        {.name = std::string(name_of(from)),
         .version = version == std::string_view::npos ? "" : std::string(file.substr(version + 4)),
         .architecture = {},
         .license = all_.files.contains(license) ? license : ""});
    TRY_ASSIGN(const Closure own, find_closure(options_.root, *library));
    if (own.machine != closure.machine) {
      return Error(
          Code::Unsupported,
          fmt::format("{}: expected a library for {}, got one for {}", base::quote(*library),
                      architecture_of(closure.machine), architecture_of(own.machine)));
    }
    for (const Object& each : own.libraries) {
      const bool there = each.name == closure.interpreter.name ||
                         std::any_of(closure.libraries.begin(), closure.libraries.end(),
                                     [&](const Object& other) { return other.name == each.name; });
      if (!there) closure.libraries.push_back(each);
    }
    return {};
  }

  Result<void> add_objects(const Closure& closure) {
    if (closure.interpreter_path.empty()) return {};
    const std::string_view path = closure.interpreter_path;
    const std::size_t top_end = path.find('/', 1);
    const std::string top(path.substr(1, top_end - 1));
    if (top_end == std::string_view::npos) {
      return Error(Code::Unsupported,
                   fmt::format("interpreter {}: expected it in a folder", base::quote(path)));
    }
    if (top != "usr") add_link(top, "usr/" + top);
    add_object(fmt::format("{}{}", top == "usr" ? "" : "usr/", path.substr(1)), closure.interpreter,
               0755);
    const auto libc =
        std::find_if(closure.libraries.begin(), closure.libraries.end(),
                     [](const Object& each) { return each.name.substr(0, 5) == "libc."; });
    for (const Object& each : closure.libraries) {
      const Object& neighbour = libc == closure.libraries.end() ? each : *libc;
      const std::string folder = folder_in_usr(parent_of(neighbour.path));
      add_object(fmt::format("{}/{}", folder, each.name), each, 0644);
    }
    return {};
  }

  // The loader is told all that it would otherwise learn from the base.
  Result<void> add_private_objects(const Closure& closure) {
    if (closure.interpreter_path.empty()) return {};
    const std::string loader = fmt::format("{}/{}", kOwnLibraries, closure.interpreter.name);
    add_object(loader, closure.interpreter, 0755);
    for (const Object& each : closure.libraries) {
      add_object(fmt::format("{}/{}", kOwnLibraries, each.name), each, 0644);
    }
    all_.command = {fmt::format("/{}", loader), "--inhibit-cache", "--library-path",
                    fmt::format("/{}", kOwnLibraries), fmt::format("/{}", kOwnProgramPath)};
    return {};
  }

  // Where documents lie: "usr/share/<path>".
  std::string shared(std::string_view path) const {
    return fmt::format("{}/share/{}", options_.on_base ? kOwnFolder : "usr", path);
  }

  Result<void> add_certificates() {
    for (const std::string_view source : kCertificateSources) {
      const auto real = options_.root.find_real(source);
      if (!real) continue;
      TRY_ASSIGN(auto file, options_.root.open(*real));
      add_object(std::string(kCertificatesPath), {"", *real, std::move(file)}, 0644);
      all_.files[std::string(kCertificatesPath)].package = kCertificatesPackage;
      // Where Debian's OpenSSL looks when it is not told otherwise.
      add_link("usr/lib/ssl/cert.pem", fmt::format("/{}", kCertificatesPath));
      return {};
    }
    return Error(Code::NotFound,
                 fmt::format("{}: expected the certificates of authorities; "
                             "install \"{}\"",
                             base::quote(kCertificateSources[0]), kCertificatesPackage));
  }

  // Licences of what is compiled in.
  void add_notices() {
    for (const Notice& notice : notices()) {
      const bool own = notice.package == kOwn;
      const std::string path =
          shared(fmt::format("doc/{}/{}", notice.package, own ? "LICENSE" : "copyright"));
      add_text(path, notice.text).package = notice.package;
      all_.packages.push_back({.name = std::string(notice.package),
                               .version = own ? options_.version : std::string(notice.version),
                               .architecture = {},
                               .license = path});
    }
  }

  // Whose the objects are, and their licences.
  Result<void> add_owners() {
    std::vector<std::string> sources;
    for (const auto& [path, file] : all_.files) {
      if (file.package.empty()) sources.push_back(file.source);
    }
    auto owners = find_owners(options_.root, sources);
    const Carried carried = find_carried(options_.root, options_.program);
    owners.insert(carried.packages.begin(), carried.packages.end());
    std::map<std::string, DebianPackage> packages;
    for (auto& [path, file] : all_.files) {
      const auto owner = owners.find(file.source);
      if (!file.package.empty() || owner == owners.end()) continue;
      file.package = owner->second.name;
      packages.emplace(owner->second.name, owner->second);
    }
    const auto certificates = find_package(options_.root, kCertificatesPackage);
    if (certificates && !options_.on_base) packages.emplace(certificates->name, *certificates);
    for (const auto& [name, package] : packages) {
      TRY(add_package(package, {std::string(kShare), carried.share}));
    }
    return {};
  }

  // `shares`: where its notice may lie, the likelier place first.
  Result<void> add_package(const DebianPackage& package, const std::vector<std::string>& shares) {
    RuntimePackage entry{package.name, package.version, package.architecture, {}};
    const std::string path = shared(fmt::format("doc/{}/copyright", package.name));
    for (const std::string& share : shares) {
      const auto real =
          options_.root.find_real(fmt::format("{}/doc/{}/copyright", share, package.name));
      if (share.empty() || !real) continue;
      TRY_ASSIGN(auto file, options_.root.open(*real));
      add_object(path, {"", *real, std::move(file)}, 0644);
      all_.files[path].package = package.name;
      entry.license = path;
      TRY(add_common_licenses(base::as_text(all_.files[path].bytes()), share));
      break;
    }
    all_.packages.push_back(std::move(entry));
    return {};
  }

  // Debian's notices name long licences by their place instead of repeating them.
  Result<void> add_common_licenses(std::string_view notice, const std::string& share) {
    constexpr std::string_view kNameCharacters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
    for (std::size_t at = 0; (at = notice.find(kCommonLicenses, at)) != std::string_view::npos;) {
      at += kCommonLicenses.size();
      const std::size_t end = notice.find_first_not_of(kNameCharacters, at);
      std::string_view name = notice.substr(at, end == std::string_view::npos ? end : end - at);
      while (!name.empty() && (name.back() == '.' || name.back() == '-')) name.remove_suffix(1);
      const auto real = options_.root.find_real(fmt::format("{}/common-licenses/{}", share, name));
      if (name.empty() || name.front() == '.' || !real) continue;
      TRY_ASSIGN(auto file, options_.root.open(*real));
      const std::string path = shared(fmt::format("common-licenses/{}", name));
      add_object(path, {"", *real, std::move(file)}, 0644);
      all_.files[path].package = kOwn;
    }
    return {};
  }

  void add_folders() {
    std::set<std::string> folders;
    for (const auto& [path, file] : all_.files) {
      for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
        folders.insert(path.substr(0, at));
      }
    }
    for (const std::string& path : folders) {
      all_.files[path] = {.type = FileType::Folder, .mode = 0755};
    }
    if (!options_.on_base) all_.files["tmp"] = {.type = FileType::Folder, .mode = 01777};
  }

  void finish_packages() {
    std::sort(all_.packages.begin(), all_.packages.end(),
              [](const RuntimePackage& a, const RuntimePackage& b) { return a.name < b.name; });
  }

  static constexpr std::string_view kOwn = "sooth";
  const RuntimeOptions& options_;
  RuntimeFiles all_;
};

}  // namespace

Result<RuntimeFiles> find_runtime_files(const RuntimeOptions& options) {
  return Collection(options).run();
}

}  // namespace image
