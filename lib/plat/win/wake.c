/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/wake.c - waking a loop by a datagram that a socket sends to itself.
 *
 * A socket, because WSAPoll() waits for nothing else.  It is connected to its
 * own address on the loopback, so that the system drops what others send, and
 * nobody else can have that address.  One datagram that waits is as good as
 * many: the ones that find no room may be lost.
 */
#include "plat/plat.h"
#include "plat/win/win.h"

#include <errno.h>

#include "base/err.h"

static bool
connect_to_itself(int fd)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	const DWORD on = 1;
	int len = sizeof(at);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (setsockopt((SOCKET)fd, SOL_SOCKET, SO_EXCLUSIVEADDRUSE,
		       (const char *)&on, sizeof(on)) ||
	    bind((SOCKET)fd, (const struct sockaddr *)&at, sizeof(at)) ||
	    getsockname((SOCKET)fd, (struct sockaddr *)&at, &len))
		return false;
	return !connect((SOCKET)fd, (const struct sockaddr *)&at, len);
}

int
lws_plat_wake_open(struct lws_wake *w)
{
	int error;

	w->read_fd = w->write_fd = lws_win_adopt(
		socket(AF_INET, SOCK_DGRAM, 0));
	if (w->read_fd >= 0 && connect_to_itself(w->read_fd))
		return 0;
	error = WSAGetLastError();
	lws_plat_wake_close(w);
	lws_win_failed(error);
	return error == WSAEMFILE || error == WSAENOBUFS ? LWS_ERR_NOFD
							 : LWS_ERR_IO;
}

/* Winsock leaves errno alone. */
void
lws_plat_wake(const struct lws_wake *w)
{
	send((SOCKET)w->write_fd, "", 1, 0);
}

void
lws_plat_wake_drain(const struct lws_wake *w)
{
	char byte;

	while (recv((SOCKET)w->read_fd, &byte, 1, 0) >= 0)
		;
}

void
lws_plat_wake_close(struct lws_wake *w)
{
	if (w->read_fd >= 0)
		lws_plat_close(w->read_fd);
	w->read_fd = w->write_fd = -1;
}
