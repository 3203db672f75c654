#pragma once
// Starts the answer of a live query; called by query_api, which has read and checked it.

#include "api/call.h"
#include "query/query.h"

#include <memory>

namespace frond::api {

void start_live(Call& call, stream::Stream& stream, std::unique_ptr<query::Query> query);

}  // namespace frond::api
