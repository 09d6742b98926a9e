# Toolchain: Debian's gcc-riscv64-unknown-elf for an ESP32-C3's instruction set, with no C library at all. Zicsr is not
# named in -march: GCC 12's multilib table would then answer with RV64 libraries. Assembly asks for it by `.option arch`.
set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR riscv32)
set(CMAKE_C_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_ASM_COMPILER riscv64-unknown-elf-gcc)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
set(CMAKE_C_FLAGS_INIT
    "-march=rv32imc -mabi=ilp32 -mcmodel=medany -ffreestanding -Os -g -ffunction-sections -fdata-sections -fstack-usage \
-isystem ${CMAKE_CURRENT_LIST_DIR}/../port/qemu/include")
set(CMAKE_ASM_FLAGS_INIT "-march=rv32imc -mabi=ilp32")
set(CMAKE_EXE_LINKER_FLAGS_INIT "-nostdlib -nostartfiles -Wl,--gc-sections -Wl,--no-warn-rwx-segments")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
