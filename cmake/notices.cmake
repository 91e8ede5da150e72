# notices(<target> PACKAGES packages...)
#
# Compiles the project's LICENSE into the target, and the copyright files of Debian packages of
# headers, as far as this machine has them: what is compiled into the program must take its
# licence along into images, on machines that do not have those packages.
function(notices target)
  cmake_parse_arguments(N "" "" "PACKAGES" ${ARGN})
  notice_entry(SOOTH_NOTICES sooth "${PROJECT_VERSION}" ${CMAKE_SOURCE_DIR}/LICENSE)
  foreach(package ${N_PACKAGES})
    set(file /usr/share/doc/${package}/copyright)
    if(EXISTS ${file})
      execute_process(COMMAND dpkg-query -W -f "\${Version}" ${package}
        OUTPUT_VARIABLE version ERROR_QUIET)
      notice_entry(entry ${package} "${version}" ${file})
      string(APPEND SOOTH_NOTICES "${entry}")
    else()
      message(STATUS "No ${file}: images will lack that notice")
    endif()
  endforeach()
  set(generated ${CMAKE_BINARY_DIR}/notices.cc)
  configure_file(${CMAKE_SOURCE_DIR}/src/image/notices.cc.in ${generated} @ONLY)
  target_sources(${target} PRIVATE ${generated})
endfunction()

function(notice_entry out package version file)
  file(READ ${file} text)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  set(${out} "    {\"${package}\", \"${version}\", R\"notice(${text})notice\"},\n" PARENT_SCOPE)
endfunction()
