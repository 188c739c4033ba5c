/* SPDX-License-Identifier: LGPL-2.1-only */
/*
 * Tests of tls/openssl.c, openssl-load.c, openssl-server.c, openssl-client.c
 * and openssl-why.c: what is made of the creation info.  Whom each end believes
 * is in flow/tls_test.c.
 */
#include "unit/tls.h"

#include <openssl/err.h>

static void
test_a_listener_without_certificate_serves_no_tls(void **state)
{
	const struct lws_context_creation_info info = { .port = 0 };
	char why[LWS_TLS_WHY];
	struct lws_tls *tls;

	(void)state;
	unit_allow(-1);
	tls_loads = 0;
	tls = tls_try(&info, true, why);
	assert_non_null(tls);
	assert_false(lws_tls_serves(tls));
	assert_int_equal(tls_loads, 0);
	assert_int_equal(lws_tls_replace(tls, "x", "y", why),
			 LWS_ERR_UNSUPPORTED);
	lws_tls_close(tls);
	assert_int_equal(unit_blocks, 0);
}

static void
test_clients_are_set_up_at_once_where_nobody_listens(void **state)
{
	struct lws_context_creation_info info = { .port = -1 };
	char why[LWS_TLS_WHY];
	struct lws_tls *tls;

	(void)state;
	unit_allow(-1);
	tls_loads = 0;
	tls = tls_try(&info, false, why);
	assert_int_equal(tls_loads, 1);
	lws_tls_close(tls);
	info.ssl_ca_filepath = "/none/ca.pem";
	assert_null(tls_try(&info, false, why));
	assert_non_null(strstr(why, "/none/ca.pem: No such file"));
	info.ssl_ca_filepath = NULL;
	info.ssl_cipher_list = "nonsense";
	assert_null(tls_try(&info, false, why));
	assert_non_null(strstr(why, "no cipher in \"nonsense\""));
	assert_int_equal(unit_blocks, 0);
}

static void
test_a_context_of_the_application_is_used_and_not_freed(void **state)
{
	SSL_CTX *mine = SSL_CTX_new(TLS_client_method());
	const struct lws_context_creation_info info = {
		.provided_client_ssl_ctx = mine,
		.ssl_ca_filepath = "/none/ca.pem",
	};
	const struct lws_tls_peer peer = { "localhost", 1, 1 };
	struct lws_stream stream = {
		.ops = &lws_transport_plain,
		.fd = -1,
	};
	char why[LWS_TLS_WHY];
	struct lws_tls *tls;

	(void)state;
	unit_allow(-1);
	tls_loads = 0;
	tls = tls_try(&info, false, why);
	assert_non_null(tls);
	assert_int_equal(lws_tls_connect(tls, &stream, &peer, why), 0);
	assert_ptr_equal(SSL_get_SSL_CTX(stream.tls), mine);
	assert_int_equal(tls_loads, 0);
	stream.ops->close(&stream);
	lws_tls_close(tls);
	assert_int_equal(SSL_CTX_up_ref(mine), 1);
	SSL_CTX_free(mine);
	SSL_CTX_free(mine);
	assert_int_equal(unit_blocks, 0);
}

static void
test_what_is_no_host_is_refused_and_the_stream_stays_plain(void **state)
{
	static char long_name[400];
	const char *hosts[] = { "", long_name };
	const struct lws_context_creation_info info = { .port = -1 };
	struct lws_stream stream = {
		.ops = &lws_transport_plain,
		.fd = -1,
	};
	char why[LWS_TLS_WHY];
	struct lws_tls *tls;
	size_t n;

	(void)state;
	unit_allow(-1);
	memset(long_name, 'a', sizeof(long_name) - 1);
	tls = tls_try(&info, false, why);
	for (n = 0; n < COUNT(hosts); n++) {
		const struct lws_tls_peer peer = { hosts[n], 1, 1 };

		assert_int_equal(lws_tls_connect(tls, &stream, &peer, why),
				 LWS_ERR_NOENT);
		assert_null(stream.tls);
		assert_ptr_equal(stream.ops, &lws_transport_plain);
	}
	lws_tls_close(tls);
	assert_int_equal(unit_blocks, 0);
}

