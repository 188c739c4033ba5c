/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/mask-avx2.c - masking for x86 processors that have AVX2.
 *
 * The body of ws/mask-body.h, compiled with -O3 -mavx2 (RFC 6455 section 5.3).
 * Nothing else may go into this file: it must not run elsewhere.
 */
#define LWS_MASK_VECTOR 32

#include "ws/mask-body.h"

void
lws_mask_avx2(uint8_t *to, const uint8_t *from, size_t len,
	      const uint8_t mask[4])
{
	lws_mask_body(to, from, len, mask);
}
