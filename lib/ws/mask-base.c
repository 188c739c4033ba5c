/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/mask-base.c - masking for any machine.
 *
 * The body of ws/mask-body.h with the flags that everything is built with
 * (RFC 6455 section 5.3).  Vectors of sixteen bytes are what x86-64 and most
 * others have without asking.
 */
#define LWS_MASK_VECTOR 16

#include "ws/mask-body.h"

void
lws_mask_base(uint8_t *to, const uint8_t *from, size_t len,
	      const uint8_t mask[4])
{
	lws_mask_body(to, from, len, mask);
}
