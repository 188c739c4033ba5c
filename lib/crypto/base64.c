/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * crypto/base64.c - the encoding of RFC 4648 section 4, standard alphabet.
 *
 * Encoding is strict.  Decoding takes what it knows and passes over everything
 * else, padding included: three bytes for four characters, and of a shorter
 * last group the bytes that are whole.
 */
#include "libwebsockets.h"

#include <stdint.h>

static const char alphabet[65] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* Four characters for the @len (1..3) bytes at @in. */
static void
encode_group(const uint8_t *in, size_t len, char *out)
{
	const uint32_t bits = (uint32_t)in[0] << 16 |
			      (len > 1 ? (uint32_t)in[1] << 8 : 0) |
			      (len > 2 ? in[2] : 0);

	out[0] = alphabet[bits >> 18];
	out[1] = alphabet[bits >> 12 & 63];
	out[2] = len > 1 ? alphabet[bits >> 6 & 63] : '=';
	out[3] = len > 2 ? alphabet[bits & 63] : '=';
}

int
lws_b64_encode_string(const char *in, int in_len, char *out, int out_size)
{
	const uint8_t *bytes = (const uint8_t *)in;
	size_t left, need;

	if (in_len < 0 || out_size < 0)
		return -1;
	left = (size_t)in_len;
	need = (left + 2) / 3 * 4;
	if (need >= (size_t)out_size)
		return -1;

	while (left) {
		const size_t len = left < 3 ? left : 3;

		encode_group(bytes, len, out);
		bytes += len;
		left -= len;
		out += 4;
	}
	*out = '\0';
	return (int)need;
}

/* the six bits that @c stands for, or -1 */
static int
value_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
lws_b64_decode_string(const char *in, char *out, int out_size)
{
	uint32_t bits = 0;
	int len = 0, pending = 0;

	if (out_size < 1)
		return -1;
	for (; *in; in++) {
		const int value = value_of(*in);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		pending += 6;
		if (pending < 8)
			continue;
		pending -= 8;
		if (len == out_size - 1)
			return -1;
		out[len++] = (char)(uint8_t)(bits >> pending);
	}
	out[len] = '\0';
	return len;
}
