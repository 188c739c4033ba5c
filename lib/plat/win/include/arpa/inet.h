/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * arpa/inet.h - addresses as text, as include/sys/socket.h has them.
 */
#ifndef LWS_WIN_ARPA_INET_H
#define LWS_WIN_ARPA_INET_H

#include <winsock2.h>
#include <ws2tcpip.h>

#endif
