/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * handshake-13_test.c - the opening handshake of RFC 6455, both ways.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "ws/handshake.h"

/* wire.md section 11.1 */
static const struct {
	const char *key, *accept;
} vectors[] = {
	{ "dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
	{ "AQIDBAUGBwgJCgsMDQ4PEC==", "OfS0wDaT5NoxF2gqm7Zj2YtetzM=" },
	{ "AAAAAAAAAAAAAAAAAAAAAA==", "ICX+Yqv66kxgM0FcWaLWlFLwTAI=" },
	{ "/////////////////////w==", "XXpj4jYzLM2yUE0C7TIgMwTQh2g=" },
};

#define N_VECTORS (sizeof(vectors) / sizeof(*vectors))

static struct lws_handshake
with_key(const char *key)
{
	struct lws_handshake hs;

	memset(&hs, 0, sizeof(hs));
	if (key)
		hs.key = lws_span_str(key);
	return hs;
}

static const uint8_t sample[] = "the sample nonce";
static char nonce[LWS_HANDSHAKE_KEY];

/* @key as a C string */
static void
ask(const struct lws_handshake *hs, const uint8_t *random,
    char key[LWS_HANDSHAKE_KEY], struct lws_buf *out)
{
	assert_int_equal(lws_handshake_13.request(&lws_handshake_13, hs,
						  random, key, out), 24);
	assert_int_equal(strlen(key), 24);
}

static void
assert_written(const struct lws_buf *out, const char *want)
{
	assert_true(lws_buf_ok(out));
	assert_int_equal(out->len, strlen(want));
	assert_memory_equal(out->p, want, out->len);
}

static void
test_keys_of_16_bytes_are_taken(void **state)
{
	struct lws_handshake hs;
	size_t n;

	(void)state;
	for (n = 0; n < N_VECTORS; n++) {
		hs = with_key(vectors[n].key);
		assert_int_equal(lws_handshake_13.check(&hs), 0);
	}
}

static void
test_other_keys_get_400(void **state)
{
	static const char *const bad[] = {
		NULL,
		"",
		"dGhlIHNhbXBsZSBub25jZQ=",
		"dGhlIHNhbXBsZSBub25jZQ",
		"dGhlIHNhbXBsZSBub25jZQ===",
		"dGhlIHNhbXBsZSBub25jZQA=",
		"dGhlIHNhbXBsZSBub25jZQAA",
		"dGhlIHNhbXBsZSBub25jZ===",
		"dGhlIHNhbXBsZSBub25j=Q==",
		"dGhlIHNhbXBsZSBub25jZQ=A",
		"dGhlIHNhbXBsZSBub25jZQ= ",
		" GhlIHNhbXBsZSBub25jZQ==",
		"dGhlIHNhbXBs SBub25jZQ==",
		"dGhlIHNhbXBs-SBub25jZQ==",
		"dGhlIHNhbXBs_SBub25jZQ==",
		"dGhlIHNhbXBs\xc3\xa4" "Bub25jZQ==",
		"dGhlIHNhbXBsZSBub25jZSBvZiBhIGxvbmdlciBraW5k",
	};
	struct lws_handshake hs;
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(bad) / sizeof(*bad); n++) {
		hs = with_key(bad[n]);
		if (lws_handshake_13.check(&hs) != 400)
			fail_msg("key %s", bad[n] ? bad[n] : "(none)");
	}
}

static void
test_every_byte_of_a_key_is_looked_at(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmn"
				     "opqrstuvwxyz0123456789+/";
	struct lws_handshake hs;
	char key[25];
	size_t at;
	int c, ok;

	(void)state;
	for (at = 0; at < 24; at++)
		for (c = 0; c < 256; c++) {
			memcpy(key, vectors[0].key, sizeof(key));
			key[at] = (char)c;
			hs = with_key(NULL);
			hs.key = lws_span(key, 24);
			ok = at < 22 ? c && strchr(digits, c) : c == '=';
			assert_int_equal(lws_handshake_13.check(&hs),
					 ok ? 0 : 400);
		}
}

static void
test_the_answer_proves_the_key(void **state)
{
	struct lws_handshake hs;
	struct lws_buf out;
	char mem[256], want[256];
	size_t n;

	(void)state;
	for (n = 0; n < N_VECTORS; n++) {
		hs = with_key(vectors[n].key);
		lws_buf_init(&out, mem, sizeof(mem));
		lws_handshake_13.answer(&hs, sample, nonce, &out);
		snprintf(want, sizeof(want),
			 "HTTP/1.1 101 Switching Protocols\r\n"
			 "Upgrade: websocket\r\n"
			 "Connection: Upgrade\r\n"
			 "Sec-WebSocket-Accept: %s\r\n", vectors[n].accept);
		assert_written(&out, want);
		assert_string_equal(nonce, "");
	}
}

