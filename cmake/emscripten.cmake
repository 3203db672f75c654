# Toolchain file of the wasm presets: finds Emscripten's own toolchain file, either of an emsdk on PATH (3.1.69 or
# newer, scripts/setup.mjs checks) or of the prefix that scripts/setup.mjs unpacks into .tools/emscripten.
# .tools/emscripten.path is written by setup and holds the folder of emcc.
set(path_file ${CMAKE_CURRENT_LIST_DIR}/../.tools/emscripten.path)
if(NOT EXISTS ${path_file})
  message(FATAL_ERROR "Emscripten is not set up: run `node scripts/setup.mjs`")
endif()
file(READ ${path_file} frond_emscripten_root)
string(STRIP "${frond_emscripten_root}" frond_emscripten_root)
include(${frond_emscripten_root}/cmake/Modules/Platform/Emscripten.cmake)
