# The image and the bootloader for RV32IMC under QEMU: the port says how they are linked.
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/port/qemu/CMakeLists.txt)
  add_subdirectory(port/qemu)
endif()
