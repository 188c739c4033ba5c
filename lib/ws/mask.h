/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/mask.h - the masking of RFC 6455 section 5.3.
 */
#ifndef LWS_WS_MASK_H
#define LWS_WS_MASK_H

#include <stddef.h>
#include <stdint.h>

/*
 * to[i] = from[i] ^ mask[i mod 4].  @to is @from or does not overlap it.
 * Touches exactly @len bytes.
 */
void lws_mask(uint8_t *to, const uint8_t *from, size_t len,
	      const uint8_t mask[4]);

/* Turn @mask so that its first byte is the one for position @by. */
static inline void
lws_mask_rotate(uint8_t mask[4], size_t by)
{
	const uint8_t was[4] = { mask[0], mask[1], mask[2], mask[3] };
	int n;

	for (n = 0; n < 4; n++)
		mask[n] = was[((size_t)n + by) & 3];
}

#endif
