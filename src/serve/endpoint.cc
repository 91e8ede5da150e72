#include "serve/endpoint.h"

#include <utility>

namespace serve {
namespace {

// Sessions kept warm; beyond as many requests at once, further ones are made and dropped.
constexpr std::size_t kIdleMax = 256;

}  // namespace

Session::Session(const scorer::Scorer& scorer) {
  if (const scorer::ColumnsScorer* columns = scorer.columns()) {
    rows = std::make_unique<table::RowReader>(columns->signature());
    frame = std::make_unique<data::Frame>(columns->signature());
    for (const plan::Method method : columns->methods()) {
      scratches.push_back(std::make_unique<plan::Plan::Scratch>(columns->plan(method)));
    }
  } else {
    match = std::make_unique<scorer::MatchScorer::Scratch>(*scorer.match());
  }
}

Deployment::Deployment(std::shared_ptr<const scorer::Scorer> scorer) : scorer_(std::move(scorer)) {
  if (const scorer::ColumnsScorer* columns = scorer_->columns()) {
    for (const plan::Method method : columns->methods()) {
      texts_.emplace_back(method, columns->plan(method).output());
    }
  }
  idle_.lock()->reserve(kIdleMax);
}

Deployment::Lease Deployment::borrow() {
  std::unique_ptr<Session> session;
  {
    auto idle = idle_.lock();
    if (!idle->empty()) {
      session = std::move(idle->back());
      idle->pop_back();
    }
  }
  if (session == nullptr) session = std::make_unique<Session>(*scorer_);
  return {*this, std::move(session)};
}

void Deployment::give_back(std::unique_ptr<Session> session) {
  auto idle = idle_.lock();
  if (idle->size() < kIdleMax) idle->push_back(std::move(session));
}

Endpoint* Endpoints::find(std::string_view name) const {
  if (name.empty()) return endpoints_.size() == 1 ? endpoints_.front().get() : nullptr;
  for (const auto& endpoint : endpoints_) {
    if (endpoint->name() == name) return endpoint.get();
  }
  return nullptr;
}

}  // namespace serve
