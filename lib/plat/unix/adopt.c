/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/adopt.c - listening sockets that come from whoever started us.
 */
#include "plat/plat.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"

/* a socket option that is a number, or -1 */
static int
option(int fd, int which)
{
	int value = -1;
	socklen_t len = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, which, &value, &len) ? -1 : value;
}

int
lws_plat_adopt_listener(int fd)
{
	int flags;

	if (option(fd, SO_TYPE) != SOCK_STREAM)
		return LWS_ERR_UNSUPPORTED;
#ifdef SO_ACCEPTCONN
	if (option(fd, SO_ACCEPTCONN) <= 0)
		return LWS_ERR_UNSUPPORTED;
#endif
	flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC))
		return LWS_ERR_UNSUPPORTED;
	return 0;
}

int
lws_plat_duplicate(int fd)
{
	const int copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);

	return copy < 0 ? LWS_ERR_NOFD : copy;
}
