// A mirror whose newest messages the origin does not show any more, or has replaced by others: is
// it still the same log, and down to where?

#include "sync/mirror/mirror.h"
#include "wire/json_reader.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

namespace frond::sync {

namespace {

std::string went_back_json(std::string_view stream, StreamSeq from, StreamSeq to) {
  wire::Json json = wire::Json::object();
  json["type"] = "io.frond.advisory.v1.mirror_went_back";
  json["stream"] = stream;
  json["from_seq"] = from.value;
  json["to_seq"] = to.value;
  return wire::print_json(json);
}

/// The copy's newest message at or below `to`; `to` when there is none.
StreamSeq newest_up_to(const stream::Stream& copy, StreamSeq to) {
  const std::uint64_t above = copy.count_from({}, to.next());
  std::uint64_t low = 0;
  std::uint64_t high = to.value;
  while (low < high) {
    const std::uint64_t middle = high - (high - low) / 2;
    if (copy.count_from({}, {middle}) > above) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return low == 0 ? to : StreamSeq{low};
}

}  // namespace

stream::ApiError not_known_origin() {
  return {503, 10008, "origin stream does not say whether it is still the one that was mirrored"};
}

/// Before anything is stored or given up on the word of this origin.
bool Mirror::vouched(Instant now) {
  if (!vouched_) {
    reader_.stop();
    on_read_error(not_known_origin(), now);
  }
  return vouched_;
}

/// Asks what became of the copy's newest message; at once with nothing known when it has none.
void Mirror::probe(OriginProbe::Done done, Instant now) {
  reader_.stop();
  const auto newest = stream_.last_for(">");
  if (newest.unreadable) {
    on_read_error({500, 10118, "newest message of the mirror cannot be read now"}, now);
    return;
  }
  if (!newest) {
    done({}, now);
    return;
  }
  probe_.ask(
      plan_, {newest->sequence, newest->time, std::string(newest->subject)},
      [this, done = std::move(done)](const ProbeFinding& finding, Instant when) {
        if (finding.silent) {
          on_read_error(not_known_origin(), when);
        } else {
          done(finding, when);
        }
      },
      now);
}

/// The origin has passed the copy's newest message and not shown it.
void Mirror::doubt(Instant now) {
  if (!vouched(now)) {
    return;
  }
  probe(
      [this](const ProbeFinding& finding, Instant when) {
        const auto newest = stream_.last_for(">");
        if (finding.same || !newest) {
          read_on(when);
        } else if (finding.not_newer && *finding.not_newer < newest->sequence) {
          go_back(*finding.not_newer, when);
        } else if (finding.replaced) {
          go_back(overlap_.start().previous(), when);
        } else {
          read_on(when);  // Removed there.
        }
      },
      now);
}

/// What the copy has is right: the next consumer need not compare.
void Mirror::read_on(Instant now) {
  settled_ = true;
  reader_.start(plan_, now);
}

/// The origin ends before its copy does. Where they part may be further down: it may have got other
/// messages since.
void Mirror::behind(StreamSeq origin_last, Instant now) {
  overlap_.begin(stream_);
  probe(
      [this, origin_last](const ProbeFinding& finding, Instant when) {
        if (finding.same) {
          on_read_error(not_known_origin(), when);  // Then it does not end there.
        } else {
          go_back(std::min(origin_last, finding.not_newer.value_or(origin_last)), when);
        }
      },
      now);
}

/// The origin has another message at `sequence`.
void Mirror::differs(StreamSeq sequence, Instant now) {
  if (!vouched(now)) {
    return;
  }
  reader_.stop();
  const StreamSeq at_most = sequence.previous();
  if (!overlap_.agreed().none()) {
    go_back(at_most, now);
    return;
  }
  probe(
      [this, at_most](const ProbeFinding& finding, Instant when) {
        go_back(std::min(at_most, finding.not_newer.value_or(at_most)), when);
      },
      now);
}

/// Gives up what lies above `to`, and asks the origin again: the comparison begins anew. Where the
/// copy has nothing the origin may have something by now, which the filter takes: the copy ends
/// with a message of its own and reads on behind that.
void Mirror::go_back(StreamSeq to, Instant now) {
  const StreamSeq from = stream_.state().last;
  if (!overlap_.lacking().none()) {
    to = std::min(to, overlap_.lacking().previous());
  }
  to = std::min(std::max(to, overlap_.agreed()), from.previous());
  to = newest_up_to(stream_, to);
  if (!stream_.rewind(to, now)) {
    refuse_origin("origin stream has other messages above sequence " + std::to_string(to.value) +
                  ", and a damaged file keeps the old ones: mirror stopped");
    return;
  }
  const std::string subject = "$FROND.ADVISORY.SYNC.WENT_BACK." + stream_.config().name;
  const std::string body = went_back_json(stream_.config().name, from, to);
  context_.outlet.send(subject, {subject, {}, {}, body});
  ask_origin(now);
}

}  // namespace frond::sync
