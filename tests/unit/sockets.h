/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * unit/sockets.h - real sockets over loopback for unit tests.
 */
#ifndef LWS_UNIT_SOCKETS_H
#define LWS_UNIT_SOCKETS_H

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "unit/unit.h"
#include "base/err.h"
#include "plat/plat.h"

/* what answers for us must do so within this time */
#define UNIT_PATIENCE_MS 10000

LWS_UNUSED static void
unit_wait(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	assert_int_equal(poll(&p, 1, UNIT_PATIENCE_MS), 1);
}

LWS_UNUSED static struct sockaddr_in
unit_loopback(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	return at;
}

LWS_UNUSED static int
unit_port_of(int fd)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	return ntohs(at.sin_port);
}

/* A socket that listens on a free port of 127.0.0.1. */
LWS_UNUSED static int
unit_listener(void)
{
	const struct sockaddr_in at = unit_loopback(0);
	const int fd = lws_plat_socket(AF_INET);

	assert_true(fd >= 0);
	assert_int_equal(lws_plat_listen(fd, (const struct sockaddr *)&at,
					 sizeof(at), 64, false), 0);
	return fd;
}

/*
 * A socket with a port of 127.0.0.1 that refuses all; while it is open nobody
 * else gets the port and listens there.
 */
LWS_UNUSED static int
unit_refuser(void)
{
	const struct sockaddr_in at = unit_loopback(0);
	const int fd = lws_plat_socket(AF_INET);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
	return fd;
}

LWS_UNUSED static int
unit_connect(int port)
{
	const struct sockaddr_in at = unit_loopback(port);
	const int fd = lws_plat_socket(AF_INET);
	int rc;

	assert_true(fd >= 0);
	rc = lws_plat_connect(fd, (const struct sockaddr *)&at, sizeof(at));
	assert_true(!rc || rc == LWS_ERR_AGAIN);
	unit_wait(fd, POLLOUT);
	return fd;
}

/* Both ends of a connection; @ends[0] is the client's. */
LWS_UNUSED static void
unit_connection(int ends[2])
{
	const int listener = unit_listener();

	ends[0] = unit_connect(unit_port_of(listener));
	unit_wait(listener, POLLIN);
	ends[1] = lws_plat_accept(listener);
	assert_true(ends[1] >= 0);
	lws_plat_close(listener);
}

LWS_UNUSED static void
unit_assert_flags(int fd, bool nonblocking)
{
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(!!(fcntl(fd, F_GETFL) & O_NONBLOCK), nonblocking);
}

/*
 * Let no descriptor above those open now be made; the limit that was before
 * comes back with unit_restore_fds().
 */
LWS_UNUSED static struct rlimit
unit_exhaust_fds(void)
{
	struct rlimit old, none;
	const int next = dup(STDIN_FILENO);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	none = old;
	none.rlim_cur = (rlim_t)next;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	return old;
}

LWS_UNUSED static void
unit_restore_fds(struct rlimit old)
{
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
}

#endif
