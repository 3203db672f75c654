// Consumers on disk: their configs, recovery at start, and what becomes of them when a commit is
// lost. Also the advisories of the set.

#include "base/limits.h"
#include "base/time_text.h"
#include "consumer/advisory.h"
#include "consumer/config_json.h"
#include "consumer/consumers.h"
#include "consumer/files.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::consumer {

using wire::Json;

void Consumers::write_config(const Consumer& consumer) {
  if (!consumer.persistent()) {
    return;
  }
  Json file = Json::object();
  file["name"] = consumer.name();
  file["created"] = base::rfc3339_format(consumer.created());
  file["config"] = print_config(consumer.config());
  environment_.journal.write(consumer.path() + ".json", wire::print_json(file));
}

std::vector<stream::Quarantined> Consumers::recover(Instant now) {
  std::vector<stream::Quarantined> damaged;
  for (stream::Stream* stream : streams_.all()) {
    for (const FileInfo& file : files_.list(consumers_folder(stream->config().name))) {
      if (file.path.ends_with(".json")) {
        recover_one(*stream, file.path, damaged, now);
      }
    }
  }
  return damaged;
}

void Consumers::recover_one(stream::Stream& stream, const std::string& path,
                            std::vector<stream::Quarantined>& damaged, Instant now) {
  constexpr std::uint64_t everything = std::numeric_limits<std::uint64_t>::max();
  const std::optional<std::string> text = files_.read(path, 0, everything);
  Json file;
  std::string error = text ? wire::parse_json(*text, file) : "unreadable";
  std::string name;
  std::optional<WallTime> created;
  ConsumerConfig config;
  if (error.empty()) {
    wire::ObjectReader reader(file, "consumer", error);
    reader.read("name", name);
    reader.read("created", created);
    if (const Json* inner = reader.object("config", "config")) {
      const std::string config_error = read_config(*inner, config);
      if (!config_error.empty()) {
        reader.fail(config_error);
      }
    }
  }
  if (!error.empty() || name.empty()) {
    damaged.push_back({path, error.empty() ? "no name" : error});
    return;
  }
  const std::string state_path = path.substr(0, path.size() - 5) + ".state";
  std::optional<ConsumerState> state;
  if (const auto bytes = files_.read(state_path, 0, everything); bytes && !bytes->empty()) {
    state = decode_state(*bytes, environment_.clock, now);
    if (!state) {
      damaged.push_back({state_path, "checksum does not match; the consumer starts over"});
    }
  }
  install(stream, std::move(config), std::move(name),
          created.value_or(environment_.clock.wall(now)), std::move(state), now);
}

void Consumers::commit_failed(Instant now) {
  std::vector<std::pair<Ticket, std::string>> removals = std::exchange(removals_, {});
  for (auto& [ticket, path] : removals) {
    if (!environment_.journal.is_durable(ticket)) {
      environment_.journal.remove(path);
      removals_.emplace_back(environment_.journal.open_ticket(), path);
    }
  }
  std::vector<Consumer*> lost;
  for (const auto& [stream, consumers] : by_stream_) {
    for (const auto& [name, entry] : consumers) {
      if (entry.created_in != Ticket{0} && !environment_.journal.is_durable(entry.created_in)) {
        lost.push_back(entry.consumer.get());
      } else if (entry.consumer->persistent()) {
        write_config(*entry.consumer);
        entry.consumer->save_soon();
      }
    }
  }
  for (Consumer* consumer : lost) {
    remove(consumer->stream(), std::string(consumer->name()), now);
  }
}

void Consumers::remove_files(const Consumer& consumer) {
  std::erase_if(removals_, [&](const auto& removal) {
    return environment_.journal.is_durable(removal.first);
  });
  for (const std::string_view extension : {".json", ".state"}) {
    std::string path = consumer.path() + std::string(extension);
    environment_.journal.remove(path);
    removals_.emplace_back(environment_.journal.open_ticket(), std::move(path));
  }
}

void Consumers::advise(const Consumer& consumer, std::string_view action, Instant now) {
  const std::string& stream = consumer.stream().config().name;
  const std::string subject = std::string("$JS.EVENT.ADVISORY.CONSUMER.") +
                              (action == "create" ? "CREATED." : "DELETED.") + stream + "." +
                              consumer.name();
  send_advisory(environment_.outlet, environment_.entropy, subject, "advisory.v1.consumer_action",
                environment_.domain, environment_.clock.wall(now),
                [&](nlohmann::ordered_json& event) {
                  event["stream"] = stream;
                  event["consumer"] = consumer.name();
                  event["action"] = action;
                });
}

void Consumers::advise_pause(const Consumer& consumer, Instant now) {
  const WallTime wall = environment_.clock.wall(now);
  const std::string& stream = consumer.stream().config().name;
  const std::optional<WallTime> until = consumer.config().pause_until;
  send_advisory(environment_.outlet, environment_.entropy,
                "$JS.EVENT.ADVISORY.CONSUMER.PAUSE." + stream + "." + consumer.name(),
                "advisory.v1.consumer_pause", environment_.domain, wall,
                [&](nlohmann::ordered_json& event) {
                  event["stream"] = stream;
                  event["consumer"] = consumer.name();
                  event["paused"] = until && wall < *until;
                  event["pause_until"] =
                      until ? base::rfc3339_format(*until) : std::string(base::zero_time_text);
                });
}

}  // namespace frond::consumer
