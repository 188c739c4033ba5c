/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * netinet/in.h - addresses of sockets, as include/sys/socket.h has them.
 */
#ifndef LWS_WIN_NETINET_IN_H
#define LWS_WIN_NETINET_IN_H

#include <winsock2.h>
#include <ws2tcpip.h>

#endif
