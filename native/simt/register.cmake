# Writes OUT: a source that includes the kernels of CU and registers each. Run as a script:
#   cmake -DCXX=g++ -DCU=kernels/conv.cu -DINCLUDES=dir;dir -DOUT=conv.cpp -P register.cmake
# Names are found after preprocessing, since macros may make them.
set(includes "")
foreach(folder ${INCLUDES})
  list(APPEND includes -I ${folder})
endforeach()
execute_process(COMMAND ${CXX} -std=gnu++17 -E -P -DMOTE_SIMT ${includes} -x c++ ${CU}
    OUTPUT_VARIABLE text RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "kernels cannot be preprocessed: file=${CU}; see above")
endif()
string(REGEX MATCHALL "extern \"C\"[ \n]+void[ \n]+[A-Za-z0-9_]+\\(const +[A-Za-z0-9_]+ p\\)" kernels
    "${text}")
if(kernels STREQUAL "")
  message(FATAL_ERROR "file holds no kernel: file=${CU}; write extern \"C\" __global__ void name(const Params p)")
endif()
set(source "// Written by register.cmake.\n#include \"${CU}\"\n#include \"register.h\"\n\nnamespace {\n\n")
foreach(kernel ${kernels})
  string(REGEX REPLACE ".*void[ \n]+([A-Za-z0-9_]+)\\(.*" "\\1" name "${kernel}")
  string(APPEND source "const mote::simt::Registered<${name}> register_${name}(\"${name}\");\n")
endforeach()
string(APPEND source "\n}  // namespace\n")
file(WRITE ${OUT} "${source}")
