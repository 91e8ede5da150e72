#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "pickle/heap.h"
#include "pickle/stream.h"

namespace pickle {

// Told of every BUILD of a Record, before the next opcode is read: joblib keeps its arrays
// there, between the opcodes.
class BuildHook {
 public:
  virtual ~BuildHook() = default;
  virtual base::Result<void> built(Node& record, Stream& stream) = 0;
};

// The pickle machine of protocols 0 to 5, without its hands: GLOBAL gives a name, REDUCE and its
// kin note a call, and only the names of known.h make values. It refuses, naming opcode and byte:
// what CPython's machine refuses; extension codes, persistent ids and out-of-band buffers, whose
// meaning lies outside the file; PROTO anywhere but at the start; changing what is not a
// container or an instance (BUILD of a global sets attributes of a module); and lone surrogates,
// which no UTF-8 text has.
//
// It is a loop over a table of handlers, one for each opcode; the stream alone drives it, no
// call nests, and time and memory are linear in the bytes read, under Limits.
class Machine {
 public:
  // `hook` may be null. All must outlive the machine; the nodes live in `heap`.
  Machine(Stream& stream, Heap& heap, BuildHook* hook);

  // Reads one pickle, up to and with its STOP.
  base::Result<Node*> run();

 private:
  using Done = base::Result<void>;
  using Handler = Done (Machine::*)();
  struct Opcode {
    std::uint8_t code;
    std::string_view name;
    Handler handler;
  };
  using Table = std::array<Opcode, 256>;
  static const Opcode kOpcodes[];
  // By code; what is no opcode is refused.
  static const Table& table();

  // machine.cc: the stack, the memo, the stream, and what is refused.
  Done proto();
  Done frame();
  Done stop();
  Done mark();
  Done pop();
  Done pop_mark();
  Done dup();
  Done put_text();
  template <unsigned Width>
  Done put();
  Done memoize();
  Done get_text();
  template <unsigned Width>
  Done get();
  Done refuse_extension();
  Done refuse_persistent_line();
  Done refuse_persistent();
  Done refuse_buffer();
  Done unknown();

  // machine_values.cc: numbers, text, bytes.
  Done none();
  Done truth_true();
  Done truth_false();
  Done int_text();
  Done bin_int();
  template <unsigned Width>
  Done bin_uint();
  Done long_text();
  template <unsigned Width>
  Done bin_long();
  Done float_text();
  Done bin_float();
  Done string_text();
  template <unsigned Width>
  Done bin_string();
  Done unicode_text();
  template <unsigned Width>
  Done bin_unicode();
  template <unsigned Width>
  Done bin_bytes();
  Done byte_array();
  Done readonly_buffer();

  // machine_objects.cc: containers, names, calls, state.
  Done empty_list();
  Done empty_dict();
  Done empty_set();
  Done empty_tuple();
  Done list();
  Done dict();
  Done tuple();
  template <unsigned Count>
  Done tuple_of();
  Done frozen_set();
  Done append();
  Done appends();
  Done add_items();
  Done set_item();
  Done set_items();
  Done global();
  Done stack_global();
  Done reduce();
  Done new_object();
  Done new_object_ex();
  Done instance();
  Done object();
  Done build();

  static base::Error corrupt(std::string_view what) {
    return {base::Code::Corrupt, std::string(what)};
  }
  // Puts the position and the opcode in front.
  base::Error located(const base::Error& error) const;

  Done push(Node& node);
  base::Result<Node*> pop_node(std::string_view what);
  base::Result<Node*> top(std::string_view what) const;
  // The values above the last mark, which goes. Valid until the next call of this.
  base::Result<std::span<const Value>> pop_to_mark();
  base::Result<std::uint64_t> number(unsigned width);
  base::Result<std::string_view> line();
  base::Result<std::string_view> counted(unsigned width, std::string_view what);
  Done remember(std::uint64_t index);
  Done recall(std::uint64_t index);
  base::Result<std::uint64_t> memo_index();
  static std::string describe(const Node& node);
  Done push_raw_text(std::string_view bytes);
  Done push_unicode(std::string_view text);
  Done push_decimal(std::string_view text);
  Done push_long(base::Bytes twos_complement);
  base::Result<Node*> call(Node& callable, std::span<const Value> args);
  Done extend(Node& target, std::span<const Value> items);
  Done set_entries(Node& target, std::span<const Value> pairs);
  Done build_into(Node& target, Value state);

  Stream& stream_;
  Heap& heap_;
  BuildHook* hook_;
  std::vector<Value> stack_;
  std::vector<Value> popped_;
  std::vector<std::size_t> marks_;
  std::vector<Node*> memo_;
  // Entries whose numbers leave large gaps; a file need not count from zero.
  std::unordered_map<std::uint64_t, Node*> sparse_memo_;
  std::uint64_t memo_count_ = 0;
  std::uint64_t opcode_at_ = 0;
  std::string_view opcode_;
  Node* result_ = nullptr;
};

}  // namespace pickle
