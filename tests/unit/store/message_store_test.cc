// What a store holds and answers while it runs; message_recovery_test.cc has what a restart finds.
#include "store/message_store.h"

#include "base/limits.h"
#include "unit/store/rig.h"

using namespace frond;
using namespace frond::test;

TEST_CASE("store: an empty one, from any base") {
  StoreRig rig;
  rig.base = GENERATE(0, 41);
  rig.reopen();
  CHECK(rig.store->last() == rig.base);
  CHECK(rig.store->first() == rig.base + 1);
  CHECK(rig.store->durable_last() == rig.base);
  CHECK(rig.store->messages() == 0);
  CHECK(rig.store->bytes() == 0);
  CHECK_FALSE(rig.store->unsaved());
  CHECK_FALSE(rig.store->remove(1));
  CHECK(rig.store->remove_range(0, ~std::uint64_t{0}) == 0);
  CHECK_FALSE(rig.journal->pending());
}

TEST_CASE("store: messages count as nats-server counts them") {
  StoreRig rig;
  CHECK(rig.store->size_of(3, 0, 10) == 30 + 3 + 10);
  CHECK(rig.store->size_of(3, 5, 10) == 30 + 4 + 5 + 3 + 10);
  store::MessageStore memory(std::nullopt, 0);
  CHECK(memory.size_of(3, 5, 10) == 16 + 3 + 5 + 10);
  rig.put(1, "s.a", "0123456789");
  rig.put(2, "s.b", "01234");
  CHECK(rig.store->bytes() == (30 + 3 + 10) + (30 + 3 + 5));
  CHECK(rig.store->remove(1));
  CHECK_FALSE(rig.store->remove(1));
  CHECK(rig.store->bytes() == 30 + 3 + 5);
  CHECK(rig.store->first() == 2);
  CHECK(rig.store->subjects() == 1);
  CHECK(rig.store->remove(2));
  CHECK(rig.store->first() == 3);
  CHECK(rig.store->last() == 2);
  CHECK(rig.store->bytes() == 0);
}

TEST_CASE("store: what is durable grows with the commit, tickets say which") {
  StoreRig rig(GENERATE(true, false));
  rig.put(1);
  CHECK(rig.store->unsaved());
  CHECK(rig.store->durable_last() == 0);
  CHECK(rig.store->last_time() == StoreRig::at(1));
  const Ticket first = rig.journal->open_ticket();
  CHECK(rig.store->ticket() == first);
  CHECK(rig.store->ticket_of(1) == first);
  const auto sealed = rig.journal->seal();
  REQUIRE(sealed);
  rig.put(2);
  const Ticket second = rig.journal->open_ticket();
  CHECK(rig.store->ticket() == second);
  // A duplicate of the first waits for the first's commit, one of the second for the second's.
  CHECK(rig.store->ticket_of(1) == first);
  CHECK(rig.store->ticket_of(2) == second);
  CHECK_FALSE(rig.store->durable(Ticket{0}));  // An older commit says nothing of this one.
  CHECK(rig.store->durable_last() == 0);
  rig.files.apply(*sealed);
  rig.journal->completed(first);
  CHECK(rig.store->durable(first));
  CHECK(rig.store->durable_last() == 1);
  CHECK(rig.store->ticket_of(1) == Ticket{0});
  CHECK(rig.store->ticket_of(2) == second);
  CHECK(rig.store->unsaved());
  rig.commit();
  CHECK(rig.store->durable_last() == 2);
  CHECK_FALSE(rig.store->unsaved());
  // A commit that only removes makes nothing new readable.
  rig.store->remove(1);
  const auto removal = rig.journal->seal();
  rig.journal->completed(removal->ticket);
  CHECK_FALSE(rig.store->durable(removal->ticket));
}

TEST_CASE("store: one commit is one append or one new small file") {
  const bool appends = GENERATE(true, false);
  StoreRig rig(appends);
  rig.put(1);
  rig.put(2);
  CHECK(rig.commit().size() == 1);
  rig.put(3);
  const auto operations = rig.commit();
  REQUIRE(operations.size() == 1);
  CHECK(std::holds_alternative<AppendFile>(operations[0]) == appends);
  CHECK(rig.paths() == (appends ? std::vector<std::string>{"b/1.blk"}
                                : std::vector<std::string>{"b/1.blk", "b/2.blk"}));
  CHECK(rig.commit().empty());
}

