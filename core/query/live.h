#pragma once
// A live query: the rows that a query finds, then what changes of them. Each change of the stream
// names subjects; the last message of each of those is looked at again, so that one change costs
// the work for one row, however many rows there are. What is told is always the difference between
// what was told and what a query would find now; a subject that changes more often than its asker
// reads is told once. When the stream is another one (a lost commit), or subjects have come and
// gone by the thousand, all is told anew. Of the last message of each subject only, whole and
// unsorted.

#include "query/matcher.h"
#include "query/names.h"
#include "stream/stream.h"
#include "subject/filter_set.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace frond::query {

class Live final : public stream::StreamListener {
 public:
  enum class Step : std::uint8_t {
    more,
    batch,       ///< Changes enough for a message.
    ready,       ///< All that is there now has been told.
    idle,        ///< Nothing has changed since.
    too_large,   ///< More rows than there is room for.
    unreadable,  ///< The host does not give a message's bytes now.
  };

  /// `woken` is set when there is something to do.
  Live(std::unique_ptr<Query> query, stream::Stream& stream, bool& woken);
  /// To be called before it is destroyed, while the stream is still there.
  void detach(stream::Stream& stream) { stream.remove_listener(this); }

  /// Appends changes, as JSON with commas between them. `work` grows by what it cost (limits.h).
  Step step(stream::Stream& stream, std::string& changes, std::size_t& work);
  /// What was told before is void; asked once each time.
  bool take_reset() { return std::exchange(reset_, false); }
  StreamSeq last() const { return last_; }
  std::size_t cost() const;

  void on_messages(stream::Stream& stream, stream::SequenceRun readable) override;
  void on_removed(stream::Stream& stream,
                  std::span<const stream::RemovedMessage> messages) override;
  void on_reloaded(stream::Stream&) override { begin_anew(); }

 private:
  struct Known {
    StreamSeq told;  // Of the row that its asker has; none: it has none.
    bool marked = false;
  };
  void mark(std::string_view subject);
  void begin_anew();
  void begin(const stream::Stream& stream);
  std::uint32_t number_of(std::string_view subject);
  /// The next of those that were there at the beginning. False when it cannot be read.
  bool look_first(stream::Stream& stream, std::string& changes, std::size_t& work);
  /// False when it cannot be read.
  bool look(stream::Stream& stream, std::uint32_t number, std::string& changes, std::size_t& work);

  Matcher matcher_;
  const subject::FilterSet filters_;
  bool& woken_;
  bool anew_ = true;
  bool reset_ = false;
  bool ready_ = false;
  std::vector<StreamSeq> places_;      // What was there at the beginning,
  std::size_t place_ = 0;              // of which so much has been looked at.
  Names subjects_;                     // That have a row, or have changed.
  std::vector<Known> known_;           // By the number of the subject.
  std::vector<std::uint32_t> marked_;  // Subjects to be looked at, in the order they changed.
  std::size_t at_ = 0;                 // So many of them have been.
  std::size_t rows_ = 0;
  StreamSeq last_;
};

}  // namespace frond::query
