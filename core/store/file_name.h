#pragma once
// From the name of a stream or consumer, up to 255 bytes of nearly anything, to the name of its
// folder or file, which every file system takes: ASCII, at most base::file_name_bytes_max bytes, no
// reserved word, and not equal to another one where case does not count (macOS, Windows). A short
// name is itself, percent-encoded; one that is too long or whose place is taken gets a readable
// beginning and a hash. So the name cannot be read back from the file's: what owns a file writes
// its real name into it. Pure functions; called where something new is about to be stored.

#include <functional>
#include <string>
#include <string_view>

namespace frond::store {

/// How the name is written when nothing speaks against it: letters, digits, '-' and '_' stay, all
/// else is percent-encoded.
std::string encoded_name(std::string_view name);

/// What two file names have in common that a file system might take for one.
std::string folded(std::string_view file_name);

/// A file name for `name`. `taken` is asked for folded names. The same for the same answers.
std::string choose_file_name(std::string_view name,
                             const std::function<bool(const std::string& folded)>& taken);

}  // namespace frond::store
