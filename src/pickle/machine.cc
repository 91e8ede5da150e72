#include "pickle/machine.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/number.h"
#include "base/text.h"

namespace pickle {

using base::Code;
using base::Error;
using base::Result;

namespace {

// Memo numbers up to this far past those already used lie in a plain table.
constexpr std::uint64_t kMemoGap = 16;
constexpr std::uint8_t kHighestProtocol = 5;

}  // namespace

const Machine::Opcode Machine::kOpcodes[] = {
    {'(', "MARK", &Machine::mark},
    {'.', "STOP", &Machine::stop},
    {'0', "POP", &Machine::pop},
    {'1', "POP_MARK", &Machine::pop_mark},
    {'2', "DUP", &Machine::dup},
    {'F', "FLOAT", &Machine::float_text},
    {'I', "INT", &Machine::int_text},
    {'J', "BININT", &Machine::bin_int},
    {'K', "BININT1", &Machine::bin_uint<1>},
    {'L', "LONG", &Machine::long_text},
    {'M', "BININT2", &Machine::bin_uint<2>},
    {'N', "NONE", &Machine::none},
    {'P', "PERSID", &Machine::refuse_persistent_line},
    {'Q', "BINPERSID", &Machine::refuse_persistent},
    {'R', "REDUCE", &Machine::reduce},
    {'S', "STRING", &Machine::string_text},
    {'T', "BINSTRING", &Machine::bin_string<4>},
    {'U', "SHORT_BINSTRING", &Machine::bin_string<1>},
    {'V', "UNICODE", &Machine::unicode_text},
    {'X', "BINUNICODE", &Machine::bin_unicode<4>},
    {'a', "APPEND", &Machine::append},
    {'b', "BUILD", &Machine::build},
    {'c', "GLOBAL", &Machine::global},
    {'d', "DICT", &Machine::dict},
    {'}', "EMPTY_DICT", &Machine::empty_dict},
    {'e', "APPENDS", &Machine::appends},
    {'g', "GET", &Machine::get_text},
    {'h', "BINGET", &Machine::get<1>},
    {'i', "INST", &Machine::instance},
    {'j', "LONG_BINGET", &Machine::get<4>},
    {'l', "LIST", &Machine::list},
    {']', "EMPTY_LIST", &Machine::empty_list},
    {'o', "OBJ", &Machine::object},
    {'p', "PUT", &Machine::put_text},
    {'q', "BINPUT", &Machine::put<1>},
    {'r', "LONG_BINPUT", &Machine::put<4>},
    {'s', "SETITEM", &Machine::set_item},
    {'t', "TUPLE", &Machine::tuple},
    {')', "EMPTY_TUPLE", &Machine::empty_tuple},
    {'u', "SETITEMS", &Machine::set_items},
    {'G', "BINFLOAT", &Machine::bin_float},
    {0x80, "PROTO", &Machine::proto},
    {0x81, "NEWOBJ", &Machine::new_object},
    {0x82, "EXT1", &Machine::refuse_extension},
    {0x83, "EXT2", &Machine::refuse_extension},
    {0x84, "EXT4", &Machine::refuse_extension},
    {0x85, "TUPLE1", &Machine::tuple_of<1>},
    {0x86, "TUPLE2", &Machine::tuple_of<2>},
    {0x87, "TUPLE3", &Machine::tuple_of<3>},
    {0x88, "NEWTRUE", &Machine::truth_true},
    {0x89, "NEWFALSE", &Machine::truth_false},
    {0x8a, "LONG1", &Machine::bin_long<1>},
    {0x8b, "LONG4", &Machine::bin_long<4>},
    {'B', "BINBYTES", &Machine::bin_bytes<4>},
    {'C', "SHORT_BINBYTES", &Machine::bin_bytes<1>},
    {0x8c, "SHORT_BINUNICODE", &Machine::bin_unicode<1>},
    {0x8d, "BINUNICODE8", &Machine::bin_unicode<8>},
    {0x8e, "BINBYTES8", &Machine::bin_bytes<8>},
    {0x8f, "EMPTY_SET", &Machine::empty_set},
    {0x90, "ADDITEMS", &Machine::add_items},
    {0x91, "FROZENSET", &Machine::frozen_set},
    {0x92, "NEWOBJ_EX", &Machine::new_object_ex},
    {0x93, "STACK_GLOBAL", &Machine::stack_global},
    {0x94, "MEMOIZE", &Machine::memoize},
    {0x95, "FRAME", &Machine::frame},
    {0x96, "BYTEARRAY8", &Machine::byte_array},
    {0x97, "NEXT_BUFFER", &Machine::refuse_buffer},
    {0x98, "READONLY_BUFFER", &Machine::readonly_buffer},
};

const Machine::Table& Machine::table() {
  static const Table kTable = [] {
    Table all;
    all.fill({0, "opcode", &Machine::unknown});
    for (const Opcode& opcode : kOpcodes) all[opcode.code] = opcode;
    return all;
  }();
  return kTable;
}

Machine::Machine(Stream& stream, Heap& heap, BuildHook* hook)
    : stream_(stream), heap_(heap), hook_(hook) {}

Result<Node*> Machine::run() {
  const Table& opcodes = table();
  const std::uint64_t start = stream_.offset();
  while (result_ == nullptr) {
    opcode_at_ = stream_.offset();
    const auto code = stream_.byte();
    if (!code) {
      return Error(Code::Corrupt, fmt::format("byte {}: expected an opcode, got the end after {} "
                                              "bytes without STOP",
                                              opcode_at_, opcode_at_ - start));
    }
    const Opcode& opcode = opcodes[*code];
    opcode_ = opcode.name;
    if (*code == 0x80 && opcode_at_ != start) {
      return located(corrupt("expected only at the start"));
    }
    if (auto done = (this->*opcode.handler)(); !done.ok()) return located(done.error());
    if (auto fits = heap_.check(); !fits.ok()) return located(fits.error());
  }
  return result_;
}

Error Machine::located(const Error& error) const {
  return {error.code(), fmt::format("byte {}: {}: {}", opcode_at_, opcode_, error.message())};
}

Machine::Done Machine::unknown() {
  return corrupt(fmt::format("expected one of protocols 0 to {}, got 0x{:02x}", kHighestProtocol,
                             stream_.byte_at(opcode_at_)));
}

Machine::Done Machine::push(Node& node) {
  if (stack_.size() >= heap_.limits().stack_values) {
    return Error(Code::Exhausted, fmt::format("expected at most {} values on the stack",
                                              heap_.limits().stack_values));
  }
  stack_.emplace_back(node);
  return {};
}

Result<Node*> Machine::pop_node(std::string_view what) {
  TRY_ASSIGN(Node * node, top(what));
  stack_.pop_back();
  return node;
}

Result<Node*> Machine::top(std::string_view what) const {
  const std::size_t fence = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() == fence) {
    return corrupt(fmt::format("expected {} on the stack, got {}", what,
                               marks_.empty() ? "nothing" : "a mark"));
  }
  // The machine that made a node may change it, for as long as it runs.
  return const_cast<Node*>(stack_.back().id());
}

