# SPDX-License-Identifier: Apache-2.0
# libmicrohttpd stands among the libraries, not the requirements: its own private ones (all of GnuTLS's) are for programs
# without any shared library.
configure_file(cmake/slicewise.pc.in slicewise.pc @ONLY)
install(TARGETS slicewise slicewise_static slicewise_shared
	RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
	LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
	ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/slicewise DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(FILES ${PROJECT_BINARY_DIR}/slicewise.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(GLOB manuals ${PROJECT_SOURCE_DIR}/docs/man/*.1)
install(FILES ${manuals} DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
