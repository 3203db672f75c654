#include "api/call.h"

#include "stream/error_table.h"
#include "wire/headers.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace frond::api {

using wire::Json;

namespace {

Json typed(const Call& call) {
  Json out = Json::object();
  out["type"] = std::string(call.schema).append(call.type);
  return out;
}

std::string error_document(const Call& call, const stream::ApiError& error) {
  Json out = typed(call);
  out["error"] = error_json(error);
  std::string text = wire::print_json(out);
  if (!call.with_errors.empty()) {
    text.back() = ',';
    text.append(call.with_errors).append("}");
  }
  return text;
}

}  // namespace

std::string_view Call::rest(std::size_t index) const {
  return index < tokens.size()
             ? subject.substr(static_cast<std::size_t>(tokens[index].data() - subject.data()))
             : std::string_view();
}

void Call::answer(const Json& fields) { promise(Ticket{0}, fields); }

void Call::promise(Ticket ticket, const Json& fields) { hold(ticket, fields, 10047); }

void Call::tell(const stream::Stream& stream, const Json& fields) {
  const bool shows_more = stream.state().last > stream.durable_last();
  hold(shows_more ? stream.ticket() : Ticket{0}, fields, 10008);
}

void Call::hold(Ticket ticket, const Json& fields, std::uint16_t error) {
  if (request.reply.empty()) {
    return;
  }
  const std::string target(request.reply);
  Json out = typed(*this);
  for (auto field = fields.begin(); field != fields.end(); ++field) {
    out[field.key()] = *field;
  }
  const std::string text = wire::print_json(out);
  answered_bytes += text.size();
  if (ticket == Ticket{0}) {
    services.outlet.send(target, {target, {}, {}, text});
    return;
  }
  const stream::ApiError lost = stream::api_error(error);
  services.gate.hold(ticket, {target, {}, text}, {target, {}, error_document(*this, lost)});
}

void Call::refuse(const stream::ApiError& error) {
  ++stats.errors;
  if (!request.reply.empty()) {
    services.outlet.send(request.reply, {request.reply, {}, {}, error_document(*this, error)});
  }
}

void Call::status(std::string_view line) {
  if (!request.reply.empty()) {
    const std::string header = "NATS/1.0 " + std::string(line) + "\r\n\r\n";
    services.outlet.send(request.reply, {request.reply, {}, header, {}});
  }
}

void Call::no_responders() {
  const bool somebody_hears = services.outlet.reach(subject) != base::Reach::nobody;
  if (!request.reply.empty() && !somebody_hears) {
    const std::string header = wire::header_block("503", {}, {{"Nats-Subject", subject}});
    services.outlet.send(request.reply, {request.reply, {}, header, {}});
  }
}

bool Call::expect_no_body() {
  if (is_empty_request(request.payload)) {
    return true;
  }
  refuse(stream::api_error(10038));
  return false;
}

bool Call::read_body(Json& out) { return accept(wire::parse_json(request.payload, out)); }

bool Call::accept(const std::string& error) {
  if (error.empty()) {
    return true;
  }
  refuse(stream::api_error(10025, {error}));
  return false;
}

stream::Stream* Call::find_stream(std::string_view name) {
  stream::Stream* stream = services.streams.find(name);
  if (stream == nullptr) {
    refuse(stream::api_error(10059));
  }
  return stream;
}

bool is_json(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (body[first] == '{' || body[first] == '[');
}

bool is_empty_request(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return true;
  }
  if (!is_json(body)) {
    return false;
  }
  Json value;
  return wire::parse_json(body, value).empty() && value.empty();
}

Json error_json(const stream::ApiError& error) {
  Json out = Json::object();
  out["code"] = error.code;
  if (error.err_code != 0) {
    out["err_code"] = error.err_code;
  }
  if (!error.description.empty()) {
    out["description"] = error.description;
  }
  return out;
}

void Page::print(Json& out) const {
  out["total"] = total;
  out["offset"] = first();
  out["limit"] = limit;
}

bool read_page(Call& call, std::string_view go_type, Page& page, std::string* subject) {
  if (!is_json(call.request.payload)) {
    return true;
  }
  Json body;
  if (!call.read_body(body)) {
    return false;
  }
  std::string error;
  std::int64_t offset = 0;
  wire::ObjectReader reader(body, go_type, error);
  reader.read("offset", offset, "int");
  if (subject != nullptr) {
    reader.read("subject", *subject);
  }
  reader.finish();
  page.offset = static_cast<std::size_t>(std::max<std::int64_t>(offset, 0));
  return call.accept(error);
}

}  // namespace frond::api
