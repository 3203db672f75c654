#include "consumer/state.h"

#include "store/checksum.h"

#include <array>

namespace frond::consumer {
namespace {

// "FRC1": the digit is the version of the layout below. Then, as varints: the four positions, the
// number of pending messages and for each: its distance to the one before (ascending), its consumer
// sequence, its time; the number of redelivered ones and for each: distance, count; the time of
// writing, which the first builds of 0.1.0 left out. Last the crc32c of everything before it,
// little-endian.
constexpr std::string_view magic = "FRC1";
constexpr std::size_t checksum_bytes = 4;

void put(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out += static_cast<char>(value | 0x80);
    value >>= 7;
  }
  out += static_cast<char>(value);
}

void put_time(std::string& out, WallTime time) {
  put(out, static_cast<std::uint64_t>(time.time_since_epoch().count()));
}

/// Reads varints off the front; any damage turns it into one that only fails.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}
  std::uint64_t next() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) {
        break;
      }
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        return value;
      }
    }
    failed_ = true;
    rest_ = {};
    return 0;
  }
  WallTime next_time() { return WallTime(Duration(static_cast<std::int64_t>(next()))); }
  bool failed() const { return failed_; }
  bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool failed_ = false;
};

std::string checksum_of(std::string_view bytes) {
  const std::uint32_t sum = store::crc32c(bytes);
  std::string out(checksum_bytes, '\0');
  for (std::size_t i = 0; i < checksum_bytes; ++i) {
    out[i] = static_cast<char>(sum >> (8 * i));
  }
  return out;
}

}  // namespace

std::string encode_state(const ConsumerState& state, const base::Clock& clock, Instant now) {
  std::string out(magic);
  put(out, state.delivered_consumer.value);
  put(out, state.delivered_stream.value);
  put(out, state.floor_consumer.value);
  put(out, state.floor_stream.value);
  put(out, state.pending.size());
  std::uint64_t before = 0;
  for (const auto& [sequence, pending] : state.pending) {
    put(out, sequence.value - before);
    put(out, pending.delivery.value);
    put_time(out, clock.wall(pending.since));
    before = sequence.value;
  }
  put(out, state.redelivered.size());
  before = 0;
  for (const auto& [sequence, count] : state.redelivered) {
    put(out, sequence.value - before);
    put(out, count);
    before = sequence.value;
  }
  put_time(out, clock.wall(now));
  return out + checksum_of(out);
}

std::optional<ConsumerState> decode_state(std::string_view bytes, const base::Clock& clock,
                                          Instant now) {
  if (bytes.size() < magic.size() + checksum_bytes || !bytes.starts_with(magic)) {
    return std::nullopt;
  }
  const std::string_view body = bytes.substr(0, bytes.size() - checksum_bytes);
  if (bytes.substr(body.size()) != checksum_of(body)) {
    return std::nullopt;
  }
  Reader reader(body.substr(magic.size()));
  ConsumerState state;
  state.delivered_consumer.value = reader.next();
  state.delivered_stream.value = reader.next();
  state.floor_consumer.value = reader.next();
  state.floor_stream.value = reader.next();
  std::uint64_t sequence = 0;
  for (std::uint64_t left = reader.next(); left > 0 && !reader.failed(); --left) {
    sequence += reader.next();
    const ConsumerSeq delivery{reader.next()};
    const Instant since = clock.instant(reader.next_time());
    state.pending.emplace_hint(state.pending.end(), StreamSeq{sequence}, Pending{delivery, since});
  }
  sequence = 0;
  for (std::uint64_t left = reader.next(); left > 0 && !reader.failed(); --left) {
    sequence += reader.next();
    state.redelivered.emplace_hint(state.redelivered.end(), StreamSeq{sequence}, reader.next());
  }
  // Files of the first builds of 0.1.0 end here.
  const Instant written = reader.at_end() ? now : clock.instant(reader.next_time());
  if (written > now && written != kNever) {
    for (auto& [at, pending] : state.pending) {
      pending.since -= written - now;
    }
  }
  if (reader.failed() || !reader.at_end()) {
    return std::nullopt;
  }
  return state;
}

}  // namespace frond::consumer
