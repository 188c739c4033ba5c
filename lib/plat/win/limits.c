/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/limits.c - how many descriptors this process may have.
 */
#include "plat/plat.h"

/*
 * Memory is the limit of the system.  Handles are counted in fours and shared
 * with files and threads, so a number is at least four times as large as the
 * count of sockets.
 */
#define HANDLES (4u * 1024 * 1024)

unsigned
lws_plat_max_fds(void)
{
	return HANDLES;
}
