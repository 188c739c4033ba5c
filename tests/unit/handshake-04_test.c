/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * handshake-04_test.c - the opening handshakes of versions 4 to 8.
 */
#include "unit/unit.h"

#include <stdio.h>

#include "base/err.h"
#include "ws/handshake.h"

#define KEY    "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
#define NONCE  "AAAAAAAAAAAAAAAAAAAAAA=="

static const uint8_t sample[] = "the sample nonce";
static const uint8_t zeros[16];

static const struct lws_handshake_ops *const versions[] = {
	&lws_handshake_04, &lws_handshake_05, &lws_handshake_06,
	&lws_handshake_07, &lws_handshake_08,
};

static const char *const numbers[] = { "4", "5", "6", "7", "8" };

#define N_VERSIONS COUNT(versions)

static void
assert_written(const struct lws_buf *out, const char *want)
{
	assert_true(lws_buf_ok(out));
	assert_int_equal(out->len, strlen(want));
	assert_memory_equal(out->p, want, out->len);
}

static void
check_request(size_t n, const char *origin, const char *line)
{
	struct lws_handshake hs = { .secure = false };
	char mem[300], want[300], key[LWS_HANDSHAKE_KEY];
	struct lws_buf out;

	if (origin)
		hs.origin = lws_span_str(origin);
	lws_buf_init(&out, mem, sizeof(mem));
	assert_int_equal(versions[n]->request(versions[n], &hs, sample, key,
					      &out), 24);
	assert_string_equal(key, KEY);
	snprintf(want, sizeof(want),
		 "Upgrade: websocket\r\n"
		 "Connection: Upgrade\r\n"
		 "Sec-WebSocket-Key: " KEY "\r\n"
		 "%s"
		 "Sec-WebSocket-Version: %s\r\n", line, numbers[n]);
	assert_written(&out, want);
}

static void
test_a_request_has_its_number_and_its_name_for_the_origin(void **state)
{
	size_t n;

	(void)state;
	for (n = 0; n < N_VERSIONS; n++) {
		check_request(n, "http://e.org",
			      "Sec-WebSocket-Origin: http://e.org\r\n");
		check_request(n, NULL,
			      n < 2 ? "Sec-WebSocket-Origin: null\r\n" : "");
	}
}

static void
test_only_4_answers_with_a_nonce(void **state)
{
	struct lws_handshake hs = { .key = lws_span_str(KEY) };
	char mem[300], want[300], nonce[LWS_HANDSHAKE_KEY];
	struct lws_buf out;
	size_t n;

	(void)state;
	for (n = 0; n < N_VERSIONS; n++) {
		lws_buf_init(&out, mem, sizeof(mem));
		versions[n]->answer(&hs, zeros, nonce, &out);
		assert_string_equal(nonce, n ? "" : NONCE);
		snprintf(want, sizeof(want),
			 "HTTP/1.1 101 Switching Protocols\r\n"
			 "Upgrade: websocket\r\n"
			 "Connection: Upgrade\r\n"
			 "Sec-WebSocket-Accept: " ACCEPT "\r\n%s",
			 n ? "" : "Sec-WebSocket-Nonce: " NONCE "\r\n");
		assert_written(&out, want);
		assert_null(versions[n]->prove);
		assert_int_equal(versions[n]->request_body, 0);
		assert_int_equal(versions[n]->answer_body, 0);
	}
}

static void
test_keys_that_are_none_are_refused(void **state)
{
	struct lws_handshake hs = { .secure = false };
	size_t n;

	(void)state;
	for (n = 0; n < N_VERSIONS; n++) {
		hs.key = lws_span_str(KEY);
		assert_int_equal(versions[n]->check(&hs), 0);
		hs.key.len--;
		assert_int_equal(versions[n]->check(&hs), 400);
		hs.key = lws_span(NULL, 0);
		assert_int_equal(versions[n]->check(&hs), 400);
	}
}

static void
test_4_insists_on_a_nonce_and_the_others_ignore_it(void **state)
{
	struct lws_handshake hs = {
		.key = lws_span_str(KEY),
		.accept = lws_span_str(ACCEPT),
	};
	const char *why = NULL;
	size_t n;

	(void)state;
	for (n = 1; n < N_VERSIONS; n++)
		assert_int_equal(versions[n]->confirm(&hs, &why), 0);
	assert_int_equal(lws_handshake_04.confirm(&hs, &why),
			 LWS_ERR_PROTOCOL);
	assert_non_null(strstr(why, "Nonce"));
	hs.nonce = lws_span_str("AAAA");
	assert_int_equal(lws_handshake_04.confirm(&hs, &why),
			 LWS_ERR_PROTOCOL);
	hs.nonce = lws_span_str(NONCE);
	for (n = 0; n < N_VERSIONS; n++)
		assert_int_equal(versions[n]->confirm(&hs, &why), 0);
	hs.accept.p = (uint8_t *)(uintptr_t)"s3pPLMBiTxaQ9kYGzzhZRbK+xOO=";
	for (n = 0; n < N_VERSIONS; n++)
		assert_int_equal(versions[n]->confirm(&hs, &why),
				 LWS_ERR_PROTOCOL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_request_has_its_number_and_its_name_for_the_origin),
		cmocka_unit_test(test_only_4_answers_with_a_nonce),
		cmocka_unit_test(test_keys_that_are_none_are_refused),
		cmocka_unit_test(
			test_4_insists_on_a_nonce_and_the_others_ignore_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
