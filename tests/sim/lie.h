#pragma once
// How a run may lie, so that each checker can be shown to fail (`--break=<name>`, and ctest's
// sim_checkers). A lie is told by the simulated world (disk, network, reader), never by the engine.

#include <array>
#include <optional>
#include <string_view>

namespace frond::sim {

enum class Lie {
  none,
  ack_early,             ///< The disk says "stored" for commits that a crash will lose.
  drop_file,             ///< A crash loses a block that was durable.
  forget_id,             ///< A repeated publish reaches the node without its message id.
  forward_twice,         ///< Forwarded messages lose their message id on the way to the hub.
  forward_swap,          ///< Two messages of one device are read from the hub in the wrong order.
  mirror_alter,          ///< A message of a mirror is read with another payload.
  stale_consumer,        ///< A crash brings back an older file of a consumer's state.
  eat_delivery,          ///< A delivery is acknowledged but never shown to the application.
  double_puback,         ///< A PubAck arrives twice.
  wrong_subject,         ///< A core message arrives on another subject.
  chance,                ///< The engine's entropy is not from the seed.
  rollback_untold,       ///< A disk forgets commits, and the model is not told.
  damage_untold,         ///< A block is damaged, and the model does not know at which record.
  failure_eats,          ///< A failed commit takes bytes with it that were durable before.
  all_paths_bad,         ///< Not some paths but every one can never be written again.
  undelete,              ///< A crash brings files of a deleted stream back.
  no_way_back,           ///< Dials go nowhere although everything has been repaired.
  last_word_lost,        ///< What is published last of all never reaches the hub.
  deaf_for_ever,         ///< The hub's API is never heard again.
  unavailable_for_ever,  ///< The hub says 503 to everything for ever.
  guest_unbound,         ///< The guest's rights are not bounded.
  deaf_to_expect,        ///< What a publisher expects does not reach the node.
  swollen_pull,          ///< A pull brings more bytes than it asked for.
  one_too_many,          ///< A message is delivered more often than its consumer may.
  hoarder,               ///< An engine allocates without measure.
  rights_withheld,       ///< A hub does not give back the rights it took.
  desk_astray,           ///< A working copy is read with another last value.
};

struct LieName {
  Lie lie;
  std::string_view name;
  char check;  ///< The check that must catch it.
};

inline constexpr std::array<LieName, 27> kLies{{
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
    {Lie::guest_unbound, "guest-unbound", 'g'},
    {Lie::deaf_to_expect, "deaf-to-expect", 'a'},
    {Lie::swollen_pull, "swollen-pull", 'e'},
    {Lie::one_too_many, "one-too-many", 'd'},
    {Lie::hoarder, "hoarder", 'w'},
    {Lie::rollback_untold, "rollback-untold", 'a'},
    {Lie::damage_untold, "damage-untold", 'a'},
    {Lie::failure_eats, "failure-eats", 'a'},
    {Lie::all_paths_bad, "all-paths-bad", 'x'},
    {Lie::undelete, "undelete", 'a'},
    {Lie::last_word_lost, "last-word-lost", 'b'},
    {Lie::no_way_back, "no-way-back", 'l'},
    {Lie::deaf_for_ever, "deaf-for-ever", 'c'},
    {Lie::unavailable_for_ever, "unavailable-for-ever", 'c'},
    {Lie::rights_withheld, "rights-withheld", 'b'},
    {Lie::desk_astray, "desk-astray", 't'},
}};

inline std::optional<LieName> lie_named(std::string_view name) {
  for (const LieName& lie : kLies) {
    if (lie.name == name) return lie;
  }
  return std::nullopt;
}

}  // namespace frond::sim
