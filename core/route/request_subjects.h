#pragma once
// The subjects on which nodes take requests: JetStream's API under any domain, acknowledgements,
// flow control, and Frond's own. What a node sends by itself to a subject that somebody else chose
// must not arrive there as a request. Asked by the router for answers, and by sessions and links
// for the replies that they let in. Pure functions.

#include <string_view>

namespace frond::route {

/// "$JS.API.x", "$JS.<domain>.API.x" and "$FROND.x": requests that change or tell something.
bool is_api_subject(std::string_view subject);

/// As is_api_subject(), and "$JS.ACK.x" and "$JS.FC.x".
bool is_request_subject(std::string_view subject);

}  // namespace frond::route
