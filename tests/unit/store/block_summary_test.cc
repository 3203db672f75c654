// Full blocks end with a summary: a start that reads it finds what reading the block would find,
// and does without it when it is damaged.
#include "store/block_summary.h"
#include "base/limits.h"
#include "rig.h"

#include <map>

using namespace frond;
using test::StoreRig;

namespace {

/// What a store says of itself, without reading a message.
struct Seen {
  explicit Seen(const store::MessageStore& store)
      : last(store.last()),
        bytes(store.bytes()),
        subjects(store.subjects()),
        last_time(store.last_time()) {
    const store::SequenceIndex& sequences = store.index().sequences();
    for (std::uint64_t at = sequences.at_or_after(0); at != 0; at = sequences.at_or_after(at + 1)) {
      const store::IndexEntry& entry = *store.entry(at);
      messages[at] = {std::string(store.index().subject_of(entry)), entry.time_ns, entry.size};
    }
  }
  struct Message {
    std::string subject;
    std::int64_t time_ns = 0;
    std::uint32_t size = 0;
    bool operator==(const Message&) const = default;
  };
  std::uint64_t last, bytes;
  std::size_t subjects;
  WallTime last_time;
  std::map<std::uint64_t, Message> messages;
  bool operator==(const Seen&) const = default;
};

std::uint64_t summary_of(const std::string& file) {
  return store::summary_length(
      std::string_view(file).substr(file.size() - store::format::summary_end_bytes));
}

/// Blocks of 4 MiB with messages of some KiB, of which some go.
void fill(StoreRig& rig, std::uint64_t last) {
  const std::string payload(20'000, 'p');
  for (std::uint64_t i = rig.store->last() + 1; i <= last; ++i) {
    rig.put(i, "s." + std::to_string(i % 50), payload);
    if (i % 7 == 0) rig.store->remove(i - 3);
    if (i % 90 == 0) rig.store->remove_range(i - 80, i - 76);
    if (i % 5 == 0) rig.commit();
  }
  rig.commit();
}

}  // namespace

TEST_CASE("a start reads the ends of full blocks and not what lies before") {
  StoreRig rig;
  fill(rig, 900);
  REQUIRE(rig.store->block_count() >= 4);
  const Seen before(*rig.store);
  std::size_t summarized = 0;
  for (auto& [path, file] : rig.files.files) {
    const std::uint64_t length = summary_of(file);
    if (length == 0) continue;
    ++summarized;
    // Nobody looks at the records.
    std::fill(file.begin() + 100, file.end() - static_cast<std::ptrdiff_t>(length), '\0');
  }
  CHECK(summarized == rig.store->block_count() - 1);
  CHECK(rig.reopen().empty());
  CHECK(Seen(*rig.store) == before);
  // What was destroyed is not served, the rest is.
  CHECK(rig.payload(2) == "(damaged)");
  CHECK(rig.payload(900).size() == 20'000);
}

TEST_CASE("a block with a damaged summary is read whole") {
  StoreRig rig;
  fill(rig, 500);
  const Seen before(*rig.store);
  const auto files = rig.files.files;
  const auto& [path, file] = *files.begin();
  const std::uint64_t length = summary_of(file);
  REQUIRE(length > 0);
  test::TestEntropy random(5);
  for (int i = 0; i < 12; ++i) {
    const std::uint64_t at =
        file.size() - 1 - (i < 8 ? static_cast<std::uint64_t>(i) : random.below(length));
    CAPTURE(at);
    rig.files.files = files;
    rig.files.files[path][at] ^= 4;
    CHECK(rig.reopen().empty());
    CHECK(Seen(*rig.store) == before);
    // As older builds left it, or a crash in the middle of the last write to it.
    rig.files.files[path].resize(at);
    CHECK(rig.reopen().empty());
    CHECK(Seen(*rig.store) == before);
  }
}

TEST_CASE("whatever came and went, a start finds what was there") {
  const bool appends = GENERATE(true, false);
  StoreRig rig(appends);
  test::TestEntropy random(GENERATE(1, 2, 3));
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t last = rig.store->last();
      const std::uint64_t some = last == 0 ? 1 : 1 + random.below(last);
      switch (random.below(12)) {
        case 0:
          rig.store->remove_range(some, some + random.below(6));
          break;
        case 1:
          rig.store->skip_to(last + random.below(4));
          break;
        case 2:
          if (random.below(8) == 0)
            rig.store->rewind(last - random.below(std::min<std::uint64_t>(last + 1, 20)));
          break;
        case 3:
          if (random.below(4) == 0) rig.store->request_maintenance();
          break;
        case 4:
        case 5:
          rig.commit();
          break;
        default:
          rig.put(last + 1, "s." + std::to_string(random.below(40)),
                  std::string(1 + random.below(40'000), 'x'));
          if (random.below(2) == 0) rig.store->remove(some);
          break;
      }
    }
    rig.commit();
    const Seen before(*rig.store);
    CAPTURE(appends, round);
    REQUIRE(rig.reopen().empty());
    REQUIRE(Seen(*rig.store) == before);
    rig.live();  // Every message is read.
  }
  CHECK(rig.files.gaps == 0);
}

TEST_CASE("a summary that does not fit its block is none") {
  StoreRig rig;
  fill(rig, 300);
  const std::string& file = rig.files.files.begin()->second;
  const std::uint64_t length = summary_of(file);
  const std::string record = file.substr(file.size() - length);
  const std::uint64_t offset = file.size() - length;
  REQUIRE(store::read_summary(record, offset));
  CHECK_FALSE(store::read_summary(record, 1'000'000));  // Messages lie beyond.
  CHECK_FALSE(store::read_summary(record.substr(1), offset));
  CHECK_FALSE(store::read_summary("", offset));
  const auto with = [&](store::BlockSummary summary) {
    std::string out;
    store::write_summary(out, summary, {}, rig.store->index());
    return store::read_summary(out, offset).has_value();
  };
  CHECK(with({.first = 1,
              .last = 5,
              .records = 5,
              .stream_last = 9,
              .commit_bytes = 1,
              .removed = {{2, 3}}}));
  CHECK_FALSE(with({.first = 6, .last = 5, .records = 5, .stream_last = 9}));
  CHECK_FALSE(with({.first = 1, .last = 5, .records = 5, .stream_last = 4}));
  CHECK_FALSE(with({.first = 1, .last = 5, .records = 5, .stream_last = 9, .removed = {{2, 10}}}));
  CHECK_FALSE(with({.first = 1, .last = 5, .records = 5, .stream_last = ~std::uint64_t{0}}));
}
