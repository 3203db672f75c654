#pragma once
// What documents come to, group by group: how many there are, and the sum, average, least and
// greatest of fields. Groups are found by the key of what they are grouped by. Lives for one scan.

#include "query/names.h"
#include "query/query.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace frond::query {

class Groups {
 public:
  explicit Groups(Query& query) : query_(query) {}
  /// Counts the document that query.keys has read. False when there are too many groups.
  bool add();
  std::size_t size() const { return groups_.size(); }
  const std::string& key(std::size_t group) const { return keys_[group]; }
  /// {"key":[...],"count":1,"sum":{...}}
  void print(std::string& out, std::size_t group) const;
  std::size_t cost() const { return bytes_ + keys_.bytes(); }

 private:
  struct Total {
    double sum = 0;
    std::uint64_t numbers = 0;
    std::string key;   // Of the least or greatest value so far,
    std::string json;  // and the value.
  };
  struct Group {
    std::string shown;
    std::uint64_t count = 0;
    std::vector<Total> totals;
  };
  std::size_t find();
  void count_in(Total& total, const Aggregate& aggregate);

  Query& query_;
  std::vector<Group> groups_;
  Names keys_;  // Of the groups, by number.
  std::string scratch_;
  std::size_t bytes_ = 0;
};

}  // namespace frond::query
