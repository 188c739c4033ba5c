/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * ws/handshake-76.c - the opening handshake of version 76 (hixie-76).
 *
 * Each of two keys hides a number: its digits, read as one, are the number
 * times the blanks among them, and everything else is noise.  Behind the head
 * of the request stand eight more bytes.  The answer to both numbers and the
 * eight is their MD5, behind its own head: no server that takes the request
 * for plain HTTP gets there.
 */
#include "ws/handshake.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "base/err.h"
#include "crypto/crypto.h"

#define BAD_REQUEST 400

#define BODY_LEN 8

/* most of what a key has of noise and of blanks, and of digits */
#define NOISE_MAX  12
#define BLANKS_MAX 12
#define DIGITS_MAX 10
#define KEY_MAX    (NOISE_MAX + BLANKS_MAX + DIGITS_MAX)

/* random bytes of a key: two counts, a number, noise and its places, blanks' */
#define KEY_RANDOM (2 + 4 + 2 * NOISE_MAX + BLANKS_MAX)

LWS_STATIC_ASSERT(BODY_LEN + 2 * KEY_RANDOM <= LWS_HANDSHAKE_RANDOM);

/* ---- reading keys ---- */

static bool
is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/*
 * The number in a key; false for a key without digits or blanks, one that
 * leaves a remainder, and a number of more than 32 bits.  There are fewer
 * blanks than LWS_MAX_HEADER_LEN, so a valid product is far below 64 bits.
 */
static bool
read_key(struct lws_span key, uint32_t *number)
{
	uint64_t product = 0, blanks = 0;
	bool digits = false;
	size_t n;

	for (n = 0; n < key.len; n++) {
		const uint8_t c = key.p[n];

		blanks += c == ' ';
		if (!is_digit(c))
			continue;
		digits = true;
		if (product > (UINT64_MAX - 9) / 10)
			return false;
		product = product * 10 + (uint64_t)(c - '0');
	}
	if (!digits || !blanks || product % blanks ||
	    product / blanks > UINT32_MAX)
		return false;
	*number = (uint32_t)(product / blanks);
	return true;
}

static void
prove_numbers(uint32_t one, uint32_t two, const uint8_t *body,
	      uint8_t out[LWS_HANDSHAKE_BODY])
{
	uint8_t text[8 + BODY_LEN];

	lws_put_be32(text, one);
	lws_put_be32(text + 4, two);
	memcpy(text + 8, body, BODY_LEN);
	lws_md5(text, sizeof(text), out);
}

/* ---- the server ---- */

static int
check(const struct lws_handshake *hs)
{
	uint32_t number;

	if (!hs->host.len || !hs->origin.len || !read_key(hs->key1, &number) ||
	    !read_key(hs->key2, &number))
		return BAD_REQUEST;
	return 0;
}

static void
put_location(const struct lws_handshake *hs, struct lws_buf *out)
{
	lws_buf_puts(out, hs->secure ? "wss://" : "ws://");
	lws_buf_span(out, hs->host);
	lws_buf_span(out, hs->target);
}

static void
answer(const struct lws_handshake *hs, const uint8_t *random,
       char nonce[LWS_HANDSHAKE_KEY], struct lws_buf *out)
{
	(void)random;
	nonce[0] = '\0';
	lws_buf_puts(out, "HTTP/1.1 101 WebSocket Protocol Handshake\r\n"
			  "Upgrade: WebSocket\r\n"
			  "Connection: Upgrade\r\n"
			  "Sec-WebSocket-Origin: ");
	lws_buf_span(out, hs->origin);
	lws_buf_puts(out, "\r\nSec-WebSocket-Location: ");
	put_location(hs, out);
	lws_buf_puts(out, "\r\n");
}

/* check() has found the numbers, and the body is whole. */
static void
prove(const struct lws_handshake *hs, uint8_t out[LWS_HANDSHAKE_BODY])
{
	uint32_t one = 0, two = 0;

	read_key(hs->key1, &one);
	read_key(hs->key2, &two);
	prove_numbers(one, two, hs->body.p, out);
}

/* ---- the client ---- */

/* Put @c into @text of *@len characters, in front of the one at @at. */
static void
insert(char *text, size_t *len, size_t at, char c)
{
	memmove(text + at + 1, text + at, *len - at);
	text[at] = c;
	++*len;
}

