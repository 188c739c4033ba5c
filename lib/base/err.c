/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * base/err.c - the names of the library's results, for log lines.
 */
#include "base/err.h"

#include <stddef.h>

static const char *const names[] = {
	[0] = "success",
	[-LWS_ERR_AGAIN] = "not ready",
	[-LWS_ERR_CLOSED] = "closed by the peer",
	[-LWS_ERR_IO] = "input/output error",
	[-LWS_ERR_NOMEM] = "out of memory",
	[-LWS_ERR_NOFD] = "out of descriptors",
	[-LWS_ERR_LIMIT] = "over a limit",
	[-LWS_ERR_PROTOCOL] = "protocol violation",
	[-LWS_ERR_TEXT] = "text is not UTF-8",
	[-LWS_ERR_USER] = "refused by the application",
	[-LWS_ERR_TIMEOUT] = "timeout",
	[-LWS_ERR_NOENT] = "not found",
	[-LWS_ERR_ACCESS] = "not permitted",
	[-LWS_ERR_UNSUPPORTED] = "not supported",
};

const char *
lws_err_name(int rc)
{
	const int count = (int)(sizeof(names) / sizeof(names[0]));

	if (rc >= 0)
		return names[0];
	if (rc <= -count)
		return "unknown error";
	return names[-rc];
}
