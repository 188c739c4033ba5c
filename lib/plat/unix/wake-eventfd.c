/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/wake-eventfd.c - waking a loop by a counter of the Linux kernel.
 *
 * Any number of wakings before the loop looks are one readiness, and cost no
 * memory.
 */
#include "plat/plat.h"

#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/err.h"

int
lws_plat_wake_open(struct lws_wake *w)
{
	w->read_fd = w->write_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (w->read_fd >= 0)
		return 0;
	return errno == EMFILE || errno == ENFILE ? LWS_ERR_NOFD : LWS_ERR_IO;
}

/*
 * Nothing to do about failure: a counter that is full is readable already, and
 * a write that a signal interrupted before it did anything is repeated.
 */
void
lws_plat_wake(const struct lws_wake *w)
{
	const int saved = errno;
	const uint64_t one = 1;

	while (write(w->write_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
	errno = saved;
}

/* One read takes the whole count; an empty counter says so and nobody cares. */
void
lws_plat_wake_drain(const struct lws_wake *w)
{
	uint64_t count;

	while (read(w->read_fd, &count, sizeof(count)) < 0 && errno == EINTR)
		;
}

void
lws_plat_wake_close(struct lws_wake *w)
{
	if (w->read_fd >= 0)
		lws_plat_close(w->read_fd);
	w->read_fd = w->write_fd = -1;
}
