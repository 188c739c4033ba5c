/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/process.c - what concerns the whole process.
 */
#include "plat/plat.h"
#include "plat/win/win.h"

#include <limits.h>
#include <string.h>

#include "base/size.h"

int
lws_plat_start(void)
{
	WSADATA about;
	const int error = WSAStartup(MAKEWORD(2, 2), &about);

	return error ? lws_win_failed(error) : 0;
}

void
lws_plat_stop(void)
{
	WSACleanup();
}

/* There is no such signal. */
void
lws_plat_ignore_sigpipe(void)
{
}

void
lws_plat_hostname(char *buf, size_t len)
{
	static const char unknown[] = "unknown";
	const size_t room = lws_min(len, (size_t)INT_MAX);

	if (!len)
		return;
	if (gethostname(buf, (int)room) || !buf[0])
		memcpy(buf, unknown, lws_min(len, sizeof(unknown)));
	buf[len - 1] = '\0';
}
