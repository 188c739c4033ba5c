/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/url.h - the parts of a WebSocket URL (RFC 6455 section 3).
 */
#ifndef LWS_NET_URL_H
#define LWS_NET_URL_H

#include <stdbool.h>

#include "base/span.h"

/* views of the text it was read from */
struct lws_url {
	struct lws_span authority;	/* host and port as they were written */
	struct lws_span host;		/* without brackets */
	struct lws_span target;		/* path and query, may be empty */
	int port;
	bool secure;
};

/*
 * Read "ws://host[:port][/path][?query]" or "wss:..."; LWS_ERR_PROTOCOL for
 * anything else, a user or a fragment among it.
 */
int lws_url_parse(const char *text, struct lws_url *out);

/*
 * Split "host", "host:port", "[v6]" or "[v6]:port".  Without a port *@port
 * stays as it is.  Is it one of them?
 */
bool lws_url_split_port(struct lws_span s, struct lws_span *host, int *port);

/* Is there a host, and nothing in it that cannot stand in one? */
bool lws_url_host_ok(struct lws_span host);

#endif
