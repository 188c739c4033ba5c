/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/process.c - what concerns the whole process.
 */
#include "plat/plat.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/size.h"

/* Sockets are always there. */
int
lws_plat_start(void)
{
	return 0;
}

void
lws_plat_stop(void)
{
}

const char *
lws_plat_error_text(int error)
{
	return strerror(error);
}

static void
do_nothing(int signum)
{
	(void)signum;
}

/*
 * A handler, not SIG_IGN: programs that we are made to exec get the default
 * back, ignoring would be inherited.
 */
void
lws_plat_ignore_sigpipe(void)
{
	struct sigaction old;

	if (!sigaction(SIGPIPE, NULL, &old) && old.sa_handler == SIG_DFL)
		signal(SIGPIPE, do_nothing);
}

void
lws_plat_hostname(char *buf, size_t len)
{
	static const char unknown[] = "unknown";

	if (!len)
		return;
	if (gethostname(buf, len) || !buf[0]) {
		const size_t n = lws_min(len, sizeof(unknown));

		memcpy(buf, unknown, n);
	}
	buf[len - 1] = '\0';
}
