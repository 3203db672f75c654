#include "query/query.h"

#include "base/base64.h"
#include "subject/validity.h"
#include "wire/quote.h"

#include <nlohmann/json.hpp>

namespace frond::query {
namespace {

using wire::Json;

class QueryReader {
 public:
  explicit QueryReader(Query& out) : out_(out) {}

  Fault read(const Json& body) {
    wire::ObjectReader reader(body, "FrondQueryRequest", fault_.reading);
    if (const Json* selector = reader.object("selector", "object")) {
      fault_.meaning = out_.selector.compile(*selector);
    } else {
      fault_.meaning = out_.selector.compile(Json::object());
    }
    reader.read("subject", out_.subject);
    reader.read("log", out_.log);
    reader.read("up_to_seq", out_.up_to.value);
    reader.read("up_to_time", out_.up_to_time);
    reader.read("limit", out_.limit);
    reader.read("skip", out_.skip);
    reader.read("count", out_.count);
    reader.read("explain", out_.explain);
    reader.read("live", out_.live);
    std::string bookmark;
    reader.read("bookmark", bookmark);
    std::vector<std::string> fields;
    const Json* const projection = reader.array("fields", "[]string");
    reader.read("fields", fields);
    out_.projected = projection != nullptr;
    slots(out_.projection, fields);
    if (const Json* sort = reader.array("sort", "[]object")) {
      for (const Json& each : *sort) {
        sort_key(each);
      }
    }
    if (const Json* group = reader.object("group", "object")) {
      read_group(*group);
    }
    reader.finish();
    if (!bookmark.empty()) {
      const auto decoded = base::base64_decode(bookmark);
      decoded ? void(out_.bookmark = *decoded) : fail("bookmark is none of an answer");
    }
    check();
    return std::move(fault_);
  }

 private:
  void fail(std::string text) {
    if (fault_.meaning.empty()) {
      fault_.meaning = std::move(text);
    }
  }

  std::vector<std::size_t> slots(Fields& in, const std::vector<std::string>& names) {
    std::vector<std::size_t> added;
    for (const std::string& name : names) {
      added.push_back(slot(in, name));
    }
    return added;
  }
  std::size_t slot(Fields& in, const std::string& name) {
    if (name.starts_with('$') && !is_pseudo_field(name)) {
      fail("unknown field " + wire::quoted(name));
    }
    const std::size_t added = in.add(name);
    if (added == Fields::none) {
      fail("too many fields");
    }
    return added;
  }

  void sort_key(const Json& each) {
    const auto* name = each.get_ptr<const std::string*>();
    if (name != nullptr) {
      out_.sort.push_back({slot(out_.keys, *name), false});
    } else if (each.is_object() && each.size() == 1 &&
               (each.front() == "asc" || each.front() == "desc")) {
      out_.sort.push_back({slot(out_.keys, each.begin().key()), each.front() == "desc"});
    } else {
      fail(R"(sort takes names of fields and objects as {"field":"desc"})");
    }
  }

  void read_group(const Json& group) {
    wire::ObjectReader reader(group, "FrondQueryGroup", fault_.reading);
    std::vector<std::string> names;
    reader.read("by", names);
    out_.grouped = true;
    out_.group_by = slots(out_.keys, names);
    for (std::size_t i = 0; i < std::size(aggregate_names); ++i) {
      names.clear();
      reader.read(aggregate_names[i], names);
      for (const std::size_t slot : slots(out_.keys, names)) {
        out_.aggregates.push_back({i, slot});
      }
    }
    reader.finish();
  }

  void check() {
    if (!out_.subject.empty() && !subject::valid(out_.subject)) {
      fail("invalid subject " + wire::quoted(out_.subject));
    }
    if (!out_.up_to.none() && out_.up_to_time) {
      fail("up_to_seq and up_to_time exclude each other");
    }
    if ((out_.count || out_.grouped) && (!out_.sort.empty() || out_.projected)) {
      fail("count and group take neither sort nor fields");
    }
    if ((out_.count || out_.grouped) && !out_.bookmark.empty()) {
      fail("count and group take no bookmark");
    }
    if (out_.live && (out_.log || out_.count || out_.grouped || out_.explain || out_.limit > 0 ||
                      out_.skip > 0 || !out_.sort.empty() || !out_.up_to.none() ||
                      out_.up_to_time || !out_.bookmark.empty())) {
      fail("a live query takes selector, subject and fields only");
    }
    if (out_.count && out_.grouped) {
      fail("groups are counted anyway");
    }
  }

  Query& out_;
  Fault fault_;
};

}  // namespace

Fault read_query(const Json& body, Query& out) { return QueryReader(out).read(body); }

}  // namespace frond::query
