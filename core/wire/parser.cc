#include "wire/parser.h"

#include "wire/verbs.h"
#include "wire/words.h"

#include <algorithm>
#include <optional>
#include <span>

namespace frond::wire {
namespace {

/// The text of an -ERR.
std::string_view without_quotes(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '\'' && text.back() == '\'';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

// A gathering buffer that has grown beyond this is given back after its message.
constexpr std::size_t kept_buffer_bytes = 64 * 1024;

}  // namespace

/// Blanks count like any other byte: a line must not grow by what it does not say.
bool Parser::line_too_long(std::size_t line_bytes, const VerbForm& form) const {
  const std::size_t separator = form.gap == Gap::ignored ? 0 : 1;
  return line_bytes > form.name.size() + separator + limits_.control_line_bytes_max;
}

Parser::Result Parser::next(std::string_view& input) {
  if (error_ != ParseError::none) {
    return Result::error;
  }
  if (consumed_) {
    consumed_ = false;
    line_.clear();
    body_.clear();
    if (body_.capacity() > kept_buffer_bytes) {
      body_ = std::string();
    }
  }
  if (state_ == State::line) {
    const Result result = next_line(input);
    if (result != Result::command || state_ == State::line) {
      consumed_ = result == Result::command;
      return result;
    }
  }
  const Result result = next_payload(input);
  consumed_ = result == Result::command;
  return result;
}

Parser::Result Parser::next_line(std::string_view& input) {
  const std::size_t end = input.find('\n');
  if (end == std::string_view::npos) {
    return partial_line(input);
  }
  std::string_view line = input.substr(0, end);
  input.remove_prefix(end + 1);
  if (!line_.empty()) {
    line_.append(line);
    line = line_;
  }
  if (!line.empty() && line.back() == '\r') {
    line.remove_suffix(1);
  }
  current_line_ = line;
  return parse_line(line);
}

/// Keeps the beginning of a line. What cannot become a command is refused at once, as a peer that
/// speaks another protocol may never send an end of line.
Parser::Result Parser::partial_line(std::string_view& input) {
  // No more than can be a line is kept of what may be a large piece.
  const std::size_t room = line_kept_max() - std::min(line_.size(), line_kept_max());
  const std::size_t bytes = line_.size() + input.size();
  line_.append(input.substr(0, room));
  const bool carriage_return = !input.empty() && input.back() == '\r';
  input = {};
  if (line_.empty()) {
    return Result::more;
  }
  const VerbForm* form = find_verb(dialect_, line_);
  if (form == nullptr) {
    return fail(ParseError::unknown_operation);
  }
  return line_too_long(bytes - (carriage_return ? 1 : 0), *form)
             ? fail(ParseError::control_line_too_long)
             : Result::more;
}

Parser::Result Parser::parse_line(std::string_view line) {
  const VerbForm* form = find_verb(dialect_, line);
  if (form == nullptr || line.size() < form->name.size() ||
      (form->gap == Gap::required && line.size() == form->name.size())) {
    return fail(ParseError::unknown_operation);
  }
  if (line_too_long(line.size(), *form)) {
    return fail(ParseError::control_line_too_long);
  }
  const std::string_view arguments = arguments_of(line, *form);
  command_ = Command{};
  command_.verb = form->verb;
  switch (form->verb) {
    case Verb::publish:
      return parse_publish(arguments, form->with_header);
    case Verb::routed:
      return parse_routed(arguments, form->with_header);
    case Verb::subscribe:
      return parse_subscribe(arguments);
    case Verb::unsubscribe:
      return parse_unsubscribe(arguments);
    case Verb::interest:
      return parse_interest(arguments);
    case Verb::interest_gone:
      return parse_interest_gone(arguments);
    case Verb::err:
      command_.text = without_quotes(arguments);
      return Result::command;
    case Verb::ping:
    case Verb::pong:
    case Verb::connect:
    case Verb::info:
    case Verb::ok:
      break;
  }
  command_.text = arguments;
  return Result::command;
}

Parser::Result Parser::parse_publish(std::string_view arguments, bool with_header) {
  if (with_header && !headers_allowed_) {
    return fail(ParseError::headers_not_supported);
  }
  const Words<4> words(arguments);
  const std::size_t sizes = with_header ? 2 : 1;
  if (words.count != sizes + 1 && words.count != sizes + 2) {
    return fail(ParseError::bad_arguments);
  }
  command_.message.subject = words.word[0];
  if (words.count == sizes + 2) {
    command_.message.reply = words.word[1];
  }
  return parse_sizes(with_header ? words.word[words.count - 2] : std::string_view("0"),
                     words.word[words.count - 1]);
}

Parser::Result Parser::parse_routed(std::string_view arguments, bool with_header) {
  // The list of queue groups has no bound of its own; the line has.
  queues_.clear();
  for (std::size_t i = 0; i < arguments.size();) {
    const std::size_t end = std::min(arguments.find_first_of(" \t\r", i), arguments.size());
    if (end > i) {
      queues_.push_back(arguments.substr(i, end - i));
    }
    i = end + 1;
  }
  const std::size_t count = queues_.size();
  const std::size_t sizes = with_header ? 2 : 1;
  if (count < sizes + 1) {
    return fail(ParseError::bad_arguments);
  }
  command_.message.subject = queues_[0];
  const std::string_view total = queues_[count - 1];
  const std::string_view header = with_header ? queues_[count - 2] : std::string_view("0");
  std::size_t first_queue = count - sizes;
  if (count == sizes + 2) {
    command_.message.reply = queues_[1];
  } else if (count > sizes + 2) {
    if (queues_[1] == "+") {
      command_.message.reply = queues_[2];
      first_queue = 3;
    } else if (queues_[1] == "|") {
      first_queue = 2;
    } else {
      return fail(ParseError::bad_arguments);
    }
  }
  command_.queues = std::span(queues_).subspan(first_queue, count - sizes - first_queue);
  return parse_sizes(header, total);
}

Parser::Result Parser::parse_sizes(std::string_view header_size, std::string_view total_size) {
  const std::optional<std::size_t> header = parse_size(header_size);
  const std::optional<std::size_t> total = parse_size(total_size);
  if (!header || !total || *header > *total) {
    return fail(ParseError::bad_arguments);
  }
  if (*total > limits_.payload_bytes_max) {
    return fail(ParseError::payload_too_large);
  }
  header_size_ = *header;
  total_size_ = *total;
  state_ = State::payload;
  return Result::command;
}

Parser::Result Parser::parse_subscribe(std::string_view arguments) {
  const Words<3> words(arguments);
  if (words.count != 2 && words.count != 3) {
    return fail(ParseError::bad_arguments);
  }
  command_.subject = words.word[0];
  command_.queue = words.count == 3 ? words.word[1] : std::string_view();
  command_.sid = words.word[words.count - 1];
  return Result::command;
}

Parser::Result Parser::parse_unsubscribe(std::string_view arguments) {
  const Words<2> words(arguments);
  if (words.count != 1 && words.count != 2) {
    return fail(ParseError::bad_arguments);
  }
  command_.sid = words.word[0];
  if (words.count == 2) {
    command_.max = parse_size(words.word[1]).value_or(0);
  }
  return Result::command;
}

Parser::Result Parser::parse_interest(std::string_view arguments) {
  const Words<3> words(arguments);
  command_.subject = words.word[0];
  if (words.count == 1) {
    return Result::command;
  }
  command_.queue = words.word[1];
  const std::optional<std::size_t> weight =
      words.count == 3 ? parse_size(words.word[2]) : std::nullopt;
  if (!weight) {
    return fail(ParseError::bad_arguments);
  }
  // A group without members is no interest; nats-server counts it as one.
  command_.weight = static_cast<std::uint32_t>(std::max<std::size_t>(*weight, 1));
  return Result::command;
}

Parser::Result Parser::parse_interest_gone(std::string_view arguments) {
  const Words<3> words(arguments);
  command_.subject = words.word[0];
  if (words.count == 1) {
    return Result::command;
  }
  command_.queue = words.word[1];
  return words.count == 2 ? Result::command : fail(ParseError::bad_arguments);
}

Parser::Result Parser::next_payload(std::string_view& input) {
  const std::size_t needed = total_size_ + 2;
  if (body_.empty() && input.size() >= needed) {
    const std::string_view body = input.substr(0, needed);
    input.remove_prefix(needed);
    return finish_message(body);
  }
  if (line_.empty()) {
    // The arguments are views of an input that will be gone: take them along.
    line_.assign(current_line_);
    current_line_ = line_;
    if (parse_line(line_) == Result::error) {
      return Result::error;
    }
  }
  if (body_.empty()) {
    // A size is easily said: memory is taken as the bytes come.
    body_.reserve(std::min(needed, kept_buffer_bytes));
  }
  const std::size_t taken = std::min(needed - body_.size(), input.size());
  body_.append(input.substr(0, taken));
  input.remove_prefix(taken);
  if (body_.size() == needed) {
    return finish_message(body_);
  }
  return body_.size() > total_size_ && body_[total_size_] != '\r'
             ? fail(ParseError::unknown_operation)
             : Result::more;
}

Parser::Result Parser::finish_message(std::string_view body) {
  if (body[total_size_] != '\r' || body[total_size_ + 1] != '\n') {
    return fail(ParseError::unknown_operation);
  }
  state_ = State::line;
  command_.message.header = body.substr(0, header_size_);
  command_.message.payload = body.substr(header_size_, total_size_ - header_size_);
  return Result::command;
}

}  // namespace frond::wire
