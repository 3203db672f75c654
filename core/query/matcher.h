#pragma once
// Says of a stored message whether it is a document that a query wants, and prints it as a row of
// the answer. A document is a message whose payload is JSON and which is no deletion of a KV key.
// Part of a scan or a live query.

#include "query/query.h"
#include "stream/stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace frond::query {

class Matcher {
 public:
  explicit Matcher(std::unique_ptr<Query> query) : query_(std::move(query)) {}
  Query& query() { return *query_; }
  const Query& query() const { return *query_; }

  /// `work` grows by what it cost (limits.h).
  bool wants(const stream::StoredMessage& message, std::size_t& work);
  /// Appends {"seq":...,"doc":...}, with "op" in front where it is given, and a comma before it.
  void print(const stream::StoredMessage& message, std::string& rows, std::string_view op = {});
  std::uint64_t scanned() const { return scanned_; }
  std::uint64_t no_json() const { return no_json_; }

 private:
  std::unique_ptr<Query> query_;
  std::uint64_t scanned_ = 0;
  std::uint64_t no_json_ = 0;
};

}  // namespace frond::query
