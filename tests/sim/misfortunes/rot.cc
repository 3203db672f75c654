#include "sim/misfortunes/rot.h"

#include "store/record.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace frond::sim {

namespace {

/// Of "streams/<name>/..." the name.
std::string stream_of(std::string_view path) {
  path.remove_prefix(path.find('/') + 1);
  return std::string(path.substr(0, path.find('/')));
}

bool is_block(std::string_view path) { return path.ends_with(".blk"); }

struct Record {
  std::size_t begin = 0, end = 0;
  std::optional<Stored> message{};  // None: a commit record or a summary.
};

std::vector<Record> records_of(std::string_view block) {
  std::vector<Record> records;
  std::size_t at = store::format::block_header_bytes;
  store::RawRecord raw;
  while (at < block.size() &&
         store::read_record(block.substr(at), raw) == store::RecordStatus::ok) {
    Record record{at, at + raw.length};
    store::MessageRecord message;
    if (raw.type == store::format::RecordType::message &&
        store::read_message(raw.fields, message)) {
      record.message = {message.sequence, std::string(message.subject),
                        std::string(message.payload)};
    }
    records.push_back(std::move(record));
    at += raw.length;
  }
  return records;
}

/// What may be lost when a bit of the byte at `at` is no longer what it was. Headers, commit
/// records and summaries can be told without it.
std::vector<Stored> at_risk(const std::vector<Record>& records, std::size_t at) {
  for (const Record& record : records) {
    const bool hit = record.begin <= at && at < record.end;
    if (hit && record.message) return {*record.message};
  }
  return {};
}

}  // namespace

void Rot::strike() {
  if (!everything_created()) return;
  Place& place = any_place();
  with_node_down(place, [&] {
    if (scene_.fate.chance(60)) {
      damage_block(place);
    } else {
      damage_small_file(place);
    }
  });
}

void Rot::damage_block(Place& place) {
  SimStorage& disk = place.node->disk();
  std::vector<std::string> blocks;
  for (const auto& [path, contents] : disk.image()) {
    if (is_block(path) && !disk.damaged(path)) blocks.push_back(path);
  }
  if (blocks.empty()) return;
  const std::string path = scene_.fate.pick(blocks);
  const std::string contents = disk.image().at(path);
  const auto at = static_cast<std::size_t>(scene_.fate.below(contents.size()));
  scene_.around.trace.event(place.name(), "damaged", path + " at " + std::to_string(at));
  disk.flip(path, at, static_cast<unsigned>(scene_.fate.below(8)));
  if (lying(Lie::damage_untold)) return;
  const std::string stream = place.name() + "/" + stream_of(path);
  for (const Stored& lost : at_risk(records_of(contents), at)) {
    checkers().damaged(stream, lost);
  }
}

void Rot::damage_small_file(Place& place) {
  SimStorage& disk = place.node->disk();
  std::vector<std::string> small;
  for (const auto& [path, contents] : disk.image()) {
    if (path.ends_with(".state") && !contents.empty()) small.push_back(path);
  }
  if (small.empty()) return;
  const std::string path = scene_.fate.pick(small);
  const std::size_t size = disk.image().at(path).size();
  const auto at = static_cast<std::size_t>(scene_.fate.below(size));
  scene_.around.trace.event(place.name(), "damaged", path + " at " + std::to_string(at));
  disk.flip(path, at, static_cast<unsigned>(scene_.fate.below(8)));
  // The latest acks of a consumer may have been in it.
  if (path.find("/consumers/") != std::string::npos) {
    checkers().acks_forgotten(place.name() + "/" + stream_of(path));
  }
}

}  // namespace frond::sim
