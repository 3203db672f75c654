#pragma once
// The router tells one listener of changing interest; two parts want to know: the links announce
// it, push consumers wake or rest by it. Between route and both; one per engine.

#include "consumer/consumers.h"
#include "leaf/interest_table.h"
#include "route/router.h"

namespace frond::engine {

class InterestFan final : public route::InterestListener {
 public:
  explicit InterestFan(leaf::InterestTable& table) : table_(table) {}
  /// From when the consumers exist.
  void tell(consumer::Consumers* consumers) { consumers_ = consumers; }

  void interest_changed(std::string_view subject, std::string_view queue, route::SinkKind kind,
                        std::uint64_t weight) override {
    table_.interest_changed(subject, queue, kind, weight);
    if (consumers_ != nullptr) consumers_->interest_changed();
  }

 private:
  leaf::InterestTable& table_;
  consumer::Consumers* consumers_ = nullptr;
};

}  // namespace frond::engine
