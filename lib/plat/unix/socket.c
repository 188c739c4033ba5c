/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/socket.c - stream sockets, and errno as enum lws_err.
 *
 * Receiving and sending happen for every message: they are one system call
 * and one comparison, and errno is looked at only after a failure.  Where
 * a system takes the flags of a new descriptor along with its making, nobody
 * who forks in between inherits it; the others set them right after.
 */
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/err.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

/* why there is no new descriptor */
static int
no_descriptor(void)
{
	switch (errno) {
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return LWS_ERR_NOFD;
	default:
		return LWS_ERR_IO;
	}
}

/* why nothing moved; an interrupted call is tried again when poll() says so */
static LWS_NOINLINE ssize_t
nothing_moved(void)
{
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)
		return LWS_ERR_AGAIN;
	return LWS_ERR_IO;
}

static int
set_on(int fd, int level, int option)
{
	const int on = 1;

	return setsockopt(fd, level, option, &on, sizeof(on)) ? LWS_ERR_IO : 0;
}

#ifdef SOCK_NONBLOCK

static int
make_socket(int family)
{
	return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}

static int
take_connection(int listen_fd)
{
	return accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static int
take_number(int fd, int as)
{
	return dup3(fd, as, O_CLOEXEC);
}

#else

/* The flags that every descriptor of ours has; closes @fd when it cannot. */
static int
with_flags(int fd)
{
	if (fd < 0)
		return fd;
	if (!fcntl(fd, F_SETFL, O_NONBLOCK) &&
	    !fcntl(fd, F_SETFD, FD_CLOEXEC))
		return fd;
	lws_plat_close(fd);
	return -1;
}

static int
make_socket(int family)
{
	return with_flags(socket(family, SOCK_STREAM, 0));
}

static int
take_connection(int listen_fd)
{
	return with_flags(accept(listen_fd, NULL, NULL));
}

static int
take_number(int fd, int as)
{
	return with_flags(dup2(fd, as));
}

#endif

/* Systems whose send() knows no MSG_NOSIGNAL have a socket option for it. */
static void
spare_sigpipe(int fd)
{
#ifdef SO_NOSIGPIPE
	set_on(fd, SOL_SOCKET, SO_NOSIGPIPE);
#else
	(void)fd;
#endif
}

int
lws_plat_socket(int family)
{
	const int fd = make_socket(family);

	if (fd < 0)
		return no_descriptor();
	spare_sigpipe(fd);
	return fd;
}

/*
 * accept() also tells what went wrong with the connection it would have given,
 * in a long list of errors that differs between systems; the listening socket
 * is none the worse for those.  What says that the socket itself is no good is
 * a short list.
 */
int
lws_plat_accept(int listen_fd)
{
	const int fd = take_connection(listen_fd);

	if (fd >= 0) {
		spare_sigpipe(fd);
		return fd;
	}
	switch (errno) {
	case EBADF:
	case EINVAL:
	case ENOTSOCK:
		return LWS_ERR_IO;
	default:
		return no_descriptor() == LWS_ERR_NOFD ? LWS_ERR_NOFD
						       : LWS_ERR_AGAIN;
	}
}

/* FreeBSD's other option also has the connections of a port shared. */
#ifdef SO_REUSEPORT_LB
#define SHARE_PORT SO_REUSEPORT_LB
#elif defined(SO_REUSEPORT)
#define SHARE_PORT SO_REUSEPORT
#endif

#ifdef SHARE_PORT

static int
share_port(int fd)
{
	return set_on(fd, SOL_SOCKET, SHARE_PORT);
}

#else

static int
share_port(int fd)
{
	(void)fd;
	return LWS_ERR_UNSUPPORTED;
}

#endif

/* IPv4 peers reach a socket bound to every IPv6 address as v4-mapped ones. */
static int
open_to_both(int fd, const struct sockaddr *at)
{
	struct sockaddr_in6 v6;
	const int off = 0;

	if (at->sa_family != AF_INET6)
		return 0;
	memcpy(&v6, at, sizeof(v6));
	if (!IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr))
		return 0;
	return setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) ?
		LWS_ERR_UNSUPPORTED : 0;
}

/*
 * SO_REUSEADDR lets a server start again while connections of the one before
 * are still in TIME_WAIT.
 */
