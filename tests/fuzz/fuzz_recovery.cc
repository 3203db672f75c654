// The directory of a stream, and of a neighbour whose name differs in case only, as a bad disk, a
// crash or a hand may leave them. The first part of the input is what was published, erased and
// purged; the rest says what then happened to the files.
// Opening never traps; everything that is served can be read; what is there in RAM after a commit
// is what the next start serves; a publish gets a sequence above everything served.
#include "base/limits.h"
#include "input.h"
#include "store/record.h"
#include "stream/config_json.h"
#include "support/streams_node.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace {

using namespace frond;
using fuzz::Input;
using fuzz::must;

constexpr Instant start{std::chrono::seconds(1'700'000'000)};
constexpr std::array<std::string_view, 4> configs{
    R"({"subjects":["a.*"],"retention":"limits","storage":"file"})",
    R"({"subjects":["a.*"],"retention":"limits","storage":"file","max_msgs_per_subject":2})",
    R"({"subjects":["a.*"],"retention":"limits","storage":"file","max_msgs":5,)"
    R"("allow_rollup_hdrs":true})",
    R"({"subjects":["a.*"],"retention":"limits","storage":"file","first_seq":1000})"};

/// Names whose folders are themselves, percent-encoded, and cut with a hash.
std::string name_of(std::uint8_t shape) {
  switch (shape % 4) {
    case 1:
      return "S%\xC3\xA4";
    case 2:
      return std::string(255, '%');
    default:
      return "S";
  }
}
/// Another name, whose folder a file system without case might take for the same.
std::string neighbour_of(std::string name) {
  for (char& c : name) c = c == 'S' ? 's' : c == '%' ? '~' : c;
  return name;
}

/// Everything a stream serves: sequence to subject, time, header and payload as one text.
using View = std::map<std::pair<std::string, std::uint64_t>, std::string>;

struct Node : test::StreamsNode {
  explicit Node(bool appends) : StreamsNode(appends) {}

  void commit() {
    StreamsNode::commit();
    must(files.gaps == 0, "an append begins in the file");
  }
  /// The power goes in the middle of a commit.
  void crash(Input& input) {
    if (const auto sealed = journal->seal()) {
      const std::size_t whole = input.below(sealed->operations.size() + 1);
      files.apply_part(*sealed, files.appends() ? whole : 0, input.byte());
    }
    open();
  }
  View view() const {
    View all;
    for (stream::Stream* stream : streams->all()) {
      const stream::StreamState state = stream->state();
      std::uint64_t count = 0;
      StreamSeq from{1};
      while (const auto message = stream->next_for({}, from)) {
        const StreamSeq at = message->sequence;
        must(at >= from && at <= state.last && at >= state.first, "sequences are in the bounds");
        std::string text = std::to_string(message->time.time_since_epoch().count());
        text.append(message->subject).append(message->header).append(message->payload);
        const auto again = stream->get(at);
        must(again && again->sequence == at, "what is served can be got");
        all.emplace(std::pair(stream->config().name, at.value), std::move(text));
        ++count;
        from = at.next();
      }
      must(count == state.messages, "everything counted can be read");
    }
    return all;
  }

  std::string blocks() const { return folder + "/blocks/"; }
  std::string newest_meta() const {
    const auto found = files.files.find(folder + "/meta.json.2");
    return found == files.files.end() ? std::string() : found->second;
  }

  std::string name;
  std::string folder;
  std::uint32_t incarnation = 0;
};

void publish(stream::Stream& stream, Input& input, Instant now) {
  const std::uint8_t shape = input.byte();
  // A client that is not pedantic may publish to what looks like a wildcard.
  const std::string subject = std::string("a.") + "abc*"[shape % 4];
  const std::string payload(shape < 240 ? shape / 8 : (shape - 239) * 1000, 'p');
  std::string header;
  if (shape % 16 == 1) header = "NATS/1.0\r\nNats-Msg-Id: " + std::to_string(shape) + "\r\n\r\n";
  if (shape % 32 == 2) header = "NATS/1.0\r\nNats-Rollup: sub\r\n\r\n";
  stream.ingest({subject, {}, header, payload}, now);
}

void operate(Node& node, Input& input, std::size_t operations) {
  for (; operations > 0; --operations) {
    stream::Stream* stream = node.streams->find(node.name);
    if (stream == nullptr) return;
    const stream::StreamState state = stream->state();
    const std::uint8_t what = input.byte();
    node.now += std::chrono::milliseconds(what);
    switch (what % 8) {
      case 0:
      case 1:
        publish(*stream, input, node.now);
        break;
      case 2:  // As many commits as a merge needs.
        for (std::size_t left = 1 + input.below(16); left > 0; --left) {
          publish(*stream, input, node.now);
          node.commit();
        }
        break;
      case 3:
        stream->erase(StreamSeq{state.first.value + input.byte()}, node.now);
        break;
      case 4: {
        stream::PurgeRequest request;
        const std::uint8_t shape = input.byte();
        if (shape % 2 == 1) request.filter = "a.a";
        if (shape % 4 >= 2) request.keep = shape / 16;
        if (shape % 4 == 0) request.before = StreamSeq{state.first.value + shape / 8};
        stream->purge(request, node.now);
        break;
      }
      case 5:
        node.commit();
        break;
      case 6:
        node.now += std::chrono::seconds(1);
        node.streams->tick(node.now);
        node.commit();
        break;
      default:
        node.crash(input);
        break;
    }
  }
}

/// Short of the end of all numbers: a store that wrote a block a nanosecond would be there in
/// centuries, and a file of that name leaves no number for the next block.
std::uint64_t block_number(Input& input) {
  return std::min(input.number(), std::uint64_t{1} << 63);
}

std::string block_path(const Node& node, Input& input) {
  const std::string number = std::to_string(block_number(input));
  const std::uint8_t shape = input.byte();
  std::string path = node.blocks() + (shape == 255 ? "0" : "") + number;
  if (shape % 2 == 1) path += "." + std::to_string(shape / 2);
  return path + (shape == 254 ? "" : ".blk");
}

/// Bytes with a right checksum that no writer of ours would leave.
std::string forged(Input& input, std::uint32_t incarnation) {
  std::string out;
  const std::uint8_t what = input.byte();
  if (what % 4 == 0) {
    store::BlockHeader header;
    header.number = block_number(input);
    header.generation = static_cast<std::uint32_t>(input.number());
    header.covers = block_number(input);
    header.base = input.number();
    header.incarnation = incarnation;
    store::write_block_header(out, header);
  } else if (what % 4 == 1) {
    const std::uint64_t first = input.number();
    const std::uint64_t last = first + std::min<std::uint64_t>(input.byte(), ~first);
    store::write_commit(out, input.number(), {{first, last}});
  } else {
    store::write_message(out, {.sequence = input.number(),
                               .time = WallTime(start.time_since_epoch()),
                               .subject = what % 4 == 2 ? "a.b" : "",
                               .header = {},
                               .payload = input.take(3)});
  }
  return out;
}

/// True when it forged something.
bool damage(Node& node, Input& input) {
  auto& files = node.files.files;
  if (files.empty()) return false;
  const auto chosen = std::next(files.begin(), static_cast<long>(input.below(files.size())));
  std::string& bytes = chosen->second;
  const std::uint8_t what = input.byte();
  switch (what % 9) {
    case 0:
      if (!bytes.empty()) bytes[input.place(bytes.size())] ^= static_cast<char>(1 + input.below(8));
      break;
    case 1:
      bytes.resize(input.place(bytes.size() + 1));
      break;
    case 2:
      files.erase(chosen);
      break;
    case 3: {  // Copied to another place.
      std::string copy = bytes;
      files[block_path(node, input)] = std::move(copy);
      break;
    }
    case 4: {  // Renamed.
      std::string moved = std::move(bytes);
      files.erase(chosen);
      files[block_path(node, input)] = std::move(moved);
      break;
    }
    case 5: {
      const std::size_t at = input.place(bytes.size() + 1);
      bytes.replace(at, input.byte(), input.take(input.below(32)));
      break;
    }
    case 6: {  // Two files change places.
      const auto other = std::next(files.begin(), static_cast<long>(input.below(files.size())));
      std::swap(bytes, other->second);
      break;
    }
    case 7:
      bytes.insert(input.below(4) == 0 ? input.place(bytes.size() + 1) : bytes.size(),
                   forged(input, node.incarnation));
      break;
    default:
      files[block_path(node, input)] =
          forged(input, node.incarnation) + forged(input, node.incarnation);
      break;
  }
  return what % 9 >= 7;
}

/// A forged commit may name a last sequence above what later blocks hold, and they are served when
/// its block has gone: then only the rest is looked at.
void check(Node& node, Input& input, bool config_known, bool forged) {
  node.open();
  View served = node.view();
  node.commit();
  must(node.view() == served, "a start's own commit changes nothing");
  node.open();
  must(node.view() == served, "the second start serves what the first did");
  operate(node, input, input.below(4));
  stream::Stream* stream = node.streams->find(node.name);
  if (stream != nullptr && config_known) {
    const std::uint64_t before = stream->state().last.value;
    const stream::IngestResult result = stream->ingest({"a.z", {}, {}, "new"}, node.now);
    must(before >= base::sequence_max || (!result.error && result.sequence.value > before),
         "a publish goes behind everything served");
  }
  node.commit();
  served = node.view();
  for (int i = 0; i < 2; ++i) {
    node.open();
    const bool same = node.view() == served;
    must(same || forged, "what was committed after damage is served again");
    node.commit();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  const std::uint8_t shape = input.byte();
  Node node(shape % 2 == 0);
  node.open();
  stream::ParsedStreamConfig parsed =
      stream::parse_stream_config(configs[shape / 2 % configs.size()]);
  must(!parsed.error, "the stream's config is right");
  node.name = parsed.config.name = name_of(shape / 8);
  stream::Stream* made = node.streams->create(std::move(parsed.config), node.now).stream;
  must(made != nullptr, "it is created");
  node.folder = made->directory();
  node.incarnation = store::incarnation_of(made->identity());
  if (shape / 32 % 2 == 1) {
    stream::StreamConfig other;
    other.name = neighbour_of(node.name);
    other.subjects = {"b"};
    made = node.streams->create(other, node.now).stream;
    must(made != nullptr, "its neighbour is created");
    made->ingest({"b", {}, {}, "other"}, node.now);
  }
  node.commit();
  operate(node, input, 1 + input.below(24));
  if (shape >= 128) node.commit();
  node.streams.reset();
  const std::string meta = node.newest_meta();
  bool forged = false;
  for (std::size_t left = input.below(6); left > 0; --left) forged |= damage(node, input);
  check(node, input, node.newest_meta() == meta, forged);
  return 0;
}
