#include "wire/verbs.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace frond::wire {
namespace {

// A client's own verbs, then what both dialects have, then a leaf's own: each dialect is a part.
constexpr std::array<VerbForm, 14> forms = {{{"PUB", Gap::required, Verb::publish},
                                             {"HPUB", Gap::required, Verb::publish, true},
                                             {"SUB", Gap::required, Verb::subscribe},
                                             {"UNSUB", Gap::required, Verb::unsubscribe},
                                             {"PING", Gap::ignored, Verb::ping},
                                             {"PONG", Gap::ignored, Verb::pong},
                                             {"CONNECT", Gap::optional, Verb::connect},
                                             {"INFO", Gap::optional, Verb::info},
                                             {"+OK", Gap::ignored, Verb::ok},
                                             {"-ERR", Gap::required, Verb::err},
                                             {"LMSG", Gap::required, Verb::routed},
                                             {"HMSG", Gap::required, Verb::routed, true},
                                             {"LS+", Gap::required, Verb::interest},
                                             {"LS-", Gap::required, Verb::interest_gone}}};

std::span<const VerbForm> forms_of(Dialect dialect) {
  return std::span(forms).subspan(dialect == Dialect::client ? 0 : 4, 10);
}

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// Whether `text` and `name` agree as far as both reach.
bool agree(std::string_view text, std::string_view name) {
  const std::size_t length = std::min(text.size(), name.size());
  for (std::size_t i = 0; i < length; ++i) {
    if (upper(text[i]) != name[i]) {
      return false;
    }
  }
  return true;
}

/// Whether the line (or the beginning of one) can be this form.
bool can_be(std::string_view line, const VerbForm& form) {
  return agree(line, form.name) && (form.gap != Gap::required || line.size() <= form.name.size() ||
                                    is_gap(line[form.name.size()]));
}

}  // namespace

const VerbForm* find_verb(Dialect dialect, std::string_view line) {
  for (const VerbForm& form : forms_of(dialect)) {
    if (can_be(line, form)) {
      return &form;
    }
  }
  return nullptr;
}

std::string_view arguments_of(std::string_view line, const VerbForm& form) {
  line.remove_prefix(std::min(line.size(), form.name.size()));
  while (!line.empty() && is_gap(line.front())) {
    line.remove_prefix(1);
  }
  return line;
}

}  // namespace frond::wire
