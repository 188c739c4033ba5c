/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/getifaddrs.c - the interfaces of a Linux system, where libc does
 * not tell.
 *
 * The kernel is asked over netlink (RFC 3549) for its links and then for its
 * addresses.  It is the one source that has both families, their netmasks and
 * the flags: SIOCGIFCONF knows IPv4 alone, and /proc may not be mounted.  What
 * of netlink is needed stands here, since headers of the kernel need not be
 * installed beside a small libc.
 */
#include "plat/unix/getifaddrs.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/compiler.h"
#include "base/err.h"
#include "base/size.h"
#include "base/span.h"

#ifdef SOCK_CLOEXEC
#define CLOEXEC SOCK_CLOEXEC
#else
#define CLOEXEC 0
#endif

/* The kernel makes no datagram of a dump larger than this. */
#define DATAGRAM 32768

/* readings of a list that changes meanwhile; the last one has to do */
#define TRIES 8

/* the kernel's IFNAMSIZ, with the NUL */
#define NAME_SIZE 16

#define ROUTE	     0	/* protocol of the socket */
#define TYPE_ERROR   2
#define TYPE_DONE    3
#define NEW_LINK     16
#define GET_LINK     18
#define NEW_ADDRESS  20
#define GET_ADDRESS  22
#define REQUEST_DUMP 0x301
#define CHANGED	     0x10	/* since the dump began */
#define LINK_NAME    3
#define ADDRESS	     1	/* of the peer, where there is a LOCAL as well */
#define LOCAL	     2
#define LABEL	     3
#define TYPE_MASK    0x3fff	/* the bits above say how it is coded */

struct place {
	sa_family_t family;
	uint16_t pad;
	uint32_t port;		/* 0: the kernel */
	uint32_t groups;
};

struct head {
	uint32_t len;		/* with this */
	uint16_t type, flags;
	uint32_t seq, port;
};

struct attribute {
	uint16_t len;		/* with this */
	uint16_t type;
};

struct link {
	uint8_t family, pad;
	uint16_t type;
	uint32_t index, flags, change;
};

struct address {
	uint8_t family, prefix, flags, scope;
	uint32_t index;
};

