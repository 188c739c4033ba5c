/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/length.h - the payload length of a frame, the same in versions 4 to 13
 * (RFC 6455 section 5.2): seven bits, or one of two marks in them and two or
 * eight bytes more.
 */
#ifndef LWS_WS_LENGTH_H
#define LWS_WS_LENGTH_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/err.h"

#define LWS_LENGTH_BITS 0x7f

/* the two values of the length bits that announce a longer length */
#define LWS_LENGTH_16 126
#define LWS_LENGTH_64 127

/* the least that each may announce */
#define LWS_LEAST_16 126
#define LWS_LEAST_64 0x10000

/* bytes of extended length that the second header byte announces */
LWS_INLINE unsigned int
lws_length_size(unsigned int b)
{
	if ((b & LWS_LENGTH_BITS) < LWS_LENGTH_16)
		return 0;
	return (b & LWS_LENGTH_BITS) == LWS_LENGTH_16 ? 2 : 8;
}

/*
 * A length that is at least @low and at most @high: must it be wrong?  It may
 * not fit a shorter form, nor have the top bit, and a frame that this machine
 * cannot count is over any limit.
 */
LWS_INLINE int
lws_length_check(uint64_t low, uint64_t high, uint64_t least)
{
	if (low >> 63 || high < least)
		return LWS_ERR_PROTOCOL;
	return (size_t)low == low ? 0 : LWS_ERR_LIMIT;
}

/* The same of the first @got bytes of an extended length of @size bytes. */
static inline int
lws_length_check_cut(const uint8_t *p, unsigned int got, unsigned int size)
{
	uint64_t low = 0, high = 0;
	unsigned int n;

	for (n = 0; n < size; n++) {
		low = low << 8 | (n < got ? p[n] : 0);
		high = high << 8 | (n < got ? p[n] : 0xff);
	}
	return lws_length_check(low, high,
				size == 2 ? LWS_LEAST_16 : LWS_LEAST_64);
}

/* The length in the whole header at @head, or an error. */
LWS_INLINE int
lws_length_read(const uint8_t *head, uint64_t *len)
{
	const unsigned int bits = head[1] & LWS_LENGTH_BITS;

	if (bits < LWS_LENGTH_16) {
		*len = bits;
		return 0;
	}
	if (bits == LWS_LENGTH_16) {
		*len = lws_be16(head + 2);
		return lws_length_check(*len, *len, LWS_LEAST_16);
	}
	*len = lws_be64(head + 2);
	return lws_length_check(*len, *len, LWS_LEAST_64);
}

/* Write a length over 125: bytes written behind the first two of @head. */
static inline int
lws_length_put(uint8_t *head, uint64_t len)
{
	if (len <= UINT16_MAX) {
		head[1] = LWS_LENGTH_16;
		lws_put_be16(head + 2, (uint16_t)len);
		return 2;
	}
	head[1] = LWS_LENGTH_64;
	lws_put_be64(head + 2, len);
	return 8;
}

#endif
