#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <deque>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pickle/document.h"
#include "pickle/walk.h"

// A pickled model taken apart into values, changed, and written again: what a reader meets is then
// a whole pickle whose shapes, types, indices, lengths and shared parts are not what its maker
// meant. For tests and fuzz targets.
namespace sklearn::test_mutant {

struct Item {
  pickle::Kind kind = pickle::Kind::None;
  std::int64_t integer = 0;  // Bool and Int
  double real = 0;
  std::string text;          // Bytes, BigInt, String; a Global's module
  std::string name;          // A Global's name
  std::vector<Item*> items;  // List, Tuple, Set; objects of an Array; a Record's arguments
  std::vector<std::pair<Item*, Item*>> entries;  // Dict
  // Array
  pickle::DType dtype;
  std::vector<std::uint64_t> shape;
  bool fortran = false;
  std::string data;
  // Record
  Item* callable = nullptr;
  Item* keywords = nullptr;
  Item* state = nullptr;
  std::vector<Item*> appended;
  std::vector<std::pair<Item*, Item*>> set;
};

// Every part of a model, to be changed. A view: the document must live, for structured types.
class Parts {
 public:
  explicit Parts(pickle::Value root) {
    root_ = add(root);
    pickle::walk(root, [this](pickle::Value value) {
      fill(value, *add(value));
      return true;
    });
  }

  Item* root() const { return root_; }
  void set_root(Item* item) { root_ = item; }
  // Those that can be reached, each once.
  std::vector<Item*> reached() const {
    std::vector<Item*> found;
    std::map<const Item*, bool> seen;
    std::vector<Item*> open{root_};
    while (!open.empty()) {
      Item* item = open.back();
      open.pop_back();
      if (item == nullptr || !seen.emplace(item, true).second) continue;
      found.push_back(item);
      for_parts(*item, [&](Item* part) { open.push_back(part); });
    }
    return found;
  }
  Item* make(pickle::Kind kind) {
    items_.emplace_back();
    items_.back().kind = kind;
    return &items_.back();
  }

  template <typename Visit>
  static void for_parts(const Item& item, Visit visit) {
    for (Item* part : item.items) visit(part);
    for (Item* part : item.appended) visit(part);
    for (const auto* entries : {&item.entries, &item.set}) {
      for (const auto& [key, value] : *entries) {
        visit(key);
        visit(value);
      }
    }
    for (Item* part : {item.callable, item.keywords, item.state}) visit(part);
  }

 private:
  Item* add(pickle::Value value) {
    Item*& item = by_node_[value.id()];
    if (item == nullptr) item = make(value.kind());
    return item;
  }
  void fill(pickle::Value value, Item& item) {
    using pickle::Kind;
    item.integer = value.is(Kind::Bool) ? static_cast<std::int64_t>(value.as_bool().value_or(false))
                                        : value.as_int().value_or(0);
    item.real = value.as_float().value_or(0);
    if (const auto text = value.as_string()) item.text = *text;
    if (const auto bytes = value.as_bytes()) item.text = base::as_text(*bytes);
    if (value.is(Kind::Global)) {
      item.text = value.module();
      item.name = value.name();
    }
    for (const pickle::Value part : value.items()) item.items.push_back(add(part));
    for (const auto& [key, part] : value.entries()) item.entries.emplace_back(add(key), add(part));
    if (const pickle::Array* array = value.array()) fill_array(*array, item);
    if (const pickle::Record* record = value.record()) fill_record(*record, item);
  }
  void fill_array(const pickle::Array& array, Item& item) {
    item.dtype = array.dtype;
    item.shape.assign(array.shape.begin(), array.shape.end());
    item.fortran = array.fortran;
    item.data = base::as_text(array.data);
    for (const pickle::Value part : array.objects) item.items.push_back(add(part));
    // Objects are given row by row.
    if (item.dtype.kind == 'O') item.fortran = false;
  }
  void fill_record(const pickle::Record& record, Item& item) {
    item.callable = add(record.callable);
    for (const pickle::Value part : record.args) item.items.push_back(add(part));
    if (record.kwargs) item.keywords = add(*record.kwargs);
    if (record.state) item.state = add(*record.state);
    for (const pickle::Value part : record.items) item.appended.push_back(add(part));
    for (const auto& [key, part] : record.entries) item.set.emplace_back(add(key), add(part));
  }

  std::deque<Item> items_;
  std::map<const pickle::Node*, Item*> by_node_;
  Item* root_ = nullptr;
};

// Writes the pickle, protocol 4. A part that several hold, or that contains itself, is written
// once.
class Writer {
 public:
  static std::string file(const Parts& parts) {
    Writer writer;
    writer.put(parts.root(), 0);
    return "\x80\x04" + writer.out_ + ".";
  }

 private:
  static constexpr unsigned kDepthMax = 400;
  using Kind = pickle::Kind;

  static std::string raw(std::uint64_t value, unsigned bytes) {
    std::string out;
    for (unsigned i = 0; i < bytes; ++i) out += static_cast<char>(value >> 8 * i & 0xFFU);
    return out;
  }
  void integer(std::int64_t value) {
    out_ += "\x8a\x08" + raw(static_cast<std::uint64_t>(value), 8);
  }
  void text(std::string_view value) { out_.append("X" + raw(value.size(), 4)).append(value); }
  void bytes(std::string_view value) { out_.append("B" + raw(value.size(), 4)).append(value); }
  void global(std::string_view module, std::string_view name) {
    text(module);
    text(name);
    out_ += '\x93';
  }

