/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/mask.h - the masking of RFC 6455 section 5.3.
 */
#ifndef LWS_WS_MASK_H
#define LWS_WS_MASK_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/compiler.h"

/*
 * to[i] = from[i] ^ mask[i mod 4].  @to is @from or does not overlap it.
 * Touches exactly @len bytes.
 */
void lws_mask(uint8_t *to, const uint8_t *from, size_t len,
	      const uint8_t mask[4]);

/* the same for one instruction set each; ws/mask-{x86,plain}.c choose */
void lws_mask_base(uint8_t *to, const uint8_t *from, size_t len,
		   const uint8_t mask[4]);
void lws_mask_avx2(uint8_t *to, const uint8_t *from, size_t len,
		   const uint8_t mask[4]);

/* The mask twice, as a word in the machine's own byte order. */
LWS_INLINE uint64_t
lws_mask_key(const uint8_t mask[4])
{
	uint32_t half;

	memcpy(&half, mask, sizeof(half));
	return (uint64_t)half << 32 | half;
}

/* lws_mask() in words of eight bytes, for what is short; @key as above. */
LWS_INLINE void
lws_mask_words(uint8_t *to, const uint8_t *from, size_t len, uint64_t key)
{
	const size_t words = len & ~(size_t)7;
	uint64_t word;
	uint32_t half;
	uint8_t mask[4];
	size_t n;

	for (n = 0; n < words; n += 8) {
		memcpy(&word, from + n, 8);
		word ^= key;
		memcpy(to + n, &word, 8);
	}
	if (len & 4) {
		memcpy(&half, from + n, 4);
		half ^= (uint32_t)key;
		memcpy(to + n, &half, 4);
		n += 4;
	}
	if (lws_likely(!(len & 3)))
		return;
	half = (uint32_t)key;
	memcpy(mask, &half, 4);
	to[n] = from[n] ^ mask[0];
	if (len & 2)
		to[n + 1] = from[n + 1] ^ mask[1];
	if ((len & 3) == 3)
		to[n + 2] = from[n + 2] ^ mask[2];
}

/* Turn @mask so that its first byte is the one for position @by. */
static inline void
lws_mask_rotate(uint8_t mask[4], size_t by)
{
	const uint8_t was[4] = { mask[0], mask[1], mask[2], mask[3] };
	int n;

	if (!(by & 3))
		return;
	for (n = 0; n < 4; n++)
		mask[n] = was[((size_t)n + by) & 3];
}

#endif
