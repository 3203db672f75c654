// What the store's operations cost by what is stored: messages, subjects, filtered consumers and
// streams. One line of JSON per figure on standard output: the operation, its circumstances, and
// the nanoseconds that one took. growth.bench.mjs prints them as a table, and the check of the
// speed budget holds the ratio between the sizes.
//
//   growth_figures [most messages]      sizes are 1,000, 100,000 and 1,000,000 up to that

#include "stream/config_json.h"
#include "support/consumers_node.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace frond;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t regions = 8;
constexpr auto budget = std::chrono::milliseconds(150);  // For one figure.

struct Case {
  std::size_t messages = 1'000;
  std::size_t subjects = 1;
  std::size_t consumers = 0;
  std::size_t streams = 1;
};

/// The median of many, with what belongs to each but is not measured in `before`.
double nanoseconds(const std::function<void()>& before, const std::function<void()>& work) {
  std::vector<double> took;
  const auto end = Clock::now() + budget;
  while (took.size() < 5 || (Clock::now() < end && took.size() < 2'000)) {
    before();
    const auto from = Clock::now();
    work();
    took.push_back(std::chrono::duration<double, std::nano>(Clock::now() - from).count());
  }
  std::nth_element(took.begin(), took.begin() + static_cast<std::ptrdiff_t>(took.size() / 2),
                   took.end());
  return took[took.size() / 2];
}

class Bench : test::ConsumersNode {
 public:
  Bench(const Case& of, bool overwrites) : case_(of), overwrites_(overwrites) {
    for (std::size_t i = 0; i < of.streams; ++i) {
      const std::string name = "S" + std::to_string(i);
      const std::string limit = overwrites ? R"(,"max_msgs_per_subject":1)" : "";
      const std::string config = R"({"name":")" + name + R"(","subjects":[")" + root(i) +
                                 R"(.>"])" + limit + R"(,"duplicate_window":0})";
      streams->create(stream::parse_stream_config(config).config, now, false);
    }
    for (std::size_t i = 0; i < of.messages; ++i) {
      publish(i % of.streams, i / of.streams);
      if (i % 1'000 == 999) settle();
    }
    settle();
    for (std::size_t i = 0; i < of.consumers; ++i) {
      const std::size_t at = i % of.streams;
      add_consumer(at, "c" + std::to_string(i), root(at) + ".*." + std::to_string(1'000'000 + i));
    }
    settle();
  }

  void run() {
    const auto nothing = [] {};
    std::size_t next = case_.messages;
    report("publish, durable", nanoseconds(nothing, [&] {
             ++next;
             publish(next % case_.streams, next / case_.streams);
             settle();
           }));
    if (case_.streams > 1) return;
    stream::Stream& s = stream(0);
    const std::string narrow = "o.*.17";
    const std::string wide = "o.eu-3.>";
    report("a consumer is made, o.*.17",
           nanoseconds([&] { drop_consumer(); }, [&] { add_consumer(0, "made", narrow); }));
    report("num_pending of a consumer, o.eu-3.>", [&] {
      drop_consumer();
      add_consumer(0, "made", wide);
      const consumer::Consumer& made = *consumers->find("S0", "made");
      static_cast<void>(made);
      return nanoseconds(nothing, [&] { consumers->find("S0", "made")->info(now); });
    }());
    report("one write beside a consumer of o.*.17", beside(narrow, next));
    report("one write beside a consumer of o.eu-3.>", beside(wide, next));
    drop_consumer();
    const subject::FilterSet filters = subject::FilterSet::one(narrow);
    report("count of o.*.17",
           nanoseconds(nothing, [&] { s.count_from(filters, s.state().first); }));
    report("first that matches o.*.17", nanoseconds(nothing, [&] { s.next_for(filters, {1}); }));
    report("last that matches o.*.17", nanoseconds(nothing, [&] { s.last_for(narrow); }));
    report("last of a subject", nanoseconds(nothing, [&] { s.last_for(subject_of(0, next / 2)); }));
    report("last per subject, o.*.17",
           nanoseconds(nothing, [&] { s.last_per_subject(filters, s.state().last); }));
    report("info with subjects, o.*.17", nanoseconds(nothing, [&] { s.subjects(narrow); }));
    report("purge of a subject with one message", nanoseconds(
                                                      [&] {
                                                        s.ingest({"o.purged.17", {}, {}, "x"}, now);
                                                        settle();
                                                      },
                                                      [&] {
                                                        s.purge({"o.purged.17", {}, 0}, now);
                                                        settle();
                                                      }));
    report("a message is read", nanoseconds(nothing, [&] {
             s.get({s.state().first.value + entropy.below(s.state().messages)});
           }));
  }

 private:
  static std::string root(std::size_t stream) {
    return stream == 0 ? "o" : "o" + std::to_string(stream);
  }
  std::string subject_of(std::size_t stream, std::size_t i) const {
    i %= case_.subjects;
    return root(stream) + ".eu-" + std::to_string(i % regions) + "." + std::to_string(i / regions);
  }
  stream::Stream& stream(std::size_t at) { return *streams->find("S" + std::to_string(at)); }
  void publish(std::size_t at, std::size_t i) {
    static const std::string payload(128, 'x');
    stream(at).ingest({subject_of(at, i), {}, {}, payload}, now);
  }
  /// One commit, durable, and what comes of it.
  void settle() {
    consumers->pump(now);
    if (const auto commit = test::carry_out_one(*journal, files)) durable(commit->ticket);
  }
  void add_consumer(std::size_t at, const std::string& name, const std::string& filter) {
    consumer::ConsumerConfig config;
    config.name = name;
    config.inactive_threshold = std::chrono::seconds(1);
    config.ack_policy = consumer::AckPolicy::explicit_ack;
    config.filter_subject = filter;
    consumers->create(stream(at), config, consumer::Action::create, false, now);
    outlet.take();
  }
  void drop_consumer() {
    consumers->remove(stream(0), "made", now);
    outlet.take();
  }
  double beside(const std::string& filter, std::size_t& next) {
    drop_consumer();
    add_consumer(0, "made", filter);
    return nanoseconds([] {},
                       [&] {
                         publish(0, ++next);
                         settle();
                         consumers->find("S0", "made")->info(now);
                       });
  }
  void report(const char* operation, double took) const {
    std::printf(
        R"({"operation":"%s%s","messages":%zu,"subjects":%zu,"consumers":%zu,"streams":%zu,"ns":%.0f})"
        "\n",
        operation, overwrites_ ? ", one message a subject" : "", case_.messages, case_.subjects,
        case_.consumers, case_.streams, took);
    std::fflush(stdout);
  }

  const Case case_;
  const bool overwrites_;
};

}  // namespace

int main(int count, char** arguments) {
  const std::size_t most = count > 1 ? std::strtoul(arguments[1], nullptr, 10) : 1'000'000;
  for (const std::size_t messages : {1'000, 100'000, 1'000'000}) {
    if (messages > most) break;
    for (const std::size_t subjects : {1, 100'000}) {
      for (const std::size_t consumers : {0, 1, 100}) {
        Bench({messages, subjects, consumers, 1}, false).run();
      }
    }
    Bench({messages, 100'000, 1, 1}, true).run();
    Bench({messages, 100'000, 500, 500}, false).run();
  }
}
