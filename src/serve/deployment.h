#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "contract/codec.h"
#include "contract/offer.h"
#include "engine/network.h"
#include "plan/plan.h"
#include "scorer/golden.h"
#include "scorer/scorer.h"
#include "serve/lane.h"
#include "serve/statistics.h"
#include "serve/work.h"
#include "threads/guarded.h"

namespace serve {

// What one request needs while it is scored: what was asked, the scratch of each plan, and the
// answers. Kept warm from one request to the next.
struct Session {
  Session(const contract::Offer& offer, const scorer::Scorer& scorer);

  contract::Ask ask;
  contract::Reader reader;  // Fills the ask.
  contract::Answers answers;
  std::array<std::unique_ptr<contract::Codec>, contract::kForms> codecs;  // Made when needed.
  // Of a model of rows, in the order of the offer's outputs.
  std::vector<std::unique_ptr<plan::Plan::Scratch>> scratches;
  // Of a match, and the candidates of what is ranked.
  std::unique_ptr<scorer::MatchScorer::Scratch> match;
  scorer::ImageScorer::Scratch image;  // Of a model of pictures.
  std::vector<scorer::Ranked> ranked;
  std::vector<engine::Tensor> tensors;  // Of a network.

  // Whether a request made it hold much more memory than most need.
  bool is_large() const;
};

// Whether a request is not worth going on with, and why: asked between the parts of long work.
using Ended = std::function<std::optional<Reason>()>;

// A version at work behind an endpoint: the loaded model and the sessions that threads borrow.
// Shared by the requests that are scored with it, so that it outlives its place behind the
// endpoint by as long as they need. Any thread may use it.
class Deployment {
 public:
  // `endpoint` is what answers call the model.
  Deployment(std::string endpoint, std::string version,
             std::shared_ptr<const scorer::Scorer> scorer, const scorer::Examples& examples = {},
             contract::Offer::Numbers numbers = {});
  Deployment(const Deployment&) = delete;
  Deployment& operator=(const Deployment&) = delete;

  const std::string& version() const { return version_; }
  const scorer::Scorer& scorer() const { return *scorer_; }
  const contract::Offer& offer() const { return offer_; }
  Statistics& statistics() const { return statistics_; }
  // Its place in the queue of the server (work_queue.h).
  Lane& lane() const { return lane_; }
  // A row to show how it is called (contract/example.h): of the examples, where there were any.
  const std::string& example_row() const { return example_row_; }
  // The same as tensors, of a network; empty where there is none.
  const std::vector<engine::Tensor>& example_tensors() const { return example_tensors_; }
  // What /score answers to that row, as JSON, once it was asked (warm_up.h); empty: it was not, or
  // that is too long to be shown.
  std::string example_answer() const { return *example_answer_.lock(); }
  void keep_example_answer(std::string answer) const;
  // About how long a request with a body of so many bytes takes, in microseconds. `form`: it may
  // have several pictures.
  double estimate_us(std::size_t body_bytes, bool form = false) const;

  // A session for one request; returned when it goes out of scope.
  class Lease {
   public:
    Lease(const Deployment& deployment, std::unique_ptr<Session> session)
        : deployment_(deployment), session_(std::move(session)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { deployment_.give_back(std::move(session_)); }
    Session& operator*() { return *session_; }
    Session* operator->() { return session_.get(); }

   private:
    const Deployment& deployment_;
    std::unique_ptr<Session> session_;
  };
  Lease borrow() const;

  contract::Codec& codec(contract::Form form, Session& session) const;
  // Computes session.answers for session.ask, unless it ends before; null: it does not.
  base::Result<void> score(Session& session, const Ended& ended = nullptr) const;

 private:
  base::Result<void> score_rows(const scorer::ColumnsScorer& columns, Session& session) const;
  base::Result<void> score_match(const scorer::MatchScorer& match, Session& session) const;
  base::Result<void> score_image(const scorer::ImageScorer& image, Session& session,
                                 const Ended& ended) const;
  base::Result<void> score_tensors(const engine::Network& network, Session& session) const;
  void give_back(std::unique_ptr<Session> session) const;

  const std::string endpoint_;
  const std::string version_;
  const std::shared_ptr<const scorer::Scorer> scorer_;
  const contract::Offer offer_;
  const std::vector<engine::Tensor> example_tensors_;
  const std::string example_row_;
  mutable threads::Guarded<std::string> example_answer_;
  mutable std::atomic<std::size_t> picture_bytes_;  // Of one, as the last ones were.
  mutable Statistics statistics_;
  mutable Lane lane_;
  mutable threads::Guarded<std::vector<std::unique_ptr<Session>>> idle_;
};

}  // namespace serve
