/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl-server.c. */
#include "unit/tls-pair.h"

#include <openssl/x509.h>

/* The common name of what the client was shown. */
static const char *
shown(const struct unit_tls *t)
{
	static char name[64];
	const X509 *x = SSL_get0_peer_certificate(t->c.tls);

	assert_non_null(x);
	X509_NAME_get_text_by_NID(X509_get_subject_name(x), NID_commonName,
				  name, sizeof(name));
	return name;
}

/* ---- which certificate ---- */

static const struct {
	const char *host, *shown;
} asked[] = {
	{ "localhost", "localhost" },
	{ "host.example.net", "host.example.net" },
	{ "HOST.Example.Net", "host.example.net" },
	{ "www.other.test", "client" },
	{ "WWW.OTHER.TEST", "client" },
	{ "other.test", "localhost" },
	{ "a.b.other.test", "localhost" },
	{ "xother.test", "localhost" },
	{ "exact.test", "client" },
	{ "an.exact.test", "localhost" },
	{ "nobody.knows", "localhost" },
	{ "127.0.0.1", "localhost" },
};

static void
test_the_name_asked_for_chooses_the_certificate(void **state)
{
	const struct lws_tls_certificate more[] = {
		{ NULL, unit_cert("host.pem"), unit_cert("host.key.pem"),
		  NULL },
		{ "*.other.test", unit_cert("client.pem"),
		  unit_cert("client.key.pem"), NULL },
		{ "exact.test", unit_cert("client.pem"),
		  unit_cert("client.key.pem"), NULL },
		{ NULL, NULL, NULL, NULL },
	};
	struct unit_tls t;
	size_t n;

	(void)state;
	unit_tls_begin(&t);
	t.serves.tls_certificates = more;
	unit_tls_open(&t);
	for (n = 0; n < 2 * COUNT(asked); n++) {
		const size_t k = n % COUNT(asked);

		if (n == COUNT(asked))
			assert_int_equal(lws_tls_replace(t.server, NULL, NULL,
							 t.why), 0);
		unit_tls_meet(&t, asked[k].host, 2);
		unit_tls_shake(&t, WHOLE);
		if (t.at_client || strcmp(shown(&t), asked[k].shown))
			fail_msg("%s: %d, %s", asked[k].host, t.at_client,
				 t.why);
		unit_tls_part(&t);
	}
	unit_tls_end(&t);
}

static void
test_one_bad_certificate_of_several_is_one_too_many(void **state)
{
	const struct lws_tls_certificate rows[][2] = {
		{ { NULL, unit_cert("garbage.pem"), unit_cert("host.key.pem"),
		    NULL }, { NULL, NULL, NULL, NULL } },
		{ { NULL, unit_cert("host.pem"), unit_cert("self.key.pem"),
		    NULL }, { NULL, NULL, NULL, NULL } },
		{ { NULL, unit_cert("locked.pem"), unit_cert("locked.key.pem"),
		    "guess" }, { NULL, NULL, NULL, NULL } },
	};
	struct unit_tls t;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		unit_tls_begin(&t);
		t.serves.tls_certificates = rows[n];
		assert_true(unit_tls_new(&t.serves, true, &t.server,
					 t.why) < 0);
		assert_non_null(strstr(t.why, "cannot "));
		unit_tls_end(&t);
	}
}

/* ---- protocols and versions ---- */

