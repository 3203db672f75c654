#pragma once
// A message on its way through the node, as views of bytes that belong to someone else: the
// session's read buffer, a stream's block, or a caller's string. Valid during the call it is passed
// to; whoever keeps it longer copies it.

#include <string_view>

namespace frond::base {

struct Message {
  std::string_view subject;  ///< What the receiver sees as the subject.
  std::string_view reply;    ///< Empty when there is none.
  std::string_view header;   ///< Whole header block "NATS/1.0...\r\n\r\n" (HD-01); empty when none.
  std::string_view payload;
};

}  // namespace frond::base
