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

/*
 * The same for a socket that somebody else has opened; its port is 0 when it
 * has none.  One that cannot be used stays as it is.
 */
int lws_listen_adopt(int fd, int *port, char *why, size_t why_len);

/* ---- connect.c ---- */

/* a host name, or a literal without brackets: bytes with its NUL */
#define LWS_HOST_LEN 1025

/* one line about a failure: bytes with its NUL */
#define LWS_WHY_LEN 256

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

/* Its steps.  Fill @name; 0, or LWS_ERR_NOENT with a line in @why. */
int lws_addrs_check(const char *host, int port, char name[LWS_HOST_LEN],
		    char *why, size_t why_len);

/* Can its address be had without asking anybody? */
bool lws_addrs_is_literal(const char *name);

/* Ask the system: what getaddrinfo() says.  Blocks; any thread. */
struct addrinfo;
int lws_addrs_ask(const char *name, bool ipv6, struct addrinfo **found);

/* what it said */
struct lws_addrs_answer {
	const char *name;
	struct addrinfo *found;	/* taken */
	int rc, port;
};

struct lws_addrs *lws_addrs_found(const struct lws_addrs_answer *answer,
				  char *why, size_t why_len);

/*
 * Start connecting to the next address not tried yet, from @iface (name or
 * address, NULL: any).  A descriptor; or LWS_ERR_NOENT when none is left or an
 * error of the last one, with a line in @why that names the address tried
 * ("connection refused by 127.0.0.1:7681").  Addresses that fail at once are
 * passed over.  *@which tells them apart from then on.  When none was left to
 * begin with @why stays as it is: the line about the last failure is still the
 * one to show.
 */
int lws_connect_next(struct lws_addrs *a, const char *iface, size_t *which,
		     char *why, size_t why_len);

/* Are there any not tried yet? */
bool lws_connect_more(const struct lws_addrs *a);

/*
 * The socket that goes to @which became writable: 0 when it is connected, else
 * LWS_ERR_IO with a line in @why; try lws_connect_next() after closing it.
 */
int lws_connect_finish(const struct lws_addrs *a, size_t which, int fd,
		       char *why, size_t why_len);

/* An address as "127.0.0.1:7681" or "[::1]:7681". */
void lws_connect_target(const struct lws_addrs *a, size_t which, char *text,
			size_t len);

/* ---- lookup.c: the steps of lws_addrs_resolve() beside a loop ---- */

/*
 * What one loop has looked up; @wake(@loop) is called by other threads, and
 * lws_lookups_collect() has to follow.  NULL: out of memory, or a build without
 * threads.
 */
struct lws_lookups;
struct lws_lookups *lws_lookups_new(void (*wake)(void *loop), void *loop);

/* Waits for nobody; lookups that were not forgotten are.  NULL is fine. */
void lws_lookups_free(struct lws_lookups *all);

/* The addresses, given, or NULL and why. */
typedef void lws_lookup_done(void *owner, struct lws_addrs *addrs,
			     const char *why);

struct lws_lookup_spec {
	const char *host;	/* as lws_addrs_check() fills it */
	int port;
	bool ipv6;
	lws_lookup_done *done;	/* called once, from lws_lookups_collect() */
	void *owner;		/* its first argument, not NULL */
};

/*
 * Begin; NULL when it cannot be done beside the loop.  The lookup is the
 * owner's to forget until done() begins.
 */
struct lws_lookup;
struct lws_lookup *lws_lookup_start(struct lws_lookups *all,
				    const struct lws_lookup_spec *spec);

/* done() will not be called. */
void lws_lookup_forget(struct lws_lookup *lookup);

/* Is a thread looking something up now?  NULL is fine. */
bool lws_lookups_busy(struct lws_lookups *all);

/* Call done() of those that are. */
void lws_lookups_collect(struct lws_lookups *all);

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