union name {
	struct sockaddr sa;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct entry {
	struct lws_plat_ifaddrs ifa;
	union name address, netmask;
	char name[NAME_SIZE];
	uint32_t index;
};

struct dump {
	struct lws_plat_ifaddrs *list, **tail;
	uint32_t seq;
	bool changed;
	int fd;
	uint8_t *bytes;
};

/* Both lie at multiples of four; the padding of the last may be missing. */
static void
skip_padded(struct lws_span *in, size_t len)
{
	lws_span_skip(in, lws_min((len + 3) & ~(size_t)3, in->len));
}

static bool
next_attribute(struct lws_span *in, unsigned *type, struct lws_span *value)
{
	struct attribute a;

	if (in->len < sizeof(a))
		return false;
	memcpy(&a, in->p, sizeof(a));
	if (a.len < sizeof(a) || a.len > in->len)
		return false;
	*type = a.type & TYPE_MASK;
	*value = lws_span(in->p + sizeof(a), a.len - sizeof(a));
	skip_padded(in, a.len);
	return true;
}

/* A name that does not fit is none. */
static struct entry *
add(struct dump *d, const struct link *link, struct lws_span name)
{
	const size_t len = strnlen((const char *)name.p, name.len);
	struct entry *e = lws_zalloc(sizeof(*e));

	if (!e)
		return NULL;
	if (len < sizeof(e->name))
		memcpy(e->name, name.p, len);
	e->index = link->index;
	e->ifa.ifa_name = e->name;
	e->ifa.ifa_flags = link->flags;
	*d->tail = &e->ifa;
	d->tail = &e->ifa.ifa_next;
	return e;
}

static int
take_link(struct dump *d, struct lws_span in)
{
	struct lws_span value, name = { NULL, 0 };
	struct link link;
	unsigned type;

	if (in.len < sizeof(link))
		return 0;
	memcpy(&link, in.p, sizeof(link));
	skip_padded(&in, sizeof(link));
	while (next_attribute(&in, &type, &value))
		if (type == LINK_NAME)
			name = value;
	if (!name.len)
		return 0;
	return add(d, &link, name) ? 0 : LWS_ERR_NOMEM;
}

static const struct entry *
link_of(const struct dump *d, uint32_t index)
{
	struct lws_plat_ifaddrs *ifa;

	for (ifa = d->list; ifa; ifa = ifa->ifa_next) {
		const struct entry *e =
			lws_container_of(ifa, struct entry, ifa);

		if (e->index == index)
			return e;
	}
	return NULL;
}

/* The first @bits of @len bytes are set. */
static void
set_bits(void *at, size_t len, unsigned bits)
{
	uint8_t *p = at;

	for (; len--; bits -= bits < 8 ? bits : 8)
		*p++ = bits < 8 ? (uint8_t)(0xff00 >> bits) : 0xff;
}

static void
set_v4(struct entry *e, const uint8_t *bytes, unsigned prefix)
{
	e->address.v4.sin_family = e->netmask.v4.sin_family = AF_INET;
	memcpy(&e->address.v4.sin_addr, bytes, 4);
	set_bits(&e->netmask.v4.sin_addr, 4, prefix);
}

static void
set_v6(struct entry *e, const uint8_t *bytes, unsigned prefix)
{
	struct sockaddr_in6 *v6 = &e->address.v6;

	v6->sin6_family = e->netmask.v6.sin6_family = AF_INET6;
	memcpy(&v6->sin6_addr, bytes, 16);
	set_bits(&e->netmask.v6.sin6_addr, 16, prefix);
	if (IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr) ||
	    IN6_IS_ADDR_MC_LINKLOCAL(&v6->sin6_addr))
		v6->sin6_scope_id = e->index;
}

static int
add_address(struct dump *d, const struct address *a, struct lws_span label,
	    const uint8_t *bytes)
{
	const struct entry *owner = link_of(d, a->index);
	struct link link = { .index = a->index };
	struct entry *e;

	/* it came after the links were asked for: the dump says so, too */
	if (!owner)
		return 0;
	link.flags = owner->ifa.ifa_flags;
	e = add(d, &link, label.len ? label : lws_span_str(owner->name));
	if (!e)
		return LWS_ERR_NOMEM;
	if (a->family == AF_INET)
		set_v4(e, bytes, a->prefix);
	else
		set_v6(e, bytes, a->prefix);
	e->ifa.ifa_addr = &e->address.sa;
	e->ifa.ifa_netmask = &e->netmask.sa;
	return 0;
}

static int
take_address(struct dump *d, struct lws_span in)
{
	struct lws_span value, label = { NULL, 0 };
	const uint8_t *peer = NULL, *local = NULL;
	struct address a;
	unsigned type;
	size_t len;

	if (in.len < sizeof(a))
		return 0;
	memcpy(&a, in.p, sizeof(a));
	skip_padded(&in, sizeof(a));
	if (a.family != AF_INET && a.family != AF_INET6)
		return 0;
	len = a.family == AF_INET ? 4 : 16;
	while (next_attribute(&in, &type, &value)) {
		if (type == LABEL)
			label = value;
		if (type == ADDRESS && value.len == len)
			peer = value.p;
		if (type == LOCAL && value.len == len)
			local = value.p;
	}
	if (!local && !peer)
		return 0;
	return add_address(d, &a, label, local ? local : peer);
}

static int
fail_with(int error)
{
	errno = error;
	return LWS_ERR_IO;
}

/* Both kinds of an end carry a negated errno, or 0, or nothing. */
static int
finish(unsigned type, struct lws_span in)
{
	int32_t status = 0;

	if (in.len >= sizeof(status))
		memcpy(&status, in.p, sizeof(status));
	if (type == TYPE_DONE && status >= 0)
		return 0;
	return fail_with(status < 0 && status > -4096 ? -status : EIO);
}

