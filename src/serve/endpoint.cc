#include "serve/endpoint.h"

#include <utility>

namespace serve {

Endpoint::Endpoint(std::string name, std::shared_ptr<const Deployment> deployment,
                   telemetry::Metrics& metrics)
    : name_(std::move(name)), deployment_(std::move(deployment)), metrics_(metrics, name_) {}

Endpoint::Endpoint(std::string name, std::string version,
                   std::shared_ptr<const scorer::Scorer> scorer, telemetry::Metrics& metrics,
                   const scorer::Examples& examples, contract::Offer::Numbers numbers)
    : Endpoint(name,
               std::make_shared<const Deployment>(name, std::move(version), std::move(scorer),
                                                  examples, numbers),
               metrics) {}

Endpoints::Endpoints() : endpoints_(std::make_shared<const Map>()) {}

void Endpoints::add(std::shared_ptr<Endpoint> endpoint) {
  std::vector<std::shared_ptr<Endpoint>> one;
  one.push_back(std::move(endpoint));
  add(std::move(one));
}

void Endpoints::add(std::vector<std::shared_ptr<Endpoint>> endpoints) {
  const auto lock = changing_.lock();
  auto next = std::make_shared<Map>(*endpoints_.read());
  for (auto& each : endpoints) {
    const std::string name = each->name();
    next->insert_or_assign(name, std::move(each));
  }
  endpoints_.publish(std::move(next));
  ++changes_;
}

bool Endpoints::replace(std::string_view name, std::shared_ptr<const Deployment> deployment) {
  const auto lock = changing_.lock();
  const auto endpoints = endpoints_.read();
  const auto at = endpoints->find(name);
  if (at == endpoints->end()) return false;
  at->second->replace(std::move(deployment));
  return true;
}

bool Endpoints::remove(std::string_view name) {
  const auto lock = changing_.lock();
  auto next = std::make_shared<Map>(*endpoints_.read());
  const auto at = next->find(name);
  if (at == next->end()) return false;
  next->erase(at);
  endpoints_.publish(std::move(next));
  ++changes_;
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