Result<std::span<const Value>> Machine::pop_to_mark() {
  if (marks_.empty()) return corrupt("expected a mark on the stack, got none");
  const std::size_t from = marks_.back();
  marks_.pop_back();
  const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(from);
  popped_.assign(first, stack_.end());
  stack_.erase(first, stack_.end());
  return std::span<const Value>(popped_);
}

Result<std::uint64_t> Machine::number(unsigned width) {
  const auto value = stream_.little(width);
  if (!value) return corrupt("expected its argument, got the end of the frame or file");
  return *value;
}

Result<std::string_view> Machine::line() {
  const auto text = stream_.line();
  if (!text) return corrupt("expected a line, got the end of the frame or file");
  return *text;
}

Result<std::string_view> Machine::counted(unsigned width, std::string_view what) {
  TRY_ASSIGN(const std::uint64_t size, number(width));
  if (size > heap_.limits().string_bytes) {
    return Error(Code::Exhausted, fmt::format("expected {} of at most {} bytes, got {}", what,
                                              heap_.limits().string_bytes, size));
  }
  const auto bytes = stream_.take(size);
  if (!bytes) {
    return corrupt(fmt::format("expected {} of {} bytes, got the end of the frame or file after {}",
                               what, size, stream_.left()));
  }
  return base::as_text(*bytes);
}

Machine::Done Machine::proto() {
  TRY_ASSIGN(const std::uint64_t version, number(1));
  if (version <= kHighestProtocol) return {};
  return Error(Code::Unsupported,
               fmt::format("expected a protocol up to {}, got {}", kHighestProtocol, version));
}

