/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/mask-plain.c - masking where there is nothing to choose.
 *
 * Other machines than x86 have their vectors in the base instruction set, and
 * their compilers use them on ws/mask-body.h unasked.
 */
#include "ws/mask.h"

void
lws_mask(uint8_t *to, const uint8_t *from, size_t len, const uint8_t mask[4])
{
	lws_mask_base(to, from, len, mask);
}
