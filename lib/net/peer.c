/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/peer.c - who is at the other end.
 *
 * The address comes from the socket itself, never from a name; a name is only
 * what the reverse lookup of that address says.  An IPv4 peer of a dual-stack
 * socket is shown, and looked up, as the IPv4 address it is.
 */
#include "net/net.h"

#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "libwebsockets.h"
#include "net/sockaddr.h"

/* where the IPv4 address lies in a v4-mapped one, RFC 4291 section 2.5.5.2 */
#define MAPPED_AT 12

/*
 * Fill @out with a socket address, v4-mapped ones turned into IPv4.  Its
 * length, or 0 when it is neither IPv4 nor IPv6.
 */
static socklen_t
normalise(const struct sockaddr *sa, socklen_t len, union lws_sockaddr *out)
{
	struct sockaddr_in6 v6;

	memset(out, 0, sizeof(*out));
	if (len > (socklen_t)sizeof(*out))
		return 0;
	memcpy(out, sa, (size_t)len);
	if (out->sa.sa_family == AF_INET)
		return len >= (socklen_t)sizeof(out->v4) ? sizeof(out->v4) : 0;
	if (out->sa.sa_family != AF_INET6 || len < (socklen_t)sizeof(v6))
		return 0;
	if (!IN6_IS_ADDR_V4MAPPED(&out->v6.sin6_addr))
		return sizeof(v6);

	v6 = out->v6;
	memset(out, 0, sizeof(*out));
	out->v4.sin_family = AF_INET;
	out->v4.sin_port = v6.sin6_port;
	memcpy(&out->v4.sin_addr, &v6.sin6_addr.s6_addr[MAPPED_AT],
	       sizeof(out->v4.sin_addr));
	return sizeof(out->v4);
}

static void
describe(const struct sockaddr *sa, socklen_t len, int flags, char *text,
	 size_t text_len)
{
	union lws_sockaddr peer;
	char found[NI_MAXHOST];

	len = normalise(sa, len, &peer);
	if (!len || getnameinfo(&peer.sa, len, found, sizeof(found), NULL, 0,
				flags))
		found[0] = '\0';
	snprintf(text, text_len, "%s", found);
}

void
lws_addr_text(const struct sockaddr *sa, socklen_t len, char *text,
	      size_t text_len)
{
	describe(sa, len, NI_NUMERICHOST, text, text_len);
}

void
lws_peer_describe(int fd, char *name, size_t name_len, char *addr,
		  size_t addr_len)
{
	union lws_sockaddr peer;
	socklen_t len = sizeof(peer);

	if (getpeername(fd, &peer.sa, &len))
		len = 0;
	lws_addr_text(&peer.sa, len, addr, addr_len);
	if (name && name_len)
		describe(&peer.sa, len, NI_NAMEREQD, name, name_len);
}

static size_t
room(const char *text, int len)
{
	return text && len > 0 ? (size_t)len : 0;
}

/* In parentheses: the header has a macro of this name that counts arguments. */
void
(libwebsockets_get_peer_addresses)(struct libwebsocket_context *context,
				   struct libwebsocket *wsi, int fd,
				   char *name, int name_len, char *rip,
				   int rip_len)
{
	(void)context;
	(void)wsi;
	lws_peer_describe(fd, name, room(name, name_len), rip,
			  room(rip, rip_len));
}
