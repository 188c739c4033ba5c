/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * handshake-76_test.c - the opening handshake of version 76, both ways.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "base/err.h"
#include "ws/handshake.h"

static const struct lws_handshake_ops *const ops = &lws_handshake_76;

/* wire.md section 11.2 */
static const struct {
	const char *key1, *key2, *body, *answer;
} vectors[] = {
	{ "4 @1  46546xW%0l 1 5", "12998 5 Y3 1  .P00", "^n:ds[4U",
	  "8jKS'y:G*Co,Wxa-" },
	{ "18x 6]8vM;54 *(5:  {   U1]8  z [  8",
	  "1_ tx7X d  <  nf  334J702) 7]o}` 0", "Tm[K T2u",
	  "fQJ,fN/4F4!~K~MH" },
	{ "3e6b263  4 17 80", "17  9 G`ZD9   2 2b 7X 3 /r90", "WjN}|M(6",
	  "n`9eBk9z$R8pOtVb" },
};

static struct lws_handshake
request_of(const char *key1, const char *key2)
{
	struct lws_handshake hs = {
		.host = lws_span_str("example.com"),
		.target = lws_span_str("/demo?x=1"),
		.origin = lws_span_str("http://example.com"),
		.key1 = lws_span_str(key1),
		.key2 = lws_span_str(key2),
		.body = lws_span("12345678", 8),
	};

	return hs;
}

static void
test_the_vectors_are_answered(void **state)
{
	uint8_t out[LWS_HANDSHAKE_BODY];
	struct lws_handshake hs;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(vectors); n++) {
		hs = request_of(vectors[n].key1, vectors[n].key2);
		hs.body = lws_span_str(vectors[n].body);
		assert_int_equal(ops->check(&hs), 0);
		ops->prove(&hs, out);
		assert_memory_equal(out, vectors[n].answer, 16);
	}
}

static void
test_keys_without_a_number_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"abc",
		"12345",		/* no blank */
		" a b c ",		/* no digit */
		"1 0 0 1 1",		/* a remainder: 10011 / 4 */
		"4294967296 x",		/* above 32 bits: 2^32 / 1 */
		"8589934592 x x",	/* the same of 2^33 / 2 */
		"9999999999999999999 9",
		"18446744073709551616 ",	/* 2^64 comes out as 0 */
		"18446744073709551617 ",
		"99999999999999999999999999999999999999999 0",
	};
	static const char good[] = "4 @1  46546xW%0l 1 5";
	struct lws_handshake hs;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(bad); n++) {
		hs = request_of(bad[n], good);
		if (ops->check(&hs) != 400)
			fail_msg("key 1 '%s'", bad[n]);
		hs = request_of(good, bad[n]);
		if (ops->check(&hs) != 400)
			fail_msg("key 2 '%s'", bad[n]);
	}
	hs = request_of(good, good);
	hs.key1 = lws_span(NULL, 0);
	assert_int_equal(ops->check(&hs), 400);
}

static void
test_numbers_at_their_edges_are_taken(void **state)
{
	static const char *const good[] = {
		"0 ", "0 x 0 ", "4294967295 x", "00000000000000000004 2 0",
		"51539607540            x",	/* (2^32 - 1) * 12 */
	};
	struct lws_handshake hs;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(good); n++) {
		hs = request_of(good[n], good[n]);
		if (ops->check(&hs))
			fail_msg("key '%s'", good[n]);
	}
}

static void
test_host_and_origin_are_required(void **state)
{
	struct lws_handshake hs = request_of(vectors[0].key1, vectors[0].key2);

	(void)state;
	hs.origin = lws_span(NULL, 0);
	assert_int_equal(ops->check(&hs), 400);
	hs = request_of(vectors[0].key1, vectors[0].key2);
	hs.host = lws_span(NULL, 0);
	assert_int_equal(ops->check(&hs), 400);
}

static void
test_the_answer_says_where_and_from_where(void **state)
{
	static const char want[] =
		"HTTP/1.1 101 WebSocket Protocol Handshake\r\n"
		"Upgrade: WebSocket\r\n"
		"Connection: Upgrade\r\n"
		"Sec-WebSocket-Origin: http://example.com\r\n"
		"Sec-WebSocket-Location: ws://example.com/demo?x=1\r\n";
	struct lws_handshake hs = request_of(vectors[0].key1, vectors[0].key2);
	char mem[400], nonce[LWS_HANDSHAKE_KEY];
	struct lws_buf out;

	(void)state;
	lws_buf_init(&out, mem, sizeof(mem));
	ops->answer(&hs, NULL, nonce, &out);
	assert_true(lws_buf_ok(&out));
	assert_int_equal(out.len, sizeof(want) - 1);
	assert_memory_equal(mem, want, out.len);
	assert_string_equal(nonce, "");
	hs.secure = true;
	lws_buf_init(&out, mem, sizeof(mem));
	ops->answer(&hs, NULL, nonce, &out);
	mem[out.len] = '\0';
	assert_non_null(strstr(mem, "Location: wss://example.com/demo?x=1\r\n"));
}

/* the value of a field in what was written */
static struct lws_span
field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	assert_non_null(at);
	at += strlen(name) + 2;
	return lws_span(at, strcspn(at, "\r"));
}

