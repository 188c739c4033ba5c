/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of tls/none.c, in builds with TLS too: the source is compiled in here,
 * under names of its own.
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
	const struct lws_tls_setup setup = { .info = info };
	struct lws_tls *tls;
	int rc = none_open(&setup, &tls, why);

	assert_null(tls);
	assert_false(none_serves(tls));
	none_close(tls);
	return rc;
}

static void
test_a_context_without_certificates_is_fine(void **state)
{
	const struct lws_context_creation_info info = {
		.ssl_ca_filepath = "/ca.pem",
	};
	char why[LWS_TLS_WHY] = "";

	(void)state;
	assert_false(none_built());
	assert_int_equal(open_with(&info, why), 0);
	assert_string_equal(why, "");
}

static void
test_whoever_wants_tls_is_told_that_there_is_none(void **state)
{
	static const struct lws_tls_certificate more[1];
	const struct lws_context_creation_info infos[] = {
		{ .ssl_cert_filepath = "/cert.pem" },
		{ .ssl_private_key_filepath = "/key.pem" },
		{ .tls_certificates = more },
	};
	const struct lws_tls_peer peer = { "localhost", 1, 1 };
	struct lws_stream stream = { .fd = -1 };
	char why[LWS_TLS_WHY];
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(infos); n++) {
		why[0] = '\0';
		assert_int_equal(open_with(&infos[n], why),
				 LWS_ERR_UNSUPPORTED);
		assert_non_null(strstr(why, "no TLS"));
	}
	why[0] = '\0';
	assert_int_equal(none_replace(NULL, "/cert.pem", "/key.pem", why),
			 LWS_ERR_UNSUPPORTED);
	assert_non_null(strstr(why, "no TLS"));
	why[0] = '\0';
	assert_int_equal(none_connect(NULL, &stream, &peer, why),
			 LWS_ERR_UNSUPPORTED);
	assert_non_null(strstr(why, "no TLS"));
	assert_int_equal(none_accept(NULL, &stream), LWS_ERR_UNSUPPORTED);
	assert_false(none_why(&stream, why));
	assert_non_null(strstr(why, "no TLS"));
	none_describe(&stream, why, sizeof(why));
	assert_string_equal(why, "no TLS");
	assert_int_equal(none_kind(&stream), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_context_without_certificates_is_fine),
		cmocka_unit_test(
			test_whoever_wants_tls_is_told_that_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
