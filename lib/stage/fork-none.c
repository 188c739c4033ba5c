/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * stage/fork-none.c - a build that never forks: broadcasts stay in the process.
 */
#include "stage/fork.h"

int
lws_fork_send(const struct lws_kin *kin, const struct lws_span *v, size_t n)
{
	(void)kin;
	(void)v;
	(void)n;
	return LWS_ERR_UNSUPPORTED;
}

bool
lws_fork_alive(const struct lws_kin *kin)
{
	(void)kin;
	return false;
}

bool
lws_fork_orphaned(const struct lws_kin *kin)
{
	(void)kin;
	return false;
}

void
lws_fork_close(struct libwebsocket_context *context)
{
	(void)context;
}
