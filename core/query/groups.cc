#include "query/groups.h"

#include "base/limits.h"
#include "query/collation.h"

#include <nlohmann/json.hpp>

namespace frond::query {
namespace {

void append_double(std::string& out, double number) { out.append(wire::Json(number).dump()); }

}  // namespace

std::size_t Groups::find() {
  const std::uint32_t number = keys_.add(scratch_);
  if (number < groups_.size()) {
    return number;
  }
  Group& made = groups_.emplace_back();
  made.totals.resize(query_.aggregates.size());
  for (const std::size_t field : query_.group_by) {
    made.shown.append(made.shown.empty() ? "" : ",");
    if (query_.keys[field].kind == Kind::missing) {
      made.shown.append("null");
    }
    append_json(made.shown, query_.keys[field]);
  }
  bytes_ += sizeof(Group) + made.shown.size() + made.totals.size() * sizeof(Total);
  return number;
}

void Groups::count_in(Total& total, const Aggregate& aggregate) {
  const Value& value = query_.keys[aggregate.slot];
  if (value.kind == Kind::missing) {
    return;
  }
  if (aggregate.name < 2) {  // A sum, or what an average is made of.
    if (value.kind == Kind::number) {
      total.sum += number_of(value.text);
      ++total.numbers;
    }
    return;
  }
  scratch_.clear();
  append_key(scratch_, value);
  const bool least = aggregate.name == 2;
  if (!total.key.empty() && (least ? total.key <= scratch_ : scratch_ <= total.key)) {
    return;
  }
  bytes_ -= total.key.size() + total.json.size();
  total.key = scratch_;
  total.json.clear();
  append_json(total.json, value);
  bytes_ += total.key.size() + total.json.size();
}

bool Groups::add() {
  scratch_.clear();
  for (const std::size_t field : query_.group_by) {
    append_key(scratch_, query_.keys[field]);
  }
  Group& group = groups_[find()];
  ++group.count;
  for (std::size_t i = 0; i < group.totals.size(); ++i) {
    count_in(group.totals[i], query_.aggregates[i]);
  }
  return groups_.size() <= base::query_rows_max && cost() <= base::query_rows_bytes_max;
}

void Groups::print(std::string& out, std::size_t number) const {
  const Group& group = groups_[number];
  out.append(R"({"key":[)").append(group.shown).append(R"(],"count":)");
  out.append(std::to_string(group.count));
  for (std::size_t i = 0; i < group.totals.size(); ++i) {
    const Aggregate& aggregate = query_.aggregates[i];
    if (i == 0 || query_.aggregates[i - 1].name != aggregate.name) {
      out.append(i == 0 ? "" : "}").append(",\"").append(aggregate_names[aggregate.name]);
      out.append("\":{");
    } else {
      out.push_back(',');
    }
    append_json(out, plain_text(query_.keys.name(aggregate.slot)));
    out.push_back(':');
    const Total& total = group.totals[i];
    const bool some = aggregate.name < 2 ? total.numbers > 0 : !total.json.empty();
    if (aggregate.name == 0) {
      append_double(out, total.sum);
    } else if (!some) {
      out.append("null");
    } else if (aggregate.name == 1) {
      append_double(out, total.sum / static_cast<double>(total.numbers));
    } else {
      out.append(total.json);
    }
  }
  out.append(group.totals.empty() ? "}" : "}}");
}

}  // namespace frond::query
