/* SPDX-License-Identifier: LGPL-2.1-only */
/* Tests of tls/openssl.c. */
#include "unit/tls-pair.h"

static void
test_a_context_without_certificates_serves_none(void **state)
{
	struct lws_context_creation_info info = { .port = -1 };
	struct unit_tls t;

	(void)state;
	assert_true(lws_tls_built());
	unit_tls_begin(&t);
	assert_int_equal(unit_tls_new(&info, true, &t.server, t.why), 0);
	assert_false(lws_tls_serves(t.server));
	assert_int_equal(unit_tls_new(&info, false, &t.client, t.why), 0);
	assert_false(lws_tls_serves(t.client));
	assert_false(lws_tls_serves(NULL));
	assert_int_equal(lws_tls_replace(t.client, NULL, NULL, t.why),
			 LWS_ERR_UNSUPPORTED);
	assert_string_equal(t.why, "this context is no TLS server");
	lws_tls_close(NULL);
	unit_tls_end(&t);
}

static void
test_half_of_what_is_needed_is_refused(void **state)
{
	const struct lws_tls_certificate more[] = {
		{ NULL, unit_cert("host.pem"), unit_cert("host.key.pem"),
		  NULL },
		{ NULL, NULL, NULL, NULL },
	};
	struct lws_context_creation_info info = { .port = -1 };
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	info.ssl_private_key_filepath = "some.key";
	assert_true(unit_tls_new(&info, true, &t.server, t.why) < 0);
	assert_string_equal(t.why, "the key in some.key has no certificate");
	assert_null(t.server);
	info.ssl_private_key_filepath = NULL;
	info.tls_certificates = more;
	assert_true(unit_tls_new(&info, true, &t.server, t.why) < 0);
	assert_non_null(strstr(t.why, "ssl_cert_filepath is needed"));
	assert_null(t.server);
	unit_tls_end(&t);
}

static void
test_every_allocation_may_fail(void **state)
{
	const struct lws_tls_certificate more[] = {
		{ "*.x.test", unit_cert("locked.pem"),
		  unit_cert("locked.key.pem"), "secret" },
		{ NULL, NULL, NULL, NULL },
	};
	struct unit_tls t;
	int listens, rc;
	long n;

	(void)state;
	for (listens = 0; listens < 2; listens++) {
		unit_tls_begin(&t);
		t.serves.tls_certificates = more;
		t.serves.ssl_ca_filepath = unit_cert("ca.pem");
		t.serves.ssl_cipher_list = "DEFAULT";
		for (n = 0, rc = -1; rc < 0; n++) {
			unit_allow(n);
			rc = unit_tls_new(&t.serves, listens, &t.server,
					  t.why);
			if (rc < 0) {
				assert_null(t.server);
				assert_string_equal(t.why, "out of memory");
				assert_int_equal(unit_blocks, 0);
			}
		}
		assert_true(n > 10);
		unit_allow(-1);
		unit_tls_end(&t);
	}
}

static void
test_replacing_fails_for_want_of_memory_and_changes_nothing(void **state)
{
	struct lws_tls_server *before;
	struct unit_tls t;
	long blocks, n;
	int rc;

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	before = t.server->server;
	blocks = unit_blocks;
	for (n = 0, rc = -1; rc < 0; n++) {
		unit_allow(n);
		rc = lws_tls_replace(t.server, unit_cert("host.pem"),
				     unit_cert("host.key.pem"), t.why);
		assert_int_equal(unit_blocks, blocks);
		if (rc < 0) {
			assert_ptr_equal(t.server->server, before);
			assert_string_equal(t.why, "out of memory");
		}
	}
	assert_true(n > 3);
	unit_allow(-1);
	unit_tls_end(&t);
}

/* The creation info, and what it points to, is borrowed. */
static void
test_what_was_given_may_go_once_it_is_open(void **state)
{
	char cert[128], key[128], name[] = "n.test";
	struct lws_tls_certificate more[2] = { { .name = name } };
	struct unit_tls t;

	(void)state;
	unit_tls_begin(&t);
	snprintf(cert, sizeof(cert), "%s", unit_cert("server.pem"));
	snprintf(key, sizeof(key), "%s", unit_cert("server.key.pem"));
	more[0].cert = cert;
	more[0].key = key;
	t.serves.ssl_cert_filepath = cert;
	t.serves.ssl_private_key_filepath = key;
	t.serves.tls_certificates = more;
	unit_tls_open(&t);
	memset(cert, 'x', sizeof(cert) - 1);
	memset(key, 'x', sizeof(key) - 1);
	memset(name, 'x', sizeof(name) - 1);
	memset(more, 0, sizeof(more));
	memset(&t.serves, 0, sizeof(t.serves));
	assert_int_equal(lws_tls_replace(t.server, NULL, NULL, t.why), 0);
	unit_tls_ready(&t);
	unit_tls_part(&t);
	unit_tls_end(&t);
}

