#include "query/matcher.h"

#include "base/limits.h"
#include "base/time_text.h"
#include "wire/headers.h"
#include "wire/json_syntax.h"

namespace frond::query {
namespace {

/// The entry of a KV bucket that says that its key is gone.
bool is_deletion(std::string_view header) {
  if (header.empty()) {
    return false;
  }
  const std::string_view operation = wire::header_value(header, "KV-Operation").value_or("");
  return operation == "DEL" || operation == "PURGE" ||
         wire::header_value(header, "Nats-Marker-Reason").has_value();
}

}  // namespace

bool Matcher::wants(const stream::StoredMessage& message, std::size_t& work) {
  work += base::query_document_cost + base::query_byte_cost * message.payload.size();
  if (is_deletion(message.header)) {
    return false;
  }
  ++scanned_;
  bool json = true;
  bool matched = query_->selector.matches(message, json);
  work += base::query_regex_cost * query_->selector.take_regex_bytes();
  // The selector has looked at a few fields only; what is shown or counted is JSON to its end.
  if (matched && !wire::json_syntax_error(message.payload).empty()) {
    matched = json = false;
  }
  no_json_ += json ? 0 : 1;
  return matched;
}

void Matcher::print(const stream::StoredMessage& message, std::string& rows, std::string_view op) {
  rows.append(rows.empty() ? "{" : ",{");
  if (!op.empty()) {
    rows.append(R"("op":")").append(op).append("\",");
  }
  rows.append(R"("seq":)").append(std::to_string(message.sequence.value)).append(R"(,"subject":)");
  append_json(rows, plain_text(message.subject));
  rows.append(R"(,"time":")").append(base::rfc3339_format(message.time)).append(R"(","doc":)");
  if (!query_->projected) {
    rows.append(message.payload);
  } else {
    query_->projection.read(message);
    query_->projection.print(rows);
  }
  rows.push_back('}');
}

}  // namespace frond::query
