/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * netdb.h - names of hosts, as include/sys/socket.h has the rest.
 */
#ifndef LWS_WIN_NETDB_H
#define LWS_WIN_NETDB_H

#include <winsock2.h>
#include <ws2tcpip.h>

#endif
