# ccache makes a second clone and a branch switch cheap; without it everything builds the same.
if(NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(FROND_CCACHE ccache)
  if(FROND_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${FROND_CCACHE})
  endif()
endif()
