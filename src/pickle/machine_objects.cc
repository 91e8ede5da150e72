// Containers, names, calls and state.
#include <string>

#include <fmt/format.h>

#include "base/text.h"
#include "pickle/known.h"
#include "pickle/machine.h"
#include "pickle/numpy.h"
#include "pickle/text_forms.h"

namespace pickle {

using base::Code;
using base::Error;
using base::Result;

std::string Machine::describe(const Node& node) {
  const bool global = node.kind == Kind::Global;
  const bool named = node.kind == Kind::Record && !node.record->record.name().empty();
  if (!global && !named) return std::string(kind_name(node.kind));
  const std::string_view module = global ? node.name->module : node.record->record.module();
  const std::string_view name = global ? node.name->name : node.record->record.name();
  return fmt::format("{} {}", global ? "global" : "an instance of",
                     base::quote(std::string(module) + '.' + std::string(name)));
}

Machine::Done Machine::empty_list() { return push(heap_.make(Kind::List, opcode_at_)); }
Machine::Done Machine::empty_dict() { return push(heap_.make(Kind::Dict, opcode_at_)); }
Machine::Done Machine::empty_set() { return push(heap_.make(Kind::Set, opcode_at_)); }
Machine::Done Machine::empty_tuple() { return push(heap_.make(Kind::Tuple, opcode_at_)); }

Machine::Done Machine::list() {
  TRY_ASSIGN(const auto items, pop_to_mark());
  Node& node = heap_.make(Kind::List, opcode_at_);
  TRY(extend(node, items));
  return push(node);
}

Machine::Done Machine::dict() {
  TRY_ASSIGN(const auto pairs, pop_to_mark());
  Node& node = heap_.make(Kind::Dict, opcode_at_);
  TRY(set_entries(node, pairs));
  return push(node);
}

Machine::Done Machine::tuple() {
  TRY_ASSIGN(const auto items, pop_to_mark());
  TRY_ASSIGN(const auto kept, heap_.copy(items));
  return push(heap_.sequence(Kind::Tuple, kept, opcode_at_));
}

template <unsigned Count>
Machine::Done Machine::tuple_of() {
  const std::size_t fence = marks_.empty() ? 0 : marks_.back();
  if (stack_.size() - fence < Count) {
    return corrupt(
        fmt::format("expected {} values on the stack, got {}", Count, stack_.size() - fence));
  }
  const auto first = stack_.end() - Count;
  TRY_ASSIGN(const auto kept, heap_.copy(std::span<const Value>(&*first, Count)));
  stack_.erase(first, stack_.end());
  return push(heap_.sequence(Kind::Tuple, kept, opcode_at_));
}
template Machine::Done Machine::tuple_of<1>();
template Machine::Done Machine::tuple_of<2>();
template Machine::Done Machine::tuple_of<3>();

Machine::Done Machine::frozen_set() {
  TRY_ASSIGN(const auto items, pop_to_mark());
  Node& node = heap_.make(Kind::Set, opcode_at_);
  node.flags = Node::kFrozen;
  TRY(extend(node, items));
  return push(node);
}

// What APPEND, APPENDS and ADDITEMS add to.
Machine::Done Machine::extend(Node& target, std::span<const Value> items) {
  switch (target.kind) {
    case Kind::List: return heap_.append(target.sequence, items);
    case Kind::Record: return heap_.append(*target.record, items);
    case Kind::Set:
      for (const Value item : items) TRY(heap_.insert(*target.set, item));
      return {};
    default:
      return corrupt(
          fmt::format("expected a list, a set or an instance, got {}", describe(target)));
  }
}

Machine::Done Machine::set_entries(Node& target, std::span<const Value> pairs) {
  if (target.kind != Kind::Dict && target.kind != Kind::Record) {
    return corrupt(fmt::format("expected a dict or an instance, got {}", describe(target)));
  }
  if (pairs.size() % 2 != 0) {
    return corrupt(fmt::format("expected keys and values, got {} of both", pairs.size()));
  }
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    const Entry entry{.key = pairs[i], .value = pairs[i + 1]};
    TRY(target.kind == Kind::Dict ? heap_.insert(*target.dict, entry)
                                  : heap_.append(*target.record, entry));
  }
  return {};
}

Machine::Done Machine::append() {
  TRY_ASSIGN(const Node* item, pop_node("an item"));
  TRY_ASSIGN(Node * target, top("a list"));
  const Value value(*item);
  if (target->kind == Kind::Set) return corrupt("expected a list or an instance, got set");
  return extend(*target, {&value, 1});
}

Machine::Done Machine::appends() {
  TRY_ASSIGN(const auto items, pop_to_mark());
  TRY_ASSIGN(Node * target, top("a list"));
  if (target->kind == Kind::Set) return corrupt("expected a list or an instance, got set");
  return extend(*target, items);
}

Machine::Done Machine::add_items() {
  TRY_ASSIGN(const auto items, pop_to_mark());
  TRY_ASSIGN(Node * target, top("a set"));
  const bool frozen = target->kind == Kind::Set && target->has(Node::kFrozen);
  if (target->kind == Kind::List || frozen) {
    return corrupt(fmt::format("expected a set or an instance, got {}",
                               frozen ? "frozenset" : describe(*target)));
  }
  return extend(*target, items);
}

