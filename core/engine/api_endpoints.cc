#include "engine/api_endpoints.h"

#include "leaf/link_rights.h"

namespace frond::engine {

void ApiEndpoints::open(std::string_view domain) {
  std::vector<std::string> requests = api::own_requests();
  requests.emplace_back("$JS.API.>");
  for (const std::string& subject : requests) {
    endpoint_.listen(subject, [this](const base::Message& message, std::string_view target) {
      api_.handle(target, message, now_);
    });
  }
  if (!domain.empty()) {
    const std::string prefix = "$JS." + std::string(domain) + ".API.";
    for (const std::string& subject : leaf::domain_api_subjects(domain)) {
      endpoint_.listen(subject,
                       [this, prefix](const base::Message& message, std::string_view target) {
                         by_domain(prefix, message, target);
                       });
    }
    const std::string own = "$FROND." + std::string(domain) + ".";
    for (const std::string_view query : leaf::domain_queries) {
      endpoint_.listen(
          own + std::string(query),
          [this, begin = own.size()](const base::Message& message, std::string_view target) {
            api_.handle("$FROND." + std::string(target.substr(begin)), message, now_);
          });
    }
  }
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

}  // namespace frond::engine
