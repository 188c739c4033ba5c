/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * sys/socket.h - sockets, under the name that POSIX has for their header.
 *
 * The rooms include what POSIX offers.  This folder is on the way of includes
 * for Windows alone and has the headers that Windows lacks; what they declare
 * are Winsock's functions, as far as those are what POSIX says.
 */
#ifndef LWS_WIN_SYS_SOCKET_H
#define LWS_WIN_SYS_SOCKET_H

#include <winsock2.h>
#include <ws2tcpip.h>

typedef ADDRESS_FAMILY sa_family_t;

/* descriptors are signed to all but Winsock */
#define getsockname(fd, at, len) getsockname((SOCKET)(fd), at, len)
#define getpeername(fd, at, len) getpeername((SOCKET)(fd), at, len)

#endif