/* The list names ciphers of one kind or both; what it leaves out stays. */
static void
test_ciphers_are_sorted_by_their_version(void **state)
{
	static const struct {
		const char *list;
		int min;		/* 0: unusable */
		const char *has, *lacks;
	} rows[] = {
		{ "ECDHE-RSA-AES128-GCM-SHA256", TLS1_2_VERSION,
		  "TLS_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384" },
		{ "TLS_AES_128_GCM_SHA256", TLS1_3_VERSION,
		  "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384" },
		{ "TLS_AES_128_GCM_SHA256:ECDHE-RSA-AES128-GCM-SHA256",
		  TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256",
		  "TLS_AES_256_GCM_SHA384" },
		{ "ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256:"
		  "TLS_CHACHA20_POLY1305_SHA256", TLS1_2_VERSION,
		  "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_256_GCM_SHA384" },
		{ "TLS_NO_SUCH_SUITE", 0, NULL, NULL },
		{ "", 0, NULL, NULL },
		{ "RC4-MD5", 0, NULL, NULL },
	};
	const struct lws_tls_peer peer = { "localhost", 1, 1 };
	size_t n;
	int k;

	(void)state;
	unit_allow(-1);
	for (n = 0; n < COUNT(rows); n++) {
		const struct lws_context_creation_info info = {
			.ssl_cipher_list = rows[n].list,
		};
		struct lws_stream stream = {
			.ops = &lws_transport_plain,
			.fd = -1,
		};
		char why[LWS_TLS_WHY];
		struct lws_tls *tls = tls_try(&info, false, why);
		bool has = false;
		const char *name;

		assert_int_equal(tls != NULL, rows[n].min != 0);
		if (!tls) {
			assert_non_null(strstr(why, "no cipher"));
			continue;
		}
		assert_int_equal(lws_tls_connect(tls, &stream, &peer, why), 0);
		assert_int_equal(SSL_get_min_proto_version(
					(SSL *)stream.tls), rows[n].min);
		for (k = 0; (name = SSL_get_cipher_list(stream.tls, k)); k++) {
			assert_string_not_equal(name, rows[n].lacks);
			has |= !strcmp(name, rows[n].has);
		}
		assert_true(has);
		stream.ops->close(&stream);
		lws_tls_close(tls);
	}
	assert_int_equal(unit_blocks, 0);
}

static void
test_every_allocation_may_fail_on_the_way(void **state)
{
	const struct lws_tls_certificate more[] = {
		{ "a.test", tls_file("host.pem"), tls_file("host.key.pem"),
		  "unused" },
		{ NULL, NULL, NULL, NULL },
	};
	const struct lws_context_creation_info info = {
		.ssl_cert_filepath = tls_file("server.pem"),
		.ssl_private_key_filepath = tls_file("server.key.pem"),
		.ssl_private_key_password = "unused",
		.ssl_ca_filepath = tls_file("ca.pem"),
		.ssl_cipher_list = "DEFAULT",
		.tls_certificates = more,
	};
	char why[LWS_TLS_WHY];
	struct lws_tls *tls = NULL;
	long n;

	(void)state;
#ifdef LWS_NO_SERVER
	skip();
#endif
	for (n = 0; !tls; n++) {
		why[0] = '\0';
		unit_allow(n);
		tls = tls_try(&info, true, why);
		if (!tls) {
			assert_string_equal(why, "out of memory");
			assert_int_equal(unit_blocks, 0);
		}
	}
	assert_true(n > 8);
	for (n = 0;; n++) {
		const long before = unit_blocks;
		int rc;

		unit_allow(n);
		rc = lws_tls_replace(tls, tls_file("host.pem"),
				     tls_file("host.key.pem"), why);
		assert_int_equal(unit_blocks, before);
		if (!rc)
			break;
		assert_string_equal(why, "out of memory");
	}
	unit_allow(-1);
	assert_true(lws_tls_serves(tls));
	lws_tls_close(tls);
	assert_int_equal(unit_blocks, 0);
}

/* Whoever uses OpenSSL beside us must not find our errors among theirs. */
static void
test_failures_leave_no_error_behind(void **state)
{
	const struct lws_context_creation_info infos[] = {
		{ .ssl_cert_filepath = "/none.pem" },
		{ .ssl_cert_filepath = tls_file("garbage.pem") },
		{ .ssl_cert_filepath = tls_file("locked.pem"),
		  .ssl_private_key_filepath = tls_file("locked.key.pem") },
		{ .ssl_cert_filepath = tls_file("server.pem"),
		  .ssl_private_key_filepath = tls_file("host.key.pem") },
		{ .ssl_cert_filepath = tls_file("server.pem") },
	};
	char why[LWS_TLS_WHY];
	size_t n;

	(void)state;
	unit_allow(-1);
	for (n = 0; n < COUNT(infos); n++) {
		assert_null(tls_try(&infos[n], true, why));
		assert_true(strlen(why) > 10);
		assert_null(strchr(why, '\n'));
		assert_int_equal(ERR_peek_error(), 0);
	}
	assert_int_equal(unit_blocks, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_listener_without_certificate_serves_no_tls),
		cmocka_unit_test(
			test_clients_are_set_up_at_once_where_nobody_listens),
		cmocka_unit_test(
			test_a_context_of_the_application_is_used_and_not_freed),
		cmocka_unit_test(
			test_what_is_no_host_is_refused_and_the_stream_stays_plain),
		cmocka_unit_test(test_ciphers_are_sorted_by_their_version),
		cmocka_unit_test(test_every_allocation_may_fail_on_the_way),
		cmocka_unit_test(test_failures_leave_no_error_behind),
	};

	return cmocka_run_group_tests(tests, tls_make_certs, tls_drop_certs);
}
