/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/time.c - the monotonic clock.
 */
#include "plat/plat.h"

#include <time.h>

uint64_t
lws_plat_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint32_t)now.tv_nsec / 1000000;
}

uint64_t
lws_plat_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint32_t)now.tv_nsec / 1000;
}
