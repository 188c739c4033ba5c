/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/connect.c - from a name to a connection under way.
 *
 * The addresses of a host are copied out of the resolver's list, the families
 * taking turns (RFC 8305 section 4), so that a family that leads nowhere costs
 * one attempt and not all of them.  Any number of attempts may be under way.
 */
#include "net/net.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "base/size.h"
#include "net/sockaddr.h"
#include "plat/plat.h"

#define LAST_PORT 65535

/* an address with its scope, brackets, colon, port */
#define TARGET_LEN (INET6_ADDRSTRLEN + 32)

struct target {
	union lws_sockaddr at;
	socklen_t len;
};

struct lws_addrs {
	size_t count;
	size_t next;	/* the first not tried */
	struct target list[];
};

/* ---- resolving ---- */

/*
 * Literals never ask anybody.  Names are asked for in the families this
 * machine has an address of, which counts no loopback; so what finds nothing
 * that way is asked for once more without that condition.
 */
int
lws_addrs_ask(const char *name, bool ipv6, struct addrinfo **found)
{
	struct addrinfo hints = {
		.ai_family = ipv6 ? AF_UNSPEC : AF_INET,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST,
	};
	int rc = getaddrinfo(name, NULL, &hints, found);

	/* no name has a colon: a literal of the family that is switched off */
	if (!rc || strchr(name, ':'))
		return rc;
	hints.ai_flags = AI_ADDRCONFIG;
	rc = getaddrinfo(name, NULL, &hints, found);
	if (!rc || rc == EAI_AGAIN || rc == EAI_MEMORY)
		return rc;
	hints.ai_flags = 0;
	return getaddrinfo(name, NULL, &hints, found);
}

bool
lws_addrs_is_literal(const char *name)
{
	const struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST,
	};
	struct addrinfo *found;

	if (strchr(name, ':'))
		return true;
	if (getaddrinfo(name, NULL, &hints, &found))
		return false;
	freeaddrinfo(found);
	return true;
}

/* the first address of @family from @at on, or NULL */
static const struct addrinfo *
find(const struct addrinfo *at, int family)
{
	while (at && at->ai_family != family)
		at = at->ai_next;
	return at;
}

static void
append(struct lws_addrs *a, const struct addrinfo *from, int port)
{
	struct target *t = &a->list[a->count++];

	memset(t, 0, sizeof(*t));
	memcpy(&t->at, from->ai_addr, from->ai_addrlen);
	t->len = (socklen_t)from->ai_addrlen;
	lws_sockaddr_set_port(&t->at, port);
}

/* The list in the order to try it; NULL when there is no memory for it. */
static struct lws_addrs *
take_turns(const struct addrinfo *found, int port)
{
	const int first = found->ai_family;
	const struct addrinfo *mine = find(found, first), *other, *at;
	struct lws_addrs *a;
	size_t n = 0, size;

	other = find(found, first == AF_INET ? AF_INET6 : AF_INET);
	for (at = found; at; at = at->ai_next)
		n++;
	if (!lws_mul_ok(n, sizeof(struct target), &size) ||
	    !lws_add_ok(size, sizeof(*a), &size))
		return NULL;
	a = lws_alloc(size);
	if (!a)
		return NULL;

	a->count = a->next = 0;
	for (n = 0; mine || other; n++) {
		const bool ours = mine && (n % 2 == 0 || !other);
		const struct addrinfo **turn = ours ? &mine : &other;

		append(a, *turn, port);
		*turn = find((*turn)->ai_next, (*turn)->ai_family);
	}
	return a;
}

/*
 * Names are the same in either case (RFC 4343), but not every resolver finds
 * them so.  Behind a "%" stands an interface, which may care.
 */
static void
lower(char *name)
{
	for (; *name && *name != '%'; name++)
		if (*name >= 'A' && *name <= 'Z')
			*name = (char)(*name + 'a' - 'A');
}

int
lws_addrs_check(const char *host, int port, char name[LWS_HOST_LEN], char *why,
		size_t why_len)
{
	size_t len = host ? strlen(host) : 0;

	if (port < 1 || port > LAST_PORT) {
		snprintf(why, why_len, "there is no port %d to connect to",
			 port);
		return LWS_ERR_NOENT;
	}
	if (len > 2 && host[0] == '[' && host[len - 1] == ']') {
		host++;
		len -= 2;
	}
	if (!len || len >= LWS_HOST_LEN) {
		snprintf(why, why_len, "the host name is empty or too long");
		return LWS_ERR_NOENT;
	}
	memcpy(name, host, len);
	name[len] = '\0';
	lower(name);
	return 0;
}