  void put(const Item* item, unsigned depth) {
    if (item == nullptr || depth > kDepthMax) {
      out_ += 'N';
      return;
    }
    if (const auto known = memo_.find(item); known != memo_.end()) {
      // One that is still open and cannot contain itself, such as a tuple.
      out_ += known->second == kOpen ? std::string("N") : "j" + raw(known->second, 4);
      return;
    }
    memo_[item] = kOpen;
    write(*item, depth + 1);
    if (memo_[item] == kOpen) keep(*item);
  }
  void keep(const Item& item) {
    const auto slot = static_cast<std::uint32_t>(next_++);
    memo_[&item] = slot;
    out_ += "r" + raw(slot, 4);
  }
  void put_all(const std::vector<Item*>& items, unsigned depth) {
    for (const Item* part : items) put(part, depth);
  }
  void put_pairs(const std::vector<std::pair<Item*, Item*>>& entries, unsigned depth) {
    for (const auto& [key, value] : entries) {
      put(key, depth);
      put(value, depth);
    }
  }

  void write(const Item& item, unsigned depth) {
    switch (item.kind) {
      case Kind::None: out_ += 'N'; break;
      case Kind::Bool: out_ += item.integer != 0 ? '\x88' : '\x89'; break;
      case Kind::Int: integer(item.integer); break;
      case Kind::BigInt: out_ += "\x8b" + raw(item.text.size(), 4) + item.text; break;
      case Kind::Float: {
        std::string number = raw(std::bit_cast<std::uint64_t>(item.real), 8);
        std::reverse(number.begin(), number.end());
        out_ += "G" + number;
        break;
      }
      case Kind::Complex: out_ += 'N'; break;
      case Kind::Bytes: bytes(item.text); break;
      case Kind::String: text(item.text); break;
      case Kind::Global: global(item.text, item.name); break;
      case Kind::Tuple:
        out_ += '(';
        put_all(item.items, depth);
        out_ += 't';
        break;
      default: write_container(item, depth);
    }
  }
  void write_container(const Item& item, unsigned depth) {
    switch (item.kind) {
      case Kind::List:
        out_ += ']';
        keep(item);
        out_ += '(';
        put_all(item.items, depth);
        out_ += 'e';
        break;
      case Kind::Set:
        out_ += "\x8f";
        keep(item);
        out_ += '(';
        put_all(item.items, depth);
        out_ += '\x90';
        break;
      case Kind::Dict:
        out_ += '}';
        keep(item);
        out_ += '(';
        put_pairs(item.entries, depth);
        out_ += 'u';
        break;
      case Kind::Array: write_array(item, depth); break;
      default: write_record(item, depth);
    }
  }
  void write_record(const Item& item, unsigned depth) {
    put(item.callable, depth);
    out_ += '(';
    put_all(item.items, depth);
    out_ += 't';
    if (item.keywords != nullptr) {
      put(item.keywords, depth);
      out_ += '\x92';
    } else {
      out_ += 'R';
    }
    keep(item);
    if (!item.appended.empty()) {
      out_ += '(';
      put_all(item.appended, depth);
      out_ += 'e';
    }
    if (!item.set.empty()) {
      out_ += '(';
      put_pairs(item.set, depth);
      out_ += 'u';
    }
    if (item.state != nullptr) {
      put(item.state, depth);
      out_ += 'b';
    }
  }

  static std::string letters(const pickle::DType& type) {
    const std::uint32_t size = type.kind == 'U' ? type.size / 4 : type.size;
    return std::string(1, type.kind) + std::to_string(size);
  }
  void write_dtype(const pickle::DType& type, unsigned depth) {
    global("numpy", "dtype");
    out_ += '(';
    text(type.kind == 'O' ? "O8" : letters(type));
    out_ += "\x89\x88tR(";
    integer(3);
    text(std::string(1, type.order));
    out_ += 'N';
    if (type.fields.empty() || depth > kDepthMax) {
      out_ += "NN";
    } else {
      out_ += '(';
      for (const auto& field : type.fields) text(field.name);
      out_ += "t}(";
      for (const auto& field : type.fields) {
        text(field.name);
        out_ += '(';
        write_dtype(field.type, depth + 1);
        integer(field.offset);
        out_ += 't';
      }
      out_ += 'u';
    }
    const bool sized =
        !type.fields.empty() || type.kind == 'U' || type.kind == 'S' || type.kind == 'V';
    integer(sized ? static_cast<std::int64_t>(type.size) : -1);
    integer(sized ? 1 : -1);
    integer(0);
    out_ += "tb";
  }
  void write_array(const Item& item, unsigned depth) {
    if (item.shape.empty() && item.dtype.kind != 'O') {
      global("numpy.core.multiarray", "scalar");
      out_ += '(';
      write_dtype(item.dtype, depth);
      bytes(item.data);
      out_ += "tR";
      return;
    }
    global("numpy.core.multiarray", "_reconstruct");
    out_ += '(';
    global("numpy", "ndarray");
    out_ += '(';
    integer(0);
    out_ += 't';
    bytes("b");
    out_ += "tR(";
    integer(1);
    out_ += '(';
    for (const std::uint64_t extent : item.shape) integer(static_cast<std::int64_t>(extent));
    out_ += 't';
    write_dtype(item.dtype, depth);
    out_ += item.fortran ? '\x88' : '\x89';
    if (item.dtype.kind == 'O') {
      out_ += "](";
      put_all(item.items, depth);
      out_ += 'e';
    } else {
      bytes(item.data);
    }
    out_ += "tb";
  }

  static constexpr std::uint32_t kOpen = 0xFFFFFFFFU;
  std::string out_;
  std::map<const Item*, std::uint32_t> memo_;
  std::size_t next_ = 0;
};

}  // namespace sklearn::test_mutant
