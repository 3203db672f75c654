#pragma once
// How the process's table of file descriptors is shared out. Anybody who reaches a port can open
// connections, and a node that has no descriptor left for its files can neither read nor write what
// it promised to keep. So sockets have a bound below the table's end (net/listener), and what is
// behind it is the store's: the files it keeps open and the few it opens for a moment.

#include <cstddef>

namespace frond::server {

/// As Go's programs do at their start: what the system allows at most is what is used.
void raise_descriptor_limit();

struct DescriptorShares {
  int sockets;              ///< A socket with this descriptor or a higher one is one too many.
  std::size_t files_read;   ///< As many files may directory_reader keep open.
  std::size_t files_added;  ///< And commit_executor, those that it appends to.
};

/// Of a table of this size.
DescriptorShares descriptor_shares(std::size_t limit);
/// Of this process's.
DescriptorShares descriptor_shares();

}  // namespace frond::server
