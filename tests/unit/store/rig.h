#pragma once
// A message store over fake storage, with the journal's part of a host played by commit(). A second
// rig over the same files, by reopen(), is what the node finds after a restart.

#include "store/block_cache.h"
#include "store/journal.h"
#include "store/message_store.h"
#include "support/commits.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace frond::test {

struct StoreRig : store::JournalClient {
  explicit StoreRig(bool appends = true) : files(appends) { reopen(); }

  std::vector<store::BlockFault> reopen() {
    store.reset();
    if (journal) journal->withdraw(*this);
    journal = std::make_unique<store::Journal>();
    cache = std::make_unique<store::BlockCache>(files, std::uint64_t{1} << 20);
    store = std::make_unique<store::MessageStore>(
        store::StorePlace{*journal, files, *cache, "b/", incarnation, this}, base);
    return store->recover();
  }
  void before_seal() override { store->flush(); }
  /// One commit, durable; what it wrote.
  std::vector<FileOperation> commit() {
    const auto commit = carry_out_one(*journal, files);
    if (!commit) return {};
    store->durable(commit->ticket);
    return commit->operations;
  }
  void put(std::uint64_t sequence, std::string_view subject = "s.x",
           std::string_view payload = {}) {
    const std::string text =
        payload.empty() ? "payload-" + std::to_string(sequence) : std::string(payload);
    store->append({.sequence = sequence,
                   .time = at(sequence),
                   .subject = subject,
                   .header = {},
                   .payload = text});
  }
  /// Sequences first ... last, each in a commit of its own.
  void put_each(std::uint64_t first, std::uint64_t last, std::string_view payload = {}) {
    for (; first <= last; ++first) {
      put(first, "s.x", payload);
      commit();
    }
  }
  std::string payload(std::uint64_t sequence) const {
    store::MessageRecord record;
    switch (store->read(sequence, record)) {
      case store::Read::ok:
        return std::string(record.payload);
      case store::Read::none:
        return "(none)";
      case store::Read::damaged:
        return "(damaged)";
      case store::Read::unreadable:
        return "(unreadable)";
    }
    return {};
  }
  std::set<std::uint64_t> live() const {
    std::set<std::uint64_t> all;
    for (std::uint64_t i = store->index().sequences().at_or_after(0); i != 0;
         i = store->index().sequences().at_or_after(i + 1)) {
      store::MessageRecord record;
      INFO("sequence " << i);
      REQUIRE(store->read(i, record) == store::Read::ok);
      REQUIRE(record.sequence == i);
      all.insert(i);
    }
    REQUIRE(all.size() == store->messages());
    return all;
  }
  std::vector<std::string> paths() const {
    std::vector<std::string> names;
    for (const auto& [path, contents] : files.files) names.push_back(path);
    return names;
  }
  static WallTime at(std::uint64_t sequence) {
    return WallTime(std::chrono::seconds(1'700'000'000 + sequence % 1'000'000));
  }

  FakeStorage files;
  std::uint32_t incarnation = 77;
  std::uint64_t base = 0;
  std::unique_ptr<store::Journal> journal;
  std::unique_ptr<store::BlockCache> cache;
  std::unique_ptr<store::MessageStore> store;
};

inline std::set<std::uint64_t> span(std::uint64_t first, std::uint64_t last) {
  std::set<std::uint64_t> all;
  for (; first <= last; ++first) all.insert(first);
  return all;
}

}  // namespace frond::test
