/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/proxy.h - which proxy to go through, and when not to.
 */
#ifndef LWS_NET_PROXY_H
#define LWS_NET_PROXY_H

#include <stdbool.h>
#include <stddef.h>

/* one allocation; lws_free() it */
struct lws_proxy {
	char *host;	/* name or literal, without brackets */
	char *auth;	/* user:password, decoded, or NULL */
	int port;
};

/*
 * Read "[http://][user:password@]host[:port][/]"; user and password may be
 * percent-encoded.  Without a port it is @port, if that is not 0, or 80 behind
 * "http://".  NULL with a line in @why that shows no password.
 */
struct lws_proxy *lws_proxy_parse(const char *text, int port, char *why,
				  size_t why_len);

/*
 * Shall @host be connected to directly?  Loopback always; else what @list (may
 * be NULL) names, with commas or blanks between: a domain with all that lies
 * in it, with or without a leading dot or "*."; a literal address; a network
 * as 10.0.0.0/8; "*".  An entry with a port counts for that @port alone.
 */
bool lws_proxy_spares(const char *list, const char *host, int port);

#endif
