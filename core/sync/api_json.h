#pragma once
// The few JetStream API documents that sync reads: consumer create, STREAM.INFO, STREAM.NAMES and
// PubAck answers of a hub of any version. Pure functions; unknown fields are ignored. A hub may say
// anything: numbers that no stream can have read as 0, names that none can have as empty, and texts
// are cut.

#include "stream/error.h"

#include <frond/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace frond::sync {

/// Can be the name of a stream or consumer, and so a token of a subject.
bool is_asset_name(std::string_view text);

/// What every answer may be instead of what was asked for.
struct ApiAnswer {
  bool readable = false;  ///< A JSON object.
  stream::ApiError error;
};

struct ConsumerCreated : ApiAnswer {
  std::string name;
  StreamSeq delivered;
  std::uint64_t pending = 0;
};
ConsumerCreated read_consumer_created(std::string_view body);

struct RemoteStreamInfo : ApiAnswer {
  std::string created;
  StreamSeq first;
  StreamSeq last;
  Duration duplicate_window{};
  std::uint64_t messages_per_subject = 0;  ///< How many it keeps; 0: no limit.
  std::uint64_t subjects = 0;              ///< Of which it has messages.
};
RemoteStreamInfo read_stream_info(std::string_view body);

/// Of STREAM.MSG.GET.
struct StoredAt : ApiAnswer {
  StreamSeq sequence;
  std::optional<WallTime> time;
  std::string subject;
  std::string header, payload;
};
StoredAt read_stored_at(std::string_view body);

struct StreamNames : ApiAnswer {
  std::vector<std::string> names;
  std::uint64_t listed = 0;  ///< How many this page has, of
  std::uint64_t total = 0;   ///< how many; 0 when the hub does not say.
};
StreamNames read_stream_names(std::string_view body);

struct PubAck : ApiAnswer {
  std::string stream;
  StreamSeq sequence;
  bool duplicate = false;
};
PubAck read_pub_ack(std::string_view body);

/// Where a delivery stands, from its reply `$JS.ACK...` in either form (leafnode-protocol 5.1).
struct DeliveryPlace {
  std::string_view consumer;
  std::uint64_t deliveries = 0;
  StreamSeq stream;
  ConsumerSeq consumer_sequence;
  WallTime time{};
  std::uint64_t pending = 0;
};
std::optional<DeliveryPlace> read_delivery_place(std::string_view reply);

/// Subject of an API request at another domain: "$JS.<domain>.API", "$JS.API" for an empty one.
std::string api_prefix(std::string_view domain);

}  // namespace frond::sync