struct lws_addrs *
lws_addrs_found(const struct lws_addrs_answer *answer, char *why,
		size_t why_len)
{
	const char *name = answer->name;
	struct lws_addrs *a;

	if (answer->rc == EAI_NONAME && !strchr(name, ':')) {
		snprintf(why, why_len, "no such host: %s", name);
		return NULL;
	}
	if (answer->rc) {
		snprintf(why, why_len, "no address for \"%s\": %s", name,
			 gai_strerror(answer->rc));
		return NULL;
	}
	a = take_turns(answer->found, answer->port);
	freeaddrinfo(answer->found);
	if (!a)
		snprintf(why, why_len, "out of memory");
	return a;
}

struct lws_addrs *
lws_addrs_resolve(const char *host, int port, bool ipv6, char *why,
		  size_t why_len)
{
	struct lws_addrs_answer answer = { .port = port };
	char name[LWS_HOST_LEN];

	if (lws_addrs_check(host, port, name, why, why_len) < 0)
		return NULL;
	answer.name = name;
	answer.rc = lws_addrs_ask(name, ipv6, &answer.found);
	return lws_addrs_found(&answer, why, why_len);
}

void
lws_addrs_free(struct lws_addrs *a)
{
	lws_free(a);
}

/* ---- connecting ---- */

bool
lws_connect_more(const struct lws_addrs *a)
{
	return a->next < a->count;
}

void
lws_connect_target(const struct lws_addrs *a, size_t which, char *text,
		   size_t len)
{
	const struct target *t = &a->list[which];
	char addr[TARGET_LEN];

	lws_addr_text(&t->at.sa, t->len, addr, sizeof(addr));
	snprintf(text, len, strchr(addr, ':') ? "[%s]:%d" : "%s:%d", addr,
		 lws_sockaddr_port(&t->at));
}

/* One line in @why about the attempt that ended with @error. */
static void
explain(const struct lws_addrs *a, size_t which, int error, char *why,
	size_t why_len)
{
	char target[TARGET_LEN];

	lws_connect_target(a, which, target, sizeof(target));
	switch (error) {
	case ECONNREFUSED:
		snprintf(why, why_len, "connection refused by %s", target);
		return;
	case ETIMEDOUT:
		snprintf(why, why_len, "no answer from %s", target);
		return;
	case ENETUNREACH:
	case EHOSTUNREACH:
		snprintf(why, why_len, "no way to reach %s", target);
		return;
	default:
		snprintf(why, why_len, "cannot connect to %s: %s", target,
			 lws_plat_error_text(error));
	}
}

/* Bind @fd to the address of @iface that suits the peer's family. */
static int
leave_from(const char *iface, int fd, int family)
{
	union lws_sockaddr from;
	socklen_t len;

	if (!iface)
		return 0;
	if (lws_plat_iface_addr(iface, family, &from.any, &len)) {
		errno = EADDRNOTAVAIL;
		return LWS_ERR_IO;
	}
	return lws_plat_bind(fd, &from.sa, len);
}

/* Start with this target: a descriptor or an enum lws_err. */
static int
start(const struct lws_addrs *a, size_t which, const char *iface, char *why,
      size_t why_len)
{
	const struct target *t = &a->list[which];
	const int family = t->at.sa.sa_family;
	const int fd = lws_plat_socket(family);
	int rc;

	if (fd < 0) {
		explain(a, which, errno, why, why_len);
		return fd;
	}
	rc = leave_from(iface, fd, family);
	if (!rc)
		rc = lws_plat_connect(fd, &t->at.sa, t->len);
	if (!rc || rc == LWS_ERR_AGAIN)
		return fd;
	explain(a, which, errno, why, why_len);
	lws_plat_close(fd);
	return rc;
}

int
lws_connect_next(struct lws_addrs *a, const char *iface, size_t *which,
		 char *why, size_t why_len)
{
	int rc = LWS_ERR_NOENT;

	while (a->next < a->count) {
		*which = a->next++;
		rc = start(a, *which, iface, why, why_len);
		if (rc >= 0 || rc == LWS_ERR_NOFD)
			break;
	}
	return rc;
}

int
lws_connect_finish(const struct lws_addrs *a, size_t which, int fd, char *why,
		   size_t why_len)
{
	const int error = lws_plat_connect_result(fd);

	if (!error)
		return 0;
	explain(a, which, error, why, why_len);
	return LWS_ERR_IO;
}
