/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/limits.c - how many descriptors this process may have.
 */
#include "plat/plat.h"

#include <limits.h>
#include <sys/resource.h>

/* what is assumed where the system does not tell: POSIX promises 20 */
#define FALLBACK 20

unsigned
lws_plat_max_fds(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return FALLBACK;
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > INT_MAX)
		return INT_MAX;
	return limit.rlim_cur ? (unsigned)limit.rlim_cur : 1;
}
