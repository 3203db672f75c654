#pragma once
// Every bound of the engine, named with its unit, in one place (design law 6). Bounds that a user
// may set are in frond/config.h with the same defaults as nats-server.

#include <frond/types.h>

#include <cstddef>
#include <cstdint>

namespace frond::base {

// Client protocol.
// A leaf's line may be longer (LF-03), its hub's much longer: INFO lists the rights of the leaf.
inline constexpr std::size_t leaf_control_line_factor = 16;
inline constexpr std::size_t hub_control_line_bytes_max = 1024 * 1024;
inline constexpr std::size_t subject_tokens_max = 256;
inline constexpr std::uint64_t announced_weight_max = 999'999'999;  // Readers take nine digits.
inline constexpr std::size_t held_bytes_max =
    64 * 1024;  // Of a client whose password the host compares.
inline constexpr std::size_t subscriptions_per_connection_max = 1'000'000;

// Output: who can wait (long answers, deliveries, forwarders) goes on while less than this waits
// for the peer, or a quarter of max_pending where that is less. Never less than twice what a page
// reads before it says so (64 KiB).
inline constexpr std::uint64_t paced_output_bytes_max = 4 * 1024 * 1024;
inline constexpr std::uint64_t paced_output_bytes_min = 128 * 1024;

// Looking for collisions between patterns; what takes more is refused.
inline constexpr std::size_t pattern_steps_max = 4'000'000;

// Routing: what the cache of match results may hold, about.
inline constexpr std::size_t route_cache_subjects_max = 8192;
inline constexpr std::size_t route_cache_bytes_max = 16 * 1024 * 1024;

// JetStream.
inline constexpr std::size_t name_bytes_max = 255;
inline constexpr std::size_t description_bytes_max = 4 * 1024;
inline constexpr std::size_t metadata_bytes_max = 128 * 1024;
inline constexpr std::size_t origin_subject_bytes_max = 16 * 1024;  // They become lines of a link.
inline constexpr std::size_t header_bytes_max = 64 * 1024;
inline constexpr std::size_t stream_names_page = 1024;
inline constexpr std::size_t stream_list_page = 256;
inline constexpr std::size_t subjects_page = 100'000;
// One answer lists no more than about this, whatever its page: the asker pages on.
inline constexpr std::size_t answer_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t monitoring_subscriptions_max = 100'000;  // On one page.
inline constexpr std::size_t deleted_listed_max = 100'000;  // Sequences of one STREAM.INFO.
inline constexpr std::size_t direct_get_subjects_max = 1024;
inline constexpr std::int64_t direct_get_bytes_max = 64ll * 1024 * 1024;
// Answers that wait for their reader's progress, and what all of them may hold.
inline constexpr std::size_t api_waiting_max = 10'000;
// What API requests do in one input counts by the bytes of their answers and so much for each; the
// others wait for the next, so that everybody else has a turn.
inline constexpr std::size_t api_turn_bytes_max = 1024 * 1024;
inline constexpr std::size_t api_request_bytes = 2 * 1024;
inline constexpr std::size_t api_requests_bytes_max = 16 * 1024 * 1024;
inline constexpr std::size_t long_answers_bytes_max = 16 * 1024 * 1024;
// Queries.
inline constexpr std::size_t query_fields_max = 64;  // That one part of a query names.
inline constexpr std::size_t query_conditions_max = 1024;
inline constexpr std::size_t query_regex_steps_max = 512;
inline constexpr std::size_t query_regex_text_max = 16 * 1024;  // What is longer does not match.
inline constexpr std::size_t query_rows_max = 100'000;          // That are sorted, and groups,
inline constexpr std::size_t query_rows_bytes_max = 16 * 1024 * 1024;  // and what they hold.
inline constexpr std::size_t query_batch_bytes = 64 * 1024;  // Rows of one message of an answer.
// What a query does in one input counts as bytes of answers (pump_bytes_max): of a document so many
// for each of its own and so many besides, so that one turn takes a few milliseconds.
inline constexpr std::size_t query_byte_cost = 4;
inline constexpr std::size_t query_document_cost = 1024;
inline constexpr std::size_t query_regex_cost = 64;  // Of each byte that $regex reads.
inline constexpr std::size_t query_step_documents = 256;
inline constexpr std::size_t query_turn_cost = 8 * 1024 * 1024;  // Of an index that catches up.
inline constexpr std::size_t query_indexes_max = 16;             // Of a stream,
inline constexpr std::size_t query_indexes_bytes_max = 64 * 1024 * 1024;  // and what they hold.
inline constexpr std::size_t query_index_fresh_max = 1024;  // Entries that are not sorted in yet.
inline constexpr std::size_t json_depth_max = 64;
inline constexpr std::size_t json_stored_depth_max = json_depth_max + 4;  // Files wrap requests.
inline constexpr std::size_t reply_rights_max = 4096;  // Of one connection (SU-15).
inline constexpr Duration duplicate_window_default = std::chrono::minutes(2);
inline constexpr Duration duration_min = std::chrono::milliseconds(100);
inline constexpr Duration ack_wait_default = std::chrono::seconds(30);
inline constexpr std::int64_t ack_pending_default_max = 1000;
inline constexpr int pull_waiting_default_max = 512;
inline constexpr int pull_sweeps_max = 4;  // In one input: each looks at all that wait.
inline constexpr Duration ephemeral_inactive_default = std::chrono::seconds(5);
inline constexpr std::size_t ephemeral_name_characters = 8;
inline constexpr std::size_t priority_group_bytes_max = 16;
inline constexpr std::int64_t flow_control_window_bytes_max = 32 * 1024 * 1024;
inline constexpr int jetstream_api_level = 1;  // VG-03: what this build serves of ADR-44's levels.
// One pump of a consumer delivers at most this much before other work gets its turn.
inline constexpr std::size_t pump_messages_max = 8192;
inline constexpr std::size_t pump_bytes_max = 16 * 1024 * 1024;
// A push consumer looks after so much whether its reader still has room.
inline constexpr std::size_t room_look_bytes = 64 * 1024;
inline constexpr Duration consumer_save_interval = std::chrono::milliseconds(250);
// How long a consumer waits for a message that the host cannot read now.
inline constexpr Duration unreadable_pause = std::chrono::seconds(1);
inline constexpr std::size_t consumer_names_page = 1024;
inline constexpr std::size_t consumer_list_page = 256;

// When messages came, where stored times do not say it (stream/arrivals.h).
// Two clocks are never read at the same moment: less than this is no setting of the wall clock.
inline constexpr Duration wall_set_least = std::chrono::milliseconds(100);
inline constexpr std::size_t arrival_runs_max = 64;

// The link to a hub, and leafs that join us.
inline constexpr std::size_t link_frame_bytes_max = 64 * 1024;  // Per WebSocket message; hosts cut.
inline constexpr std::uint64_t peer_payload_bytes_max =
    64 * 1024 * 1024;  // nats-server's own most.
// Pauses between dials: the first, the longest while links come and go, and the longest of all, for
// a hub that has not been reached for so long.
inline constexpr Duration link_pause_first = std::chrono::milliseconds(250);
inline constexpr Duration link_pause_lossy_max = std::chrono::seconds(2);
inline constexpr Duration link_pause_max = std::chrono::seconds(30);
inline constexpr Duration link_long_away = std::chrono::minutes(2);
inline constexpr int link_quick_dials = 64;
inline constexpr Duration link_refused_pause_first = std::chrono::seconds(5);
inline constexpr Duration link_steady_after = std::chrono::minutes(1);  // Refusals are forgotten.
// How long a dial, or a handshake without progress, may take: what the last one took, times this,
// within bounds; twice as long whenever that was not enough.
inline constexpr int link_patience_factor = 3;
inline constexpr Duration link_patience_min = std::chrono::seconds(4);
inline constexpr Duration link_patience_max = std::chrono::seconds(20);
// A dial that is older than this when the network comes back may be deaf to it: a new one is made.
inline constexpr Duration link_dial_fresh = std::chrono::seconds(1);
inline constexpr Duration link_ping_interval = std::chrono::seconds(30);
inline constexpr Duration link_pong_timeout = std::chrono::seconds(10);
// Something waits for an answer, and nothing has come for so long: then the hub is asked for a sign
// of life and given so long. More when answers take longer, or when much was written before that.
inline constexpr Duration link_answer_wait = std::chrono::seconds(1);
inline constexpr Duration link_probe_timeout = std::chrono::milliseconds(1750);
inline constexpr Duration link_probe_timeout_max = std::chrono::seconds(20);
inline constexpr Duration link_look_late = std::chrono::milliseconds(250);
inline constexpr std::uint64_t link_ahead_bytes_free = 64 * 1024;
inline constexpr std::uint64_t link_ahead_bytes = 256 * 1024;  // Then a PING measures the way.
inline constexpr std::uint64_t link_bytes_per_second_min = 32 * 1024;  // Until it is known better.

// Mirrors and forwarders.
inline constexpr Duration sync_request_timeout = std::chrono::seconds(2);
inline constexpr Duration sync_heartbeat = std::chrono::seconds(1);
inline constexpr Duration sync_silence_max = std::chrono::seconds(10);
inline constexpr Duration sync_consumer_inactive = std::chrono::seconds(10);
inline constexpr Duration sync_probe_inactive = std::chrono::seconds(1);  // Of a consumer unused.
inline constexpr std::size_t sync_streams_max =
    256;  // Of the hub, for the subjects of one of ours.
inline constexpr int sync_names_pages_max = 8;
inline constexpr std::size_t sync_text_bytes_max = 1024;  // Of an error that the hub words.
// What of its end a mirror reads again to see that the origin still has the same.
inline constexpr std::uint64_t mirror_overlap_messages = 8;
inline constexpr std::uint64_t mirror_overlap_sequences = 256;
inline constexpr std::size_t mirror_overlap_bytes = 64 * 1024;
inline constexpr int mirror_info_tries = 3;
inline constexpr Duration sync_retry_first = std::chrono::seconds(1);
inline constexpr Duration sync_retry_max = std::chrono::seconds(30);
inline constexpr Duration forward_ack_timeout = std::chrono::seconds(5);
inline constexpr Duration forward_save_interval = std::chrono::seconds(1);
inline constexpr Duration forward_blind_resend_max =
    std::chrono::seconds(90);  // < duplicate window.
// In flight at most: what 200 ms and 20,000 messages a second ask for, well below the 10,000 that a
// nats-server lets wait for one of its streams.
inline constexpr std::uint64_t forward_window_messages = 4096;
inline constexpr std::size_t forward_window_bytes = 8 * 1024 * 1024;
inline constexpr std::size_t forward_window_bytes_first = 128 * 1024;
inline constexpr std::size_t forward_window_bytes_step = 64 * 1024;  // More, each round trip.
inline constexpr Duration forward_window_slack =
    std::chrono::milliseconds(25);  // Of a round trip, beside half of it: less shows no queue.
inline constexpr std::uint64_t forward_claim_messages = 4096;
inline constexpr std::size_t sync_messages_max = 256;  // Asked about at once.
inline constexpr std::size_t stream_sources_max = 256;
inline constexpr int forward_settle_tries = 3;
inline constexpr std::size_t forward_place_runs = 256;  // Of sequences in step with the hub's.
inline constexpr Duration forward_clock_error_max = std::chrono::hours(48);  // Ours to the hub's.
inline constexpr std::size_t forward_epochs_max = 128;  // Opens of a store that are told apart.
inline constexpr std::size_t forward_epoch_characters = 8;

// Store (docs/format.md).
inline constexpr std::uint64_t block_bytes_max =
    4 * 1024 * 1024;  // Sealed when it has grown to it.
inline constexpr std::uint64_t memory_block_bytes_max = 256 * 1024;
inline constexpr std::uint64_t small_block_bytes =
    60 * 1024;  // A block below it waits for a merge.
inline constexpr std::size_t small_blocks_merge =
    32;  // So many are merged when nothing else is to do,
inline constexpr std::size_t small_blocks_slice = 8;  // so many of one generation with a commit.
inline constexpr std::uint64_t summarized_block_bytes_min =
    64 * 1024;  // Ends with what a start wants to know of it.
inline constexpr std::uint64_t merged_block_bytes_max = 256 * 1024;
inline constexpr std::uint64_t compaction_bytes_min = 4 * 1024;  // Smaller blocks are not worth it.
inline constexpr std::uint64_t block_cache_bytes_max = 16 * 1024 * 1024;
inline constexpr std::uint64_t recent_bytes_max =
    256 * 1024;  // Durable records kept in RAM, a stream.
inline constexpr std::uint64_t resync_bytes_max =
    64 * 1024 * 1024;  // Checked while resyncing a block.
inline constexpr std::uint64_t sequence_max = ~std::uint64_t{0} - 1;  // One more never wraps.
inline constexpr std::uint64_t sequence_skip_after_damage = 100'000;  // Sequences not used again.
// Of a stream's folder and of a consumer's files without extension: with the longest path around
// them they fit into the 260 characters that Windows gives a path, behind a root of a hundred.
inline constexpr std::size_t file_name_bytes_max = 64;
inline constexpr Duration maintenance_delay = std::chrono::milliseconds(250);
inline constexpr Duration storage_retry_first = std::chrono::milliseconds(50);  // The next commit
inline constexpr Duration storage_fence_max = std::chrono::seconds(30);  // For one failing file.
inline constexpr Duration storage_retry_delay =
    std::chrono::seconds(1);  // after failed ones: at most.

// What waits for the disk (engine/reading_holds.h): from the first on nothing more is read from
// those who send it, until no more than the second is left.
inline constexpr std::uint64_t unsaved_bytes_max = 16 * 1024 * 1024;
inline constexpr std::uint64_t unsaved_bytes_low = 8 * 1024 * 1024;
inline constexpr std::uint64_t unsaved_message_overhead = 256;      // Index, ack that waits, ...
inline constexpr Duration held_catch_up = std::chrono::seconds(1);  // Then answers have been read.
inline constexpr Duration held_ping_interval = std::chrono::seconds(5);  // Shows that we are here.

}  // namespace frond::base
