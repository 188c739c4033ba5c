/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/error.c - the errors of Winsock as errno, and in words.
 *
 * Winsock keeps its errors apart from errno and numbers them its own way; the
 * C library has the names of POSIX for them, but no texts.
 */
#include "plat/plat.h"
#include "plat/win/win.h"

#include <errno.h>
#include <string.h>

#include "base/err.h"

static const struct {
	int winsock;
	int error;
	const char *text;
} known[] = {
	{ WSAEWOULDBLOCK, EWOULDBLOCK, "not now" },
	{ WSAEINPROGRESS, EINPROGRESS, "under way" },
	{ WSAEALREADY, EALREADY, "under way already" },
	{ WSAEINTR, EINTR, NULL },
	{ WSAEBADF, EBADF, NULL },
	{ WSAEACCES, EACCES, NULL },
	{ WSAEFAULT, EFAULT, NULL },
	{ WSAEINVAL, EINVAL, NULL },
	{ WSAEMFILE, EMFILE, NULL },
	{ WSA_NOT_ENOUGH_MEMORY, ENOMEM, NULL },
	{ WSAENOTSOCK, ENOTSOCK, "not a socket" },
	{ WSAEMSGSIZE, EMSGSIZE, "message too long" },
	{ WSAENOPROTOOPT, ENOPROTOOPT, "no such option" },
	{ WSAEPROTONOSUPPORT, EPROTONOSUPPORT, "protocol not supported" },
	{ WSAEOPNOTSUPP, EOPNOTSUPP, "operation not supported" },
	{ WSAEAFNOSUPPORT, EAFNOSUPPORT, "address family not supported" },
	{ WSAEADDRINUSE, EADDRINUSE, "address in use" },
	{ WSAEADDRNOTAVAIL, EADDRNOTAVAIL, "address not available" },
	{ WSAENETDOWN, ENETDOWN, "network is down" },
	{ WSAENETUNREACH, ENETUNREACH, "network unreachable" },
	{ WSAENETRESET, ENETRESET, "network was reset" },
	{ WSAECONNABORTED, ECONNABORTED, "connection aborted" },
	{ WSAECONNRESET, ECONNRESET, "connection reset" },
	{ WSAENOBUFS, ENOBUFS, "no buffers left" },
	{ WSAEISCONN, EISCONN, "connected already" },
	{ WSAENOTCONN, ENOTCONN, "not connected" },
	{ WSAESHUTDOWN, EPIPE, NULL },
	{ WSAETIMEDOUT, ETIMEDOUT, "timed out" },
	{ WSAECONNREFUSED, ECONNREFUSED, "connection refused" },
	{ WSAEHOSTDOWN, EHOSTUNREACH, NULL },
	{ WSAEHOSTUNREACH, EHOSTUNREACH, "host unreachable" },
};

#define KNOWN (sizeof(known) / sizeof(known[0]))

int
lws_win_failed(int error)
{
	size_t n;

	errno = EIO;
	for (n = 0; n < KNOWN; n++)
		if (known[n].winsock == error)
			errno = known[n].error;
	return LWS_ERR_IO;
}

const char *
lws_plat_error_text(int error)
{
	size_t n;

	for (n = 0; n < KNOWN; n++)
		if (known[n].error == error && known[n].text)
			return known[n].text;
	return strerror(error);
}
