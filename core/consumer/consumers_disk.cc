// Consumers on disk: their configs, recovery at start, and what becomes of them when a commit is
// lost. Also the advisories of the set.

#include "base/limits.h"
#include "base/time_text.h"
#include "consumer/advisory.h"
#include "consumer/config_json.h"
#include "consumer/consumers.h"
#include "consumer/files.h"
#include "store/file_name.h"
#include "stream/asset_rules.h"
#include "subject/validity.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::consumer {

using wire::Json;

/// The files of a consumer that is about to be made. What still lies there of another one goes in
/// the same commit or has gone in an earlier one.
ConsumerFiles Consumers::new_files(const stream::Stream& stream, const std::string& name) {
  const std::string folder = consumers_folder(stream);
  const auto free = [](const std::string&) { return false; };
  const auto taken = [&](const std::string& folded) {
    return stems_in_use_.contains(store::folded(folder) + folded);
  };
  const std::string usual = folder + store::choose_file_name(name, free);
  const auto removed = std::ranges::find_if(removals_, [&](const Removal& removal) {
    return removal.stream == stream.config().name && removal.name == name &&
           !environment_.journal.is_durable(removal.ticket) &&
           !stems_in_use_.contains(store::folded(removal.stem));
  });
  const bool again = removed != removals_.end();
  const bool damaged = unreadable_.erase(usual) > 0;
  std::string stem = again     ? removed->stem
                     : damaged ? usual
                               : folder + store::choose_file_name(name, taken);
  ConsumerFiles files(environment_.journal, files_, std::move(stem));
  if (damaged) {
    for (store::StateFile* file : {&files.config, &files.state}) {
      file->load();
      file->remove();
    }
  }
  return files;
}

void Consumers::write_config(Consumer& consumer) {
  if (!consumer.persistent()) {
    return;
  }
  Json file = Json::object();
  file["name"] = consumer.name();
  file["created"] = base::rfc3339_format(consumer.created());
  file["config"] = print_config(consumer.config());
  consumer.files().config.save_twice(wire::print_json(file));
  by_stream_.find(consumer.stream().config().name)
      ->second.by_name.find(consumer.name())
      ->second.config_in = environment_.journal.open_ticket();
}

namespace {

/// What a consumer's config file says.
struct SavedConsumer {
  std::string name;
  std::optional<WallTime> created;
  ConsumerConfig config;
};

/// What must hold of a config that comes from a file, so that serving it breaks nothing; empty, or
/// what does not. Less than check() asks of a request: rules may have become stricter since, and
/// the stream's config may have changed.
std::string recovery_fault(const ConsumerConfig& config, std::string_view name) {
  if (!stream::valid_asset_name(name)) {
    return "invalid consumer name";
  }
  if (config.push() && !subject::valid_literal(config.deliver_subject)) {
    return "invalid deliver subject";
  }
  const std::vector<std::string> filters = config.filters();
  return std::ranges::all_of(filters, [](const std::string& one) { return subject::valid(one); })
             ? ""
             : "malformed subject";
}

/// `error` says why there is nothing.
std::optional<SavedConsumer> read_saved(std::string_view text, std::string& error) {
  SavedConsumer saved;
  Json file;
  error = wire::parse_json(text, file, base::json_stored_depth_max);
  if (error.empty()) {
    wire::ObjectReader reader(file, "consumer", error);
    reader.read("name", saved.name);
    reader.read("created", saved.created);
    if (const Json* inner = reader.object("config", "config")) {
      const std::string config_error = read_config(*inner, saved.config);
      if (!config_error.empty()) {
        reader.fail(config_error);
      }
    }
  }
  if (error.empty() && saved.name.empty()) {
    error = "no name";
  }
  if (error.empty()) {
    error = recovery_fault(saved.config, saved.name);
  }
  return error.empty() ? std::optional(std::move(saved)) : std::nullopt;
}

/// A consumer knows what the stream has given out. One that ends before that has lost files at its
/// end, which nothing else tells: their sequences are not used again. A mirror proves nothing: it
/// may have gone back with its origin, in a commit of which a crash has left the part without the
/// consumer's state. What it lacks it reads anew.
void check_end(stream::Stream& stream, std::string_view consumer, const ConsumerState& state,
               std::vector<stream::Quarantined>& damaged, Instant now) {
  const StreamSeq last = stream.state().last;
  const StreamSeq seen = state.delivered_stream;
  if (stream.config().mirror || state.delivered_consumer.none() || seen <= last) {
    return;
  }
  damaged.push_back({stream.directory() + "/blocks", "a file is missing: the messages end at " +
                                                         std::to_string(last.value) +
                                                         ", and consumer " + std::string(consumer) +
                                                         " has had " + std::to_string(seen.value)});
  constexpr std::uint64_t skip = base::sequence_skip_after_damage;
  stream.skip_to({std::min(seen.value, base::sequence_max - skip) + skip}, now);
}

}  // namespace