/* One message: 1 when others follow, 0 for the last, LWS_ERR_*. */
static int
take(struct dump *d, struct lws_span *in)
{
	struct lws_span body;
	struct head head;
	int rc = 0;

	if (in->len < sizeof(head))
		return fail_with(EBADMSG);
	memcpy(&head, in->p, sizeof(head));
	if (head.len < sizeof(head) || head.len > in->len)
		return fail_with(EBADMSG);
	body = lws_span(in->p + sizeof(head), head.len - sizeof(head));
	skip_padded(in, head.len);
	if (head.seq != d->seq)
		return 1;
	if (head.flags & CHANGED)
		d->changed = true;
	if (head.type == TYPE_DONE || head.type == TYPE_ERROR)
		return finish(head.type, body);
	if (head.type == NEW_LINK)
		rc = take_link(d, body);
	else if (head.type == NEW_ADDRESS)
		rc = take_address(d, body);
	return rc < 0 ? rc : 1;
}

/* bytes of a datagram, 0 for one that is not the kernel's, LWS_ERR_IO */
static ssize_t
receive(const struct dump *d)
{
	struct iovec v = { .iov_base = d->bytes, .iov_len = DATAGRAM };
	struct place from = { .family = AF_NETLINK };
	struct msghdr m = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &v,
		.msg_iovlen = 1,
	};
	ssize_t n;

	do
		n = recvmsg(d->fd, &m, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return LWS_ERR_IO;
	if (m.msg_namelen != sizeof(from) || from.port)
		return 0;
	return m.msg_flags & MSG_TRUNC ? fail_with(EMSGSIZE) : n;
}

static int
ask(struct dump *d, uint16_t type)
{
	struct {
		struct head head;
		uint8_t family[4];
	} request = {
		.head = {
			.len = sizeof(request),
			.type = type,
			.flags = REQUEST_DUMP,
			.seq = ++d->seq,
		},
	};
	const struct place kernel = { .family = AF_NETLINK };
	int rc = 1;

	if (sendto(d->fd, &request, sizeof(request), 0,
		   (const struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return LWS_ERR_IO;
	while (rc > 0) {
		const ssize_t n = receive(d);
		struct lws_span in = lws_span(d->bytes, n > 0 ? (size_t)n : 0);

		if (n < 0)
			return (int)n;
		while (rc > 0 && in.len)
			rc = take(d, &in);
	}
	return rc;
}

static int
collect(struct dump *d)
{
	int rc, tries = TRIES;

	do {
		lws_plat_freeifaddrs(d->list);
		d->list = NULL;
		d->tail = &d->list;
		d->changed = false;
		rc = ask(d, GET_LINK);
		if (rc >= 0)
			rc = ask(d, GET_ADDRESS);
	} while (rc >= 0 && d->changed && --tries);
	return rc;
}

static int
open_netlink(void)
{
	const int fd = socket(AF_NETLINK, SOCK_RAW | CLOEXEC, ROUTE);

	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
	return fd;
}

int
lws_plat_getifaddrs(struct lws_plat_ifaddrs **list)
{
	struct dump d = { .bytes = lws_alloc(DATAGRAM) };
	int rc;

	if (!d.bytes)
		return LWS_ERR_NOMEM;
	d.fd = open_netlink();
	rc = d.fd < 0 ? LWS_ERR_IO : collect(&d);
	if (d.fd >= 0)
		close(d.fd);
	lws_free(d.bytes);
	if (rc < 0) {
		lws_plat_freeifaddrs(d.list);
		return rc;
	}
	*list = d.list;
	return 0;
}

void
lws_plat_freeifaddrs(struct lws_plat_ifaddrs *list)
{
	while (list) {
		struct lws_plat_ifaddrs *next = list->ifa_next;

		lws_free(lws_container_of(list, struct entry, ifa));
		list = next;
	}
}
