#include "engine/monitoring.h"

#include "base/duration_text.h"
#include "base/limits.h"
#include "base/time_text.h"

#include <nlohmann/json.hpp>

#include <charconv>
#include <optional>

namespace frond::engine {

namespace {

using Json = nlohmann::ordered_json;

/// Value of one parameter of a URL's query, as it stands there.
std::optional<std::string_view> parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    return equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
  }
  return std::nullopt;
}

std::uint64_t number(std::optional<std::string_view> text, std::uint64_t otherwise) {
  std::uint64_t value = otherwise;
  if (text) std::from_chars(text->data(), text->data() + text->size(), value);
  return value;
}

/// As Go prints a time.Duration of whole seconds in these pages: "1d2h3m4s".
std::string uptime(Duration span) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(span).count();
  std::string text;
  if (seconds >= 86'400) text += std::to_string(seconds / 86'400) + 'd';
  if (seconds >= 3'600) text += std::to_string(seconds / 3'600 % 24) + 'h';
  if (seconds >= 60) text += std::to_string(seconds / 60 % 60) + 'm';
  return text + std::to_string(seconds % 60) + 's';
}

Json jetstream_totals(Wiring& node) {
  std::uint64_t messages = 0;
  for (stream::Stream* stream : node.streams.all()) {
    messages += stream->state().messages;
  }
  Json json{{"memory", node.streams.memory_bytes()},
            {"storage", node.streams.storage_bytes()},
            {"reserved_memory", 0},
            {"reserved_storage", 0},
            {"accounts", 1},
            {"ha_assets", 0}};
  json["api"]["level"] = base::jetstream_api_level;
  json["api"]["total"] = node.api.stats().total;
  json["api"]["errors"] = node.api.stats().errors;
  json["streams"] = node.streams.all().size();
  json["consumers"] = node.consumers.count();
  json["messages"] = messages;
  return json;
}

Json varz(Wiring& node) {
  session::Traffic traffic = node.connections.past();
  std::uint64_t pending = 0;
  node.connections.each([&](session::Session& session) {
    const session::Traffic& own = session.traffic();
    traffic.in_msgs += own.in_msgs;
    traffic.in_bytes += own.in_bytes;
    traffic.out_msgs += own.out_msgs;
    traffic.out_bytes += own.out_bytes;
    pending += session.pending_bytes();
  });
  Json json{{"server_id", node.config.server_id},
            {"server_name", node.config.name},
            {"version", node.config.version},
            {"proto", 1},
            {"host", node.config.host},
            {"port", node.config.port},
            {"max_connections", node.config.connections_max},
            {"ping_interval", node.config.ping_interval.count()},
            {"ping_max", node.config.pings_out_max},
            {"max_payload", node.config.payload_bytes_max},
            {"max_pending", node.config.pending_bytes_max},
            {"start", base::rfc3339_format(node.clock.wall(node.started))},
            {"now", base::rfc3339_format(node.clock.wall(node.now))},
            {"uptime", uptime(node.now - node.started)},
            {"connections", node.connections.count()},
            {"total_connections", node.connections.total()},
            {"leafnodes", node.leafs.count() + (node.hub.online() ? 1u : 0u)},
            {"in_msgs", traffic.in_msgs},
            {"out_msgs", traffic.out_msgs},
            {"in_bytes", traffic.in_bytes},
            {"out_bytes", traffic.out_bytes},
            {"slow_consumers", node.connections.slow_consumers() + node.leafs.slow_consumers()},
            {"pending_bytes", pending},
            {"subscriptions", node.router.subscription_count()}};
  json["jetstream"] = Json::object();
  if (node.config.jetstream) {
    json["jetstream"] = {{"config",
                          {{"max_memory", node.config.memory_bytes_max},
                           {"max_storage", node.config.storage_bytes_max},
                           {"domain", node.config.domain}}},
                         {"stats", jetstream_totals(node)}};
  }
  return json;
}

/// At most `left` subscriptions, which is counted down: a page has a bound for all its rows
/// together.
Json subscriptions(session::Session& session, bool detail, std::size_t& left) {
  Json rows = Json::array();
  session.each_subscription(
      [&](std::string_view subject, std::string_view queue, std::string_view sid) {
        if (left == 0) return;
        --left;
        if (!detail) {
          rows.push_back(subject);
          return;
        }
        Json row{{"subject", subject}, {"sid", sid}};
        if (!queue.empty()) row["qgroup"] = queue;
        rows.push_back(std::move(row));
      });
  return rows;
}