TEST_CASE("store: a small commit costs what the format says and no byte more") {
  StoreRig rig(false);
  rig.put(1, "s.x", "0123456789");
  const auto operations = rig.commit();
  const std::string& file = std::get<WriteFile>(operations.at(0)).contents;
  // Header; checksum, length, type, sequence, time, two lengths, subject, payload; checksum,
  // length, type, last sequence.
  CHECK(file.size() == 36 + (4 + 1 + 1 + 1 + 8 + 1 + 1 + 3 + 10) + (4 + 1 + 1 + 1));
}

TEST_CASE("store: what a file says wrong beneath a running store is not served") {
  StoreRig rig(GENERATE(true, false));
  rig.put_each(1, 2);
  rig.reopen();
  for (auto& [path, contents] : rig.files.files) {
    if (const std::size_t at = contents.find("payload-1"); at != std::string::npos) {
      contents[at] ^= 1;
    }
  }
  CHECK(rig.payload(1) == "(damaged)");
  CHECK(rig.payload(2) == "payload-2");
}

TEST_CASE("store: a range ends where it says") {
  StoreRig rig;
  for (std::uint64_t i = 1; i <= 20; ++i) rig.put(i);
  CHECK(rig.store->remove_range(5, 9) == 5);
  CHECK(rig.live() == [] {
    std::set<std::uint64_t> all = span(1, 4);
    all.merge(span(10, 20));
    return all;
  }());
  CHECK(rig.store->remove_range(1, 10) == 5);
  CHECK(rig.store->first() == 11);
  CHECK(rig.store->remove_range(0, 20) == 10);
  CHECK(rig.store->first() == 21);
  rig.commit();
  rig.reopen();
  CHECK(rig.store->last() == 20);
  CHECK(rig.store->messages() == 0);
}

TEST_CASE("store: skipping never goes back and is kept") {
  StoreRig rig(GENERATE(true, false));
  rig.put(1);
  rig.commit();
  rig.store->skip_to(2);
  CHECK_FALSE(rig.journal->pending());
  rig.store->skip_to(3);
  CHECK(rig.store->last() == 2);
  rig.store->skip_to(1);
  CHECK(rig.store->last() == 2);
  rig.commit();
  CHECK(rig.store->durable_last() == 2);
  rig.reopen();
  CHECK(rig.store->last() == 2);
  CHECK(rig.store->messages() == 1);
  CHECK(rig.store->first() == 1);
}

TEST_CASE("store: the active block ends at its bound, on a host that appends") {
  StoreRig rig(true);
  const std::string payload(1024 * 1024, 'p');
  rig.put_each(1, 9, payload);
  REQUIRE(rig.paths() == std::vector<std::string>{"b/1.blk", "b/2.blk", "b/3.blk"});
  CHECK(rig.files.files["b/1.blk"].size() >= base::block_bytes_max);
  CHECK(rig.files.files["b/1.blk"].size() < base::block_bytes_max + payload.size());
  CHECK(rig.payload(1) == payload);
  CHECK(rig.payload(9) == payload);
  // Several blocks in one commit, too.
  for (std::uint64_t i = 10; i <= 19; ++i) rig.put(i, "s.x", payload);
  rig.commit();
  rig.reopen();
  CHECK(rig.live() == span(1, 19));
}

TEST_CASE("store: a block without live messages goes, the newest stays") {
  StoreRig rig(false);
  rig.put_each(1, 4);
  rig.store->remove(2);
  rig.commit();
  CHECK(rig.paths() == std::vector<std::string>{"b/1.blk", "b/3.blk", "b/4.blk", "b/5.blk"});
  rig.store->remove_range(1, 4);
  rig.commit();
  CHECK(rig.paths() == std::vector<std::string>{"b/6.blk"});
  rig.reopen();
  CHECK(rig.store->last() == 4);
  CHECK(rig.store->messages() == 0);
}

