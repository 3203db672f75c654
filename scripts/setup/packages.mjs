// The Debian packages the project builds and tests with. `start` needs the first list, `test` both.
export const toBuild = [
  'cmake',
  'ninja-build',
  'g++',
  'ccache',
  'nlohmann-json3-dev',
  'libboost-dev',
  'libssl-dev',
  'libcrypt-dev',
  // Emscripten's compiler and linker, and the interpreter of its scripts.
  'clang-19',
  'lld-19',
  'llvm-19',
  'python3',
  // It fetches Emscripten's own package.
  'ca-certificates',
  'debian-archive-keyring',
]

export const toTest = [
  'catch2',
  'libbenchmark-dev',
  'clang-format-19',
  'libclang-rt-19-dev',
  'chromium',
  'firefox-esr',
  // WebKitGTK, and a screen for it.
  'webkit2gtk-driver',
  'xvfb',
  // Makes the certificate of a hub.
  'openssl',
]

/** Only `npm run tidy` needs these. */
export const toTidy = ['clang-tidy-19']
