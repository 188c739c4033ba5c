/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * plat/win/time.c - the monotonic clock.
 *
 * The counter, for both: the cheaper clocks of the system stand still for 16 ms
 * at a time.
 */
#include "plat/plat.h"

#include <winsock2.h>

/* ticks of the counter in units of which a second has @per_second */
static uint64_t
now(uint64_t per_second)
{
	LARGE_INTEGER ticks, rate;
	uint64_t t, f;

	QueryPerformanceFrequency(&rate);
	QueryPerformanceCounter(&ticks);
	t = (uint64_t)ticks.QuadPart;
	f = (uint64_t)rate.QuadPart;
	return t / f * per_second + t % f * per_second / f;
}

uint64_t
lws_plat_now_ms(void)
{
	return now(1000);
}

uint64_t
lws_plat_now_us(void)
{
	return now(1000000);
}