TEST_CASE("store: a removal outlives its block while an older block holds what it removed") {
  StoreRig rig(false);
  rig.put(1);
  rig.put(2);
  rig.commit();
  rig.put(3);
  rig.store->remove(1);
  rig.commit();
  rig.store->remove(3);
  rig.commit();
  // Block 2 is dead, but only it says that message 1 of block 1 is gone.
  CHECK(rig.files.files.contains("b/2.blk"));
  rig.reopen();
  CHECK(rig.live() == span(2, 2));
  rig.store->remove(2);
  rig.commit();
  CHECK(rig.store->block_count() == 1);
}

TEST_CASE("store: eight small neighbours of one generation become one with the next commit") {
  StoreRig rig(false);
  rig.put_each(1, base::small_blocks_slice);
  CHECK(rig.store->block_count() == base::small_blocks_slice);
  rig.put_each(9, 9);
  CHECK(rig.paths() == std::vector<std::string>{"b/1.1.blk", "b/9.blk"});
  CHECK(rig.live() == span(1, 9));
  rig.put_each(10, 81);
  CHECK(rig.live() == span(1, 81));
  rig.reopen();
  CHECK(rig.live() == span(1, 81));
  CHECK(rig.payload(40) == "payload-40");
}

TEST_CASE("store: maintenance is due at thirty-two small blocks and does one slice") {
  StoreRig rig(false);
  const std::string payload(10'000, 'p');
  rig.put_each(1, 7, payload);
  CHECK_FALSE(rig.store->maintenance_due());
  rig.reopen();
  CHECK(rig.live() == span(1, 7));
  rig.put_each(8, 300, payload);
  while (rig.store->maintenance_due()) {
    const std::size_t before = rig.store->block_count();
    rig.store->request_maintenance();
    CHECK_FALSE(rig.commit().empty());
    REQUIRE(rig.store->block_count() < before);
  }
  CHECK(rig.live() == span(1, 300));
  rig.reopen();
  CHECK(rig.live() == span(1, 300));
}

TEST_CASE("store: a block that is more dead than alive is compacted alone") {
  StoreRig rig(true);
  const std::string payload(1000, 'p');
  for (std::uint64_t i = 1; i <= 5000; ++i) rig.put(i, "s.x", payload);
  rig.commit();
  const std::uint64_t before = rig.store->file_bytes();
  for (std::uint64_t i = 1; i <= 2000; ++i) rig.store->remove(2 * i);
  rig.commit();
  CHECK_FALSE(rig.store->maintenance_due());
  for (std::uint64_t i = 1; i <= 400; ++i) rig.store->remove(2 * i - 1);
  rig.commit();
  REQUIRE(rig.store->maintenance_due());
  const std::set<std::uint64_t> live = rig.live();
  rig.store->request_maintenance();
  rig.commit();
  CHECK_FALSE(rig.store->maintenance_due());
  CHECK(rig.store->file_bytes() < before * 6 / 10);
  CHECK(rig.live() == live);
  rig.reopen();
  CHECK(rig.live() == live);
}

TEST_CASE("store: a memory store does the same without files") {
  store::MessageStore store(std::nullopt, 0);
  const std::string payload(1000, 'p');
  for (std::uint64_t i = 1; i <= 2000; ++i) {
    store.append({.sequence = i,
                  .time = StoreRig::at(i),
                  .subject = "s.x",
                  .header = {},
                  .payload = payload});
    if (i > 100) store.remove(i - 100);
  }
  CHECK(store.durable_last() == 2000);
  CHECK(store.ticket_of(2000) == Ticket{0});
  CHECK(store.messages() == 100);
  CHECK_FALSE(store.unsaved());
  // Blocks of 256 KiB, and those that are dead have gone when the next one began.
  CHECK(store.file_bytes() < 3 * base::memory_block_bytes_max);
  store::MessageRecord record;
  CHECK(store.read(1901, record) == store::Read::ok);
  CHECK(record.payload == payload);
  CHECK(store.read(1900, record) == store::Read::none);
}
