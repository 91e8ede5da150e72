#include "cli/token_options.h"

#include <utility>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "auth/claims.h"
#include "auth/random.h"
#include "base/text.h"
#include "cli/registry.h"
#include "config/option.h"
#include "front/key_location.h"

namespace cli {
namespace {

using base::Result;

constexpr config::Option kKeysAge = {
    .name = "jwt_keys_age_max",
    .type = config::Type::Duration,
    .fallback = "24 h",
    .min = 60'000,
    .max = std::int64_t{30} * 24 * 3'600'000,
    .sentence = "How long the issuer's keys are used while it cannot be reached."};

Result<auth::Algorithms> parse_algorithms(const std::vector<std::string>& names) {
  auth::Algorithms algorithms;
  for (const std::string& name : names) {
    const auto algorithm = auth::find_algorithm(name);
    if (!algorithm) {
      return base::Error(base::Code::Invalid,
                         fmt::format("--jwt-algorithms: expected some of {}, got {}",
                                     auth::kEveryAlgorithm.names(), base::quote(name)));
    }
    algorithms.add(*algorithm);
  }
  return algorithms;
}

Result<auth::TokenRules> rules_of(const TokenFlags& flags) {
  auth::TokenRules rules{.issuer = flags.issuer,
                         .audiences = flags.audiences,
                         .tenants = flags.tenants,
                         .word_prefix = flags.word_prefix};
  if (!flags.algorithms.empty()) {
    TRY_ASSIGN(rules.algorithms, parse_algorithms(flags.algorithms));
  }
  auto checked = auth::check_rules(rules);
  if (!checked.ok()) return std::move(checked).error().within("tokens");
  return rules;
}

Result<front::RefreshSchedule::Options> schedule_of(const TokenFlags& flags) {
  auto age = config::parse_value(kKeysAge, flags.keys_age_max);
  if (!age.ok()) return std::move(age).error().within(config::flag_name(kKeysAge));
  return front::RefreshSchedule::Options{
      .age_max = std::chrono::milliseconds(std::get<std::int64_t>(*age))};
}

}  // namespace

void add_token_options(CLI::App& app, TokenFlags& flags) {
  constexpr const char* kGroup = "Access tokens";
  auto* issuer = app.add_option("--jwt-issuer", flags.issuer,
                                "Takes access tokens (JWT) of this issuer, beside keys or alone")
                     ->group(kGroup);
  auto* audience = app.add_option("--jwt-audience", flags.audiences,
                                  "What tokens for this server have as \"aud\"; may be repeated")
                       ->allow_extra_args(false)
                       ->group(kGroup)
                       ->needs(issuer);
  issuer->needs(audience);
  const auto more = [&](CLI::Option* option) { option->group(kGroup)->needs(issuer); };
  more(app.add_option("--jwt-keys", flags.keys,
                      "The issuer's key set: a URL, or a file that is watched for changes "
                      "(default: what the issuer's openid-configuration says)"));
  more(app.add_option("--jwt-algorithms", flags.algorithms,
                      "Of RS256, PS256, ES256 and EdDSA (default: RS256,ES256)")
           ->delimiter(',')
           ->allow_extra_args(false));
  more(app.add_option("--jwt-tenant", flags.tenants,
                      "Takes tokens of this tenant (\"tid\") alone; may be repeated")
           ->allow_extra_args(false));
  more(app.add_option("--jwt-scope-prefix", flags.word_prefix,
                      "In front of the words that grant something: \"Sooth.\" for "
                      "\"Sooth.score\" (default: none)"));
  more(app.add_option("--jwt-ca-file", flags.ca_file,
                      "Certificates of authorities that the issuer's is signed by, PEM"));
  more(app.add_option(config::flag_name(kKeysAge), flags.keys_age_max,
                      fmt::format("{} (default {})", kKeysAge.sentence, kKeysAge.fallback)));
}

Result<std::unique_ptr<TokenAccess>> TokenAccess::open(const TokenFlags& flags, World& world,
                                                       telemetry::Log& log,
                                                       telemetry::Metrics& metrics) {
  std::unique_ptr<TokenAccess> access(new TokenAccess());
  if (flags.issuer.empty()) return access;
  TRY_ASSIGN(auth::TokenRules rules, rules_of(flags));
  TRY_ASSIGN(auto schedule, schedule_of(flags));
  TRY_ASSIGN(auto location, front::parse_key_location(flags.issuer, flags.keys));
  TRY_ASSIGN(auto client, client_options(world));
  TRY_ASSIGN(auto trust,
             net::TlsTrust::load({.ca_file = flags.ca_file, .ca_option = "--jwt-ca-file"}));
  access->tokens_ = std::make_unique<front::Tokens>(std::move(rules), metrics);
  access->http_ = std::make_unique<net::HttpClient>(std::move(client), std::move(trust));
  TRY_ASSIGN(access->keys_,
             front::IssuerKeys::open({.location = std::move(location), .schedule = schedule},
                                     {.tokens = *access->tokens_,
                                      .http = *access->http_,
                                      .log = log,
                                      .metrics = metrics,
                                      .now = world.now,
                                      .random = auth::system_random}));
  return access;
}

}  // namespace cli
