/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/syslog.c - a log sink for lws_set_log_level().
 *
 * The application opens, masks and closes the log itself.
 */
#include "libwebsockets.h"

#include <syslog.h>

void
lwsl_emit_syslog(int level, const char *line)
{
	int priority = LOG_DEBUG;

	if (level & LLL_ERR)
		priority = LOG_ERR;
	else if (level & LLL_WARN)
		priority = LOG_WARNING;
	else if (level & LLL_NOTICE)
		priority = LOG_NOTICE;
	else if (level & LLL_INFO)
		priority = LOG_INFO;
	syslog(priority, "%s", line);
}
