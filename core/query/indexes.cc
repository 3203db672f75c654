#include "query/indexes.h"

#include "base/limits.h"
#include "stream/config.h"
#include "stream/sync_check.h"
#include "subject/filter_set.h"
#include "wire/quote.h"

namespace frond::query {
namespace {

/// The next name of a list with this separator; empty at the end.
std::string_view take_name(std::string_view& list, char separator) {
  while (list.starts_with(separator)) {
    list.remove_prefix(1);
  }
  const std::string_view name = list.substr(0, list.find(separator));
  list.remove_prefix(name.size());
  return name;
}

std::string_view declaration_of(const stream::Stream& stream) {
  const auto& metadata = stream.config().metadata;
  const auto found = metadata.find(std::string(stream::index_metadata));
  return found == metadata.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

std::string check_indexes(std::string_view declared) {
  std::size_t indexes = 0;
  for (std::string_view name = take_name(declared, ' '); !name.empty();
       name = take_name(declared, ' ')) {
    if (++indexes > base::query_indexes_max) {
      return "metadata frond.index declares too many indexes";
    }
    std::size_t fields = 0;
    const bool gap = name.front() == ',' || name.back() == ',' || name.find(",,") < name.size();
    for (std::string_view rest = name; !rest.empty();) {
      const std::string_view field = take_name(rest, ',');
      if (gap || (field.starts_with('$') && !is_pseudo_field(field)) || ++fields > 8) {
        return "metadata frond.index names what can not be indexed: " + wire::quoted(name);
      }
    }
  }
  return indexes > 0 ? "" : "metadata frond.index declares no index";
}

StreamIndexes::StreamIndexes(stream::Stream& stream, std::string_view declared)
    : stream_(stream), declared_(declared) {
  declare();
  stream.add_listener(this);
}

void StreamIndexes::declare() {
  indexes_.clear();
  std::string_view rest = declared_;
  for (std::string_view name = take_name(rest, ' '); !name.empty(); name = take_name(rest, ' ')) {
    indexes_.emplace_back(name);
  }
  covered_ = {};
  full_ = false;
}

void StreamIndexes::advance(std::size_t& work) {
  const subject::FilterSet everything;
  const StreamSeq durable = stream_.durable_last();
  for (std::size_t left = base::query_step_documents; left > 0 && behind(); --left) {
    const stream::Lookup message = stream_.next_for(everything, covered_.next());
    if (message.unreadable) {
      break;
    }
    if (!message || message->sequence > durable) {
      covered_ = durable;
      break;
    }
    covered_ = message->sequence;
    std::size_t bytes = 0;
    for (Index& index : indexes_) {
      index.add(*message);
      bytes += index.bytes();
    }
    full_ = bytes > base::query_indexes_bytes_max;
    work += base::query_document_cost + base::query_byte_cost * message->payload.size();
  }
  for (Index& index : indexes_) {
    index.settle(stream_);
  }
  if (full_) {
    indexes_.clear();
  }
}

void StreamIndexes::on_removed(stream::Stream&, std::span<const stream::RemovedMessage> messages) {
  for (Index& index : indexes_) {
    index.note_removed(messages.size());
  }
}

void StreamIndexes::on_reloaded(stream::Stream&) { declare(); }

void Indexes::attach(stream::Stream& stream) {
  const std::string_view declared = declaration_of(stream);
  if (const StreamIndexes* const known = find(stream)) {
    if (known->declared() == declared) {
      return;
    }
    detach(stream);
  }
  if (!declared.empty()) {
    streams_.push_back(std::make_unique<StreamIndexes>(stream, declared));
  }
}

void Indexes::detach(const stream::Stream& stream) {
  std::erase_if(streams_, [&](const auto& each) { return &each->stream() == &stream; });
}

StreamIndexes* Indexes::find(const stream::Stream& stream) const {
  for (const auto& each : streams_) {
    if (&each->stream() == &stream) {
      return each.get();
    }
  }
  return nullptr;
}

bool Indexes::pump() {
  std::size_t work = 0;
  for (const auto& each : streams_) {
    while (each->behind()) {
      if (work >= base::query_turn_cost) {
        return true;
      }
      const StreamSeq before = each->covered();
      each->advance(work);
      if (each->covered() == before) {
        break;  // What cannot be read now is tried again when something has happened.
      }
    }
  }
  return false;
}

}  // namespace frond::query
