# Toolchain file of the fuzz preset: the newest clang++ of the machine, for libFuzzer.
find_program(FROND_CLANGXX NAMES clang++-19 clang++ REQUIRED)
set(CMAKE_CXX_COMPILER ${FROND_CLANGXX})
