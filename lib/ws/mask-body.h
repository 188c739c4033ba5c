/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/mask-body.h - the one body of masking, compiled per instruction set.
 *
 * Who includes this defines LWS_MASK_VECTOR first: the bytes of a vector that
 * its flags allow; a compiler without such vectors makes words of them.  Four
 * vectors are loaded before any is stored, so that working in place is as good
 * as copying and nothing is checked for overlap in between.  Plain loops over
 * words come out as well at -O3, but go through the stack at -O2 (gcc 12),
 * and the user's CFLAGS have the last word on that.
 */
#ifndef LWS_WS_MASK_BODY_H
#define LWS_WS_MASK_BODY_H

#include <string.h>

#include "base/compiler.h"
#include "ws/mask.h"

#define LWS_MASK_BLOCK (4 * (size_t)LWS_MASK_VECTOR)

typedef uint64_t lws_mask_vector __attribute__((vector_size(LWS_MASK_VECTOR)));

LWS_INLINE void
lws_mask_block(uint8_t *to, const uint8_t *from, uint64_t key)
{
	lws_mask_vector a, b, c, d;

	memcpy(&a, from, LWS_MASK_VECTOR);
	memcpy(&b, from + LWS_MASK_VECTOR, LWS_MASK_VECTOR);
	memcpy(&c, from + 2 * LWS_MASK_VECTOR, LWS_MASK_VECTOR);
	memcpy(&d, from + 3 * LWS_MASK_VECTOR, LWS_MASK_VECTOR);
	a ^= key;
	b ^= key;
	c ^= key;
	d ^= key;
	memcpy(to, &a, LWS_MASK_VECTOR);
	memcpy(to + LWS_MASK_VECTOR, &b, LWS_MASK_VECTOR);
	memcpy(to + 2 * LWS_MASK_VECTOR, &c, LWS_MASK_VECTOR);
	memcpy(to + 3 * LWS_MASK_VECTOR, &d, LWS_MASK_VECTOR);
}

LWS_INLINE void
lws_mask_body(uint8_t *to, const uint8_t *from, size_t len,
	      const uint8_t mask[4])
{
	const uint64_t key = lws_mask_key(mask);

	for (; len >= LWS_MASK_BLOCK; len -= LWS_MASK_BLOCK) {
		lws_mask_block(to, from, key);
		to += LWS_MASK_BLOCK;
		from += LWS_MASK_BLOCK;
	}
	if (len)
		lws_mask_words(to, from, len, key);
}

#endif
