/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/syslog.c - a log sink for lws_set_log_level().
 *
 * There is no syslog.  What is given to it goes to whoever debugs the program;
 * OutputDebugString() is where programs without a console leave such lines.
 */
#include "libwebsockets.h"

#include <winsock2.h>

void
lwsl_emit_syslog(int level, const char *line)
{
	(void)level;
	OutputDebugStringA(line);
}
