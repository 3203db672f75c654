#include "wire/word.h"

#include <catch2/catch.hpp>
#include <string>

using frond::wire::is_word;

TEST_CASE("a word has no separator, wherever it might stand") {
  CHECK_FALSE(is_word(""));
  for (std::size_t length = 1; length <= 40; ++length) {
    CHECK(is_word(std::string(length, 'a')));
    CHECK(is_word(std::string(length, '\xff')));
    CHECK(is_word(std::string(length, '\x01')));  // Odd, but a word to every server.
    for (std::size_t at = 0; at < length; ++at) {
      for (const char separator : std::string("\0\t\n\v\f\r ", 7)) {
        std::string text(length, '!');
        text[at] = separator;
        INFO(length << " " << at << " " << static_cast<int>(separator));
        CHECK_FALSE(is_word(text));
      }
    }
  }
}