Json connection(const Wiring& node, session::Session& session) {
  Json json{{"cid", static_cast<std::uint64_t>(session.output().id())},
            {"kind", "Client"},
            {"type", session.info().websocket ? "websocket" : "nats"},
            {"ip", session.info().address},
            {"start", base::rfc3339_format(node.clock.wall(session.started()))},
            {"last_activity", base::rfc3339_format(node.clock.wall(session.last_activity()))},
            {"rtt", base::duration_format(session.round_trip())},
            {"uptime", uptime(node.now - session.started())},
            {"idle", uptime(node.now - session.last_activity())},
            {"pending_bytes", session.pending_bytes()},
            {"in_msgs", session.traffic().in_msgs},
            {"out_msgs", session.traffic().out_msgs},
            {"in_bytes", session.traffic().in_bytes},
            {"out_bytes", session.traffic().out_bytes},
            {"subscriptions", session.subscription_count()},
            {"name", session.options().name},
            {"lang", session.options().lang},
            {"version", session.options().version}};
  if (!session.user().empty()) json["authorized_user"] = session.user();
  return json;
}

Json connz(Wiring& node, std::string_view query) {
  const std::string_view subs = parameter(query, "subs").value_or("");
  const bool detail = subs == "detail";
  const bool with_subs = detail || subs == "1" || subs == "true";
  const std::uint64_t cid = number(parameter(query, "cid"), 0);
  const std::uint64_t offset = number(parameter(query, "offset"), 0);
  const std::uint64_t limit = number(parameter(query, "limit"), 1024);
  Json rows = Json::array();
  std::size_t left = base::monitoring_subscriptions_max;
  std::uint64_t seen = 0;
  node.connections.each([&](session::Session& session) {
    const auto id = static_cast<std::uint64_t>(session.output().id());
    if (cid != 0 && cid != id) return;
    if (seen++ < offset || rows.size() >= limit) return;
    Json& row = rows.emplace_back(connection(node, session));
    if (with_subs) {
      row[detail ? "subscriptions_list_detail" : "subscriptions_list"] =
          subscriptions(session, detail, left);
    }
  });
  const std::size_t shown = rows.size();
  return {{"server_id", node.config.server_id},
          {"now", base::rfc3339_format(node.clock.wall(node.now))},
          {"num_connections", shown},
          {"total", seen},
          {"offset", offset},
          {"limit", limit},
          {"connections", std::move(rows)}};
}

Json jsz(Wiring& node) {
  Json json = jetstream_totals(node);
  Json head{{"server_id", node.config.server_id},
            {"now", base::rfc3339_format(node.clock.wall(node.now))},
            {"disabled", !node.config.jetstream},
            {"config",
             {{"max_memory", node.config.memory_bytes_max},
              {"max_storage", node.config.storage_bytes_max},
              {"domain", node.config.domain}}}};
  head.update(json);
  return head;
}

Json leafz(Wiring& node) {
  Json rows = Json::array();
  node.leafs.each([&](const leaf::LeafRow& row) {
    rows.push_back({{"id", static_cast<std::uint64_t>(row.connection)},
                    {"name", row.name},
                    {"is_spoke", false},
                    {"account", "$G"},
                    {"ip", row.address},
                    {"rtt", base::duration_format(row.rtt)},
                    {"in_msgs", row.traffic.in_messages},
                    {"out_msgs", row.traffic.out_messages},
                    {"in_bytes", row.traffic.in_bytes},
                    {"out_bytes", row.traffic.out_bytes},
                    {"subscriptions", row.subscriptions}});
  });
  if (node.hub.online()) {
    const leaf::LeafTraffic traffic = node.hub.traffic();
    rows.push_back({{"name", node.hub.status().hub_name},
                    {"is_spoke", true},
                    {"account", "$G"},
                    {"in_msgs", traffic.in_messages},
                    {"out_msgs", traffic.out_messages},
                    {"in_bytes", traffic.in_bytes},
                    {"out_bytes", traffic.out_bytes}});
  }
  const std::size_t count = rows.size();
  return {{"server_id", node.config.server_id},
          {"now", base::rfc3339_format(node.clock.wall(node.now))},
          {"leafnodes", count},
          {"leafs", std::move(rows)}};
}

}  // namespace

std::string monitoring_page(Wiring& node, std::string_view path, std::string_view query) {
  Json json;
  if (path == "/varz") {
    json = varz(node);
  } else if (path == "/connz") {
    json = connz(node, query);
  } else if (path == "/jsz") {
    json = jsz(node);
  } else if (path == "/leafz") {
    json = leafz(node);
  } else if (path == "/subsz") {
    json = {{"server_id", node.config.server_id},
            {"now", base::rfc3339_format(node.clock.wall(node.now))},
            {"num_subscriptions", node.router.subscription_count()}};
  } else if (path == "/healthz") {
    json = {{"status", "ok"}};
  } else {
    return {};
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

}  // namespace frond::engine
