/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/sockaddr.h - a socket address of any family, seen as what it is.
 */
#ifndef LWS_NET_SOCKADDR_H
#define LWS_NET_SOCKADDR_H

#include <netinet/in.h>
#include <stdint.h>
#include <sys/socket.h>

union lws_sockaddr {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_storage any;
};

static inline void
lws_sockaddr_set_port(union lws_sockaddr *at, int port)
{
	if (at->sa.sa_family == AF_INET)
		at->v4.sin_port = htons((uint16_t)port);
	else
		at->v6.sin6_port = htons((uint16_t)port);
}

static inline int
lws_sockaddr_port(const union lws_sockaddr *at)
{
	return ntohs(at->sa.sa_family == AF_INET ? at->v4.sin_port
						 : at->v6.sin6_port);
}

#endif
