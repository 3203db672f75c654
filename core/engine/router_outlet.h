#pragma once
// base::Outlet over the router: how streams, consumers, API and sync send. The engine itself is the
// publisher, so nothing is echoed away. One per engine.

#include "base/outlet.h"
#include "route/router.h"

namespace frond::engine {

class RouterOutlet final : public base::Outlet {
 public:
  explicit RouterOutlet(route::Router& router) : router_(router) {}
  std::size_t send(std::string_view target, const base::Message& message) override {
    return router_.publish({.message = message, .target = target, .answer = true});
  }
  std::size_t ask(std::string_view target, const base::Message& message) override {
    return router_.publish({.message = message, .target = target});
  }
  bool has_interest(std::string_view subject) const override {
    return router_.reach(subject) != base::Reach::nobody;
  }
  bool has_reader(std::string_view subject) const override { return router_.has_reader(subject); }
  base::Reach reach(std::string_view subject) const override { return router_.reach(subject); }

 private:
  route::Router& router_;
};

}  // namespace frond::engine