/* one of the characters 21-2F and 3A-7E */
static char
noise(uint8_t random)
{
	const unsigned n = 0x21 + random % (0x0f + 0x45u);

	return (char)(n < 0x30 ? n : n + 10);
}

/* Write a key made of KEY_RANDOM bytes; the number in it. */
static uint32_t
make_key(const uint8_t *random, struct lws_buf *out)
{
	const unsigned blanks = 1 + random[0] % BLANKS_MAX;
	const unsigned noises = 1 + random[1] % NOISE_MAX;
	const uint32_t most = UINT32_MAX / blanks;
	const uint32_t wish = lws_be32(random + 2);
	const uint32_t number = most == UINT32_MAX ? wish : wish % (most + 1);
	const uint8_t *at = random + 6;
	char text[KEY_MAX + 1];
	size_t len;
	unsigned n;

	len = (size_t)snprintf(text, sizeof(text), "%" PRIu32,
			       number * blanks);
	for (n = 0; n < noises; n++, at += 2)
		insert(text, &len, at[0] % (len + 1), noise(at[1]));
	for (n = 0; n < blanks; n++, at++)
		insert(text, &len, 1 + at[0] % (len - 1), ' ');
	lws_buf_put(out, text, len);
	return number;
}

/* Who has no origin is "null" (RFC 6454). */
static struct lws_span
origin_of(const struct lws_handshake *hs)
{
	return hs->origin.p ? hs->origin : lws_span_str("null");
}

static size_t
request(const struct lws_handshake_ops *ops, const struct lws_handshake *hs,
	const uint8_t *random, char key[LWS_HANDSHAKE_KEY],
	struct lws_buf *out)
{
	uint32_t one, two;

	lws_buf_puts(out, "Upgrade: WebSocket\r\n"
			  "Connection: Upgrade\r\n");
	lws_buf_puts(out, ops->origin);
	lws_buf_puts(out, ": ");
	lws_buf_span(out, origin_of(hs));
	lws_buf_puts(out, "\r\nSec-WebSocket-Key1: ");
	one = make_key(random + BODY_LEN, out);
	lws_buf_puts(out, "\r\nSec-WebSocket-Key2: ");
	two = make_key(random + BODY_LEN + KEY_RANDOM, out);
	lws_buf_puts(out, "\r\n");
	prove_numbers(one, two, random, (uint8_t *)key);
	return LWS_MD5_LEN;
}

static bool
same(struct lws_span a, struct lws_span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

/* Is the location what the request asked for? */
static bool
location_ok(const struct lws_handshake *hs)
{
	struct lws_span rest = hs->location;
	const size_t scheme = hs->secure ? 6 : 5;

	if (rest.len != scheme + hs->host.len + hs->target.len ||
	    memcmp(rest.p, hs->secure ? "wss://" : "ws://", scheme) != 0)
		return false;
	lws_span_skip(&rest, scheme);
	return same(lws_span_take(&rest, hs->host.len), hs->host) &&
	       same(rest, hs->target);
}

static int
confirm(const struct lws_handshake *hs, const char **why)
{
	*why = NULL;
	if (!lws_span_eq(hs->upgrade, "WebSocket"))
		*why = "Upgrade is not WebSocket";
	else if (!same(hs->same_origin, origin_of(hs)))
		*why = "Sec-WebSocket-Origin is not our origin";
	else if (!location_ok(hs))
		*why = "Sec-WebSocket-Location is not where we are";
	else if (!same(hs->body, hs->key))
		*why = "wrong answer to the challenge";
	return *why ? LWS_ERR_PROTOCOL : 0;
}

const struct lws_handshake_ops lws_handshake_76 = {
	.origin = "Origin",
	.origin_needed = true,
	.blank_lists = true,
	.must_agree = true,
	.request_body = BODY_LEN,
	.answer_body = LWS_MD5_LEN,
	.random = BODY_LEN + 2 * KEY_RANDOM,
	.check = check,
	.answer = answer,
	.prove = prove,
	.request = LWS_OF_CLIENT(request),
	.confirm = LWS_OF_CLIENT(confirm),
};
