/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/mask-x86.c - which masking an x86 processor gets.
 *
 * The compiler's runtime asks the processor once, before any constructor of
 * ours, and keeps the answer; looking at it is a load and a test, so there is
 * nothing to remember here.  Below a few vectors the plain words win, because
 * they need no clearing of the upper halves afterwards.
 */
#include "ws/mask.h"

#define LONG_ENOUGH 128

void
lws_mask(uint8_t *to, const uint8_t *from, size_t len, const uint8_t mask[4])
{
	if (len >= LONG_ENOUGH && __builtin_cpu_supports("avx2"))
		lws_mask_avx2(to, from, len, mask);
	else
		lws_mask_base(to, from, len, mask);
}
