/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * net/listen.c - opening a listening socket.
 *
 * Without an interface the socket is bound to every address: with IPv6 to
 * those of both families at once, and where the system cannot do that to the
 * IPv4 ones.  Whoever reads the reason of a failure wants to know what to do
 * about it, so every line names the cause and then the cure.
 */
#include "net/net.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "net/sockaddr.h"
#include "plat/plat.h"

#define LAST_PORT 65535

/* ports up to this one are root's on most systems */
#define LAST_ROOT_PORT 1023

/* Fill @at with the address that stands for all of @family; its length. */
static socklen_t
anywhere(union lws_sockaddr *at, int family)
{
	memset(at, 0, sizeof(*at));
	at->sa.sa_family = (sa_family_t)family;
	return family == AF_INET ? sizeof(at->v4) : sizeof(at->v6);
}

/* Fill @at as @spec says, all but the port; its length or an enum lws_err. */
static int
choose(const struct lws_listen_spec *spec, union lws_sockaddr *at, char *why,
       size_t why_len)
{
	socklen_t len;

	if (!spec->iface)
		return (int)anywhere(at, spec->ipv6 ? AF_INET6 : AF_INET);
	if (!lws_plat_iface_addr(spec->iface,
				 spec->ipv6 ? AF_UNSPEC : AF_INET, &at->any,
				 &len))
		return (int)len;

	snprintf(why, why_len, "no interface or %s address here is \"%s\": "
		 "choose one of this machine",
		 spec->ipv6 ? "IP" : "IPv4", spec->iface);
	return LWS_ERR_NOENT;
}

/* A listening descriptor, or an enum lws_err with errno. */
static int
open_at(const struct lws_listen_spec *spec, union lws_sockaddr *at,
	socklen_t len)
{
	const int fd = lws_plat_socket(at->sa.sa_family);
	int rc;

	if (fd < 0)
		return fd;
	lws_sockaddr_set_port(at, spec->port);
	rc = lws_plat_listen(fd, &at->sa, len, spec->backlog,
			     spec->reuse_port);
	if (!rc)
		return fd;
	lws_plat_close(fd);
	return rc;
}

/* Does a failure to open an IPv6 socket mean that the system has none? */
static bool
lacks_ipv6(int rc)
{
	return rc == LWS_ERR_UNSUPPORTED || errno == EAFNOSUPPORT ||
	       errno == EPROTONOSUPPORT || errno == EADDRNOTAVAIL;
}

/* One line about @rc, which came with @error; the result for the caller. */
static int
explain(const struct lws_listen_spec *spec, int rc, int error, char *why,
	size_t why_len)
{
	const char *says, *tail = "";

	if (rc == LWS_ERR_NOFD) {
		says = "gets no descriptor: raise the limit of open files";
	} else if (rc == LWS_ERR_UNSUPPORTED) {
		says = "cannot be shared on this system: use one thread and "
		       "an IPv4 address";
	} else if (error == EADDRINUSE) {
		says = "is in use: stop the program that has it or choose "
		       "another port";
		rc = LWS_ERR_IO;
	} else if (error == EADDRNOTAVAIL) {
		says = "needs an address of this machine: choose one instead "
		       "of ";
		tail = spec->iface ? spec->iface : "any";
		rc = LWS_ERR_NOENT;
	} else if (error == EACCES || error == EPERM) {
		says = spec->port <= LAST_ROOT_PORT
			? "needs privileges: run as root or choose a port "
			  "above 1023"
			: "is forbidden by the system's policy: allow it or "
			  "choose another port";
		rc = LWS_ERR_ACCESS;
	} else {
		says = "cannot be listened on: ";
		tail = lws_plat_error_text(error);
	}
	snprintf(why, why_len, "port %d %s%s", spec->port, says, tail);
	return rc;
}

int
lws_listen_open(const struct lws_listen_spec *spec, int *port, char *why,
		size_t why_len)
{
	union lws_sockaddr at;
	socklen_t len;
	int rc, fd;

	if (spec->port < 0 || spec->port > LAST_PORT) {
		snprintf(why, why_len, "there is no port %d: choose one from "
			 "0 to %d", spec->port, LAST_PORT);
		return LWS_ERR_NOENT;
	}
	rc = choose(spec, &at, why, why_len);
	if (rc < 0)
		return rc;

	fd = open_at(spec, &at, (socklen_t)rc);
	if (fd < 0 && !spec->iface && spec->ipv6 && lacks_ipv6(fd))
		fd = open_at(spec, &at, anywhere(&at, AF_INET));
	if (fd < 0)
		return explain(spec, fd, errno, why, why_len);

	len = sizeof(at);
	if (getsockname(fd, &at.sa, &len)) {
		rc = explain(spec, LWS_ERR_IO, errno, why, why_len);
		lws_plat_close(fd);
		return rc;
	}
	*port = lws_sockaddr_port(&at);
	return fd;
}

int
lws_listen_adopt(int fd, int *port, char *why, size_t why_len)
{
	union lws_sockaddr at;
	socklen_t len = sizeof(at);
	int rc = lws_plat_adopt_listener(fd);

	if (rc < 0) {
		snprintf(why, why_len, "descriptor %d is no stream socket that "
			 "listens: start this program with one", fd);
		return rc;
	}
	memset(&at, 0, sizeof(at));
	if (getsockname(fd, &at.sa, &len))
		at.sa.sa_family = AF_UNSPEC;
	*port = at.sa.sa_family == AF_INET || at.sa.sa_family == AF_INET6
			? lws_sockaddr_port(&at)
			: 0;
	return fd;
}
