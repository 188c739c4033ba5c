/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/iface.c - from the name of an interface to its address.
 *
 * An address literal stands for itself.  Interfaces go by the name that people
 * see and change ("Ethernet"), or by the one the system made up.  Of several
 * addresses of an interface IPv4 wins, then an IPv6 address that works beyond
 * the link, then one that does not.
 */
#include "plat/plat.h"

#include <string.h>
#include <winsock2.h>
#include <ws2tcpip.h>
#include <iphlpapi.h>

#include "base/alloc.h"
#include "base/err.h"

/* a name in UTF-8: bytes with its NUL */
#define NAME_LEN 1024

/* what the system advises to begin with: bytes */
#define FIRST_SIZE (15 * 1024)

static void
fill(struct sockaddr_storage *out, socklen_t *out_len, const void *from,
     size_t len)
{
	memset(out, 0, sizeof(*out));
	memcpy(out, from, len);
	*out_len = (socklen_t)len;
}

/* The resolver reads IPv6, since it knows scopes: "fe80::1%4". */
static bool
literal(const char *name, int family, struct sockaddr_storage *out,
	socklen_t *out_len)
{
	const struct addrinfo hints = {
		.ai_family = family,
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

static bool
is_called(const IP_ADAPTER_ADDRESSES *adapter, const char *name)
{
	char text[NAME_LEN];

	if (!strcmp(adapter->AdapterName, name))
		return true;
	return WideCharToMultiByte(CP_UTF8, 0, adapter->FriendlyName, -1, text,
				   sizeof(text), NULL, NULL) &&
	       !strcmp(text, name);
}

static const struct sockaddr *
best_of(const IP_ADAPTER_ADDRESSES *adapter, const char *name, int family)
{
	const IP_ADAPTER_UNICAST_ADDRESS *at;
	const struct sockaddr *best = NULL;

	for (; adapter; adapter = adapter->Next) {
		if (!is_called(adapter, name))
			continue;
		for (at = adapter->FirstUnicastAddress; at; at = at->Next)
			if (rank(at->Address.lpSockaddr, family) >
			    rank(best, family))
				best = at->Address.lpSockaddr;
	}
	return best;
}

/* The list of interfaces; lws_free() it.  It may grow while we make room. */
static IP_ADAPTER_ADDRESSES *
list_adapters(void)
{
	const ULONG flags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST |
			    GAA_FLAG_SKIP_DNS_SERVER;
	IP_ADAPTER_ADDRESSES *list;
	ULONG size = FIRST_SIZE, rc = ERROR_BUFFER_OVERFLOW;
	int tries;

	for (tries = 0; tries < 4 && rc == ERROR_BUFFER_OVERFLOW; tries++) {
		list = lws_alloc(size);
		if (!list)
			return NULL;
		rc = GetAdaptersAddresses(AF_UNSPEC, flags, NULL, list, &size);
		if (!rc)
			return list;
		lws_free(list);
	}
	return NULL;
}

int
lws_plat_iface_addr(const char *name, int family, struct sockaddr_storage *out,
		    socklen_t *out_len)
{
	const struct sockaddr *best;
	IP_ADAPTER_ADDRESSES *list;

	if (family != AF_INET6 && literal(name, AF_INET, out, out_len))
		return 0;
	if (family != AF_INET && literal(name, AF_INET6, out, out_len))
		return 0;
	list = list_adapters();
	if (!list)
		return LWS_ERR_NOENT;

	best = best_of(list, name, family);
	if (best)
		fill(out, out_len, best, best->sa_family == AF_INET ?
		     sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6));
	lws_free(list);
	return best ? 0 : LWS_ERR_NOENT;
}
