#pragma once
// Where consumers lie on disk: streams/<stream>/consumers/<consumer>.{json,state}.

#include <string>
#include <string_view>

namespace frond::consumer {

/// "streams/<stream>/consumers/".
std::string consumers_folder(std::string_view stream);
/// Without extension.
std::string consumer_path(std::string_view stream, std::string_view consumer);

}  // namespace frond::consumer
