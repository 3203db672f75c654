#pragma once
// How a run may lie, so that each checker can be shown to fail (`--break=<name>`, and ctest's
// sim_checkers). A lie is told by the simulated world (disk, network, reader), never by the engine.

#include <array>
#include <optional>
#include <string_view>

namespace frond::sim {

enum class Lie {
  none,
  ack_early,       ///< The disk says "stored" for commits that a crash will lose.
  drop_file,       ///< A crash loses a block that was durable.
  forget_id,       ///< A repeated publish reaches the node without its message id.
  forward_twice,   ///< Forwarded messages lose their message id on the way to the hub.
  forward_swap,    ///< Two messages of one device are read from the hub in the wrong order.
  mirror_alter,    ///< A message of a mirror is read with another payload.
  stale_consumer,  ///< A crash brings back an older file of a consumer's state.
  eat_delivery,    ///< A delivery is acknowledged but never shown to the application.
  double_puback,   ///< A PubAck arrives twice.
  wrong_subject,   ///< A core message arrives on another subject.
  chance,          ///< The engine's entropy is not from the seed.
};

struct LieName {
  Lie lie;
  std::string_view name;
  char check;  ///< The check that must catch it.
};

inline constexpr std::array<LieName, 11> kLies{{
    {Lie::ack_early, "ack-early", 'a'},
    {Lie::drop_file, "drop-file", 'a'},
    {Lie::forget_id, "forget-id", 'a'},
    {Lie::forward_twice, "forward-twice", 'b'},
    {Lie::forward_swap, "forward-swap", 'b'},
    {Lie::mirror_alter, "mirror-alter", 'c'},
    {Lie::stale_consumer, "stale-consumer", 'd'},
    {Lie::eat_delivery, "eat-delivery", 'd'},
    {Lie::double_puback, "double-puback", 'e'},
    {Lie::wrong_subject, "wrong-subject", 'e'},
    {Lie::chance, "chance", 'f'},
}};

inline std::optional<LieName> lie_named(std::string_view name) {
  for (const LieName& lie : kLies) {
    if (lie.name == name) return lie;
  }
  return std::nullopt;
}

}  // namespace frond::sim
