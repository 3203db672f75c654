#pragma once
// A hub's stream for the tests of two-way sync, as nats-server 2.10 and 2.15 keep it: expected last
// subject sequence, duplicates by id, rollups, a bound of messages per subject, consumers that see
// only what is still there when they come to it. Written beside the code that it judges, not from
// it.

#include "base/base64.h"
#include "base/time_text.h"
#include "subject/match.h"
#include "sync/sync_link.h"
#include "wire/headers.h"
#include "wire/json_reader.h"

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace frond::sync {

struct Packet {
  std::string target, subject, reply, header, payload;
};

class TwoWayHub {
 public:
  struct Kept {
    std::string subject, header, payload;
    WallTime time{};
  };
  struct Reader {
    std::size_t device = 0;
    std::string name, deliver;
    std::uint64_t next = 1, sequence = 0;
    std::vector<std::uint64_t> first;  // The last ones of each subject, before it goes on.
  };

  std::map<std::uint64_t, Kept> log;
  std::uint64_t last = 0;
  std::uint64_t per_subject = 1;
  int incarnation = 1;
  int run = 1;  // Grows with each start.
  std::map<std::string, std::uint64_t> ids;
  std::vector<Reader> readers;
  std::map<std::string, int> stored;  // How often each payload was, ever.
  WallTime now{};
  bool says_number = true;  // In "wrong last sequence"; a cluster may not.
  bool mute_looks = false;  // No right to STREAM.MSG.GET.
  std::string refuse;       // Instead of storing.

  std::uint64_t last_of(std::string_view subject) const {
    for (auto at = log.rbegin(); at != log.rend(); ++at) {
      if (at->second.subject == subject) return at->first;
    }
    return 0;
  }
  const Kept* value(std::string_view subject) const {
    const std::uint64_t at = last_of(subject);
    return at == 0 ? nullptr : &log.at(at);
  }
  /// The answer to a publish.
  std::string publish(const std::string& subject, const std::string& header,
                      const std::string& payload) {
    const auto value_of = [&](std::string_view key) {
      return std::string(wire::header_value(header, key).value_or(""));
    };
    if (!refuse.empty()) return refuse;
    const std::string id = value_of("Nats-Msg-Id");
    if (!id.empty() && ids.contains(id)) {
      return R"({"stream":"S","duplicate":true,"seq":)" + std::to_string(ids[id]) + "}";
    }
    if (const std::string expected = value_of("Nats-Expected-Last-Subject-Sequence");
        !expected.empty() && expected != std::to_string(last_of(subject))) {
      return R"({"error":{"code":400,"err_code":10071,"description":"wrong last sequence)" +
             (says_number ? ": " + std::to_string(last_of(subject)) : std::string()) + "\"}}";
    }
    log[++last] = {subject, header, payload, now};
    ++stored[payload];
    if (!id.empty()) ids[id] = last;
    const std::string rollup = value_of("Nats-Rollup");
    if (!rollup.empty()) {
      std::erase_if(log, [&](const auto& one) {
        return one.first != last && (rollup == "all" || one.second.subject == subject);
      });
    }
    trim(subject);
    return R"({"stream":"S","seq":)" + std::to_string(last) + "}";
  }
  void trim(const std::string& subject) {
    std::vector<std::uint64_t> those;
    for (const auto& [sequence, kept] : log) {
      if (kept.subject == subject) those.push_back(sequence);
    }
    for (std::size_t i = 0; those.size() - i > per_subject; ++i) log.erase(those[i]);
  }
  void purge(const std::string& subject) {
    std::erase_if(log, [&](const auto& one) { return one.second.subject == subject; });
  }
  /// The last `count` sequences are lost, as by a power cut; ids and readers too.
  void lose_end(std::uint64_t count) {
    ++run;
    last -= std::min(count, last);
    log.erase(log.upper_bound(last), log.end());
    ids.clear();
    readers.clear();
  }
  void make_again() {
    log.clear();
    ids.clear();
    readers.clear();
    last = 0;
    ++incarnation;
    ++run;
  }

  /// What the hub says to a packet of a device; empty when nothing.
  std::string take(std::size_t device, const Packet& packet) {
    std::string call = packet.target;
    if (call.starts_with("$JS.FC.")) return {};
    if (!call.starts_with("$JS.hub.API.")) return publish(call, packet.header, packet.payload);
    call = call.substr(12);
    if (call.starts_with("$KV.")) return publish(call, packet.header, packet.payload);
    wire::Json body;
    if (!packet.payload.empty()) wire::parse_json(packet.payload, body);
    if (call.starts_with("STREAM.INFO.")) return info();
    if (call.starts_with("STREAM.MSG.GET.")) return mute_looks ? std::string() : get(body);
    if (call.starts_with("CONSUMER.CREATE.")) return create(device, body);
    return {};
  }

  std::string info() const {
    std::map<std::string, int> subjects;
    for (const auto& [sequence, kept] : log) ++subjects[kept.subject];
    return R"({"created":"2026-01-0)" + std::to_string(incarnation) +
           R"(T00:00:00Z","config":{},"state":{"last_seq":)" + std::to_string(last) +
           ",\"num_subjects\":" + std::to_string(subjects.size()) + "}}";
  }
  std::string get(const wire::Json& body) const {
    const std::uint64_t at = body.contains("seq")
                                 ? body["seq"].get<std::uint64_t>()
                                 : last_of(body["last_by_subj"].get<std::string>());
    const auto found = log.find(at);
    if (found == log.end()) {
      return R"({"error":{"code":404,"err_code":10037,"description":"no message found"}})";
    }
    wire::Json message;
    message["seq"] = at;
    message["subject"] = found->second.subject;
    message["time"] = base::rfc3339_format(found->second.time);
    if (!found->second.header.empty()) {
      message["hdrs"] = base::base64_encode(found->second.header);
    }
    message["data"] = base::base64_encode(found->second.payload);
    return "{\"message\":" + message.dump() + "}";
  }
  std::string create(std::size_t device, const wire::Json& body) {
    const wire::Json& config = body["config"];
    Reader reader;
    reader.device = device;
    reader.name = "C" + std::to_string(++readers_made_);
    std::uint64_t pending = 0;
    if (config["deliver_policy"] == "last_per_subject") {
      std::map<std::string, std::uint64_t> ends;
      for (const auto& [sequence, kept] : log) ends[kept.subject] = sequence;
      for (const auto& [sequence, kept] : log) {
        if (ends[kept.subject] == sequence) reader.first.push_back(sequence);
      }
      pending = reader.first.size();
      reader.next = last + 1;
    } else if (config.contains("opt_start_time")) {
      const auto since = base::rfc3339_parse(config["opt_start_time"].get<std::string>());
      reader.next = last + 1;
      for (const auto& [sequence, kept] : log) {
        if (kept.time >= *since) reader.next = std::min(reader.next, sequence);
      }
    } else {
      reader.next = config.value("opt_start_seq", std::uint64_t{1});
      pending = left(reader);
    }
    const std::uint64_t before = reader.first.empty() ? reader.next - 1 : 0;
    const std::string name = reader.name;
    if (config.contains("deliver_subject")) {
      reader.deliver = config["deliver_subject"].get<std::string>();
      std::erase_if(readers, [&](const Reader& one) { return one.device == device; });
      readers.push_back(std::move(reader));
    }
    return "{\"name\":\"" + name + "\",\"delivered\":{\"stream_seq\":" + std::to_string(before) +
           "},\"num_pending\":" + std::to_string(pending) + "}";
  }
  std::uint64_t left(const Reader& reader) const {
    return reader.first.size() +
           static_cast<std::uint64_t>(std::distance(log.lower_bound(reader.next), log.end()));
  }
  /// The next message of a consumer; false when there is none.
  bool deliver(Reader& reader, Packet& out) {
    std::uint64_t at = 0;
    while (at == 0 && !reader.first.empty()) {
      at = log.contains(reader.first.front()) ? reader.first.front() : 0;
      reader.first.erase(reader.first.begin());
    }
    if (at == 0) {
      const auto next = log.lower_bound(reader.next);
      if (next == log.end()) return false;
      at = next->first;
      reader.next = at + 1;
    }
    const Kept& kept = log.at(at);
    const std::string place = "$JS.ACK.S." + reader.name + ".1." + std::to_string(at) + "." +
                              std::to_string(++reader.sequence) + "." +
                              std::to_string(kept.time.time_since_epoch().count()) + "." +
                              std::to_string(left(reader));
    out = {reader.deliver, kept.subject, place, kept.header, kept.payload};
    return true;
  }

 private:
  int readers_made_ = 0;
};

}  // namespace frond::sync
