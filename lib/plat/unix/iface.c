/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/iface.c - from the name of an interface to its address.
 *
 * An address literal stands for itself.  Of several addresses of an interface
 * IPv4 wins, then an IPv6 address that works beyond the link, then one that
 * does not.
 */
#include "plat/plat.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/types.h>

#include "base/err.h"

static void
fill(struct sockaddr_storage *out, socklen_t *out_len, const void *from,
     size_t len)
{
	memset(out, 0, sizeof(*out));
	memcpy(out, from, len);
	*out_len = (socklen_t)len;
}

/* The resolver reads IPv6, since it knows scopes: "fe80::1%eth0". */
static bool
literal6(const char *name, struct sockaddr_storage *out, socklen_t *out_len)
{
	const struct addrinfo hints = {
		.ai_family = AF_INET6,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST,
	};
	struct addrinfo *found;

	if (getaddrinfo(name, NULL, &hints, &found))
		return false;
	fill(out, out_len, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return true;
}

static bool
literal4(const char *name, struct sockaddr_storage *out, socklen_t *out_len)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, name, &v4.sin_addr) != 1)
		return false;
	fill(out, out_len, &v4, sizeof(v4));
	return true;
}

/* How much an address is wanted, 0 for not at all. */
static int
rank(const struct sockaddr *sa, int family)
{
	struct sockaddr_in6 v6;

	if (!sa || (family != AF_UNSPEC && family != sa->sa_family))
		return 0;
	if (sa->sa_family == AF_INET)
		return 3;
	if (sa->sa_family != AF_INET6)
		return 0;
	memcpy(&v6, sa, sizeof(v6));
	return IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr) ? 1 : 2;
}

static const struct sockaddr *
best_of(const struct ifaddrs *list, const char *name, int family)
{
	const struct sockaddr *best = NULL;

	for (; list; list = list->ifa_next) {
		if (strcmp(list->ifa_name, name))
			continue;
		if (rank(list->ifa_addr, family) > rank(best, family))
			best = list->ifa_addr;
	}
	return best;
}

int
lws_plat_iface_addr(const char *name, int family, struct sockaddr_storage *out,
		    socklen_t *out_len)
{
	const struct sockaddr *best;
	struct ifaddrs *list;

	if (family != AF_INET6 && literal4(name, out, out_len))
		return 0;
	if (family != AF_INET && literal6(name, out, out_len))
		return 0;
	if (getifaddrs(&list))
		return LWS_ERR_NOENT;

	best = best_of(list, name, family);
	if (best)
		fill(out, out_len, best, best->sa_family == AF_INET ?
		     sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	freeifaddrs(list);
	return best ? 0 : LWS_ERR_NOENT;
}
