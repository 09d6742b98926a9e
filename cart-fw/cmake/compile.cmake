# What every translation unit is compiled with. Warnings are errors: the list is what MISRA's mandatory rules ask for
# and a compiler can find.
add_library(cartwright_compile INTERFACE)
target_compile_features(cartwright_compile INTERFACE c_std_11)
target_compile_options(
  cartwright_compile
  INTERFACE
    -std=c11
    -Wall
    -Wextra
    -Wpedantic
    -Wconversion
    -Wshadow
    -Wswitch-enum
    -Wstrict-prototypes
    -Wmissing-prototypes
    -Wundef
    -Wvla
    -Werror
    -fno-common
    # A compiler that takes a loop for memset may then take the wipe of a secret for dead.
    -fno-strict-aliasing
    # CHECK(!"what cannot be") is meant.
    $<$<C_COMPILER_ID:Clang>:-Wno-string-conversion>)

if(CARTWRIGHT_SANITIZE)
  target_compile_options(cartwright_compile INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all
                                                      -fno-omit-frame-pointer)
  target_link_options(cartwright_compile INTERFACE -fsanitize=address,undefined)
endif()

if(CARTWRIGHT_COVERAGE)
  target_compile_options(cartwright_compile INTERFACE -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc)
  target_link_options(cartwright_compile INTERFACE -fprofile-instr-generate)
endif()

if(CARTWRIGHT_FUZZ)
  # Instruments the libraries; each target adds the driver when it links.
  target_compile_options(cartwright_compile INTERFACE -fsanitize=fuzzer-no-link)
endif()
