/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/daemonize-none.c - a build in which nobody becomes a daemon.
 */
#include "plat/plat.h"

bool
lws_plat_is_daemon(void)
{
	return false;
}

void
lws_plat_end_orphan(void)
{
}