std::vector<stream::Quarantined> Consumers::recover(Instant now) {
  std::vector<stream::Quarantined> damaged;
  for (stream::Stream* stream : streams_.all()) {
    std::set<std::string, std::less<>> stems;
    const std::vector<FileInfo> listed = files_.list(consumers_folder(*stream));
    for (const FileInfo& file : listed) {
      if (const std::string_view stem = consumer_stem(file.path); !stem.empty()) {
        stems.emplace(stem);
      }
    }
    for (const std::string& stem : stems) {
      recover_one(*stream, stem, listed, damaged, now);
    }
  }
  return damaged;
}

void Consumers::recover_one(stream::Stream& stream, const std::string& stem,
                            const std::vector<FileInfo>& listed,
                            std::vector<stream::Quarantined>& damaged, Instant now) {
  ConsumerFiles files(environment_.journal, files_, stem);
  const store::StateFile::Copy config = files.config.load(listed);
  const store::StateFile::Copy state = files.state.load(listed);
  if (config.condition == store::StateFile::Condition::absent) {
    files.state.remove();  // The rest of a consumer whose deletion was done in part.
    return;
  }
  std::string error(complaint(config.condition));
  std::optional<SavedConsumer> saved;
  if (config.generation != 0) {
    if (!error.empty()) {
      damaged.push_back({files.config.path(), error});
    }
    saved = read_saved(config.text, error);
  }
  if (saved && find(stream.config().name, saved->name) != nullptr) {
    error = "names a consumer that another file holds";
    saved.reset();
  }
  if (!saved) {
    damaged.push_back({files.config.path(), error});
    unreadable_.insert(stem);
    stems_in_use_.insert(store::folded(stem));
    return;
  }
  std::optional<ConsumerState> restored;
  if (state.generation != 0) {
    restored = decode_state(state.text, environment_.clock, now);
  }
  if (state.condition != store::StateFile::Condition::absent && !restored) {
    damaged.push_back({files.state.path(), "damaged; the consumer starts over"});
  } else if (state.condition == store::StateFile::Condition::stale) {
    damaged.push_back({files.state.path(), "a copy is damaged; the consumer may deliver again"});
  }
  if (restored) {
    check_end(stream, saved->name, *restored, damaged, now);
  }
  const bool stale = config.condition == store::StateFile::Condition::stale;
  Entry& entry = install(stream, std::move(saved->config), std::move(saved->name),
                         saved->created.value_or(environment_.clock.wall(now)), std::move(files),
                         std::move(restored), now);
  if (stale) {
    write_config(*entry.consumer);  // Two whole copies again.
  }
}

/// The commit that holds this consumer's last config is lost: it has again the one before.
void Consumers::undo_config(Entry& entry, Instant now) {
  entry.config_in = {};
  std::string error;
  const store::StateFile::Copy copy = entry.consumer->files().config.load();
  if (std::optional<SavedConsumer> saved = read_saved(copy.text, error)) {
    update(*entry.consumer, std::move(saved->config), now);
  }
}

void Consumers::commit_failed(Instant now) {
  const auto is_lost = [this](Ticket ticket) {
    return ticket != Ticket{0} && !environment_.journal.is_durable(ticket);
  };
  std::vector<Removal> removals = std::exchange(removals_, {});
  std::vector<Consumer*> lost;
  for (auto& [stream, consumers] : by_stream_) {
    for (auto& [name, entry] : consumers.by_name) {
      if (is_lost(entry.created_in)) {
        lost.push_back(entry.consumer.get());
      } else if (entry.consumer->persistent()) {
        if (is_lost(entry.config_in)) {
          undo_config(entry, now);
        }
        entry.consumer->save_lost(now);
        // The next pump is for that, should nothing else happen to this consumer.
        earliest_ = std::min(earliest_, entry.consumer->due());
      }
    }
  }
  for (Consumer* consumer : lost) {
    remove(consumer->stream(), std::string(consumer->name()), now);
  }
  // What was to be removed is still there: so it is, and its client was told that deleting failed.
  for (const Removal& removal : removals) {
    stream::Stream* stream = streams_.find(removal.stream);
    if (stream != nullptr && is_lost(removal.ticket) &&
        find(removal.stream, removal.name) == nullptr) {
      std::vector<stream::Quarantined> reported_at_start;
      recover_one(*stream, removal.stem, files_.list(removal.stem), reported_at_start, now);
    }
  }
}

/// Only what was ever written: a path that cannot be written is not touched again.
void Consumers::remove_files(Consumer& consumer) {
  std::erase_if(removals_, [&](const Removal& removal) {
    return environment_.journal.is_durable(removal.ticket);
  });
  consumer.files().config.remove();
  consumer.files().state.remove();
  removals_.push_back({consumer.stream().config().name, consumer.name(), consumer.files().stem,
                       environment_.journal.open_ticket()});
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
