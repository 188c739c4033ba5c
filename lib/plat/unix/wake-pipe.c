/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/wake-pipe.c - waking a loop by a byte in a pipe.
 *
 * For systems without eventfd.  A full pipe is as good as one byte in it.
 */
#include "plat/plat.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/err.h"

static bool
set_flags(int fd)
{
	return !fcntl(fd, F_SETFL, O_NONBLOCK) &&
	       !fcntl(fd, F_SETFD, FD_CLOEXEC);
}

int
lws_plat_wake_open(struct lws_wake *w)
{
	int ends[2];

	w->read_fd = w->write_fd = -1;
	if (pipe(ends))
		return errno == EMFILE || errno == ENFILE ? LWS_ERR_NOFD
							  : LWS_ERR_IO;
	w->read_fd = ends[0];
	w->write_fd = ends[1];
	if (set_flags(ends[0]) && set_flags(ends[1]))
		return 0;
	lws_plat_wake_close(w);
	return LWS_ERR_IO;
}

void
lws_plat_wake(const struct lws_wake *w)
{
	const int saved = errno;

	while (write(w->write_fd, "", 1) < 0 && errno == EINTR)
		;
	errno = saved;
}

/* A read that does not fill the buffer has emptied the pipe. */
void
lws_plat_wake_drain(const struct lws_wake *w)
{
	char bytes[256];
	ssize_t n;

	do
		n = read(w->read_fd, bytes, sizeof(bytes));
	while (n == (ssize_t)sizeof(bytes) || (n < 0 && errno == EINTR));
}

void
lws_plat_wake_close(struct lws_wake *w)
{
	if (w->read_fd >= 0)
		lws_plat_close(w->read_fd);
	if (w->write_fd >= 0)
		lws_plat_close(w->write_fd);
	w->read_fd = w->write_fd = -1;
}