static void
test_only_http_1_1_is_spoken_above(void **state)
{
	static const struct {
		const char *offer;
		bool fine;
	} rows[] = {
		{ "", true }, { "\x08http/1.1", true },
		{ "\x02h2\x08http/1.1", true }, { "\x02h2", false },
		{ "\x08http/1.0", false }, { "\x07http/1.", false },
	};
	const unsigned char *chosen;
	struct unit_tls t;
	unsigned len;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		unit_tls_begin(&t);
		unit_tls_open(&t);
		unit_tls_meet(&t, NULL, 1);
		SSL_set_alpn_protos(t.c.tls,
				    (const unsigned char *)rows[n].offer,
				    (unsigned)strlen(rows[n].offer));
		unit_tls_shake(&t, WHOLE);
		if (!t.at_server != rows[n].fine)
			fail_msg("row %zu: %d, %s", n, t.at_server, t.why);
		if (!rows[n].fine)
			assert_non_null(strstr(t.why, "http/1.1 is not among"));
		SSL_get0_alpn_selected(t.c.tls, &chosen, &len);
		assert_int_equal(len, rows[n].fine && rows[n].offer[0] ? 8 : 0);
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

static void
test_what_is_older_than_tls_1_2_is_refused(void **state)
{
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	unit_tls_meet(&t, NULL, 1);
	SSL_set_security_level(t.c.tls, 0);
	SSL_set_min_proto_version(t.c.tls, TLS1_VERSION);
	SSL_set_max_proto_version(t.c.tls, TLS1_1_VERSION);
	SSL_set_cipher_list(t.c.tls, "ALL:@SECLEVEL=0");
	unit_tls_shake(&t, WHOLE);
	assert_int_equal(t.at_server, LWS_ERR_PROTOCOL);
	assert_string_equal(t.why, "unsupported protocol");
	unit_tls_part(&t);
	unit_tls_end(&t);
}

static void
test_renegotiation_is_declined(void **state)
{
	struct unit_tls t;
	char c;

	(void)state;
	unit_tls_begin(&t);
	unit_version = TLS1_2_VERSION;
	unit_tls_open(&t);
	unit_tls_ready(&t);
	SSL_clear_options(t.c.tls, SSL_OP_NO_RENEGOTIATION);
	assert_int_equal(SSL_renegotiate(t.c.tls), 1);
	t.at_client = t.at_server = LWS_ERR_AGAIN;
	unit_tls_step(&t, WHOLE);
	assert_int_equal(t.s.ops->recv(&t.s, &c, 1), LWS_ERR_AGAIN);
	unit_tls_flush(&t);
	t.at_client = t.c.ops->handshake(&t.c);
	assert_int_equal(t.at_client, LWS_ERR_PROTOCOL);
	lws_tls_why(&t.c, t.why);
	assert_non_null(strstr(t.why, "no renegotiation"));
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* Clients of TLS 1.2 need no tickets: the server remembers ids, too. */
static void
test_sessions_are_resumed_by_ids(void **state)
{
	SSL_SESSION *session;
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	unit_version = TLS1_2_VERSION;
	unit_tls_open(&t);
	unit_tls_meet(&t, "127.0.0.1", 1);
	SSL_set_options(t.c.tls, SSL_OP_NO_TICKET);
	unit_tls_shake(&t, WHOLE);
	assert_int_equal(t.at_client, 0);
	session = SSL_get1_session(t.c.tls);
	unit_tls_part(&t);
	unit_tls_meet(&t, "::1", 1);
	SSL_set_options(t.c.tls, SSL_OP_NO_TICKET);
	SSL_set_session(t.c.tls, session);
	unit_tls_shake(&t, WHOLE);
	assert_int_equal(t.at_client, 0);
	assert_true(SSL_session_reused(t.s.tls));
	SSL_SESSION_free(session);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* ---- whom it believes ---- */

static void
test_clients_show_certificates_and_the_application_judges(void **state)
{
	static const struct {
		const char *cert, *key;
		int verdict;
		bool pardons, fine;
		const char *why;
	} rows[] = {
		{ "client.pem", "client.key.pem", 0, false, true, "" },
		{ "client.pem", "client.key.pem", 1, false, false,
		  "certificate refused: application verification failure" },
		{ "self.pem", "self.key.pem", 0, false, false,
		  "certificate refused: self-signed certificate" },
		{ "self.pem", "self.key.pem", 0, true, true, "" },
		{ "self.pem", "self.key.pem", 1, true, false,
		  "certificate refused: application verification failure" },
		{ "stranger.pem", "stranger.key.pem", 0, false, false,
		  "certificate refused: unable to get local issuer "
		  "certificate" },
		{ NULL, NULL, 0, true, false,
		  "peer did not return a certificate" },
	};
	struct unit_tls t;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(rows); n++) {
		unit_tls_begin(&t);
		t.serves.options =
			LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
		t.serves.ssl_ca_filepath = unit_cert("ca.pem");
		t.connects.ssl_cert_filepath = unit_cert(rows[n].cert);
		t.connects.ssl_private_key_filepath = unit_cert(rows[n].key);
		unit_verdict = rows[n].verdict;
		unit_pardons = rows[n].pardons;
		unit_tls_open(&t);
		unit_tls_meet(&t, NULL, 1);
		unit_tls_shake(&t, WHOLE);
		if (!t.at_server != rows[n].fine || strcmp(t.why, rows[n].why))
			fail_msg("row %zu: %d, \"%s\"", n, t.at_server, t.why);
		assert_int_equal(unit_verified > 0, rows[n].cert != NULL);
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

static void
test_clients_are_not_asked_for_certificates_unasked(void **state)
{
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	t.connects.ssl_cert_filepath = unit_cert("self.pem");
	t.connects.ssl_private_key_filepath = unit_cert("self.key.pem");
	unit_tls_open(&t);
	unit_tls_ready(&t);
	assert_null(SSL_get0_peer_certificate(t.s.tls));
	assert_int_equal(unit_verified, 0);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

static void
test_authorities_for_clients_must_be_readable(void **state)
{
	static const char *const files[] = { "none.pem", "garbage.pem" };
	struct unit_tls t;
	size_t n;

	(void)state;
	for (n = 0; n < COUNT(files); n++) {
		unit_tls_begin(&t);
		t.serves.options =
			LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT;
		t.serves.ssl_ca_filepath = unit_cert(files[n]);
		assert_true(unit_tls_new(&t.serves, true, &t.server,
					 t.why) < 0);
		assert_non_null(strstr(t.why, "cannot use the authorities in"));
		assert_non_null(strstr(t.why, files[n]));
		unit_tls_end(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_the_name_asked_for_chooses_the_certificate),
		cmocka_unit_test(
			test_one_bad_certificate_of_several_is_one_too_many),
		cmocka_unit_test(test_only_http_1_1_is_spoken_above),
		cmocka_unit_test(test_what_is_older_than_tls_1_2_is_refused),
		cmocka_unit_test(test_renegotiation_is_declined),
		cmocka_unit_test(test_sessions_are_resumed_by_ids),
		cmocka_unit_test(
			test_clients_show_certificates_and_the_application_judges),
		cmocka_unit_test(
			test_clients_are_not_asked_for_certificates_unasked),
		cmocka_unit_test(test_authorities_for_clients_must_be_readable),
	};

	return cmocka_run_group_tests(tests, unit_make_certs, unit_drop_certs);
}
