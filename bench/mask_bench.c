/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * mask_bench.c - what masking in place costs.
 */
#include <stddef.h>

#include "ws/mask.h"

#include "bench.h"

static uint8_t payload[65536 + 8];

static void
work(const void *arg)
{
	static const uint8_t mask[4] = { 0x37, 0xfa, 0x21, 0x3d };

	/* where payload lies behind a header of eight bytes */
	lws_mask(payload + 8, payload + 8, *(const size_t *)arg, mask);
}

int
main(void)
{
	static const size_t lengths[] = { 20, 128, 1024, 16384, 65536 };
	size_t n;

	printf("mask");
	for (n = 0; n < sizeof(lengths) / sizeof(*lengths); n++)
		bench_tell("", lengths[n], bench_ns(work, &lengths[n]));
	printf("\n");
	return 0;
}