static void
test_an_answer_without_room_is_noticed(void **state)
{
	struct lws_handshake hs = with_key(vectors[0].key);
	char mem[256];
	struct lws_buf out;
	size_t room, need;

	(void)state;
	lws_buf_init(&out, mem, sizeof(mem));
	lws_handshake_13.answer(&hs, sample, nonce, &out);
	need = out.len;
	for (room = 0; room <= need; room++) {
		lws_buf_init(&out, mem, room);
		lws_handshake_13.answer(&hs, sample, nonce, &out);
		assert_int_equal(lws_buf_ok(&out), room == need);
	}
}

static void
test_a_request_has_the_fields_of_13(void **state)
{
	struct lws_handshake hs = with_key(NULL);
	char mem[256], key[LWS_HANDSHAKE_KEY];
	struct lws_buf out;

	(void)state;
	lws_buf_init(&out, mem, sizeof(mem));
	ask(&hs, sample, key, &out);
	assert_string_equal(key, vectors[0].key);
	assert_written(&out, "Upgrade: websocket\r\n"
			     "Connection: Upgrade\r\n"
			     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			     "Sec-WebSocket-Version: 13\r\n");
}

static void
test_an_origin_goes_into_its_field(void **state)
{
	struct lws_handshake hs = with_key(NULL);
	char mem[256], key[LWS_HANDSHAKE_KEY];
	struct lws_buf out;

	(void)state;
	hs.origin = lws_span_str("http://example.com");
	lws_buf_init(&out, mem, sizeof(mem));
	ask(&hs, sample, key, &out);
	assert_written(&out, "Upgrade: websocket\r\n"
			     "Connection: Upgrade\r\n"
			     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
			     "Origin: http://example.com\r\n"
			     "Sec-WebSocket-Version: 13\r\n");
}

static void
test_only_the_right_accept_is_confirmed(void **state)
{
	struct lws_handshake hs;
	const char *why;
	char accept[40];
	size_t n;

	(void)state;
	for (n = 0; n < N_VECTORS; n++) {
		hs = with_key(vectors[n].key);
		hs.accept = lws_span_str(vectors[n].accept);
		assert_int_equal(lws_handshake_13.confirm(&hs, &why), 0);
		hs.accept = lws_span_str(vectors[(n + 1) % 4].accept);
		assert_int_equal(lws_handshake_13.confirm(&hs, &why),
				 LWS_ERR_PROTOCOL);
	}
	hs = with_key(vectors[0].key);
	for (n = 0; n < 28; n++) {
		strcpy(accept, vectors[0].accept);
		accept[n] ^= 0x20;
		hs.accept = lws_span_str(accept);
		assert_int_equal(lws_handshake_13.confirm(&hs, &why),
				 LWS_ERR_PROTOCOL);
	}
	strcpy(accept, vectors[0].accept);
	for (n = 0; n < 28; n++) {
		hs.accept = lws_span(accept, n);
		assert_int_equal(lws_handshake_13.confirm(&hs, &why),
				 LWS_ERR_PROTOCOL);
	}
	strcat(accept, "=");
	hs.accept = lws_span_str(accept);
	assert_int_equal(lws_handshake_13.confirm(&hs, &why),
			 LWS_ERR_PROTOCOL);
}

static void
test_an_answer_without_accept_is_refused_with_a_reason(void **state)
{
	struct lws_handshake hs = with_key(vectors[0].key);
	const char *why = NULL;

	(void)state;
	assert_int_equal(lws_handshake_13.confirm(&hs, &why),
			 LWS_ERR_PROTOCOL);
	assert_string_equal(why, "no single Sec-WebSocket-Accept");
}

static void
test_both_ends_agree_on_any_key(void **state)
{
	struct lws_handshake hs = with_key(NULL);
	uint8_t random[16];
	char mem[256], key[LWS_HANDSHAKE_KEY];
	struct lws_buf out;
	const char *why;
	size_t n, i;

	(void)state;
	for (n = 0; n < 500; n++) {
		for (i = 0; i < sizeof(random); i++)
			random[i] = (uint8_t)(n * 131 + i * (n + 17));
		lws_buf_init(&out, mem, sizeof(mem));
		ask(&hs, random, key, &out);
		hs.key = lws_span_str(key);
		assert_int_equal(lws_handshake_13.check(&hs), 0);
		lws_buf_init(&out, mem, sizeof(mem));
		lws_handshake_13.answer(&hs, sample, nonce, &out);
		hs.accept = lws_span(mem + out.len - 30, 28);
		assert_int_equal(lws_handshake_13.confirm(&hs, &why), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys_of_16_bytes_are_taken),
		cmocka_unit_test(test_other_keys_get_400),
		cmocka_unit_test(test_every_byte_of_a_key_is_looked_at),
		cmocka_unit_test(test_the_answer_proves_the_key),
		cmocka_unit_test(test_an_answer_without_room_is_noticed),
		cmocka_unit_test(test_a_request_has_the_fields_of_13),
		cmocka_unit_test(test_an_origin_goes_into_its_field),
		cmocka_unit_test(test_only_the_right_accept_is_confirmed),
		cmocka_unit_test(
			test_an_answer_without_accept_is_refused_with_a_reason),
		cmocka_unit_test(test_both_ends_agree_on_any_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
