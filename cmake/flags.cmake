# Compiler and linker settings of every target: warnings as errors, hardening, sanitizers,
# and floating point that rounds every operation by itself.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O0 -g1")

option(SOOTH_TESTS "Build tests and benchmarks" ON)
option(SOOTH_UNITY "Compile several sources of a room at a time" OFF)
option(SOOTH_FUZZ "Build the fuzz targets (clang)" OFF)
set(SOOTH_SANITIZER "" CACHE STRING "address (with undefined behaviour), thread, or empty")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Walloca -Wvla -Werror
  # Designated initialisers may leave members at their defaults.
  -Wno-missing-field-initializers
  # A fused multiply-add rounds once where scikit-learn and LightGBM round twice.
  -ffp-contract=off
  -fno-omit-frame-pointer -fno-strict-overflow)

# For programs alike, so that libraries and tests can share precompiled headers.
add_compile_options(-fPIE)

# Shorter error paths, and a build that is the same wherever it happens.
add_compile_options(-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)

add_compile_options(-fstack-protector-strong -fstack-clash-protection -fcf-protection)
add_compile_definitions(_GLIBCXX_ASSERTIONS)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_compile_options(-ftrivial-auto-var-init=zero)
else()
  add_compile_options(-ftrivial-auto-var-init=pattern)
endif()
add_link_options(-pie -Wl,-z,relro,-z,now,-z,noexecstack)

if(SOOTH_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all
    -fsanitize-ignorelist=${CMAKE_SOURCE_DIR}/cmake/others_headers.txt)
  add_link_options(-fsanitize=address,undefined)
  if(SOOTH_FUZZ)
    # What the fuzzer is to find its way through; not the tests.
    set(SOOTH_PRODUCT_OPTIONS -fsanitize=fuzzer-no-link)
  endif()
elseif(SOOTH_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
elseif(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=3)
  # The product that tests link is optimised and hardened as always.
  set(SOOTH_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)
endif()

# What is there makes the build faster; nothing needs it.
find_program(SOOTH_CCACHE ccache)
if(SOOTH_CCACHE)
  # Precompiled headers are kept too, by what they are made of, and are large: each is read once.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_SLOPPINESS=pch_defines,time_macros CCACHE_INODECACHE=true ${SOOTH_CCACHE})
endif()
find_program(SOOTH_MOLD mold)
if(SOOTH_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