/* as the draft wants keys: where blanks and noise may be, and how many */
static void
assert_key(struct lws_span key)
{
	size_t n, blanks = 0, digits = 0;
	uint8_t c;

	for (n = 0; n < key.len; n++) {
		c = key.p[n];
		assert_true(c >= 0x20 && c <= 0x7e);
		blanks += c == ' ';
		digits += c >= '0' && c <= '9';
	}
	assert_in_range(blanks, 1, 12);
	assert_in_range(digits, 1, 10);
	assert_in_range(key.len - blanks - digits, 1, 12);
	assert_true(key.p[0] != ' ' && key.p[key.len - 1] != ' ');
}

/* Make a request of @random; the server it reaches must answer what we want. */
static void
check_round(const uint8_t *random)
{
	struct lws_handshake hs = request_of("", ""), seen;
	char mem[500], key[LWS_HANDSHAKE_KEY];
	uint8_t proof[LWS_HANDSHAKE_BODY];
	const char *why;
	struct lws_buf out;

	lws_buf_init(&out, mem, sizeof(mem) - 1);
	hs.key = lws_span(key, ops->request(ops, &hs, random, key, &out));
	assert_true(lws_buf_ok(&out));
	assert_int_equal(hs.key.len, 16);
	mem[out.len] = '\0';
	seen = request_of("", "");
	seen.key1 = field(mem, "Sec-WebSocket-Key1");
	seen.key2 = field(mem, "Sec-WebSocket-Key2");
	seen.body = lws_span(random, ops->request_body);
	assert_key(seen.key1);
	assert_key(seen.key2);
	assert_int_equal(ops->check(&seen), 0);
	ops->prove(&seen, proof);
	assert_memory_equal(proof, key, 16);

	hs.upgrade = lws_span_str("WebSocket");
	hs.same_origin = hs.origin;
	hs.location = lws_span_str("ws://example.com/demo?x=1");
	hs.body = lws_span(proof, 16);
	assert_int_equal(ops->confirm(&hs, &why), 0);
}

static void
test_both_ends_agree_on_any_keys(void **state)
{
	uint8_t random[LWS_HANDSHAKE_RANDOM];
	uint32_t seed = 1;
	unsigned n, i;

	(void)state;
	assert_in_range(ops->random, 1, LWS_HANDSHAKE_RANDOM);
	for (n = 0; n < 5000; n++) {
		for (i = 0; i < sizeof(random); i++) {
			seed = seed * 1664525 + 1013904223;
			random[i] = (uint8_t)(seed >> 24);
		}
		check_round(random);
	}
	for (n = 0; n < 256; n++) {
		memset(random, (int)n, sizeof(random));
		check_round(random);
	}
}

static void
test_who_has_no_origin_is_null(void **state)
{
	struct lws_handshake hs = request_of("", "");
	uint8_t random[LWS_HANDSHAKE_RANDOM] = { 0 };
	char mem[500], key[LWS_HANDSHAKE_KEY];
	struct lws_buf out;

	(void)state;
	hs.origin = lws_span(NULL, 0);
	lws_buf_init(&out, mem, sizeof(mem) - 1);
	ops->request(ops, &hs, random, key, &out);
	mem[out.len] = '\0';
	assert_non_null(strstr(mem, "\r\nOrigin: null\r\n"));
}

/* a good answer, of which a row spoils one thing */
static void
check_wrong(struct lws_handshake hs, const char *word)
{
	const char *why = NULL;

	assert_int_equal(ops->confirm(&hs, &why), LWS_ERR_PROTOCOL);
	if (!strstr(why, word))
		fail_msg("%s: %s", word, why);
}

static void
test_a_wrong_answer_is_told_by_what_is_wrong(void **state)
{
	static const char proof[] = "8jKS'y:G*Co,Wxa-";
	struct lws_handshake good = request_of("", ""), hs;
	const char *why;
	size_t n;
	char bad[17];

	(void)state;
	good.key = lws_span(proof, 16);
	good.body = good.key;
	good.upgrade = lws_span_str("WebSocket");
	good.same_origin = good.origin;
	good.location = lws_span_str("ws://example.com/demo?x=1");
	assert_int_equal(ops->confirm(&good, &why), 0);
	for (n = 0; n < 16; n++) {
		hs = good;
		memcpy(bad, proof, 16);
		bad[n] ^= 1;
		hs.body = lws_span(bad, 16);
		check_wrong(hs, "challenge");
	}
	hs = good;
	hs.upgrade = lws_span_str("websocket");
	check_wrong(hs, "Upgrade");
	hs = good;
	hs.same_origin = lws_span(NULL, 0);
	check_wrong(hs, "Origin");
	hs.same_origin = lws_span_str("http://example.org");
	check_wrong(hs, "Origin");
	hs = good;
	hs.location = lws_span(NULL, 0);
	check_wrong(hs, "Location");
	hs.location = lws_span_str("wss://example.com/demo?x=1");
	check_wrong(hs, "Location");
	hs.location = lws_span_str("ws://example.com/demo?x=2");
	check_wrong(hs, "Location");
	hs.location = lws_span_str("ws://example.org/demo?x=1");
	check_wrong(hs, "Location");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_vectors_are_answered),
		cmocka_unit_test(test_keys_without_a_number_are_refused),
		cmocka_unit_test(test_numbers_at_their_edges_are_taken),
		cmocka_unit_test(test_host_and_origin_are_required),
		cmocka_unit_test(test_the_answer_says_where_and_from_where),
		cmocka_unit_test(test_both_ends_agree_on_any_keys),
		cmocka_unit_test(test_who_has_no_origin_is_null),
		cmocka_unit_test(test_a_wrong_answer_is_told_by_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
