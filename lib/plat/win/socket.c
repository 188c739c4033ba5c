/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/socket.c - stream sockets, and Winsock's errors as enum lws_err.
 *
 * Winsock has no flags for a single call, so every socket is made non-blocking
 * once.  Its handles are not passed on to child processes.
 */
#include "plat/plat.h"
#include "plat/win/win.h"

#include <errno.h>
#include <limits.h>
#include <mstcpip.h>
#include <string.h>

#include "base/compiler.h"
#include "base/err.h"
#include "base/size.h"

/* why there is no new socket */
static int
no_descriptor(void)
{
	switch (WSAGetLastError()) {
	case WSAEMFILE:
	case WSAENOBUFS:
	case WSA_NOT_ENOUGH_MEMORY:
		lws_win_failed(WSAEMFILE);
		return LWS_ERR_NOFD;
	default:
		return lws_win_failed(WSAGetLastError());
	}
}

static LWS_NOINLINE ssize_t
nothing_moved(void)
{
	const int error = WSAGetLastError();

	if (error == WSAEWOULDBLOCK || error == WSAEINTR)
		return LWS_ERR_AGAIN;
	return lws_win_failed(error);
}

static int
set_option(int fd, int level, int option, DWORD value)
{
	if (setsockopt((SOCKET)fd, level, option, (const char *)&value,
		       sizeof(value)))
		return lws_win_failed(WSAGetLastError());
	return 0;
}

int
lws_win_adopt(SOCKET s)
{
	u_long on = 1;

	if (s == INVALID_SOCKET)
		return -1;
	if (s <= INT_MAX && !ioctlsocket(s, (long)FIONBIO, &on)) {
		SetHandleInformation((HANDLE)s, HANDLE_FLAG_INHERIT, 0);
		return (int)s;
	}
	closesocket(s);
	WSASetLastError(WSAEMFILE);
	return -1;
}

int
lws_plat_socket(int family)
{
	const int fd = lws_win_adopt(socket(family, SOCK_STREAM, 0));

	return fd < 0 ? no_descriptor() : fd;
}

int
lws_plat_accept(int listen_fd)
{
	const int fd = lws_win_adopt(accept((SOCKET)listen_fd, NULL, NULL));

	if (fd >= 0)
		return fd;
	switch (WSAGetLastError()) {
	case WSAEINVAL:
	case WSAENOTSOCK:
	case WSAEOPNOTSUPP:
		return lws_win_failed(WSAGetLastError());
	default:
		return no_descriptor() == LWS_ERR_NOFD ? LWS_ERR_NOFD
						       : LWS_ERR_AGAIN;
	}
}

/* IPv4 peers reach a socket bound to every IPv6 address as v4-mapped ones. */
static int
open_to_both(int fd, const struct sockaddr *at)
{
	struct sockaddr_in6 v6;

	if (at->sa_family != AF_INET6)
		return 0;
	memcpy(&v6, at, sizeof(v6));
	if (!IN6_IS_ADDR_UNSPECIFIED(&v6.sin6_addr))
		return 0;
	return set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0)
		       ? LWS_ERR_UNSUPPORTED
		       : 0;
}

int
lws_plat_bind(int fd, const struct sockaddr *from, socklen_t len)
{
	if (bind((SOCKET)fd, from, len))
		return lws_win_failed(WSAGetLastError());
	return 0;
}

/*
 * SO_REUSEADDR would let any program take the port away from us; what it is
 * for elsewhere, starting again at once, needs nothing here.  The opposite is
 * asked for: nobody else shall have the port.
 */
int
lws_plat_listen(int fd, const struct sockaddr *at, socklen_t len, int backlog,
		bool reuse_port)
{
	int rc = reuse_port ? LWS_ERR_UNSUPPORTED : open_to_both(fd, at);

	if (!rc)
		rc = set_option(fd, SOL_SOCKET, SO_EXCLUSIVEADDRUSE, 1);
	if (!rc)
		rc = lws_plat_bind(fd, at, len);
	/* the word for a port that another has for himself alone */
	if (rc == LWS_ERR_IO && errno == EACCES)
		errno = EADDRINUSE;
	if (!rc && listen((SOCKET)fd, backlog))
		rc = lws_win_failed(WSAGetLastError());
	return rc;
}

int
lws_plat_connect(int fd, const struct sockaddr *to, socklen_t len)
{
	if (!connect((SOCKET)fd, to, len))
		return 0;
	if (WSAGetLastError() == WSAEWOULDBLOCK)
		return LWS_ERR_AGAIN;
	return lws_win_failed(WSAGetLastError());
}

int
lws_plat_connect_result(int fd)
{
	int result = 0, len = sizeof(result);

	if (getsockopt((SOCKET)fd, SOL_SOCKET, SO_ERROR, (char *)&result, &len))
		result = WSAGetLastError();
	if (!result)
		return 0;
	lws_win_failed(result);
	return errno;
}

static ssize_t
receive(int fd, void *buf, size_t len, int flags)
{
	const int n = recv((SOCKET)fd, buf, (int)lws_min(len, (size_t)INT_MAX),
			   flags);

	return lws_likely(n >= 0) ? n : nothing_moved();
}

ssize_t
lws_plat_recv(int fd, void *buf, size_t len)
{
	return receive(fd, buf, len, 0);
}

ssize_t
lws_plat_peek(int fd, void *buf, size_t len)
{
	return receive(fd, buf, len, MSG_PEEK);
}

ssize_t
lws_plat_sendv(int fd, const struct lws_span *v, size_t n)
{
	WSABUF bufs[LWS_PLAT_MAX_SPANS];
	DWORD sent, i;

	if (n > LWS_PLAT_MAX_SPANS)
		n = LWS_PLAT_MAX_SPANS;
	for (i = 0; i < n; i++) {
		bufs[i].buf = (char *)v[i].p;
		bufs[i].len = (ULONG)lws_min(v[i].len, (size_t)INT_MAX);
		/* what follows a span that was cut has to wait */
		if (bufs[i].len < v[i].len)
			n = i + 1;
	}
	if (WSASend((SOCKET)fd, bufs, (DWORD)n, &sent, 0, NULL, NULL))
		return nothing_moved();
	return (ssize_t)sent;
}

/* The system knows, but not so that every version would tell. */
uint64_t
lws_plat_acked(int fd, bool *waiting)
{
	(void)fd;
	*waiting = false;
	return 0;
}

void
lws_plat_shutdown(int fd)
{
	shutdown((SOCKET)fd, SD_SEND);
}

/* Whoever closes after a failure still wants to tell why. */
void
lws_plat_close(int fd)
{
	const int saved = errno;

	closesocket((SOCKET)fd);
	errno = saved;
}

/* The system gives the numbers, and nobody chooses. */
int
lws_plat_renumber(int fd, int as)
{
	lws_plat_close(as);
	return fd;
}

int
lws_plat_nodelay(int fd)
{
	return set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

/* How many probes there are is the system's affair. */
int
lws_plat_keepalive(int fd, int idle, int probes, int interval)
{
	struct tcp_keepalive ka = {
		.onoff = 1,
		.keepalivetime = (ULONG)idle * 1000,
		.keepaliveinterval = (ULONG)interval * 1000,
	};
	DWORD n;

	(void)probes;
	if (WSAIoctl((SOCKET)fd, SIO_KEEPALIVE_VALS, &ka, sizeof(ka), NULL, 0,
		     &n, NULL, NULL))
		return lws_win_failed(WSAGetLastError());
	return 0;
}
