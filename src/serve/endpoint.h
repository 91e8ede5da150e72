#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "contract/answer.h"
#include "contract/json_body.h"
#include "data/frame.h"
#include "plan/plan.h"
#include "scorer/scorer.h"
#include "table/json_row.h"
#include "telemetry/endpoint_metrics.h"
#include "threads/guarded.h"

namespace serve {

// What one request needs while it is scored: the reader, the frame and the scratch of each plan.
// Kept warm from one request to the next.
struct Session {
  explicit Session(const scorer::Scorer& scorer);

  contract::JsonBody json;
  // Of a scorer of columns.
  std::unique_ptr<table::RowReader> rows;
  std::unique_ptr<data::Frame> frame;
  std::vector<std::size_t> positions;
  std::vector<std::unique_ptr<plan::Plan::Scratch>> scratches;  // In the order of methods().
  // Of a scorer that matches.
  std::unique_ptr<scorer::MatchScorer::Scratch> match;
  std::vector<std::string_view> inputs;
  std::vector<scorer::Ranked> ranked;
};

// A version at work behind an endpoint: the loaded model and the sessions that threads borrow.
// Any thread may use it.
class Deployment {
 public:
  explicit Deployment(std::shared_ptr<const scorer::Scorer> scorer);

  const scorer::Scorer& scorer() const { return *scorer_; }
  // Of a scorer of columns: how the answers of methods()[i] are written.
  const contract::AnswerText& answer_text(std::size_t i) const { return texts_[i]; }

  // A session for one request; returned when it goes out of scope.
  class Lease {
   public:
    Lease(Deployment& deployment, std::unique_ptr<Session> session)
        : deployment_(deployment), session_(std::move(session)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { deployment_.give_back(std::move(session_)); }
    Session& operator*() { return *session_; }
    Session* operator->() { return session_.get(); }

   private:
    Deployment& deployment_;
    std::unique_ptr<Session> session_;
  };
  Lease borrow();

 private:
  void give_back(std::unique_ptr<Session> session);

  std::shared_ptr<const scorer::Scorer> scorer_;
  std::vector<contract::AnswerText> texts_;
  threads::Guarded<std::vector<std::unique_ptr<Session>>> idle_;
};

// A stable name that clients call, and the deployment behind it.
class Endpoint {
 public:
  Endpoint(std::string name, std::shared_ptr<const scorer::Scorer> scorer,
           telemetry::Metrics& metrics)
      : name_(std::move(name)), deployment_(std::move(scorer)), metrics_(metrics, name_) {}

  const std::string& name() const { return name_; }
  Deployment& deployment() { return deployment_; }
  const Deployment& deployment() const { return deployment_; }
  telemetry::EndpointMetrics& metrics() { return metrics_; }

 private:
  std::string name_;
  Deployment deployment_;
  telemetry::EndpointMetrics metrics_;
};

// The endpoints of a server, by name.
class Endpoints {
 public:
  void add(std::unique_ptr<Endpoint> endpoint) { endpoints_.push_back(std::move(endpoint)); }
  // An empty name means the only one there is. Null where there is none.
  Endpoint* find(std::string_view name) const;

 private:
  std::vector<std::unique_ptr<Endpoint>> endpoints_;
};

}  // namespace serve
