#pragma once

#include "sklearn/test_mutant.h"

// Random changes of a model at the level of its values. For tests and fuzz targets.
namespace sklearn::test_mutant {

class Mutator {
 public:
  Mutator(Parts& parts, std::mt19937& random)
      : parts_(parts), random_(random), items_(parts.reached()) {}

  // One change somewhere.
  void change() {
    using pickle::Kind;
    Item& item = any();
    if (below(12) == 0) {
      swap_in(item);
      return;
    }
    switch (item.kind) {
      case Kind::None: become_number(item); break;
      case Kind::Bool: item.integer = 1 - item.integer; break;
      case Kind::Int: item.integer = integer_near(item.integer); break;
      case Kind::Float: item.real = real_near(item.real); break;
      case Kind::String:
      case Kind::Bytes: change_text(item); break;
      case Kind::List:
      case Kind::Tuple:
      case Kind::Set: change_items(item.items); break;
      case Kind::Dict: change_entries(item.entries); break;
      case Kind::Global: rename(item); break;
      case Kind::Record: change_record(item); break;
      case Kind::Array: change_array(item); break;
      default: become_number(item); break;
    }
  }

 private:
  std::size_t below(std::size_t count) { return count == 0 ? 0 : random_() % count; }
  Item& any() { return *items_[below(items_.size())]; }
  Item& any_of(pickle::Kind kind) {
    for (unsigned tries = 0; tries < 32; ++tries) {
      Item& item = any();
      if (item.kind == kind) return item;
    }
    return any();
  }

