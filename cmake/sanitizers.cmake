# FROND_SANITIZE puts ASan and UBSan on everything in the tree; a report ends the program, so a test cannot pass over it.
# vptr is left out: it needs RTTI, which core is built without.
if(FROND_SANITIZE OR FROND_FUZZ)
  set(flags -fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=all)
  add_compile_options(${flags})
  add_link_options(${flags})
  if(NOT EMSCRIPTEN)
    add_compile_definitions(_GLIBCXX_ASSERTIONS)
  endif()
endif()
if(FROND_FUZZ)
  if(NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "the fuzz preset needs clang (libFuzzer); found ${CMAKE_CXX_COMPILER_ID}")
  endif()
  # Coverage counters everywhere; only the fuzz targets themselves link libFuzzer's main.
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
