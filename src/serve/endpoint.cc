#include "serve/endpoint.h"

#include <utility>

namespace serve {

Endpoint::Endpoint(std::string name, std::string version,
                   std::shared_ptr<const scorer::Scorer> scorer, telemetry::Metrics& metrics,
                   const scorer::Examples& examples, contract::Offer::Numbers numbers)
    : name_(std::move(name)),
      numbers_(numbers),
      deployment_(std::make_shared<const Deployment>(name_, std::move(version), std::move(scorer),
                                                     examples, numbers_)),
      metrics_(metrics, name_) {}

void Endpoint::replace(std::string version, std::shared_ptr<const scorer::Scorer> scorer,
                       const scorer::Examples& examples) {
  deployment_.publish(std::make_shared<const Deployment>(name_, std::move(version),
                                                         std::move(scorer), examples, numbers_));
}

Endpoints::Endpoints() : endpoints_(std::make_shared<const Map>()) {}

void Endpoints::add(std::shared_ptr<const Endpoint> endpoint) {
  const auto lock = changing_.lock();
  auto next = std::make_shared<Map>(*endpoints_.read());
  const std::string name = endpoint->name();
  next->insert_or_assign(name, std::move(endpoint));
  endpoints_.publish(std::move(next));
}

bool Endpoints::remove(std::string_view name) {
  const auto lock = changing_.lock();
  auto next = std::make_shared<Map>(*endpoints_.read());
  const auto at = next->find(name);
  if (at == next->end()) return false;
  next->erase(at);
  endpoints_.publish(std::move(next));
  return true;
}

std::shared_ptr<const Endpoint> Endpoints::find(std::string_view name) const {
  const auto endpoints = endpoints_.read();
  if (name.empty()) return endpoints->size() == 1 ? endpoints->begin()->second : nullptr;
  const auto at = endpoints->find(name);
  return at == endpoints->end() ? nullptr : at->second;
}

std::vector<std::shared_ptr<const Endpoint>> Endpoints::all() const {
  std::vector<std::shared_ptr<const Endpoint>> all;
  for (const auto& [name, endpoint] : *endpoints_.read()) all.push_back(endpoint);
  return all;
}

}  // namespace serve