  std::int64_t integer_near(std::int64_t value) {
    constexpr std::array<std::int64_t, 12> kOdd{0,
                                                1,
                                                -1,
                                                2,
                                                255,
                                                65536,
                                                std::int64_t{1} << 31,
                                                (std::int64_t{1} << 32) + 1,
                                                std::numeric_limits<std::int64_t>::max(),
                                                std::numeric_limits<std::int64_t>::min(),
                                                -7,
                                                1000};
    const auto wrapped = static_cast<std::uint64_t>(value);
    switch (below(5)) {
      case 0: return static_cast<std::int64_t>(wrapped + 1);
      case 1: return static_cast<std::int64_t>(wrapped - 1);
      case 2: return static_cast<std::int64_t>(wrapped * 2);
      default: return kOdd[below(kOdd.size())];
    }
  }
  double real_near(double value) {
    using Limits = std::numeric_limits<double>;
    const std::array odd{0.0,
                         -0.0,
                         Limits::quiet_NaN(),
                         Limits::infinity(),
                         -Limits::infinity(),
                         Limits::max(),
                         Limits::denorm_min(),
                         -1.0,
                         1e300,
                         -value,
                         value * 1e9};
    return odd[below(odd.size())];
  }
  void become_number(Item& item) {
    item.kind = below(2) == 0 ? pickle::Kind::Int : pickle::Kind::Float;
    item.integer = integer_near(0);
    item.real = real_near(0);
  }
  // Another part of the model here, which then is shared, or contains itself.
  void swap_in(Item& item) {
    const Item& other = below(2) == 0 ? any_of(item.kind) : any();
    if (&other != parts_.root()) item = Item(other);
  }
  void change_text(Item& item) {
    switch (below(4)) {
      case 0: item.text.clear(); break;
      case 1: item.text.resize(below(item.text.size() + 1)); break;
      case 2: item.text = any_of(item.kind).text; break;
      default:
        // A byte of a booster's own format; a text stays one.
        if (!item.text.empty())
          item.text[below(item.text.size())] = static_cast<char>('0' + below(75));
    }
  }
  template <typename Elements>
  void change_order(Elements& elements) {
    if (elements.empty()) return;
    const std::size_t at = below(elements.size());
    switch (below(4)) {
      case 0: elements.erase(elements.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 1: elements.push_back(elements[at]); break;
      case 2: std::swap(elements[at], elements[below(elements.size())]); break;
      default: elements.resize(at);
    }
  }
  void change_items(std::vector<Item*>& items) {
    if (below(4) == 0) {
      items.push_back(&any());
    } else {
      change_order(items);
    }
  }
  void change_entries(std::vector<std::pair<Item*, Item*>>& entries) {
    if (entries.size() < 2 || below(3) == 0) {
      change_order(entries);
      return;
    }
    // Attributes that took each other's values.
    std::swap(entries[below(entries.size())].second, entries[below(entries.size())].second);
  }
  void rename(Item& item) {
    const Item& other = any_of(pickle::Kind::Global);
    item.text = other.text;
    item.name = other.name;
  }
  void change_record(Item& item) {
    if (item.state != nullptr && item.state->kind == pickle::Kind::Dict && below(6) != 0) {
      change_entries(item.state->entries);
    } else if (below(2) == 0) {
      item.callable = any_of(pickle::Kind::Record).callable;
    } else {
      change_items(item.items);
    }
  }

  void change_array(Item& item) {
    switch (below(8)) {
      case 0: change_shape(item); break;
      case 1: change_type(item); break;
      case 2: item.fortran = !item.fortran; break;
      case 3: reshape(item); break;
      default: change_elements(item);
    }
    fit(item);
  }
  void change_shape(Item& item) {
    if (item.shape.empty()) {
      item.shape.push_back(1);
      return;
    }
    std::uint64_t& extent = item.shape[below(item.shape.size())];
    constexpr std::array<std::uint64_t, 6> kExtents{0, 1, 2, 3, 7, 64};
    extent = below(2) == 0 ? extent + 1 - 2 * below(2) : kExtents[below(kExtents.size())];
  }
  // As many elements, in other dimensions.
  void reshape(Item& item) {
    std::uint64_t all = 1;
    for (const std::uint64_t extent : item.shape) all *= extent;
    switch (below(4)) {
      case 0: item.shape = {all}; break;
      case 1: item.shape = {all, 1}; break;
      case 2: item.shape = {1, all}; break;
      default: std::reverse(item.shape.begin(), item.shape.end());
    }
  }
  void change_type(Item& item) {
    if (!item.dtype.fields.empty() || item.dtype.kind == 'O') return;
    constexpr std::array<std::pair<char, std::uint32_t>, 10> kTypes{{{'f', 8},
                                                                     {'f', 4},
                                                                     {'f', 2},
                                                                     {'i', 8},
                                                                     {'i', 4},
                                                                     {'i', 1},
                                                                     {'u', 8},
                                                                     {'u', 4},
                                                                     {'b', 1},
                                                                     {'S', 3}}};
    const auto& [kind, size] = kTypes[below(kTypes.size())];
    item.dtype.kind = kind;
    item.dtype.size = size;
    if (below(6) == 0) item.dtype.order = '>';
  }
  void change_elements(Item& item) {
    if (item.dtype.kind == 'O') {
      if (!item.items.empty()) item.items[below(item.items.size())] = &any();
      return;
    }
    const std::size_t count = 1 + below(3);
    for (std::size_t i = 0; i < count; ++i) change_element(item);
  }
  void change_element(Item& item) {
    const std::size_t size = item.dtype.size;
    if (size == 0 || item.data.size() < size) return;
    pickle::DType type = item.dtype;
    std::size_t at = below(item.data.size() / size) * size;
    if (!type.fields.empty()) {
      const auto& field = type.fields[below(type.fields.size())];
      at += field.offset;
      type = field.type;
    }
    if (at + type.size > item.data.size()) return;
    if (type.kind == 'f' && type.size == 8) {
      double value = 0;
      std::memcpy(&value, item.data.data() + at, sizeof value);
      value = real_near(value);
      std::memcpy(item.data.data() + at, &value, sizeof value);
      return;
    }
    std::int64_t value = 0;
    std::memcpy(&value, item.data.data() + at, std::min<std::size_t>(type.size, sizeof value));
    value = type.size == 1 ? static_cast<std::int64_t>(below(256)) : integer_near(value);
    std::memcpy(item.data.data() + at, &value, std::min<std::size_t>(type.size, sizeof value));
  }
  // As many bytes as the shape asks for, so that whoever reads it meets the shape. Old elements
  // come again where more are asked for.
  static void fit(Item& item) {
    constexpr std::uint64_t kElementsMax = 1U << 16U;
    std::uint64_t all = 1;
    for (std::uint64_t& extent : item.shape) {
      if (extent > kElementsMax || all * extent > kElementsMax) extent = 1;
      all *= extent;
    }
    if (item.dtype.kind == 'O') {
      const std::size_t before = item.items.size();
      item.items.resize(all, nullptr);
      for (std::size_t i = before; i < all && before > 0; ++i)
        item.items[i] = item.items[i % before];
      return;
    }
    const std::size_t before = item.data.size();
    item.data.resize(all * item.dtype.size);
    for (std::size_t i = before; i < item.data.size() && before > 0; ++i) {
      item.data[i] = item.data[i % before];
    }
  }

  Parts& parts_;
  std::mt19937& random_;
  std::vector<Item*> items_;
};

// The pickle with a few of its values changed; the same bytes where it is none.
inline std::string mutated_values(std::string_view bytes, std::mt19937& random,
                                  const pickle::Limits& limits = {}) {
  const auto document = pickle::Document::read(base::as_bytes(bytes), limits);
  if (!document.ok()) return std::string(bytes);
  Parts parts(document->root());
  const std::size_t changes = 1 + random() % 3;
  for (std::size_t i = 0; i < changes; ++i) Mutator(parts, random).change();
  return Writer::file(parts);
}

// The same with nothing changed: that it can be read as before shows that the writer is sound.
inline std::string rewritten(std::string_view bytes) {
  const auto document = pickle::Document::read(base::as_bytes(bytes));
  return document.ok() ? Writer::file(Parts(document->root())) : std::string(bytes);
}

}  // namespace sklearn::test_mutant
