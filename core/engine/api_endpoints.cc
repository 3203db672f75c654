#include "engine/api_endpoints.h"

#include "leaf/link_rights.h"

namespace frond::engine {

namespace {
constexpr std::string_view sync_info_prefix = "$FROND.SYNC.INFO.";
}

void ApiEndpoints::open(std::string_view domain) {
  endpoint_.listen("$JS.API.>", [this](const base::Message& message, std::string_view target) {
    api_.handle(target, message, now_);
  });
  if (!domain.empty()) {
    const std::string prefix = "$JS." + std::string(domain) + ".API.";
    for (const std::string& subject : leaf::domain_api_subjects(domain)) {
      endpoint_.listen(subject,
                       [this, prefix](const base::Message& message, std::string_view target) {
                         by_domain(prefix, message, target);
                       });
    }
  }
  endpoint_.listen("$FROND.STATUS", [this](const base::Message& message, std::string_view) {
    answer(message, status_());
  });
  endpoint_.listen(std::string(sync_info_prefix) + '*',
                   [this](const base::Message& message, std::string_view target) {
                     answer(message, sync_(target.substr(sync_info_prefix.size())));
                   });
}

void ApiEndpoints::by_domain(std::string_view prefix, const base::Message& message,
                             std::string_view target) {
  const std::string_view rest = target.substr(prefix.size());
  // KV and object writes of another domain come as `$JS.<domain>.API.$KV.<bucket>.<key>` (JA-22).
  if (rest.starts_with("$KV.") || rest.starts_with("$O.") || rest.starts_with("$OBJ.")) {
    base::Message mapped = message;
    mapped.subject = rest;
    outlet_.ask(rest, mapped);
    return;
  }
  api_.handle("$JS.API." + std::string(rest), message, now_);
}

void ApiEndpoints::answer(const base::Message& request, std::string_view body) {
  if (request.reply.empty()) return;
  outlet_.send(request.reply,
               {.subject = request.reply, .reply = {}, .header = {}, .payload = body});
}

}  // namespace frond::engine