Machine::Done Machine::set_item() {
  TRY_ASSIGN(const Node* value, pop_node("a value"));
  TRY_ASSIGN(const Node* key, pop_node("a key"));
  TRY_ASSIGN(Node * target, top("a dict"));
  const Value pair[] = {Value(*key), Value(*value)};
  return set_entries(*target, pair);
}

Machine::Done Machine::set_items() {
  TRY_ASSIGN(const auto pairs, pop_to_mark());
  TRY_ASSIGN(Node * target, top("a dict"));
  return set_entries(*target, pairs);
}

Machine::Done Machine::global() {
  TRY_ASSIGN(const auto module, line());
  TRY_ASSIGN(const auto name, line());
  if (!is_utf8(module) || !is_utf8(name)) return corrupt("expected a name in UTF-8");
  return push(heap_.global(module, name, opcode_at_));
}

Machine::Done Machine::stack_global() {
  TRY_ASSIGN(const Node* name, pop_node("a name"));
  TRY_ASSIGN(const Node* module, pop_node("a module"));
  if (name->kind != Kind::String || module->kind != Kind::String) {
    return corrupt(fmt::format("expected module and name as text, got {} and {}", describe(*module),
                               describe(*name)));
  }
  return push(heap_.global(module->text.view(), name->text.view(), opcode_at_));
}

// `args` must already live in the heap.
Result<Node*> Machine::call(Node& callable, std::span<const Value> args) {
  if (callable.kind == Kind::Global && callable.name->constructor != Constructor::None) {
    auto made = construct(heap_, callable, args, opcode_at_);
    if (made.ok()) return made;
    return std::move(made).error().within(describe(callable));
  }
  if (callable.kind != Kind::Global && callable.kind != Kind::Record) {
    return corrupt(fmt::format("expected something to call, got {}", describe(callable)));
  }
  return &heap_.record(Value(callable), args, opcode_at_);
}

Machine::Done Machine::reduce() {
  TRY_ASSIGN(const Node* args, pop_node("a tuple of arguments"));
  TRY_ASSIGN(Node * callable, pop_node("something to call"));
  if (args->kind != Kind::Tuple) {
    return corrupt(fmt::format("{}: expected a tuple of arguments, got {}", describe(*callable),
                               describe(*args)));
  }
  TRY_ASSIGN(Node * made, call(*callable, args->sequence.span()));
  return push(*made);
}

Machine::Done Machine::new_object() {
  TRY_ASSIGN(const Node* args, pop_node("a tuple of arguments"));
  TRY_ASSIGN(const Node* cls, pop_node("a class"));
  const bool is_class = cls->kind == Kind::Global || cls->kind == Kind::Record;
  if (!is_class || args->kind != Kind::Tuple) {
    return corrupt(fmt::format("expected a class and a tuple of arguments, got {} and {}",
                               describe(*cls), describe(*args)));
  }
  return push(heap_.record(Value(*cls), args->sequence.span(), opcode_at_));
}

Machine::Done Machine::new_object_ex() {
  TRY_ASSIGN(const Node* kwargs, pop_node("keyword arguments"));
  TRY_ASSIGN(const Node* args, pop_node("a tuple of arguments"));
  TRY_ASSIGN(const Node* cls, pop_node("a class"));
  const bool is_class = cls->kind == Kind::Global || cls->kind == Kind::Record;
  if (!is_class || args->kind != Kind::Tuple || kwargs->kind != Kind::Dict) {
    return corrupt(fmt::format(
        "expected a class, a tuple of arguments and a dict of keyword arguments, got {}, {} and {}",
        describe(*cls), describe(*args), describe(*kwargs)));
  }
  Node& node = heap_.record(Value(*cls), args->sequence.span(), opcode_at_);
  node.record->record.kwargs = Value(*kwargs);
  return push(node);
}

Machine::Done Machine::instance() {
  TRY_ASSIGN(const auto module, line());
  TRY_ASSIGN(const auto name, line());
  if (!is_utf8(module) || !is_utf8(name)) return corrupt("expected a name in UTF-8");
  TRY_ASSIGN(const auto items, pop_to_mark());
  TRY_ASSIGN(const auto args, heap_.copy(items));
  TRY_ASSIGN(Node * made, call(heap_.global(module, name, opcode_at_), args));
  return push(*made);
}

Machine::Done Machine::object() {
  TRY_ASSIGN(const auto items, pop_to_mark());
  if (items.empty()) return corrupt("expected a class above the mark, got nothing");
  TRY_ASSIGN(const auto args, heap_.copy(items.subspan(1)));
  TRY_ASSIGN(Node * made, call(const_cast<Node&>(*items[0].id()), args));
  return push(*made);
}

Machine::Done Machine::build() {
  TRY_ASSIGN(const Node* state, pop_node("a state"));
  TRY_ASSIGN(Node * target, top("an instance"));
  if (target->kind != Kind::Record) {
    return corrupt(fmt::format("expected an instance, got {}", describe(*target)));
  }
  TRY(build_into(*target, Value(*state)));
  if (hook_ == nullptr || target->kind != Kind::Record) return {};
  return hook_->built(*target, stream_);
}

Machine::Done Machine::build_into(Node& target, Value state) {
  if (awaits_array_state(target)) return set_array_state(heap_, target, state);
  RecordNode& record = *target.record;
  if (record.dtype != nullptr) return set_dtype_state(heap_, target, state);
  if (record.record.state) {
    return Error(Code::Unsupported,
                 fmt::format("expected one state for {}, got a second", describe(target)));
  }
  record.record.state = state;
  return {};
}

}  // namespace pickle
