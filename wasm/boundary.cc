#include "boundary.h"

#include <emscripten/em_js.h>

#include <array>

EM_JS_DEPS(frond_boundary, "$UTF8ToString,$stringToUTF8");

// A pointer above 2 GiB reaches JavaScript as a negative number; `>>> 0` makes it an offset again.
// clang-format off
EM_JS(void, frond_js_send, (uint32_t connection, const char* bytes, size_t length), {
  Module['frondHost']['send'](connection >>> 0, bytes >>> 0, length);
});
EM_JS(void, frond_js_close, (uint32_t connection, const char* reason, size_t length), {
  Module['frondHost']['close'](connection >>> 0, UTF8ToString(reason, length));
});
EM_JS(void, frond_js_dial, (uint32_t connection, const char* url, size_t length), {
  Module['frondHost']['dial'](connection >>> 0, UTF8ToString(url, length));
});
EM_JS(void, frond_js_hold, (uint32_t connection, int hold), {
  Module['frondHost']['hold'](connection >>> 0, hold !== 0);
});
EM_JS(void, frond_js_notice, (uint32_t kind, const char* text, size_t length), {
  Module['frondHost']['notice'](kind, UTF8ToString(text, length));
});
EM_JS(void, frond_js_commit_begin, (double ticket), {
  Module['frondHost']['commitBegin'](ticket);
});
EM_JS(void, frond_js_commit_write,
      (const char* path, size_t path_length, const char* contents, size_t length), {
  Module['frondHost']['commitWrite'](UTF8ToString(path, path_length), contents >>> 0, length);
});
EM_JS(void, frond_js_commit_append,
      (const char* path, size_t path_length, double offset, const char* contents, size_t length), {
  Module['frondHost']['commitAppend'](
      UTF8ToString(path, path_length), offset, contents >>> 0, length);
});
EM_JS(void, frond_js_commit_remove, (const char* path, size_t path_length), {
  Module['frondHost']['commitRemove'](UTF8ToString(path, path_length));
});
EM_JS(void, frond_js_commit_end, (), {
  Module['frondHost']['commitEnd']();
});
EM_JS(int, frond_js_public_key, (char* out, size_t capacity), {
  return stringToUTF8(Module['frondHost']['publicKey'](), out, capacity);
});
EM_JS(int, frond_js_sign, (const char* nonce, size_t length, char* out, size_t capacity), {
  return stringToUTF8(
      Module['frondHost']['sign'](HEAPU8.slice(nonce >>> 0, (nonce >>> 0) + length)), out, capacity);
});
// clang-format on

namespace frond::wasm {
namespace {

// A public nkey has 56 characters, an Ed25519 signature 86 in base64url; one more ends the string.
constexpr std::size_t kSignatureCapacity = 128;

}  // namespace

void boundary_send(Handle connection, std::string_view bytes) {
  frond_js_send(connection, bytes.data(), bytes.size());
}

void boundary_close(Handle connection, std::string_view reason) {
  frond_js_close(connection, reason.data(), reason.size());
}

void boundary_dial(Handle connection, std::string_view url) {
  frond_js_dial(connection, url.data(), url.size());
}

void boundary_hold(Handle connection, bool hold) { frond_js_hold(connection, hold ? 1 : 0); }

void boundary_notice(std::uint32_t kind, std::string_view text) {
  frond_js_notice(kind, text.data(), text.size());
}

void boundary_commit_begin(double ticket) { frond_js_commit_begin(ticket); }

void boundary_commit_write(std::string_view path, std::string_view contents) {
  frond_js_commit_write(path.data(), path.size(), contents.data(), contents.size());
}

void boundary_commit_append(std::string_view path, double offset, std::string_view contents) {
  frond_js_commit_append(path.data(), path.size(), offset, contents.data(), contents.size());
}

void boundary_commit_remove(std::string_view path) {
  frond_js_commit_remove(path.data(), path.size());
}

void boundary_commit_end() { frond_js_commit_end(); }

std::string boundary_public_key() {
  std::array<char, kSignatureCapacity> out{};
  const int length = frond_js_public_key(out.data(), out.size());
  return std::string(out.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
}

std::string boundary_sign(std::string_view nonce) {
  std::array<char, kSignatureCapacity> out{};
  const int length = frond_js_sign(nonce.data(), nonce.size(), out.data(), out.size());
  return std::string(out.data(), length > 0 ? static_cast<std::size_t>(length) : 0);
}

}  // namespace frond::wasm