int
lws_plat_listen(int fd, const struct sockaddr *at, socklen_t len, int backlog,
		bool reuse_port)
{
	int rc = set_on(fd, SOL_SOCKET, SO_REUSEADDR);

	if (!rc && reuse_port)
		rc = share_port(fd);
	if (!rc)
		rc = open_to_both(fd, at);
	if (rc)
		return rc;
	return bind(fd, at, len) || listen(fd, backlog) ? LWS_ERR_IO : 0;
}

int
lws_plat_bind(int fd, const struct sockaddr *from, socklen_t len)
{
	return bind(fd, from, len) ? LWS_ERR_IO : 0;
}

int
lws_plat_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	if (!connect(fd, to, len))
		return 0;
	return errno == EINPROGRESS || errno == EINTR ? LWS_ERR_AGAIN
						      : LWS_ERR_IO;
}

int
lws_plat_connect_result(int fd)
{
	int result = 0;
	socklen_t len = sizeof(result);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &result, &len))
		return errno;
	return result;
}

ssize_t
lws_plat_recv(int fd, void *buf, size_t len)
{
	const ssize_t n = recv(fd, buf, len, MSG_DONTWAIT);

	return lws_likely(n >= 0) ? n : nothing_moved();
}

ssize_t
lws_plat_peek(int fd, void *buf, size_t len)
{
	const ssize_t n = recv(fd, buf, len, MSG_DONTWAIT | MSG_PEEK);

	return n >= 0 ? n : nothing_moved();
}

static LWS_NOINLINE ssize_t
send_many(int fd, const struct lws_span *v, size_t n)
{
	struct iovec iov[LWS_PLAT_MAX_SPANS];
	struct msghdr msg = { .msg_iov = iov };
	size_t i;

	if (n > LWS_PLAT_MAX_SPANS)
		n = LWS_PLAT_MAX_SPANS;
	for (i = 0; i < n; i++) {
		iov[i].iov_base = v[i].p;
		iov[i].iov_len = v[i].len;
	}
	/* int on some systems, size_t on others, and small on all */
	msg.msg_iovlen = (unsigned char)n;
	return sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t
lws_plat_sendv(int fd, const struct lws_span *v, size_t n)
{
	const ssize_t sent = lws_likely(n == 1) ?
		send(fd, v->p, v->len, MSG_NOSIGNAL | MSG_DONTWAIT) :
		send_many(fd, v, n);

	return lws_likely(sent >= 0) ? sent : nothing_moved();
}

void
lws_plat_shutdown(int fd)
{
	shutdown(fd, SHUT_WR);
}

/* Whoever closes after a failure still wants to tell why. */
void
lws_plat_close(int fd)
{
	const int saved = errno;

	close(fd);
	errno = saved;
}

int
lws_plat_renumber(int fd, int as)
{
	const int number = take_number(fd, as);

	lws_plat_close(number < 0 ? as : fd);
	return number < 0 ? fd : number;
}

int
lws_plat_nodelay(int fd)
{
	return set_on(fd, IPPROTO_TCP, TCP_NODELAY);
}

#if defined(TCP_KEEPIDLE) && defined(TCP_KEEPINTVL) && defined(TCP_KEEPCNT)

static int
set_seconds(int fd, int option, int value)
{
	return setsockopt(fd, IPPROTO_TCP, option, &value, sizeof(value)) ?
		LWS_ERR_IO : 0;
}

static int
keepalive_times(int fd, int idle, int probes, int interval)
{
	if (set_seconds(fd, TCP_KEEPIDLE, idle) ||
	    set_seconds(fd, TCP_KEEPINTVL, interval))
		return LWS_ERR_IO;
	return set_seconds(fd, TCP_KEEPCNT, probes);
}

#else

static int
keepalive_times(int fd, int idle, int probes, int interval)
{
	(void)fd;
	(void)idle;
	(void)probes;
	(void)interval;
	return 0;
}

#endif

int
lws_plat_keepalive(int fd, int idle, int probes, int interval)
{
	if (set_on(fd, SOL_SOCKET, SO_KEEPALIVE))
		return LWS_ERR_IO;
	return keepalive_times(fd, idle, probes, interval);
}
