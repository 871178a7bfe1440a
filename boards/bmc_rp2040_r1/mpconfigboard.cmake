include(${CMAKE_CURRENT_LIST_DIR}/../rp2/build.cmake)
