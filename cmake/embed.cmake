# SPDX-License-Identifier: Apache-2.0
# The data files that every installation needs are part of the library: a small program of our own turns them into C.
function(slicewise_embed out)
	file(GLOB files CONFIGURE_DEPENDS
		${PROJECT_SOURCE_DIR}/data/gpus/*.json
		${PROJECT_SOURCE_DIR}/data/models/*.json
		${PROJECT_SOURCE_DIR}/data/calibration/*.json
		${PROJECT_SOURCE_DIR}/data/fit/*.json)
	list(SORT files)
	add_executable(slicewise_embed ${PROJECT_SOURCE_DIR}/tools/embed/embed.c)
	target_link_libraries(slicewise_embed PRIVATE slicewise_warnings)
	target_compile_definitions(slicewise_embed PRIVATE _GNU_SOURCE)
	set(generated ${PROJECT_BINARY_DIR}/embedded_files.c)
	add_custom_command(OUTPUT ${generated}
		COMMAND slicewise_embed ${generated} ${PROJECT_SOURCE_DIR}/data ${files}
		DEPENDS slicewise_embed ${files}
		COMMENT "Embedding data files" VERBATIM)
	set(${out} ${generated} PARENT_SCOPE)
endfunction()
