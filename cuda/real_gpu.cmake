# SPDX-License-Identifier: Apache-2.0
# slicewise-replay, where nvcc is. Building and starting it needs neither a GPU nor a driver.
set(SLICEWISE_CUDA AUTO CACHE STRING "build slicewise-replay: AUTO (where nvcc is found), ON or OFF")
set_property(CACHE SLICEWISE_CUDA PROPERTY STRINGS AUTO ON OFF)
set(SLICEWISE_CUDA_ARCHITECTURES "80;90" CACHE STRING "GPUs that slicewise-replay is compiled for")
set(oldest_cuda 12.5) # brought cudaGetDriverEntryPointByVersion() and cuGreenCtxStreamCreate()

function(slicewise_find_cuda out why)
	set(${out} FALSE PARENT_SCOPE)
	if(SLICEWISE_CUDA STREQUAL "OFF")
		set(${why} "SLICEWISE_CUDA is OFF" PARENT_SCOPE)
		return()
	elseif(SLICEWISE_SANITIZE AND NOT SLICEWISE_CUDA STREQUAL "ON")
		set(${why} "a build with sanitizers runs the kernels on the CPU" PARENT_SCOPE)
		return()
	endif()
	find_program(SLICEWISE_NVCC nvcc HINTS ENV CUDA_PATH PATHS /usr/local/cuda PATH_SUFFIXES bin)
	if(NOT SLICEWISE_NVCC)
		set(${why} "no nvcc on PATH nor in /usr/local/cuda/bin" PARENT_SCOPE)
		return()
	endif()
	execute_process(COMMAND ${SLICEWISE_NVCC} --version OUTPUT_VARIABLE said ERROR_QUIET)
	string(REGEX MATCH "release ([0-9]+\\.[0-9]+)" found "${said}")
	if(NOT found OR CMAKE_MATCH_1 VERSION_LESS oldest_cuda)
		set(${why} "${SLICEWISE_NVCC} is older than CUDA ${oldest_cuda}" PARENT_SCOPE)
		return()
	endif()
	set(${out} TRUE PARENT_SCOPE)
	set(${why} "${SLICEWISE_NVCC}, CUDA ${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()

slicewise_find_cuda(with_cuda why)
if(NOT with_cuda)
	if(SLICEWISE_CUDA STREQUAL "ON")
		message(FATAL_ERROR "slicewise-replay: ${why}")
	endif()
	message(STATUS "slicewise-replay: not built: ${why}")
	return()
endif()
message(STATUS "slicewise-replay: built with ${why}, for ${SLICEWISE_CUDA_ARCHITECTURES}")

set(CMAKE_CUDA_COMPILER ${SLICEWISE_NVCC})
set(CMAKE_CUDA_ARCHITECTURES ${SLICEWISE_CUDA_ARCHITECTURES})
set(CMAKE_CUDA_STANDARD 17)
set(CMAKE_CUDA_STANDARD_REQUIRED ON)
set(CMAKE_CUDA_RUNTIME_LIBRARY None) # linked below, and only there
enable_language(CUDA)
find_package(CUDAToolkit REQUIRED)

# Host code is C and compiled as such; nvcc sees the kernels alone.
add_library(replay_cuda OBJECT ceilings.cu layers.cu paged_attention.cu
	device_ceilings.c device_cuda.c device_partition.c products.c sm_shares.c)
target_include_directories(replay_cuda PUBLIC
	${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
target_include_directories(replay_cuda SYSTEM PUBLIC ${CUDAToolkit_INCLUDE_DIRS})
target_compile_definitions(replay_cuda PRIVATE _GNU_SOURCE)
target_compile_options(replay_cuda PRIVATE
	$<$<COMPILE_LANGUAGE:C>:$<TARGET_PROPERTY:slicewise_warnings,INTERFACE_COMPILE_OPTIONS>>
	$<$<COMPILE_LANGUAGE:CUDA>:-O3$<SEMICOLON>-Werror=all-warnings$<SEMICOLON>-Xcompiler=-Wall$<COMMA>-Wextra>)

add_executable(slicewise-replay replay_main.c replay_check.c replay_options.c
	replay_serve.c replay_watch.c $<TARGET_OBJECTS:replay_common>
	$<TARGET_OBJECTS:replay_cuda>)
target_include_directories(slicewise-replay PRIVATE
	${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/cli)
target_link_libraries(slicewise-replay PRIVATE slicewise_program slicewise_static
	Threads::Threads CUDA::cudart_static)
set_target_properties(slicewise-replay PROPERTIES LINKER_LANGUAGE CXX
	RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
install(TARGETS slicewise-replay RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

# It must start where nothing of CUDA is; whether a GPU computes right is told where one is.
add_test(NAME replay_help COMMAND slicewise-replay --help)
add_test(NAME replay_check COMMAND slicewise-replay --check)
set_tests_properties(replay_check PROPERTIES SKIP_RETURN_CODE 77)

# The device's host code, on a CUDA made of paper.
add_library(fake_cublaslt MODULE fake_cublaslt.c)
add_executable(device_cuda_test device_cuda_test.c fake_cuda.c device_cuda.c device_partition.c
	products.c sm_shares.c)
target_link_libraries(device_cuda_test PRIVATE slicewise_static ${CMAKE_DL_LIBS})
target_compile_definitions(device_cuda_test PRIVATE
	FAKE_CUBLASLT="$<TARGET_FILE:fake_cublaslt>")
foreach(target fake_cublaslt device_cuda_test)
	target_include_directories(${target} SYSTEM PRIVATE ${CUDAToolkit_INCLUDE_DIRS})
	target_include_directories(${target} PRIVATE
		${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/tests/harness)
endforeach()
target_compile_definitions(fake_cublaslt PRIVATE _GNU_SOURCE)
set_target_properties(device_cuda_test PROPERTIES ENABLE_EXPORTS ON)
add_dependencies(device_cuda_test fake_cublaslt)
add_test(NAME device_cuda_test COMMAND device_cuda_test)
