#include "image/sbom.h"

#include <array>
#include <ctime>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <nlohmann/json.hpp>

#include "oci/reference.h"

namespace image {
namespace {

using base::Code;
using base::Error;
using base::Result;
using nlohmann::json;

constexpr std::string_view kDocumentId = "SPDXRef-DOCUMENT";
constexpr std::string_view kModelId = "SPDXRef-Model";
constexpr std::string_view kBaseId = "SPDXRef-Base";
constexpr std::string_view kRuntimeReference = "DocumentRef-runtime";
constexpr std::string_view kOwn = "sooth";
constexpr std::string_view kNoAssertion = "NOASSERTION";

Result<std::string> sha1_hex(base::Bytes bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    return Error(Code::Unsupported, "SHA-1, which SPDX asks for: expected OpenSSL to have it");
  }
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

Result<std::string> utc(std::int64_t seconds) {
  const std::time_t time = seconds;
  std::tm parts{};
  if (gmtime_r(&time, &parts) == nullptr) {
    return Error(Code::Invalid, fmt::format("{} seconds since 1970: expected a day", seconds));
  }
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

// Identifiers hold letters, digits, '.' and '-' only.
std::string id_of(std::string_view kind, std::string_view name) {
  std::string id = fmt::format("SPDXRef-{}-", kind);
  for (const char c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-';
    id += plain ? c : '-';
  }
  return id;
}

json checksum(std::string_view algorithm, const std::string& hex) {
  return {{"algorithm", algorithm}, {"checksumValue", hex}};
}

// One document. What is added to it is in it, and nothing else.
class Bill {
 public:
  explicit Bill(const RuntimeFiles& runtime) : runtime_(runtime) {}

  void describe(std::string_view id) { relate(kDocumentId, "DESCRIBES", id); }

  // `sooth` is the identifier of the program's package, here or in another document.
  void add_model(const SbomModel& model, std::string_view sooth) {
    packages_.push_back({{"SPDXID", kModelId},
                         {"name", model.name},
                         {"versionInfo", model.version},
                         {"checksums", {checksum("SHA256", model.digest.hex())}},
                         {"primaryPackagePurpose", "OTHER"},
                         {"downloadLocation", kNoAssertion},
                         {"filesAnalyzed", false},
                         {"licenseConcluded", kNoAssertion},
                         {"licenseDeclared", kNoAssertion},
                         {"copyrightText", kNoAssertion}});
    relate(kModelId, "DEPENDS_ON", sooth);
  }

  void add_base(const SbomBase& base) {
    json object = {{"SPDXID", kBaseId},
                   {"name", base.name.empty() ? "base" : base.name},
                   {"versionInfo", base.digest.text()},
                   {"checksums", {checksum("SHA256", base.digest.hex())}},
                   {"primaryPackagePurpose", "CONTAINER"},
                   {"downloadLocation", kNoAssertion},
                   {"filesAnalyzed", false},
                   {"licenseConcluded", kNoAssertion},
                   {"licenseDeclared", kNoAssertion},
                   {"copyrightText", kNoAssertion}};
    if (const auto reference = oci::Reference::parse(base.name); reference.ok()) {
      const std::string& repository = reference->repository;
      object["externalRefs"] = {
          {{"referenceCategory", "PACKAGE-MANAGER"},
           {"referenceType", "purl"},
           {"referenceLocator", fmt::format("pkg:oci/{}@sha256%3A{}?repository_url={}/{}",
                                            repository.substr(repository.rfind('/') + 1),
                                            base.digest.hex(), reference->host, repository)}}};
    }
    packages_.push_back(std::move(object));
    relate(kModelId, "DEPENDS_ON", kBaseId);
  }

  Result<void> add_runtime() {
    TRY(add_files());
    for (const RuntimePackage& package : runtime_.packages) TRY(add_package(package));
    return {};
  }

  // Another document that identifiers of the form "DocumentRef-runtime:..." speak of.
  Result<void> refer_to(const std::string& runtime) {
    TRY_ASSIGN(const std::string sha1, sha1_hex(base::as_bytes(runtime)));
    const json other = json::parse(runtime, nullptr, false);
    references_.push_back({{"externalDocumentId", kRuntimeReference},
                           {"spdxDocument", other.value("documentNamespace", "")},
                           {"checksum", checksum("SHA1", sha1)}});
    return {};
  }

  Result<std::string> finish(const std::string& name, std::int64_t created) {
    TRY_ASSIGN(const std::string date, utc(created));
    json document = {{"spdxVersion", "SPDX-2.3"},
                     {"dataLicense", "CC0-1.0"},
                     {"SPDXID", kDocumentId},
                     {"name", name},
                     {"creationInfo", {{"created", date}, {"creators", {"Tool: sooth"}}}},
                     {"packages", std::move(packages_)},
                     {"relationships", std::move(relations_)}};
    if (!files_.empty()) document["files"] = std::move(files_);
    if (!references_.empty()) document["externalDocumentRefs"] = std::move(references_);
    document["documentNamespace"] =
        fmt::format("urn:sooth:sbom:{}", base::Digest::of(to_text(document)).text());
    return to_text(document);
  }

 private:
  static std::string to_text(const json& document) {
    return document.dump(-1, ' ', false, json::error_handler_t::replace);
  }

  void relate(std::string_view from, std::string_view how, std::string_view to) {
    relations_.push_back(
        {{"spdxElementId", from}, {"relationshipType", how}, {"relatedSpdxElement", to}});
  }

  Result<void> add_files() {
    std::size_t count = 0;
    for (const auto& [path, file] : runtime_.files) {
      if (file.type != FileType::File) continue;
      // Numbered, as two paths may differ only in what an identifier cannot say.
      const std::string id = id_of("File", std::to_string(count++));
      TRY_ASSIGN(std::string sha1, sha1_hex(file.bytes()));
      files_.push_back(
          {{"SPDXID", id},
           {"fileName", "./" + path},
           {"checksums",
            {checksum("SHA1", sha1), checksum("SHA256", base::Digest::of(file.bytes()).hex())}},
           {"licenseConcluded", kNoAssertion},
           {"copyrightText", kNoAssertion}});
      contents_[file.package].push_back({id, std::move(sha1)});
    }
    return {};
  }

  Result<void> add_package(const RuntimePackage& package) {
    const bool own = package.name == kOwn;
    const std::string id = id_of("Package", package.name);
    json object = {{"SPDXID", id},
                   {"name", package.name},
                   {"versionInfo", package.version},
                   {"primaryPackagePurpose", own ? "APPLICATION" : "LIBRARY"},
                   {"downloadLocation", kNoAssertion},
                   {"licenseConcluded", kNoAssertion},
                   {"licenseDeclared", own ? "Apache-2.0" : kNoAssertion},
                   {"copyrightText", kNoAssertion}};
    if (!package.license.empty()) {
      object["licenseComments"] = fmt::format("The licence is in /{}", package.license);
    }
    if (!package.architecture.empty()) {
      object["supplier"] = "Organization: Debian";
      object["externalRefs"] = {{{"referenceCategory", "PACKAGE-MANAGER"},
                                 {"referenceType", "purl"},
                                 {"referenceLocator", purl(package)}}};
    }
    TRY(add_contents(object, package.name, id));
    packages_.push_back(std::move(object));
    if (!own) relate(id_of("Package", kOwn), "DEPENDS_ON", id);
    return {};
  }

  // A package that has files says their SHA-1, sorted and digested together.
  Result<void> add_contents(json& object, const std::string& name, const std::string& id) {
    const auto at = contents_.find(name);
    object["filesAnalyzed"] = at != contents_.end();
    if (at == contents_.end()) return {};
    std::multiset<std::string> digests;
    for (const Content& content : at->second) {
      digests.insert(content.sha1);
      relate(id, "CONTAINS", content.id);
    }
    std::string all;
    for (const std::string& digest : digests) all += digest;
    TRY_ASSIGN(const std::string code, sha1_hex(base::as_bytes(all)));
    object["packageVerificationCode"] = {{"packageVerificationCodeValue", code}};
    return {};
  }

  // A package URL; '+' and ':' of Debian's versions are escaped there.
  static std::string purl(const RuntimePackage& package) {
    std::string version;
    for (const char c : package.version) {
      version += c == '+' ? "%2B" : c == ':' ? "%3A" : std::string(1, c);
    }
    std::string name;
    for (const char c : package.name) name += c == '+' ? "%2B" : std::string(1, c);
    return fmt::format("pkg:deb/debian/{}@{}?arch={}", name, version, package.architecture);
  }

  struct Content {
    std::string id;
    std::string sha1;
  };

  const RuntimeFiles& runtime_;
  std::map<std::string, std::vector<Content>> contents_;  // By package.
  json packages_ = json::array();
  json files_ = json::array();
  json relations_ = json::array();
  json references_ = json::array();
};

std::string document_name(const SbomModel& model) {
  return fmt::format("{}-{}", model.name, model.version);
}

}  // namespace

Result<std::string> make_sbom(const RuntimeFiles& runtime, const SbomModel& model,
                              std::int64_t created, const std::optional<SbomBase>& base) {
  Bill bill(runtime);
  bill.describe(kModelId);
  bill.add_model(model, id_of("Package", kOwn));
  if (base) bill.add_base(*base);
  TRY(bill.add_runtime());
  return bill.finish(document_name(model), created);
}

Result<SplitSbom> make_split_sbom(const RuntimeFiles& runtime, const SbomModel& model,
                                  std::int64_t created, const std::optional<SbomBase>& base) {
  const std::string program = id_of("Package", kOwn);
  SplitSbom split;
  Bill below(runtime);
  below.describe(program);
  TRY(below.add_runtime());
  TRY_ASSIGN(split.runtime, below.finish(std::string(kOwn), created));
  Bill above(runtime);
  above.describe(kModelId);
  above.add_model(model, fmt::format("{}:{}", kRuntimeReference, program));
  if (base) above.add_base(*base);
  TRY(above.refer_to(split.runtime));
  TRY_ASSIGN(split.image, above.finish(document_name(model), created));
  return split;
}

}  // namespace image
