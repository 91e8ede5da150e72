#include "oci/credential_helper.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "oci/json_text.h"
#include "threads/process.h"

namespace oci {
namespace {

using base::Code;
using base::Error;

constexpr std::string_view kTokenUser = "<token>";  // Its secret is an identity token.
constexpr std::size_t kNameMax = 64;
constexpr std::size_t kAnswerBytesMax = 256 << 10;

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '_';
         });
}

}  // namespace

base::Result<CredentialHelper> CredentialHelper::open(const std::string& name,
                                                      const CredentialStore::Options& options) {
  if (!is_name(name)) {
    return Error(
        Code::Invalid,
        fmt::format("credential helper {}: expected a name of letters, digits, '-' and '_'",
                    base::quote(name)));
  }
  const std::string program = "docker-credential-" + name;
  auto path = threads::find_program(program, options.search_path);
  if (!path) {
    return Error(
        Code::NotFound,
        fmt::format("credential helper \"{}\": no such program on the PATH; install it, or "
                    "take its name out of the credentials file",
                    program));
  }
  return CredentialHelper(*std::move(path), options);
}

base::Result<CredentialHelper::Answer> CredentialHelper::ask(const std::string& verb,
                                                             const std::string& input) const {
  auto outcome = threads::run_process({.program = program_,
                                       .arguments = {verb},
                                       .environment = environment_,
                                       .input = input,
                                       .output_bytes_max = kAnswerBytesMax},
                                      std::chrono::steady_clock::now() + time_max_);
  if (!outcome.ok()) return std::move(outcome).error().within("credential helper");
  if (outcome->status == 0) return Answer{true, std::move(outcome->output)};
  // The protocol has no other sign for this than the words.
  if (outcome->output.find("credentials not found") != std::string::npos) return Answer{};
  // On "store" the helper may repeat what it was given; on the others it knows no secret yet.
  std::string_view words = verb == "get" ? outcome->errors : std::string_view();
  words = words.substr(0, words.find('\n'));
  const std::string why = words.empty() ? "" : ": " + base::quote(words);
  return Error(Code::Unavailable, fmt::format("credential helper {}: \"{}\" ended with status {}{}",
                                              base::quote(program_), verb, outcome->status, why));
}

base::Result<std::optional<Credentials>> CredentialHelper::get(const std::string& server) const {
  TRY_ASSIGN(const Answer answer, ask("get", server + "\n"));
  if (!answer.found) return std::optional<Credentials>();
  return read_answer(program_, answer.text);
}

base::Result<std::optional<Credentials>> CredentialHelper::read_answer(std::string_view program,
                                                                       std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) {
    return Error(Code::Corrupt,
                 fmt::format("credential helper {}: expected a JSON object", base::quote(program)));
  }
  Credentials credentials{.user = text_at(object, "Username"), .secret = text_at(object, "Secret")};
  if (credentials.secret.empty()) return std::optional<Credentials>();
  credentials.identity_token = credentials.user == kTokenUser;
  return std::optional<Credentials>(std::move(credentials));
}

base::Result<void> CredentialHelper::store(const std::string& server,
                                           const Credentials& credentials) const {
  const nlohmann::json object = {
      {"ServerURL", server},
      {"Username", credentials.identity_token ? std::string(kTokenUser) : credentials.user},
      {"Secret", credentials.secret}};
  const std::string text = object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  TRY_ASSIGN(const Answer answer, ask("store", text));
  if (answer.found) return {};
  return Error(Code::Unavailable,
               fmt::format("credential helper {}: \"store\" was refused", base::quote(program_)));
}

base::Result<bool> CredentialHelper::erase(const std::string& server) const {
  TRY_ASSIGN(const Answer answer, ask("erase", server + "\n"));
  return answer.found;
}

}  // namespace oci
