#pragma once
// Calls of the system on one file, carried to their end: it may take or give less than it was asked
// for. Each leaves errno as the system did. Used by commit_executor and commit_undo.

#include <cstdint>
#include <string>
#include <string_view>

namespace frond::server {

/// Writes all of it, whatever the system takes at a time.
bool write_all(int file, std::string_view bytes, std::uint64_t offset);

/// What stands from `offset` to `size`; less when it cannot be read.
std::string read_tail(int file, std::uint64_t offset, std::uint64_t size);

/// Forces a file or a directory to the disk. One that is gone needs no forcing.
bool force_path(const std::string& path, bool directory);

}  // namespace frond::server
