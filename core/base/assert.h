#pragma once
// Broken invariants stop the node, in every build: going on with a broken invariant is how
// acknowledged messages get lost. Expected failures are never asserts, they are values.

namespace frond::base {
[[noreturn]] inline void invariant_broken() { __builtin_trap(); }
}  // namespace frond::base

#define FROND_ASSERT(condition)          \
  do {                                   \
    if (!(condition)) [[unlikely]]       \
      ::frond::base::invariant_broken(); \
  } while (false)
