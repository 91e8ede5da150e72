#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "contract/json_body.h"
#include "contract/offer.h"
#include "contract/route.h"
#include "contract/tensors.h"
#include "data/frame.h"
#include "engine/tensor.h"
#include "plan/buffer.h"
#include "scorer/match_scorer.h"
#include "table/json_row.h"

namespace contract {

// A request as it came: its bytes, and what the fields around them say.
struct Incoming {
  std::string_view body;          // simdjson::SIMDJSON_PADDING bytes behind it can be read.
  std::string_view content_type;  // As sent; empty: nothing was said.
  std::string_view accept;
  std::string_view method;  // Which output is wanted, where the address says so: ?method=...
  // Inference-Header-Content-Length: so many bytes of the body are JSON, the rest tensors.
  std::optional<std::uint64_t> json_bytes;
  std::size_t json_depth_max = kJsonDepthMax;
};

// What is asked of a deployment, in whatever form it came: rows, or the tensors of a network, and
// which outputs of them. Its memory is kept from one request to the next.
struct Ask {
  explicit Ask(const Offer& offered);
  void clear();
  std::size_t rows() const { return tensors.any() ? tensors.rows() : frame.rows(); }
  // What a protocol gives that knows one method only.
  void want_usual_outputs();

  const Offer& offer;
  data::Frame frame;  // Of the offer's inputs; texts are views of the request.
  // Of the offer's tensor_inputs(): of a network all; of pictures one that came prepared, or none.
  Tensors tensors;
  std::vector<std::size_t> outputs;  // Of the offer, in the order they are wanted in.
  std::optional<std::size_t> top_k;  // Of what is ranked.
  // Whether a row that cannot be scored is answered with its error, instead of the whole request.
  bool row_by_row = false;
};

// What codecs fill an Ask with; what it has read lives until it is cleared. Its memory is kept
// from one request to the next.
struct Reader {
  // The ask outlives it.
  explicit Reader(Ask& filled);
  void clear();  // The ask, too.
  // Whether the request made it hold much more memory than most need.
  bool is_large() const;

  Ask& ask;
  JsonBody json;
  table::RowReader rows;
  // Of the columns that a request names for all of its rows: which of the offer's each is, or
  // kNoColumn, whose cells are left out.
  std::vector<std::size_t> positions;
  static constexpr std::size_t kNoColumn = table::RowReader::kNoColumn;
};

// What was computed for an Ask.
struct Answers {
  std::size_t rows = 0;
  // Of a model of rows: one for each of Ask::outputs.
  std::vector<const plan::Buffer*> buffers;
  // Of what is ranked: `ranks` of each row, best first.
  std::size_t ranks = 0;
  std::span<const scorer::Ranked> ranked;
  // Of a network: one for each of Ask::outputs.
  std::span<const engine::Tensor> tensors;
  // Where the ask was to be answered row by row: of each row why it has no answer, or nothing.
  std::vector<std::string> failures;
};

// An answer in the making.
struct Outgoing {
  std::string& body;
  std::string_view content_type = "application/json";
  std::optional<std::size_t> json_bytes;  // As in Incoming.
};

// Reads the requests of one protocol and writes their answers, for one deployment. Pure but for
// the memory that it keeps of the request between decode() and encode(). One thread at a time.
class Codec {
 public:
  Codec() = default;
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
  virtual ~Codec() = default;

  // Fills the reader's ask, which was cleared: at least one row, or all tensors, and at least one
  // output. Invalid
  // where it is not what the protocol and the offer's inputs say, with the place.
  virtual base::Result<void> decode(const Incoming& in, Reader& reader) = 0;
  // Writes behind out.body.
  virtual base::Result<void> encode(const Ask& ask, const Answers& answers, Outgoing& out) = 0;
};

// `endpoint` is what answers call the model.
std::unique_ptr<Codec> make_codec(Form form, std::string endpoint);

// An error in the protocol's form.
void encode_error(Protocol protocol, int status, std::string_view message, std::string& out);

}  // namespace contract
