/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl-why.c. */
#include "unit/tls-pair.h"

#include <errno.h>

static void
test_the_first_error_is_the_reason(void **state)
{
	(void)state;
	assert_int_equal(OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS, NULL),
			 1);
	ERR_clear_error();
	errno = 0;
	assert_string_equal(lws_tls_reason(), "closed by the peer");
	errno = ECONNRESET;
	assert_string_equal(lws_tls_reason(), strerror(ECONNRESET));
	ERR_raise(ERR_LIB_SYS, ENOENT);
	ERR_raise(ERR_LIB_SSL, SSL_R_HTTP_REQUEST);
	assert_string_equal(lws_tls_reason(), strerror(ENOENT));
	ERR_clear_error();
	ERR_raise(ERR_LIB_SSL, SSL_R_HTTP_REQUEST);
	assert_string_equal(lws_tls_reason(), "plain HTTP on a TLS port");
	ERR_clear_error();
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	assert_string_equal(lws_tls_reason(), "bad length");
	ERR_clear_error();
	ERR_raise(ERR_LIB_SSL, 4000);
	assert_string_equal(lws_tls_reason(), "unknown error of OpenSSL");
	ERR_clear_error();
}

static void
test_a_failure_is_one_line_that_fits_and_leaves_no_errors(void **state)
{
	static char text[1000];
	char why[LWS_TLS_WHY];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	ERR_raise(ERR_LIB_SSL, SSL_R_BAD_LENGTH);
	assert_int_equal(lws_tls_failed(why, LWS_ERR_NOENT, "%s", text),
			 LWS_ERR_NOENT);
	assert_int_equal(strlen(why), LWS_TLS_WHY - 1);
	assert_int_equal(ERR_peek_error(), 0);
}

static void
test_a_stream_without_tls_has_a_reason_too(void **state)
{
	const struct lws_stream plain = { .fd = -1 };
	char why[LWS_TLS_WHY];

	(void)state;
	errno = 0;
	assert_false(lws_tls_why(&plain, why));
	assert_string_equal(why, "closed by the peer");
}

/* What each end says when the other speaks something else. */
static void
test_what_is_no_tls_is_named(void **state)
{
	static const struct {
		int to;		/* 0: to the server, 1: to the client */
		const char *bytes, *why;
		size_t len;
	} rows[] = {
		{ 0, "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
		  "plain HTTP on a TLS port", 27 },
		{ 0, "POST / HTTP/1.1\r\n\r\n", "plain HTTP on a TLS port",
		  19 },
		{ 0, "SSH-2.0-OpenSSH_9.2\r\n",
		  "wrong version number: the peer does not speak TLS here",
		  21 },
		{ 1, "HTTP/1.1 400 Bad Request\r\n\r\n",
		  "wrong version number: the peer does not speak TLS here",
		  28 },
		{ 1, "\x15\x03\x03\x00\x02\x02\x28",
		  "alert handshake failure", 7 },
		{ 1, "\x15\x03\x03\x00\x02\x02\x78",
		  "alert no application protocol", 7 },
	};
	struct unit_tls t;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		struct lws_stream *s;

		unit_tls_begin(&t);
		unit_tls_open(&t);
		unit_tls_meet(&t, NULL, 1);
		s = rows[n].to ? &t.c : &t.s;
		assert_int_equal(s->ops->handshake(s), LWS_ERR_AGAIN);
		assert_int_equal(send(t.wire[!rows[n].to], rows[n].bytes,
				      rows[n].len, 0), rows[n].len);
		assert_int_equal(s->ops->handshake(s), LWS_ERR_PROTOCOL);
		assert_false(lws_tls_why(s, t.why));
		if (!strstr(t.why, rows[n].why))
			fail_msg("row %zu: \"%s\"", n, t.why);
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

static void
test_a_peer_that_leaves_at_once_is_named_so(void **state)
{
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	shutdown(t.wire[1], SHUT_WR);
	assert_true(t.s.ops->handshake(&t.s) < LWS_ERR_AGAIN);
	assert_false(lws_tls_why(&t.s, t.why));
	assert_string_equal(t.why, "the peer closed without a word of TLS");
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* A client says which it was, and the server what the client told it. */
static void
test_a_refused_certificate_is_the_cause_at_both_ends(void **state)
{
	char why[LWS_TLS_WHY];
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	t.serves.ssl_cert_filepath = unit_cert("stranger.pem");
	t.serves.ssl_private_key_filepath = unit_cert("stranger.key.pem");
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	t.at_client = t.at_server = LWS_ERR_AGAIN;
	while (t.at_server == LWS_ERR_AGAIN) {
		t.at_server = t.s.ops->handshake(&t.s);
		if (t.at_server == LWS_ERR_AGAIN)
			unit_tls_step(&t, WHOLE);
	}
	assert_int_equal(t.at_server, LWS_ERR_PROTOCOL);
	assert_false(lws_tls_why(&t.s, why));
	assert_non_null(strstr(why, "alert unknown ca"));
	assert_string_equal(t.why, "certificate refused: unable to get local "
				   "issuer certificate");
	unit_tls_part(&t);
	unit_tls_end(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_first_error_is_the_reason),
		cmocka_unit_test(
			test_a_failure_is_one_line_that_fits_and_leaves_no_errors),
		cmocka_unit_test(test_a_stream_without_tls_has_a_reason_too),
		cmocka_unit_test(test_what_is_no_tls_is_named),
		cmocka_unit_test(test_a_peer_that_leaves_at_once_is_named_so),
		cmocka_unit_test(
			test_a_refused_certificate_is_the_cause_at_both_ends),
	};

	return cmocka_run_group_tests(tests, unit_make_certs, unit_drop_certs);
}
