/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/net.h - making the sockets that streams are built on.
 */
#ifndef LWS_NET_NET_H
#define LWS_NET_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

/* ---- listen.c ---- */

struct lws_listen_spec {
	const char *iface;	/* interface name or address; NULL: all */
	int port;		/* 0: any free one */
	int backlog;
	bool ipv6;		/* dual stack where @iface allows it */
	bool reuse_port;	/* several listeners share the port */
};

/*
 * Open a listening socket: a descriptor with *@port filled with the real port,
 * or an enum lws_err.  On failure @why (of @why_len bytes) holds one line, not
 * newline-terminated, that names the cause and the cure: the port is in use,
 * the interface does not exist (or has no address), the port needs privileges.
 * SO_REUSEADDR is set.  With @ipv6 and no @iface the socket takes both
 * families (IPV6_V6ONLY off); a system without IPv6 gets IPv4 instead.
 */
int lws_listen_open(const struct lws_listen_spec *spec, int *port, char *why,
		    size_t why_len);

/* ---- connect.c ---- */

/* addresses of a peer in the order to try them; lws_addrs_free() it */
struct lws_addrs;

/*
 * Look up @host (name or literal; brackets around an IPv6 literal are taken
 * off) and @port.  Blocks for a name, not for a literal.  NULL with a line in
 * @why when there is no address.
 */
struct lws_addrs *lws_addrs_resolve(const char *host, int port, bool ipv6,
				    char *why, size_t why_len);
void lws_addrs_free(struct lws_addrs *a);

/*
 * Start connecting to the next address not tried yet, from @iface (name or
 * address, NULL: any).  A descriptor; or LWS_ERR_NOENT when none is left or an
 * error of the last one, with a line in @why that names the address tried
 * ("connection refused by 127.0.0.1:7681").  Addresses that fail at once are
 * passed over.  When none was left to begin with @why stays as it is: the line
 * about the last failure is still the one to show.
 */
int lws_connect_next(struct lws_addrs *a, const char *iface, char *why,
		     size_t why_len);

/*
 * The socket made last became writable: 0 when it is connected, else
 * LWS_ERR_IO with a line in @why; try lws_connect_next() after closing it.
 */
int lws_connect_finish(const struct lws_addrs *a, int fd, char *why,
		       size_t why_len);

/* The address being tried as "127.0.0.1:7681" or "[::1]:7681". */
void lws_connect_target(const struct lws_addrs *a, char *text, size_t len);

/* ---- peer.c ---- */

/*
 * Numeric address of a socket address in @text: IPv4 and v4-mapped as dotted
 * quad, IPv6 natively with its scope.  "" when it is neither.
 */
void lws_addr_text(const struct sockaddr *sa, socklen_t len, char *text,
		   size_t text_len);

/*
 * Name and numeric address of the peer of @fd, each cut to its buffer and
 * always terminated; "" where unknown.  The reverse lookup blocks.  @name may
 * be NULL when it is not wanted.
 */
void lws_peer_describe(int fd, char *name, size_t name_len, char *addr,
		       size_t addr_len);

#endif
