#include "serve/deployment.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "contract/example.h"
#include "contract/pictures.h"
#include "serve/picture_scoring.h"

namespace serve {
namespace {

// Sessions kept warm; beyond as many requests at once, further ones are made and dropped.
constexpr std::size_t kIdleMax = 256;
// The fewest bytes that a cell takes in a body: "0,".
constexpr std::size_t kCellBytesMin = 2;
// About a photograph's, until there was one.
constexpr std::size_t kPictureBytes = 100'000;
// Answers of a network beyond these are not kept for the next ones.
constexpr std::size_t kTensorBytesMax = 1 << 20;
constexpr std::size_t kExampleAnswerMax = 64 << 10;

// How many bytes one of a network's requests has in binary that asks for the least.
double least_bytes(const contract::Offer& offer) {
  double sum = 0;
  for (const engine::TensorSpec& spec : offer.tensor_inputs()) {
    auto bytes = static_cast<double>(std::max<std::size_t>(1, data::datatype_bytes(spec.type)));
    for (const std::int64_t extent : spec.shape) {
      if (extent > 0) bytes *= static_cast<double>(extent);
    }
    sum += bytes;
  }
  return std::max(1.0, sum);
}

}  // namespace

Session::Session(const contract::Offer& offer, const scorer::Scorer& scorer)
    : ask(offer), reader(ask) {
  if (const scorer::ColumnsScorer* columns = scorer.columns()) {
    for (const plan::Method method : columns->methods()) {
      scratches.push_back(std::make_unique<plan::Plan::Scratch>(columns->plan(method)));
    }
  } else if (scorer.match() != nullptr) {
    match = std::make_unique<scorer::MatchScorer::Scratch>(*scorer.match());
  }
}

bool Session::is_large() const {
  std::size_t bytes = 0;
  for (const engine::Tensor& each : tensors) {
    bytes += each.bytes.capacity() + each.texts.capacity() * sizeof(std::string);
  }
  return bytes > kTensorBytesMax || reader.is_large();
}

Deployment::Deployment(std::string endpoint, std::string version,
                       std::shared_ptr<const scorer::Scorer> scorer,
                       const scorer::Examples& examples, contract::Offer::Numbers numbers)
    : endpoint_(std::move(endpoint)),
      version_(std::move(version)),
      scorer_(std::move(scorer)),
      offer_(*scorer_, numbers),
      example_tensors_(contract::example_tensors(offer_, examples)),
      example_row_(contract::example_row(offer_, examples)),
      picture_bytes_(kPictureBytes) {
  idle_.lock()->reserve(kIdleMax);
}

void Deployment::keep_example_answer(std::string answer) const {
  if (answer.size() <= kExampleAnswerMax) *example_answer_.lock() = std::move(answer);
}

double Deployment::estimate_us(std::size_t body_bytes, bool form) const {
  // Parsing and answering cost about a nanosecond a byte.
  const auto bytes = static_cast<double>(body_bytes);
  const double bytes_us = bytes / 1000;
  if (offer_.is_tensors()) {
    return scorer_->cost_us() * std::max(1.0, bytes / least_bytes(offer_)) + bytes_us;
  }
  if (offer_.is_image() && form) {
    const auto one = static_cast<double>(std::max<std::size_t>(1, picture_bytes_.load()));
    return scorer_->cost_us() *
               std::clamp(bytes / one, 1.0, static_cast<double>(contract::kPicturesMax)) +
           bytes_us;
  }
  if (offer_.is_ranked()) return scorer_->cost_us() + bytes_us;
  const std::size_t columns = std::max<std::size_t>(1, offer_.inputs().columns.size());
  const std::size_t rows = std::max<std::size_t>(1, body_bytes / (columns * kCellBytesMin * 8));
  return scorer_->cost_us() * static_cast<double>(rows) + bytes_us;
}

Deployment::Lease Deployment::borrow() const {
  std::unique_ptr<Session> session;
  {
    auto idle = idle_.lock();
    if (!idle->empty()) {
      session = std::move(idle->back());
      idle->pop_back();
    }
  }
  if (session == nullptr) session = std::make_unique<Session>(offer_, *scorer_);
  session->reader.clear();
  return {*this, std::move(session)};
}

void Deployment::give_back(std::unique_ptr<Session> session) const {
  // One huge request is not to be remembered for ever.
  if (session->is_large()) return;
  auto idle = idle_.lock();
  if (idle->size() < kIdleMax) idle->push_back(std::move(session));
}

contract::Codec& Deployment::codec(contract::Form form, Session& session) const {
  auto& codec = session.codecs[static_cast<std::size_t>(form)];
  if (codec == nullptr) codec = contract::make_codec(form, endpoint_);
  return *codec;
}

base::Result<void> Deployment::score(Session& session, const Ended& ended) const {
  session.answers.rows = session.ask.rows();
  if (const engine::Network* network = scorer_->tensors()) return score_tensors(*network, session);
  if (const scorer::MatchScorer* match = scorer_->match()) return score_match(*match, session);
  if (const scorer::ImageScorer* image = scorer_->image()) {
    return score_image(*image, session, ended);
  }
  return score_rows(*scorer_->columns(), session);
}

// A request is one run.
base::Result<void> Deployment::score_tensors(const engine::Network& network,
                                             Session& session) const {
  TRY(network.run(session.ask.tensors.views(), session.ask.outputs, session.tensors));
  const std::vector<std::int64_t>& shape = session.tensors.front().shape;
  session.answers.rows = shape.empty() ? 1 : static_cast<std::size_t>(shape.front());
  session.answers.tensors = session.tensors;
  return {};
}

base::Result<void> Deployment::score_rows(const scorer::ColumnsScorer& columns,
                                          Session& session) const {
  session.answers.buffers.clear();
  for (const std::size_t output : session.ask.outputs) {
    const plan::Method method = offer_.outputs()[output].method;
    TRY_ASSIGN(const plan::Buffer* answer,
               columns.plan(method).run(session.ask.frame, *session.scratches[output]));
    session.answers.buffers.push_back(answer);
  }
  return {};
}

base::Result<void> Deployment::score_match(const scorer::MatchScorer& match,
                                           Session& session) const {
  const std::size_t top_k = session.ask.top_k.value_or(match.default_top_k());
  session.ranked.clear();
  std::size_t row = 0;
  for (const std::string_view query : session.ask.frame.texts(0)) {
    if (query.find_first_not_of(" \t\r\n") == std::string_view::npos) {
      const std::string place = session.answers.rows > 1 ? fmt::format("row {}, ", row) : "";
      return base::Error(base::Code::Invalid,
                         fmt::format("{}\"input\": expected a question, got an empty text", place));
    }
    TRY_ASSIGN(const auto ranked, match.match(query, top_k, *session.match));
    session.answers.ranks = ranked.size();
    session.ranked.insert(session.ranked.end(), ranked.begin(), ranked.end());
    ++row;
  }
  session.answers.ranked = session.ranked;
  return {};
}

base::Result<void> Deployment::score_image(const scorer::ImageScorer& image, Session& session,
                                           const Ended& ended) const {
  if (session.ask.tensors.any()) return score_prepared_pictures(image, session, ended);
  for (const std::string_view picture : session.ask.frame.texts(0)) {
    picture_bytes_.store((picture_bytes_.load() * 7 + picture.size()) / 8);
  }
  return score_pictures(image, session, ended);
}

}  // namespace serve
