/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/unix/time.c - the monotonic clock.
 *
 * Every turn of a loop asks for milliseconds.  Linux keeps the time of its
 * last timer interrupt where it can be read without asking the hardware, four
 * times as cheap (23 against 5 ns on x86-64) and right to a few ms.
 */
#include "plat/plat.h"

#include <time.h>

#ifdef CLOCK_MONOTONIC_COARSE
#define CLOCK_MS CLOCK_MONOTONIC_COARSE
#else
#define CLOCK_MS CLOCK_MONOTONIC
#endif

uint64_t
lws_plat_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MS, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint32_t)now.tv_nsec / 1000000;
}

uint64_t
lws_plat_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint32_t)now.tv_nsec / 1000;
}