/* ---- certificates that change ---- */

static bool
greets(struct unit_tls *t, const char *host)
{
	bool well;

	unit_tls_meet(t, host, 1);
	unit_tls_shake(t, WHOLE);
	well = !t->at_client;
	unit_tls_part(t);
	return well;
}

static void
test_a_replacement_that_fails_leaves_the_old_one_in_use(void **state)
{
	static const struct {
		const char *cert, *key, *why;
	} rows[] = {
		{ "none.pem", "server.key.pem", "none.pem: No such file" },
		{ "server.pem", "none.pem", "none.pem: No such file" },
		{ "garbage.pem", NULL, "nothing in PEM" },
		{ "host.pem", NULL, "does not belong" },
		{ NULL, "host.key.pem", "does not belong" },
		{ "locked.pem", "locked.key.pem", "needs a passphrase" },
	};
	struct unit_tls t;
	long blocks;
	size_t n;

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	blocks = unit_blocks;
	for (n = 0; n < COUNT(rows); n++) {
		assert_true(lws_tls_replace(t.server, unit_cert(rows[n].cert),
					    unit_cert(rows[n].key),
					    t.why) < 0);
		if (!strstr(t.why, rows[n].why))
			fail_msg("row %zu: \"%s\"", n, t.why);
		assert_int_equal(unit_blocks, blocks);
		assert_true(greets(&t, "localhost"));
		assert_int_equal(lws_tls_replace(t.server, NULL, NULL, t.why),
				 0);
	}
	unit_tls_end(&t);
}

static void
test_a_replacement_is_for_newcomers_only(void **state)
{
	const struct lws_span v = lws_span_str("old");
	struct unit_tls t, old;
	char buf[8];

	(void)state;
	unit_tls_begin(&t);
	unit_tls_open(&t);
	old = t;
	unit_tls_ready(&old);
	assert_int_equal(lws_tls_replace(t.server, unit_cert("host.pem"),
					 unit_cert("host.key.pem"), t.why), 0);
	assert_true(greets(&t, "host.example.net"));
	assert_false(greets(&t, "127.0.0.1"));
	assert_int_equal(old.c.ops->sendv(&old.c, &v, 1), 3);
	unit_tls_flush(&old);
	assert_int_equal(old.s.ops->recv(&old.s, buf, sizeof(buf)), 3);
	unit_tls_part(&old);
	unit_tls_end(&t);
}

/* A session begun before is resumed or not, but the handshake works. */
static void
test_a_replacement_amid_a_handshake_does_no_harm(void **state)
{
	struct unit_tls t;
	int steps, n;

	(void)state;
	for (steps = 0; steps < 6; steps++) {
		unit_tls_begin(&t);
		unit_tls_open(&t);
		unit_tls_meet(&t, NULL, 2);
		t.at_client = t.at_server = LWS_ERR_AGAIN;
		for (n = 0; n < steps; n++)
			unit_tls_step(&t, 200);
		assert_int_equal(lws_tls_replace(t.server,
						 unit_cert("host.pem"),
						 unit_cert("host.key.pem"),
						 t.why), 0);
		while (unit_tls_step(&t, WHOLE))
			;
		assert_int_equal(t.at_client, 0);
		assert_int_equal(t.at_server, 0);
		unit_tls_part(&t);
		unit_tls_end(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			test_a_context_without_certificates_serves_none),
		cmocka_unit_test(test_half_of_what_is_needed_is_refused),
		cmocka_unit_test(test_every_allocation_may_fail),
		cmocka_unit_test(
			test_replacing_fails_for_want_of_memory_and_changes_nothing),
		cmocka_unit_test(test_what_was_given_may_go_once_it_is_open),
		cmocka_unit_test(
			test_a_replacement_that_fails_leaves_the_old_one_in_use),
		cmocka_unit_test(test_a_replacement_is_for_newcomers_only),
		cmocka_unit_test(
			test_a_replacement_amid_a_handshake_does_no_harm),
	};

	return cmocka_run_group_tests(tests, unit_make_certs, unit_drop_certs);
}
