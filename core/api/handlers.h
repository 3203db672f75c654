#pragma once
// The handlers that dispatch's table names, one for each kind of request, by the file that has
// them. Each reads its Call, which dispatch has found to have the tokens that its subject needs,
// and ends it with one answer.

namespace frond::api {

struct Call;

// account.cc
void account_info(Call& call);
void needs_cluster(Call& call);  ///< What only a cluster can do (10010).

// stream_api.cc
void stream_create(Call& call);
void stream_update(Call& call);
void stream_names(Call& call);
void stream_list(Call& call);
void stream_info_request(Call& call);
void stream_delete(Call& call);
void stream_purge(Call& call);
void stream_snapshot(Call& call);
void stream_restore(Call& call);

// message_api.cc
void stream_message_get(Call& call);
void stream_message_delete(Call& call);

// consumer_api.cc
void consumer_create(Call& call);  ///< Also of the legacy CONSUMER.DURABLE.CREATE.
void consumer_names(Call& call);
void consumer_list(Call& call);
void consumer_info_request(Call& call);
void consumer_delete(Call& call);
void consumer_pause(Call& call);
void consumer_next(Call& call);

// consumer_reset.cc
void consumer_reset(Call& call);

// direct_api.cc
void direct_get(Call& call);

// node_api.cc
void node_status(Call& call);
void sync_info(Call& call);

// query_api.cc
void query_stream(Call& call);
void index_info(Call& call);

}  // namespace frond::api
