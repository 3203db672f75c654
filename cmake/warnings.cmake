# frond_warnings: linked privately by every target of ours. Warnings are errors, for all compilers alike.
add_library(frond_warnings INTERFACE)
target_compile_options(frond_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these inside its own std::string, std::optional and std::variant once it inlines them
  # (-Wrestrict on `"a" + s`, -Wmaybe-uninitialized under sanitizers). clang still checks our own code.
  target_compile_options(frond_warnings INTERFACE -Wno-restrict -Wno-maybe-uninitialized
                         -Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds)
elseif(NOT EMSCRIPTEN)
  # g++ 12's library uses what it declares deprecated (inside std::inplace_merge); clang reports that at our call.
  target_compile_options(frond_warnings INTERFACE -Wno-deprecated-declarations)
endif()

# frond_core_warnings: the engine also says every narrowing aloud.
add_library(frond_core_warnings INTERFACE)
target_link_libraries(frond_core_warnings INTERFACE frond_warnings)
target_compile_options(frond_core_warnings INTERFACE -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual)
if(EMSCRIPTEN)
  # std::size_t has 32 bits there, so every 64-bit count that indexes memory would warn. Nothing in
  # memory is larger than 4 GiB; files and sequences stay 64 bits wide in both.
  target_compile_options(frond_core_warnings INTERFACE -Wno-shorten-64-to-32)
endif()