Machine::Done Machine::frame() {
  TRY_ASSIGN(const std::uint64_t size, number(8));
  if (stream_.open_frame(size)) return {};
  return corrupt(stream_.in_frame()
                     ? std::string("expected the frame before to end first")
                     : fmt::format("expected a frame of {} bytes, got {}", size, stream_.left()));
}

Machine::Done Machine::stop() {
  TRY_ASSIGN(result_, pop_node("the value"));
  if (stream_.in_frame()) return corrupt("expected the end of the frame");
  return {};
}

Machine::Done Machine::mark() {
  if (marks_.size() >= heap_.limits().marks) {
    return Error(Code::Exhausted, fmt::format("expected at most {} marks", heap_.limits().marks));
  }
  marks_.push_back(stack_.size());
  return {};
}

// On a mark with nothing above it, POP takes the mark.
Machine::Done Machine::pop() {
  if (!marks_.empty() && marks_.back() == stack_.size()) {
    marks_.pop_back();
    return {};
  }
  TRY_ASSIGN(const Node* dropped, pop_node("a value"));
  static_cast<void>(dropped);
  return {};
}

Machine::Done Machine::pop_mark() {
  TRY_ASSIGN(const auto dropped, pop_to_mark());
  static_cast<void>(dropped);
  return {};
}

Machine::Done Machine::dup() {
  TRY_ASSIGN(Node * node, top("a value"));
  return push(*node);
}

Machine::Done Machine::remember(std::uint64_t index) {
  TRY_ASSIGN(Node * node, top("a value"));
  const auto sparse = sparse_memo_.empty() ? sparse_memo_.end() : sparse_memo_.find(index);
  if (sparse != sparse_memo_.end()) {
    sparse->second = node;
  } else if (index < memo_.size() + kMemoGap) {
    if (index >= memo_.size()) memo_.resize(index + 1);
    if (std::exchange(memo_[index], node) == nullptr) ++memo_count_;
  } else {
    sparse_memo_.emplace(index, node);
    ++memo_count_;
  }
  if (memo_count_ > heap_.limits().memo_entries) {
    return Error(Code::Exhausted,
                 fmt::format("expected at most {} memo entries", heap_.limits().memo_entries));
  }
  return {};
}

Machine::Done Machine::recall(std::uint64_t index) {
  if (index < memo_.size() && memo_[index] != nullptr) return push(*memo_[index]);
  const auto found = sparse_memo_.find(index);
  if (found == sparse_memo_.end()) {
    return corrupt(fmt::format("expected a memo entry {}, got none", index));
  }
  return push(*found->second);
}

Result<std::uint64_t> Machine::memo_index() {
  TRY_ASSIGN(const auto text, line());
  const auto index = base::parse_int(text);
  if (!index || *index < 0) {
    return corrupt(fmt::format("expected a memo number, got {}", base::quote(text)));
  }
  return static_cast<std::uint64_t>(*index);
}

Machine::Done Machine::put_text() {
  TRY_ASSIGN(const std::uint64_t index, memo_index());
  return remember(index);
}

template <unsigned Width>
Machine::Done Machine::put() {
  TRY_ASSIGN(const std::uint64_t index, number(Width));
  return remember(index);
}

Machine::Done Machine::memoize() { return remember(memo_count_); }

Machine::Done Machine::get_text() {
  TRY_ASSIGN(const std::uint64_t index, memo_index());
  return recall(index);
}

template <unsigned Width>
Machine::Done Machine::get() {
  TRY_ASSIGN(const std::uint64_t index, number(Width));
  return recall(index);
}

Machine::Done Machine::refuse_extension() {
  return Error(Code::Unsupported, "codes of the extension registry mean nothing outside it");
}

Machine::Done Machine::refuse_persistent_line() {
  TRY_ASSIGN(const auto id, line());
  return Error(Code::Unsupported,
               fmt::format("persistent id {}: its object is not in the file", base::quote(id)));
}

Machine::Done Machine::refuse_persistent() {
  return Error(Code::Unsupported, "persistent id: its object is not in the file");
}

Machine::Done Machine::refuse_buffer() {
  return Error(Code::Unsupported, "out-of-band buffer: its bytes are not in the file");
}

}  // namespace pickle
