#pragma once
// The API over real streams and consumers on fake storage: ask() plays a client, commit() the host.

#include "api/dispatch.h"
#include "support/consumers_node.h"

#include <catch2/catch.hpp>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace frond::desk {

using Json = nlohmann::ordered_json;

struct Desk : test::ConsumersNode, api::NodeFacts {
  Desk() : ConsumersNode("edge") { open(); }

  void open() {
    api.reset();
    ConsumersNode::open();
    CHECK(damaged_streams.empty());
    api::ApiConfig config;
    config.domain = domain;
    config.server_name = "phone";
    api = std::make_unique<api::Api>(
        api::Services{*streams, *consumers, *gate, outlet, entropy, clock, *this}, config);
  }
  std::string status_json() override { return R"({"name":"edge"})"; }
  std::vector<stream::Stream::OriginStatus> sources(std::string_view) override { return {}; }
  std::string sync_json(std::string_view stream, const std::vector<StreamSeq>&) override {
    return stream == "SYNCED" ? R"({"way":"mirror"})" : "";
  }
  void commit() {
    test::carry_out(*journal, files, [this](const CommitStorage& commit) {
      durable(commit.ticket);
      api->wake();
      api->pump();
    });
  }
  void fail() { REQUIRE(lose_commit()); }
  /// Sends without waiting for the disk.
  void send(const std::string& verb, const std::string& body = "", const std::string& header = "",
            const std::string& reply = "reply") {
    const std::string subject = (verb.starts_with('$') ? "" : "$JS.API.") + verb;
    api->handle(subject, {subject, reply, header, body}, now);
    api->take_turn(now);
    api->pump();
    consumers->pump(now);
  }
  Json ask(const std::string& verb, const std::string& body = "", const std::string& header = "") {
    send(verb, body, header);
    commit();
    const auto out = outlet.take("reply");
    REQUIRE(out.size() == 1);
    CHECK(out[0].header.empty());
    return Json::parse(out[0].payload);
  }
  /// "404/10059 stream not found" of an answer that is an error, else nothing.
  std::string error(const std::string& verb, const std::string& body = "",
                    const std::string& header = "") {
    const Json answer = ask(verb, body, header);
    if (!answer.contains("error")) {
      return {};
    }
    const Json& e = answer["error"];
    return std::to_string(e["code"].get<int>()) + "/" + std::to_string(e["err_code"].get<int>()) +
           " " + e["description"].get<std::string>();
  }
  void publish(const std::string& subject, const std::string& payload,
               const std::string& header = "") {
    for (stream::Stream* stream : streams->by_subject(subject)) {
      stream->ingest({subject, {}, header, payload}, now);
    }
    commit();
  }

  std::unique_ptr<api::Api> api;
};

inline std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> out;
  for (auto it = object.begin(); it != object.end(); ++it) {
    out.push_back(it.key());
  }
  return out;
}

}  // namespace frond::desk
