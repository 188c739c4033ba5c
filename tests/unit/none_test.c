/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of tls/none.c, in builds that have TLS too: the source is compiled in
 * here, under names of its own.
 */
#define lws_tls_built	 none_built
#define lws_tls_open	 none_open
#define lws_tls_close	 none_close
#define lws_tls_serves	 none_serves
#define lws_tls_replace	 none_replace
#define lws_tls_accept	 none_accept
#define lws_tls_connect	 none_connect
#define lws_tls_why	 none_why
#define lws_tls_describe none_describe
#define lws_tls_kind	 none_kind

#include "tls/none.c"

#include "unit/unit.h"

static int
open_with(const struct lws_context_creation_info *info, char *why)
{
	const struct lws_tls_setup setup = { .info = info, .listens = true };
	struct lws_tls *tls = (struct lws_tls *)why;
	const int rc = lws_tls_open(&setup, &tls, why);

	assert_null(tls);
	return rc;
}

static void
test_it_says_that_it_is_not_built(void **state)
{
	char why[LWS_TLS_WHY];

	(void)state;
	assert_false(lws_tls_built());
	assert_false(lws_tls_serves(NULL));
	assert_int_equal(lws_tls_replace(NULL, "c", "k", why),
			 LWS_ERR_UNSUPPORTED);
	assert_non_null(strstr(why, "this build has no TLS"));
	lws_tls_close(NULL);
}

static void
test_a_context_that_wants_none_gets_it(void **state)
{
	const struct lws_context_creation_info info = {
		.ssl_ca_filepath = "ca.pem", .ssl_cipher_list = "DEFAULT",
	};
	char why[LWS_TLS_WHY];

	(void)state;
	assert_int_equal(open_with(&info, why), 0);
}

static void
test_every_certificate_or_key_is_refused(void **state)
{
	static const struct lws_tls_certificate more[1];
	const struct lws_context_creation_info rows[] = {
		{ .ssl_cert_filepath = "c.pem" },
		{ .ssl_private_key_filepath = "k.pem" },
		{ .tls_certificates = more },
	};
	char why[LWS_TLS_WHY];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		assert_int_equal(open_with(&rows[n], why),
				 LWS_ERR_UNSUPPORTED);
		assert_string_equal(why, "a certificate is given, but this "
					 "build has no TLS");
	}
}

static void
test_streams_stay_plain(void **state)
{
	const struct lws_tls_peer peer = { "localhost", 443, 1 };
	struct lws_stream s = { .ops = &lws_transport_plain, .fd = -1 };
	const struct lws_stream before = s;
	char why[LWS_TLS_WHY], text[64];

	(void)state;
	assert_int_equal(lws_tls_accept(NULL, &s), LWS_ERR_UNSUPPORTED);
	assert_int_equal(lws_tls_connect(NULL, &s, &peer, why),
			 LWS_ERR_UNSUPPORTED);
	assert_string_equal(why, "TLS is asked for, but this build has no TLS");
	assert_memory_equal(&s, &before, sizeof(s));
	assert_int_equal(lws_tls_kind(&s), 0);
	lws_tls_describe(&s, text, sizeof(text));
	assert_string_equal(text, "no TLS");
	assert_false(lws_tls_why(&s, why));
	assert_string_equal(why, "this build has no TLS");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_says_that_it_is_not_built),
		cmocka_unit_test(test_a_context_that_wants_none_gets_it),
		cmocka_unit_test(test_every_certificate_or_key_is_refused),
		cmocka_unit_test(test_streams_stay_plain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
