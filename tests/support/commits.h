#pragma once
// A host's part of a journal, for rigs below the engine: commits are carried out on fake storage,
// or lost. Each rig says what it then tells its parts.

#include "store/journal.h"
#include "support/fake_storage.h"

#include <cstddef>
#include <optional>

namespace frond::test {

/// Makes what has gathered durable, in one commit; nothing when there was nothing.
inline std::optional<CommitStorage> carry_out_one(store::Journal& journal, FakeStorage& files) {
  std::optional<CommitStorage> commit = journal.seal();
  if (commit) {
    files.apply(*commit);
    journal.completed(commit->ticket);
  }
  return commit;
}

/// Makes everything durable, also what comes of that; `durable(commit)` follows each commit.
template <class Durable>
void carry_out(store::Journal& journal, FakeStorage& files, Durable&& durable) {
  while (const std::optional<CommitStorage> commit = carry_out_one(journal, files)) {
    durable(*commit);
  }
}

/// The commit that has gathered fails, after `done` of its operations were done for good. The last
/// ticket that is lost with it; nothing when there was no commit.
inline std::optional<Ticket> lose(store::Journal& journal, FakeStorage& files,
                                  std::size_t done = 0) {
  const std::optional<CommitStorage> commit = journal.seal();
  if (!commit) {
    return std::nullopt;
  }
  files.apply_part(*commit, done, 0);
  return journal.failed(commit->ticket);
}

}  // namespace frond::test
