# frond_json: nlohmann's headers, from the Debian package. emcc does not look into /usr/include (and must not: the rest
# of that folder is glibc's), so scripts/setup.mjs copies the one folder to .tools/include for it.
add_library(frond_json INTERFACE)
if(EMSCRIPTEN)
  if(NOT EXISTS ${CMAKE_SOURCE_DIR}/.tools/include/nlohmann/json.hpp)
    message(FATAL_ERROR "nlohmann/json.hpp is not in .tools/include: run `node scripts/setup.mjs`")
  endif()
  target_include_directories(frond_json SYSTEM INTERFACE ${CMAKE_SOURCE_DIR}/.tools/include)
  # Its asserts trap, as FROND_ASSERT does: assert() would put their texts and file names into what a page downloads.
  target_compile_options(frond_json INTERFACE "-DJSON_ASSERT(condition)=((condition)?(void)0:__builtin_trap())")
else()
  find_path(FROND_JSON_INCLUDE nlohmann/json.hpp REQUIRED)
endif()
